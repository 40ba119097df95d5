// Orders of the acoustic scheme. A plane pulse g(x cos a + y sin a - c t), g Gaussian, is put into a closed
// box and compared with itself after some time, in the middle, where nothing from the sides has arrived.
//   in space   orders 2, 4, 8, with time steps ~ h^(order / 2): both errors fall alike
//   in time    order 2, on a grid fine enough
//   density    where rho c is constant nothing is reflected, and a pulse along x is g(tau(x) - t), tau the
//              travel time: exact for any rho(x). 1 / rho at faces is a mean of two cells, so order 2 there.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "mesh/box_grid.hpp"
#include "solvers/seismic/acoustic/acoustic_solver.hpp"

namespace understudy {
namespace {

namespace seismic = solvers::seismic;

using Profile = std::function<double(double x, double y)>;
using Solution = std::function<double(double x, double y, double t)>;

struct PulseCase {
  int cells = 64, order = 8, steps = 20;
  double end_s = 0.15;
  bool variable_density = false;
  Profile speed = [](double, double) { return 1.0; };
  Profile density = [](double, double) { return 1.0; };
  Solution exact;
};

double gauss(double s, double width) { return std::exp(-s * s / (2 * width * width)); }

std::vector<double> on_box(const PulseCase& c, const Profile& f) {
  std::vector<double> values;
  for (int j = 0; j < c.cells; ++j)
    for (int i = 0; i < c.cells; ++i) values.push_back(f((i + 0.5) / c.cells, (j + 0.5) / c.cells));
  return values;
}

void fill(mesh::State<double>& state, const char* name, const Profile& f) {
  const mesh::BoxGrid& g = mesh::as_box(state.grid(), "this test");
  auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, state[name].data);
  const auto r = g.interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i)
      host(0, r.begin[2], j, i) =
          f(g.coordinate(mesh::Location::cell, 0, i), g.coordinate(mesh::Location::cell, 1, j));
  Kokkos::deep_copy(state[name].data, host);
}

// Relative L2 error at the end, in the box's middle fifth.
double error_of(const PulseCase& c) {
  seismic::AcousticSetup setup;
  setup.box.lower_m = {0, 0};
  setup.box.upper_m = {1, 1};
  setup.box.cells = {c.cells, c.cells};
  setup.absorbing.width_cells = 0;
  setup.variable_density = c.variable_density;
  setup.order = c.order;
  setup.dt_s = c.end_s / c.steps;
  setup.layer_speed_m_s = 1;
  setup.layer_frequency_hz = 1;
  seismic::AcousticSolver<double> solver(
      setup, on_box(c, c.speed), c.variable_density ? on_box(c, c.density) : std::vector<double>{},
      core::Comm::self());
  mesh::State<double> state(solver.grid(), solver.fields());
  fill(state, "pressure", [&](double x, double y) { return c.exact(x, y, 0); });
  fill(state, "pressure_before", [&](double x, double y) { return c.exact(x, y, -setup.dt_s); });
  solver.advance(state, c.end_s);
  const mesh::BoxGrid& g = mesh::as_box(state.grid(), "this test");
  const auto host =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, state["pressure"].data);
  const auto r = g.interior();
  double wrong = 0, size = 0;
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const double x = g.coordinate(mesh::Location::cell, 0, i);
      const double y = g.coordinate(mesh::Location::cell, 1, j);
      if (std::max(std::abs(x - 0.5), std::abs(y - 0.5)) > 0.2) continue;
      const double p = c.exact(x, y, c.end_s);
      wrong += std::pow(host(0, r.begin[2], j, i) - p, 2);
      size += p * p;
    }
  return std::sqrt(wrong / size);
}

PulseCase oblique() {
  PulseCase c;
  c.exact = [](double x, double y, double t) {
    return gauss((x - 0.45) * std::cos(0.4) + (y - 0.45) * std::sin(0.4) - t, 0.06);
  };
  return c;
}

void expect_order(const std::vector<std::pair<int, double>>& errors, double order, const char* name,
                  double least = 0.9) {
  for (std::size_t n = 0; n < errors.size(); ++n) {
    double rate = 0;
    if (n > 0) {
      rate = std::log(errors[n - 1].second / errors[n].second) /
             std::log(double(errors[n].first) / errors[n - 1].first);
      EXPECT_GT(rate, least * order) << name << ", " << errors[n].first;
      EXPECT_LT(rate, 1.15 * order + 0.2) << name << ", " << errors[n].first;
    }
    std::printf("%s  %4d  error %.3e  order %.2f\n", name, errors[n].first, errors[n].second, rate);
  }
}

TEST(SeismicAcousticConvergence, InSpace) {
  for (const bool density : {false, true})
    for (const int order : {2, 4, 8}) {
      std::vector<std::pair<int, double>> errors;
      for (const int cells : {80, 112, 160}) {
        PulseCase c = oblique();
        c.variable_density = density;
        c.order = order;
        c.cells = cells;
        c.steps = int(std::lround(30 * std::pow(cells / 80.0, order / 2.0)));
        errors.push_back({cells, error_of(c)});
      }
      expect_order(
          errors, order,
          ((density ? "constant density as variable, order " : "order ") + std::to_string(order))
              .c_str());
    }
}

TEST(SeismicAcousticConvergence, InTime) {
  for (const bool density : {false, true}) {
    std::vector<std::pair<int, double>> errors;
    for (const int steps : {60, 120, 240}) {
      PulseCase c = oblique();
      c.variable_density = density;
      c.cells = 160;
      c.steps = steps;
      errors.push_back({steps, error_of(c)});
    }
    expect_order(errors, 2, "time");
  }
}

// c = 1 / (1 + 0.3 sin(2 pi x)), rho = 1 / c: tau = x - 0.3 / (2 pi) cos(2 pi x).
TEST(SeismicAcousticConvergence, ThroughSmoothlyVaryingDensity) {
  for (const int order : {2, 4, 8}) {
    std::vector<std::pair<int, double>> errors;
    for (const int cells : {80, 160, 320}) {
      PulseCase c;
      c.order = order;
      c.cells = cells;
      c.variable_density = true;
      const auto slowness = [](double x, double) {
        return 1 + 0.3 * std::sin(2 * std::numbers::pi * x);
      };
      c.speed = [=](double x, double y) { return 1 / slowness(x, y); };
      c.density = slowness;
      const auto tau = [](double x) {
        return x - 0.3 / (2 * std::numbers::pi) * std::cos(2 * std::numbers::pi * x);
      };
      c.exact = [=](double x, double, double t) { return gauss(tau(x) - tau(0.45) - t, 0.06); };
      c.steps = 60 * cells / 80;
      errors.push_back({cells, error_of(c)});
    }
    // At order 4 errors of both kinds cancel in part on the coarsest grid.
    expect_order(errors, 2, ("varying density, order " + std::to_string(order)).c_str(), 0.75);
  }
}

}  // namespace
}  // namespace understudy
