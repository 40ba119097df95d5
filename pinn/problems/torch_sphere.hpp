// Places and directions on the unit sphere (private to pinn/). Networks take the point's Cartesian
// coordinates in place of longitude and latitude (Bihlo & Popovych 2022): what they give is smooth over the
// poles and goes around without a seam.
//
//   X = (cos lat cos lon, cos lat sin lon, sin lat),  east = dX/dlon / cos lat,  north = dX/dlat
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <numbers>
#include <vector>

#include "pinn/classical_methods/sphere.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn::sphere {

/// [point] each, in Cartesian coordinates.
struct Frame {
  std::array<at::Tensor, 3> x, east, north;
  at::Tensor cos_latitude;
};

inline Frame frame(const Fields& f) {
  const at::Tensor lon = f.input(longitude), lat = f.input(latitude);
  const at::Tensor cos_lon = lon.cos(), sin_lon = lon.sin(), cos_lat = lat.cos(),
                   sin_lat = lat.sin();
  return {{cos_lat * cos_lon, cos_lat * sin_lon, sin_lat},
          {-sin_lon, cos_lon, at::zeros_like(lon)},
          {-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat},
          cos_lat};
}

inline at::Tensor dot(const std::array<at::Tensor, 3>& a, const std::array<at::Tensor, 3>& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
inline at::Tensor dot(const std::array<double, 3>& a, const std::array<at::Tensor, 3>& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
/// a x b
inline std::array<at::Tensor, 3> cross(const std::array<double, 3>& a,
                                       const std::array<at::Tensor, 3>& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

inline std::array<Jet, 3> place(const std::vector<Jet>& inputs) {
  const Jet cos_lat = cos(inputs[latitude]);
  return {cos_lat * cos(inputs[longitude]), cos_lat * sin(inputs[longitude]),
          sin(inputs[latitude])};
}

/// X and the time scaled to [-1, 1]; Problem::features.
inline std::vector<Jet> features(const std::vector<Jet>& inputs, const InputBox& box, int) {
  const auto x = place(inputs);
  return {x[0], x[1], x[2], scaled(inputs, box, t)};
}

/// Longitude, latitude, time.
inline std::vector<InputInfo> inputs(double end_s) {
  constexpr double pi = std::numbers::pi;
  return {{"longitude", "rad", -pi, pi},
          {"latitude", "rad", -pi / 2, pi / 2},
          {"t", "s", 0, end_s, true}};
}

inline ConstantInfo angle_constant() {
  return {"angle",
          "rad",
          "between the axes of the flow and of the poles",
          std::numbers::pi / 4,
          {.at_least = 0, .at_most = std::numbers::pi}};
}

}  // namespace understudy::pinn::sphere
