// The exact solution of Burgers' equation u_t + u u_x = nu u_xx on [-1, 1] with u(x, 0) = -sin(pi x) (Cole
// and Hopf, by quadrature; Basdevant et al. 1986).
#pragma once

namespace understudy::pinn {

double burgers_solution(double viscosity, double x, double t);

}  // namespace understudy::pinn
