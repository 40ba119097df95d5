// Geometric multigrid for cell-centred equations (Trottenberg, Oosterlee, Schueller 2001, chapters
// 2, 5): V-cycles with red-black Gauss-Seidel, volume-weighted restriction, linear interpolation,
// rediscretised coarse operators, semi-coarsening along the narrow axes, a dense inverse on the
// coarsest level. In single precision cycles answer residuals that are formed in double precision from a
// solution kept as the sum of two numbers (multigrid_refinement.hpp): tolerances below single precision's
// round-off are reached, and the solution is then rounded once. The cycle is used alone or as preconditioner of conjugate gradients (the flexible
// variant, Notay 2000, because red-black sweeps before and after do not make a symmetric cycle).
#pragma once

#include <memory>

#include "mesh/linear_solver/linear_solver.hpp"

namespace understudy::mesh::detail {

template <class Real>
std::unique_ptr<LinearSolver<Real>> make_multigrid_solver(const LinearSolverParams& params,
                                                          const LinearProblem<Real>& problem);

}  // namespace understudy::mesh::detail
