// What the flow tests share: a solver with its state made from a few lines, and error norms.
#pragma once

#include <gtest/gtest.h>

#include <array>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_solver.hpp"

namespace flow_test {

using namespace understudy;
using solvers::FlowParams;

inline void set_sides(FlowParams& params, const std::vector<std::string>& kinds) {
  for (std::size_t side = 0; side < kinds.size(); ++side)
    params.boundaries.side[side].kind = kinds[side];
}

/// The pressure to round-off or nearly so, by the fastest method of the build: a device has no fft.
inline void solve_exactly(FlowParams& params) {
  params.pressure.method = "auto";
  params.pressure.tolerance = 1e-11;
}

template <class Real>
struct Case {
  std::shared_ptr<const mesh::BoxGrid> grid;
  solvers::FlowSolver<Real> solver;
  mesh::State<Real> state;

  Case(const FlowParams& params, const mesh::GridParams& box,
       const core::Comm& comm = core::Comm::world(), const std::string& directory = ".")
      : grid(std::make_shared<mesh::BoxGrid>(box, solvers::periodic_axes(params), comm)),
        solver(params, grid, directory),
        state(grid, solver.fields()) {
    solver.initialise(state);
  }
  double diagnostic(const std::string& name) {
    for (const auto& d : solver.diagnostics(state))
      if (d.name == "flow." + name) return d.value;
    throw std::out_of_range("no diagnostic flow." + name);
  }
};

/// exact(x, y, z) at the field's own points.
using Exact = std::function<double(double, double, double)>;

/// Root mean square of field - exact over interior points; `remove_mean` for the pressure.
/// Collective.
template <class Real>
double rms_error(const mesh::State<Real>& state, const std::string& name, const Exact& exact,
                 bool remove_mean = false) {
  const auto& field = state[name];
  const mesh::BoxGrid& grid = mesh::as_box(state.grid(), "an error norm");
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
  const mesh::Range3 r = grid.interior();
  double sums[3] = {0, 0, 0};
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const auto x = [&](int axis, int n) {
          return grid.coordinate(field.info.location, axis, n);
        };
        const double d = host(0, k, j, i) - exact(x(0, i), x(1, j), x(2, k));
        sums[0] += 1;
        sums[1] += d;
        sums[2] += d * d;
      }
  grid.comm().sum(std::span<double>(sums));
  const double mean = remove_mean ? sums[1] / sums[0] : 0;
  return std::sqrt(std::max(0.0, sums[2] / sums[0] - 2 * mean * sums[1] / sums[0] + mean * mean));
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

}  // namespace flow_test
