// What the moist box's tests share: a solver with its state made from a few lines, and where a cold front is.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "solvers/weather/moist_box/moist_box_solver.hpp"

namespace moist_test {

using namespace understudy;
using solvers::MoistBoxBubbleParams;
using solvers::MoistBoxParams;

template <class Real>
struct Case {
  std::shared_ptr<const mesh::BoxGrid> grid;
  solvers::MoistBoxSolver<Real> solver;
  mesh::State<Real> state;

  Case(const MoistBoxParams& params, const mesh::GridParams& box,
       const core::Comm& comm = core::Comm::world(), const std::string& directory = ".")
      : grid(solvers::make_moist_box_grid(params, box, comm)),
        solver(params, grid, directory),
        state(grid, solver.fields()) {
    solver.initialise(state);
  }
  double diagnostic(const std::string& name) {
    for (const auto& d : solver.diagnostics(state))
      if (d.name == "weather." + name) return d.value;
    throw std::out_of_range("no diagnostic weather." + name);
  }
  /// A field's values on the host, ghosts included; one rank.
  auto values(const std::string& name, int component = 0) const {
    return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(),
                                               state[name].component(component));
  }
};

inline MoistBoxBubbleParams bubble(const std::string& quantity, double amplitude_k,
                                   std::vector<double> center_m, std::vector<double> radius_m) {
  MoistBoxBubbleParams b;
  b.quantity = quantity;
  b.amplitude_k = amplitude_k;
  b.center_m = std::move(center_m);
  b.radius_m = std::move(radius_m);
  return b;
}

/// The density current of Straka et al. 1993; its bubble is -15 K of the temperature (theirs) or of theta.
inline MoistBoxParams straka(const std::string& quantity) {
  MoistBoxParams params;
  params.diffusion.model = "constant";
  params.diffusion.viscosity_m2_s = 75;
  params.initial.bubbles = {bubble(quantity, -15, {0, 3000}, {4000, 2000})};
  return params;
}

/// The thermal of Bryan & Fritsch 2002, dry or moist, round x = 0.
inline MoistBoxParams bryan_fritsch(bool moist) {
  MoistBoxParams params;
  params.initial.bubbles = {bubble("theta", 2, {0, 2000}, {2000, 2000})};
  if (!moist) return params;
  params.moisture = "cloud";
  params.microphysics = "saturation";
  params.heat_capacities = "moist";
  params.base.profile = "saturated";
  params.initial.keep_saturated = true;
  return params;
}

/// Where theta' = -1 K in the lowest level, the outermost point on the right; one rank.
template <class Real>
double front_m(const Case<Real>& c) {
  const auto theta = c.values("theta");
  const mesh::Range3 r = c.grid->interior();
  for (int i = r.end[0] - 2; i >= r.begin[0]; --i) {
    const double a = theta(0, r.begin[1], i), b = theta(0, r.begin[1], i + 1);
    if (a <= -1 && b > -1)
      return c.grid->coordinate(mesh::Location::cell, 0, i) +
             c.grid->spacing(0) * (-1 - a) / (b - a);
  }
  return NAN;
}

/// text of the UserError that `action` throws; empty when it throws none.
inline std::string user_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

}  // namespace moist_test
