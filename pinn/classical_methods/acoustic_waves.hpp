// Acoustic waves in a box whose sides do not reflect: p_tt = c^2 (p_xx + p_zz) from an initial pressure at rest.
// Differences of fourth order in space and second in time on a box that is wider by the way that waves go in half
// of the time, so that nothing comes back from its sides. What the acoustic inversion is made from.
#pragma once

#include <array>
#include <functional>

#include "pinn/lattice.hpp"

namespace understudy::pinn {

struct AcousticShot {
  double side_m = 1000;  ///< of the square box, from (0, 0) on
  double duration_s = 0.6;
  double spacing_m = 10;             ///< divides side_m
  double fastest_m_s = 3000;         ///< bound of c
  std::array<double, 2> centre_m{};  ///< of the initial pressure exp(-r^2 / (2 radius^2)), Pa
  double radius_m = 60;
};

double initial_pressure(const AcousticShot& shot, double x, double z);

/// p (Pa) at x, z (m) and t (s) of the box; `speed`: c (m/s), also outside of the box.
Lattice acoustic_waves(const AcousticShot& shot,
                       const std::function<double(double, double)>& speed);

}  // namespace understudy::pinn
