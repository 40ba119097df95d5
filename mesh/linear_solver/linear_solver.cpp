#include "mesh/linear_solver/linear_solver.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/joined.hpp"
#include "mesh/linear_solver/fft_solver.hpp"
#include "mesh/linear_solver/multigrid_solver.hpp"
#ifdef UNDERSTUDY_WITH_PETSC
#include "mesh/linear_solver/petsc_solver.hpp"
#endif
#include "mesh/loops.hpp"

namespace understudy::mesh {

namespace {

template <class Real>
void check_boundaries(const LinearProblem<Real>& problem) {
  for (int axis = 0; axis < problem.grid->dimension(); ++axis) {
    const bool periodic = problem.grid->periodic(axis);
    for (int side = 2 * axis; side < 2 * axis + 2; ++side)
      if ((problem.boundary[side] == LinearBoundary::periodic) != periodic)
        throw core::UserError(std::string("linear solver: side ") + side_name(side) + " is " +
                              (periodic ? "periodic in the grid but not in the equation"
                                        : "periodic in the equation but not in the grid"));
  }
  if (problem.alpha < 0)
    throw core::UserError("linear solver: alpha must be at least 0 1/m2, not " +
                          std::to_string(problem.alpha));
}

}  // namespace

template <class Real>
bool LinearProblem<Real>::singular() const {
  if (alpha != 0) return false;
  for (int side = 0; side < 2 * grid->dimension(); ++side)
    if (boundary[side] == LinearBoundary::dirichlet) return false;
  return true;
}

std::vector<std::string> linear_solver_methods() {
  std::vector<std::string> methods;
  if constexpr (on_host) methods.push_back("fft");
  methods.push_back("multigrid");
#ifdef UNDERSTUDY_WITH_PETSC
  methods.push_back("petsc");
#endif
  return methods;
}

template <class Real>
std::unique_ptr<LinearSolver<Real>> make_linear_solver(const LinearSolverParams& params,
                                                       const LinearProblem<Real>& problem) {
  const std::vector<std::string> methods = linear_solver_methods();
  std::string method = params.method;
  if (method == "auto") method = on_host && problem.constant_coefficient() ? "fft" : "multigrid";
  if (std::find(methods.begin(), methods.end(), method) == methods.end())
    throw core::UserError("linear solver: method '" + method +
                          "' is not one of this build's: auto, " + core::joined(methods));
  check_boundaries(problem);
  if (method == "multigrid") return detail::make_multigrid_solver(params, problem);
#ifdef UNDERSTUDY_WITH_PETSC
  if (method == "petsc") return detail::make_petsc_solver(params, problem);
#endif
  return detail::make_fft_solver(problem);
}

template struct LinearProblem<float>;
template struct LinearProblem<double>;
template std::unique_ptr<LinearSolver<float>> make_linear_solver(const LinearSolverParams&,
                                                                 const LinearProblem<float>&);
template std::unique_ptr<LinearSolver<double>> make_linear_solver(const LinearSolverParams&,
                                                                  const LinearProblem<double>&);

}  // namespace understudy::mesh
