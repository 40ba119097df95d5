#include "mesh/linear_solver/linear_solver_params.hpp"

#include "mesh/linear_solver/solver_options.hpp"

namespace understudy::mesh {

void LinearSolverParams::describe(core::ParamVisitor& v) {
  std::vector<std::string> methods = linear_solver_methods();
  methods.insert(methods.begin(), "auto");
  v.choice("method", method, methods,
           "solver of the pressure equation; auto: fft where it fits, else multigrid");
  v.real("tolerance", tolerance, {.at_most = 0.1, .above = 0}, "",
         "residual to reach, 2-norm relative to the right-hand side's (fft is exact)");
  v.integer("max_iterations", max_iterations, {.at_least = 1, .at_most = 100000},
            "V-cycles (multigrid) or Krylov iterations (petsc) at most");
  v.integer("sweeps_before", sweeps_before, {.at_least = 0, .at_most = 20},
            "multigrid: smoothing sweeps before the coarse correction");
  v.integer("sweeps_after", sweeps_after, {.at_least = 0, .at_most = 20},
            "multigrid: smoothing sweeps after the coarse correction");
  v.require(sweeps_before + sweeps_after > 0, "sweeps_before",
            "multigrid needs at least one smoothing sweep before or after the coarse correction");
  v.flag("krylov", krylov, "multigrid as preconditioner of conjugate gradients");
  v.text(
      "petsc_options", petsc_options,
      "solver options of PETSc, -ksp_* and -pc_*, e.g. \"-pc_type hypre\"; viewers, monitors and files are "
      "the environment's (PETSC_OPTIONS, which is read first)");
  const std::string refused = refused_solver_options(petsc_options);
  v.require(refused.empty(), "petsc_options", refused);
}

}  // namespace understudy::mesh
