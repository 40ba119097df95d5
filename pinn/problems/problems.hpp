// The problems that are shipped, one file each; apps/catalog.cpp lists them.
#pragma once

#include "pinn/problem_info.hpp"

namespace understudy::pinn {

ProblemEntry burgers();
ProblemEntry kovasznay();
ProblemEntry lid_driven_cavity();
ProblemEntry shallow_water_sphere();
ProblemEntry sphere_advection();

}  // namespace understudy::pinn
