// The earth and its flows of Williamson et al. 1992 (Journal of Computational Physics 102), section 3.
//
// Flows about an axis tilted by `angle` from the poles': n = (-sin angle, 0, cos angle) in the coordinates
// of space. What turns as a solid body moves with u0 n x X at the point X of the unit sphere.
#pragma once

#include <array>
#include <cmath>
#include <numbers>

namespace understudy::pinn::sphere {

constexpr double radius_m = 6.37122e6;
constexpr double rotation_per_s = 7.292e-5;  ///< of the earth
constexpr double gravity_m_s2 = 9.80616;
constexpr double day_s = 86400;
/// Once around in 12 days.
constexpr double speed_m_s = 2 * std::numbers::pi * radius_m / (12 * day_s);
constexpr int longitude = 0, latitude = 1, t = 2;  ///< inputs

inline std::array<double, 3> axis(double angle) { return {-std::sin(angle), 0, std::cos(angle)}; }

}  // namespace understudy::pinn::sphere
