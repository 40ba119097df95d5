// The deck's section of a linear solver; linear_solver.hpp says what they compute.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::mesh {

struct LinearSolverParams {
  std::string method = "auto";
  double tolerance = 1e-6;                  ///< residual 2-norm relative to that of b
  int max_iterations = 60;                  ///< V-cycles, or Krylov iterations for petsc
  int sweeps_before = 1, sweeps_after = 1;  ///< multigrid's smoothing
  bool krylov = false;                      ///< multigrid as preconditioner of CG
  std::string petsc_options;                ///< e.g. "-pc_type hypre"
  void describe(core::ParamVisitor& v);
};

/// The methods that this build has, for `understudy list`.
std::vector<std::string> linear_solver_methods();

}  // namespace understudy::mesh
