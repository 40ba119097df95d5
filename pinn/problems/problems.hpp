// The problems that are shipped, one file each, and the one that a deck writes; apps/catalog.cpp lists them.
#pragma once

#include "pinn/problem_info.hpp"

namespace understudy::pinn {

ProblemEntry acoustic_inversion();
ProblemEntry advection();
ProblemEntry allen_cahn();
ProblemEntry burgers();
ProblemEntry burgers_inverse();
ProblemEntry earthquake_location();
ProblemEntry eikonal_tomography();
ProblemEntry from_deck();
ProblemEntry helmholtz_1d();
ProblemEntry helmholtz_2d();
ProblemEntry korteweg_de_vries();
ProblemEntry kovasznay();
ProblemEntry kuramoto_sivashinsky();
ProblemEntry kuramoto_sivashinsky_chaotic();
ProblemEntry lid_driven_cavity();
ProblemEntry navier_stokes_wake();
ProblemEntry poisson();
ProblemEntry shallow_water_sphere();
ProblemEntry sphere_advection();
ProblemEntry wave_1d();
ProblemEntry wave_2d();

}  // namespace understudy::pinn
