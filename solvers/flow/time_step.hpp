// The largest time step at which second-order Adams-Bashforth keeps every wave that the grid
// carries from growing. On the linear equation with frozen coefficients a wave of phase angle theta
// per cell obeys dq/dt = lambda q; with z = lambda dt the scheme's amplification rho solves
//
//     rho^2 - (1 + 3 z / 2) rho + z / 2 = 0,
//     z = -D/2 (1 - cos theta) - E + C s(theta),
//     central  s = i sin theta
//     upwind3  s = i (8 sin theta - sin 2 theta) / 6 - (1 - cos theta)^2 / 3
//
// with C = dt sum_a |u_a|/h_a, D = 4 nu dt / h^2 along the axis and of the quantity that diffuse
// least (a flow along one axis is damped by that axis alone), E between 0 and the diffusion along
// the other axes. Adams-Bashforth's region touches the imaginary axis at 0 only: without diffusion
// waves grow by 1 + C^4/4 a step (1.027 at C = 0.5), so that C and D are bounded together. Growth of
// 1 + growth_allowance a step is let pass; C = 0.14 where nothing diffuses. Upwind-biased convection
// damps by itself. Steps of equal length are supposed. Host only.
#pragma once

#include <complex>

namespace understudy::solvers::flow {

constexpr double growth_allowance = 1e-4;
constexpr double no_step_limit = 1e30;  ///< s: nothing moves and nothing diffuses

/// What bounds the step, as rates (1/s).
struct StepRates {
  double convection = 0;       ///< largest sum_a |u_a| / h_a
  double diffusion_least = 0;  ///< 4 nu / h^2, of the axis and the quantity that diffuse least
  double diffusion_total = 0;  ///< 4 nu sum_a 1/h_a^2, of the quantity that diffuses most
  bool upwind = false;         ///< convection by upwind3
  double bounded = 0;  ///< of a scalar that is to stay bounded: convection and sum of kappa / h^2
};

/// Largest |rho| of Adams-Bashforth 2 with equal steps at z = lambda dt.
double adams_bashforth_growth(std::complex<double> z);
/// Largest |rho| over all waves.
double largest_growth(const StepRates& rates, double dt_s);
/// Largest dt (s) with C <= cfl, diffusion_total dt <= 0.9, bounded dt <= 0.9 and growth within the
/// allowance.
double stable_step(const StepRates& rates, double cfl);

}  // namespace understudy::solvers::flow
