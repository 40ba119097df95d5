// Terminal velocity of a water drop in air: Beard (1976, J. Atmos. Sci. 33, table 1), three regimes by
// diameter (Stokes with slip below 19 um; Davies number to 1.07 mm; Bond and physical property numbers above,
// drops larger than 7 mm fall like those), at 20 C and 1013.25 hPa: 1.204 kg/m3.
#pragma once

#include <algorithm>
#include <cmath>

namespace understudy::solvers::weather {

inline constexpr double fall_speed_air_density = 1.204;  // kg/m3

/// m/s, of a radius in m. For the host: it fills tables.
inline double drop_fall_speed(double radius_m) {
  constexpr double air = fall_speed_air_density, water = 998.2, gravity = 9.80665;
  constexpr double viscosity = 1.818e-5, tension = 0.0728, free_path = 6.62e-8;
  const double d = std::min(2 * radius_m, 7e-3), excess = water - air;
  const double slip = 1 + 2.51 * free_path / d;
  if (d < 19e-6) return excess * gravity / (18 * viscosity) * slip * d * d;
  const auto polynomial = [](const auto& b, double x) {
    double y = 0;
    for (int n = int(std::size(b)) - 1; n >= 0; --n) y = y * x + b[n];
    return y;
  };
  if (d < 1.07e-3) {
    constexpr double b[] = {-0.318657e1,  0.992696,    -0.153193e-2, -0.987059e-3,
                            -0.578878e-3, 0.855176e-4, -0.327815e-5};
    const double davies = 4 * air * excess * gravity / (3 * viscosity * viscosity) * d * d * d;
    const double reynolds = slip * std::exp(polynomial(b, std::log(davies)));
    return viscosity * reynolds / (air * d);
  }
  constexpr double b[] = {-0.500015e1, 0.523778e1,   -0.204914e1,
                          0.475294,    -0.542819e-1, 0.238449e-2};
  const double bond = 4 * excess * gravity / (3 * tension) * d * d;
  const double property = std::pow(
      std::pow(tension, 3) * air * air / (std::pow(viscosity, 4) * excess * gravity), 1.0 / 6);
  const double reynolds = property * std::exp(polynomial(b, std::log(bond * property)));
  return viscosity * reynolds / (air * d);
}

}  // namespace understudy::solvers::weather
