// The problems that are shipped, one file each; apps/catalog.cpp lists them.
#pragma once

#include "pinn/problem_info.hpp"

namespace understudy::pinn {

ProblemEntry acoustic_inversion();
ProblemEntry burgers();
ProblemEntry burgers_inverse();
ProblemEntry earthquake_location();
ProblemEntry eikonal_tomography();
ProblemEntry navier_stokes_wake();
ProblemEntry poisson();

}  // namespace understudy::pinn
