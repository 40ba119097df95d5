// Mountain waves of the moist box beside the linear solution (solvers_mountain_wave.hpp): the hydrostatic ones of
// Durran & Klemp (1983; set-up of Giraldo & Restelli 2008) and those of Schaer et al. (2002).
#pragma once

#include "support/solvers_moist_box.hpp"
#include "support/solvers_mountain_wave.hpp"

namespace moist_test {

struct MountainCase {
  MoistBoxParams params;
  double wind_m_s, height_m;
  std::function<double(double)> hill_m;
  LinearMountainWave::Setup linear;
  double top_m, half_width_m;  ///< where it is compared: below, and to both sides of the hill
};

/// A bell of half-width 10 km and 1 m in isothermal air.
inline MountainCase hydrostatic_wave() {
  MountainCase c{{}, 20, 1, {}, {20, 2000e3, 30e3, 50, 6e3}, 12e3, 40e3};
  c.params.base.profile = "isothermal";
  c.params.base.wind_m_s = {"20"};
  c.params.terrain.height_m = "1 / (1 + (x / 10000)^2)";
  c.params.rayleigh = {15000, 0.01, 60000, 0, 0.005};
  c.hill_m = [](double x) { return 1 / (1 + std::pow(x / 10000, 2)); };
  return c;
}

/// Five hills of up to `height_m`, 4 km apart.
inline MountainCase schaer_wave(double height_m) {
  MountainCase c{{}, 10, height_m, {}, {10, 400e3, 25e3, 50, 1e3}, 10e3, 20e3};
  c.params.base.profile = "stable";
  c.params.base.theta_k = 288;
  c.params.base.wind_m_s = {"10"};
  c.params.terrain.height_m =
      std::to_string(height_m) + " * exp(-(x / 5000)^2) * cos(pi * x / 4000)^2";
  c.params.rayleigh = {9000, 0.01, 15000, 0, 0.01};
  c.hill_m = [height_m](double x) {
    return height_m * std::exp(-std::pow(x / 5000, 2)) *
           std::pow(std::cos(std::numbers::pi * x / 4000), 2);
  };
  return c;
}

struct MountainResult {
  double w_error = 0, u_error = 0;         ///< relative l2
  double least_flux = 1e9, most_flux = 0;  ///< of momentum below top_m, over the linear one
  double drag = 0;                         ///< of the ground, over the linear flux
  double mass_drift = 0;
};

inline MountainResult run_mountain(const MountainCase& setup, const mesh::GridParams& box,
                                   double end_s) {
  const LinearMountainWave linear(setup.params, setup.hill_m, setup.linear);
  Case<double> c(setup.params, box);
  const double mass = c.diagnostic("mass");
  c.solver.advance(c.state, end_s);
  const auto u = c.values("u"), w = c.values("w");
  const mesh::Range3 r = c.grid->interior();
  MountainResult result;
  double error[2] = {0, 0}, norm[2] = {0, 0};
  for (int j = r.begin[1]; j < r.end[1]; ++j) {
    const double z = c.grid->coordinate(mesh::Location::cell, 1, j);
    if (z > setup.top_m) break;
    double flux = 0;
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const double x = c.grid->coordinate(mesh::Location::cell, 0, i);
      const double own[2] = {0.5 * (u(0, j, i) + u(0, j, i + 1)) - setup.wind_m_s,
                             0.5 * (w(0, j, i) + w(0, j + 1, i))};
      flux += air_of_wave(setup.params, z).rho * own[0] * own[1] * c.grid->spacing(0);
      if (std::abs(x) > setup.half_width_m) continue;
      const auto wanted = linear(x, z);
      for (int f = 0; f < 2; ++f) {
        error[f] += std::pow(own[f] - wanted[f], 2);
        norm[f] += wanted[f] * wanted[f];
      }
    }
    flux /= linear.momentum_flux();
    result.least_flux = std::min(result.least_flux, flux);
    result.most_flux = std::max(result.most_flux, flux);
  }
  result.u_error = std::sqrt(error[0] / norm[0]);
  result.w_error = std::sqrt(error[1] / norm[1]);
  result.drag = -c.diagnostic("drag_x") / linear.momentum_flux();
  result.mass_drift = c.diagnostic("mass") / mass - 1;
  std::printf(
      "%lld x %lld cells, %.0f s: w %.4f u %.4f, flux %.3f to %.3f, drag %.3f of the linear "
      "%.4g N/m\n",
      box.cells[0], box.cells[1], end_s, result.w_error, result.u_error, result.least_flux,
      result.most_flux, result.drag, -linear.momentum_flux());
  return result;
}

}  // namespace moist_test
