// The quasi-biennial oscillation: its period beside that of the public one-dimensional model's scheme, written down
// plainly, and beside the 28 months that are observed (Baldwin et al. 2001: 22 to 34, on average 28).
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "solvers/weather/qbo/qbo_solver.hpp"

namespace {

using namespace understudy;
using solvers::QboParams;

constexpr double day = 86400, month = 30 * day;
using Profile = std::vector<double>;

struct Oscillation {
  double period_months, amplitude;  ///< half of crest to trough, m/s
};

/// From the upward crossings of 0.
Oscillation oscillation(const std::vector<double>& wind, double dt_s) {
  double first = -1, last = -1, highest = -1e9, lowest = 1e9;
  int crossings = 0;
  for (std::size_t n = 1; n < wind.size(); ++n) {
    highest = std::max(highest, wind[n]);
    lowest = std::min(lowest, wind[n]);
    if (!(wind[n - 1] < 0 && wind[n] >= 0)) continue;
    last = double(n) - wind[n] / (wind[n] - wind[n - 1]);
    if (first < 0) first = last;
    ++crossings;
  }
  return {(last - first) / (crossings - 1) * dt_s / month, (highest - lowest) / 2};
}

/// The wind of the first column at 25 km every five days, from 8 years on.
Oscillation run(const QboParams& params, double years, int levels = 72) {
  mesh::GridParams box{{0, 17e3}, {4, 35e3}, {4, levels}, {}};
  const auto grid =
      std::make_shared<mesh::BoxGrid>(box, std::array{true, false, true}, core::Comm::self());
  solvers::QboSolver<double> solver(params, grid);
  mesh::State<double> state(grid, solver.fields());
  solver.initialise(state);
  solver.constrain(state);
  std::vector<double> wind;
  for (int n = 0; n < years * 72; ++n) {
    solver.advance(state, 5 * day);
    if (n >= 8 * 72) wind.push_back(solver.diagnostics(state).at(1).value);
  }
  return oscillation(wind, 5 * day);
}

/// The public model's scheme (Shamir's qbo1d; its defaults: two waves of 32 m/s and 0.6 mPa, wave number 1): values
/// on 73 nodes, waves damped along the trapezoidal rule, leapfrog for the drag around Crank-Nicolson.
Oscillation plain_model(double years) {
  constexpr int n = 73;
  constexpr double h = 250, w = 1e-5, kappa = 0.3, dt = day, frequency = 2.16e-2;
  constexpr double wave_number = 2 * std::numbers::pi / 4e7, r = 287.04, t = 204;
  const auto height = [](int l) { return 17e3 + h * l; };
  const auto rho = [&](int l) { return 101325 / (r * t) * std::exp(-9.8 * height(l) / (r * t)); };
  const auto drag = [&](const Profile& u) {
    Profile flux(n, 0.0), x(n, 0.0);
    for (const double sign : {1.0, -1.0}) {
      double depth = 0, before = 0;
      for (int l = 0; l < n; ++l) {
        const double up = std::clamp((height(l) - 17e3) / 13e3, 0.0, 1.0);
        const double alpha = (1.0 / 21 + 2.0 / 21 * up) / day;
        const double here = frequency * alpha / (wave_number * std::pow(sign * 32 - u[l], 2));
        if (l > 0) depth += h / 2 * (here + before);
        before = here;
        flux[l] += sign * 6e-4 * std::exp(-depth);
      }
    }
    for (int l = 1; l < n - 1; ++l) x[l] = -(flux[l + 1] - flux[l - 1]) / (2 * h * rho(l));
    return x;
  };
  const double a = w * dt / (2 * h), k = kappa * dt / (h * h);
  const auto step = [&](const Profile& from, const Profile& x, double length) {
    Profile upper(n, 0.0), u(n, 0.0);
    for (int l = 1; l < n - 1; ++l) {
      const double rhs = from[l] - a * (from[l + 1] - from[l - 1]) +
                         k * (from[l + 1] - 2 * from[l] + from[l - 1]) + length * x[l];
      const double pivot = 1 + 2 * k - (-a - k) * upper[l - 1];
      upper[l] = (a - k) / pivot;
      u[l] = (rhs - (-a - k) * u[l - 1]) / pivot;
    }
    for (int l = n - 2; l > 0; --l) u[l] -= upper[l] * u[l + 1];
    return u;
  };
  Profile u(n), before;
  for (int l = 0; l < n; ++l) u[l] = 14.0 / 81e6 * 1e6 * 0.25 * l * (72 - l) * 0.25;
  std::vector<double> wind;
  for (int m = 0; m < years * 360; ++m) {
    Profile next = m == 0 ? step(u, drag(u), dt) : step(before, drag(u), 2 * dt);
    before = u;
    u = next;
    if (m >= 8 * 360) wind.push_back(u[32]);
  }
  return oscillation(wind, day);
}

/// That model's two waves.
QboParams two_damped_waves() {
  QboParams params;
  params.waves.scheme = "holton_lindzen";
  params.waves.spectrum = "pair";
  params.waves.source_flux_Pa = 1.2e-3;
  params.waves.wavelength_m = 4e7;
  params.upwelling_m_s = 1e-5;
  return params;
}

TEST(Qbo, TwoDampedWavesHaveThePeriodOfThePublicModel) {
  const QboParams params = two_damped_waves();
  const Oscillation here = run(params, 40), there = plain_model(40);
  std::printf(
      "two damped waves: period %.2f months, amplitude %.2f m/s; public model's scheme "
      "%.2f, %.2f\n",
      here.period_months, here.amplitude, there.period_months, there.amplitude);
  EXPECT_NEAR(here.period_months / there.period_months, 1, 0.02);
  EXPECT_NEAR(here.amplitude / there.amplitude, 1, 0.02);
}

// Their drag is smooth in height: the levels' spacing, halved twice, changes period and amplitude less and less, as
// differences of second order do (a quarter each time). Breaking waves do not (docs/numerics_weather_processes.md).
TEST(Qbo, DampedWavesConvergeInHeight) {
  const QboParams params = two_damped_waves();
  const Oscillation coarse = run(params, 30, 36), middle = run(params, 30, 72),
                    fine = run(params, 30, 144);
  for (const auto& [levels, o] : {std::pair{36, coarse}, {72, middle}, {144, fine}})
    std::printf("two damped waves, %d levels: period %.2f months, amplitude %.2f m/s\n", levels,
                o.period_months, o.amplitude);
  EXPECT_LT(std::abs(middle.period_months - fine.period_months),
            std::abs(coarse.period_months - middle.period_months) / 3);
  EXPECT_LT(std::abs(middle.amplitude - fine.amplitude),
            std::abs(coarse.amplitude - middle.amplitude) / 3);
  EXPECT_NEAR(middle.period_months / fine.period_months, 1, 0.01);
  EXPECT_NEAR(middle.amplitude / fine.amplitude, 1, 0.02);
}

TEST(Qbo, BreakingWavesHaveTheObservedPeriod) {
  const Oscillation o = run(QboParams{}, 26);
  std::printf("Alexander and Dunkerton: period %.2f months, amplitude %.2f m/s at 25 km\n",
              o.period_months, o.amplitude);
  EXPECT_GT(o.period_months, 24);
  EXPECT_LT(o.period_months, 32);
  EXPECT_GT(o.amplitude, 15);
  EXPECT_LT(o.amplitude, 45);
}

TEST(Qbo, MoreFluxMakesItFaster) {
  QboParams weak, strong;
  weak.waves.speed_step_m_s = strong.waves.speed_step_m_s = 5;
  weak.waves.source_flux_Pa = 2.5e-3;
  strong.waves.source_flux_Pa = 4e-3;
  const Oscillation slow = run(weak, 20), fast = run(strong, 20);
  std::printf("2.5 mPa: %.2f months; 4 mPa: %.2f months\n", slow.period_months, fast.period_months);
  EXPECT_GT(slow.period_months / fast.period_months, 1.2);
}

}  // namespace
