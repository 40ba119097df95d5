// The second opinion: PETSc's KSP on an assembled matrix (7-point, one row a cell, numbered block
// by block), conjugate gradients with smoothed-aggregation multigrid (GAMG) unless options say
// otherwise. Options: PETSC_OPTIONS from the environment, then the deck's petsc_options, which
// wins. Computes in double whatever the arrays' precision, on the host. PETSc starts at the first
// use and ends with the Runtime.
#pragma once

#include <memory>

#include "mesh/linear_solver/linear_solver.hpp"

namespace understudy::mesh::detail {

/// UserError where PETSc refuses the options.
template <class Real>
std::unique_ptr<LinearSolver<Real>> make_petsc_solver(const LinearSolverParams& params,
                                                      const LinearProblem<Real>& problem);

}  // namespace understudy::mesh::detail
