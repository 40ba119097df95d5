#include "solvers/seismic/numerics/cpml.hpp"

#include <cmath>
#include <numbers>

namespace understudy::solvers::seismic {

void AbsorbingParams::describe(core::ParamVisitor& v) {
  v.integer("width_cells", width_cells, {.at_least = 4, .at_most = 200},
            "cells of the absorbing layer, outside the grid on every absorbing side");
  v.real("reflection", reflection, {.above = 0, .below = 1}, "1",
         "reflection coefficient aimed at, at normal incidence; at an angle t from it the layer "
         "reflects its power cos t");
  v.real("stretch", stretch, {.at_least = 1, .at_most = 20}, "1",
         "largest factor by which the layer stretches lengths (kappa of the C-PML)");
  v.real("shift", shift, {.at_least = 0, .at_most = 10}, "1",
         "largest frequency shift of the layer (alpha of the C-PML), in units of pi times the "
         "wavelet's peak frequency");
  v.real("loss", loss, {.at_least = 0, .at_most = 4}, "1",
         "elastic waves: largest loss of the whole field in the layer, in parts of its damping (or "
         "that of 20 cells at 1e-4, where this is larger); keeps guided waves from growing");
}

namespace {

struct Damping {
  double a = 0, b = 0, k = 0, damping = 0;
};

// `depth`: in units of the layer's width; outside the layer it is not above 0.
Damping damping(const CpmlSetup& s, double width_m, double depth) {
  if (depth <= 0) return {};
  const double d0 = -3 * s.speed_m_s * std::log(s.layer.reflection) / (2 * width_m);
  const double d = d0 * depth * depth;
  const double alpha = s.layer.shift * std::numbers::pi * s.frequency_hz * std::max(0.0, 1 - depth);
  const double kappa = 1 + (s.layer.stretch - 1) * depth * depth;
  const double b = std::exp(-(d / kappa + alpha) * s.dt_s);
  return {d / (kappa * (d + kappa * alpha)) * (b - 1), b, 1 / kappa - 1, d * s.dt_s};
}

}  // namespace

template <class Real>
CpmlAxis<Real> cpml_axis(const CpmlSetup& setup, const mesh::BoxGrid& padded, int axis, bool lower,
                         bool upper) {
  const int extent = padded.extent(axis);
  CpmlAxis<Real> profile;
  for (auto* view :
       {&profile.a, &profile.b, &profile.a_half, &profile.b_half, &profile.k, &profile.k_half})
    *view = Kokkos::View<Real*, mesh::Memory>("cpml", extent);
  auto a = Kokkos::create_mirror_view(profile.a), b = Kokkos::create_mirror_view(profile.b);
  auto a_half = Kokkos::create_mirror_view(profile.a_half),
       b_half = Kokkos::create_mirror_view(profile.b_half);
  auto k = Kokkos::create_mirror_view(profile.k),
       k_half = Kokkos::create_mirror_view(profile.k_half);
  const double width = setup.layer.width_cells, width_m = width * padded.spacing(axis);
  const auto at = [&](double place) {  // in cells from the padded grid's lower end
    double depth = 0;
    if (lower) depth = std::max(depth, (width - place) / width);
    if (upper) depth = std::max(depth, (place - (padded.global_cells(axis) - width)) / width);
    // The outermost half points, which belong to ghosts, have the end's damping.
    return damping(setup, width_m, std::min(depth, 1.0));
  };
  for (int i = 0; i < extent; ++i) {
    const double place = padded.offset(axis) + i - padded.ghosts(axis);
    const auto centre = at(place + 0.5), face = at(place);
    a(i) = Real(centre.a);
    b(i) = Real(centre.b);
    a_half(i) = Real(face.a);
    b_half(i) = Real(face.b);
    k(i) = Real(centre.k);
    k_half(i) = Real(face.k);
    profile.damping.push_back(centre.damping);
    profile.damping_half.push_back(face.damping);
  }
  Kokkos::deep_copy(profile.a, a);
  Kokkos::deep_copy(profile.b, b);
  Kokkos::deep_copy(profile.a_half, a_half);
  Kokkos::deep_copy(profile.b_half, b_half);
  Kokkos::deep_copy(profile.k, k);
  Kokkos::deep_copy(profile.k_half, k_half);
  return profile;
}

template CpmlAxis<float> cpml_axis<float>(const CpmlSetup&, const mesh::BoxGrid&, int, bool, bool);
template CpmlAxis<double> cpml_axis<double>(const CpmlSetup&, const mesh::BoxGrid&, int, bool,
                                            bool);

}  // namespace understudy::solvers::seismic
