// The drag of gravity waves at a column: where waves break, that momentum is neither lost nor made, and how the QBO's
// solver hands the process out.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "solvers/weather/qbo/qbo_solver.hpp"

namespace {

using namespace understudy;
using solvers::GravityWaveParams;
using solvers::QboParams;

constexpr int levels = 40;
constexpr double dz = 500, buoyancy = 0.02, scale_height = 6000, flux = 4e-3;

struct Column {
  std::vector<double> u = std::vector<double>(levels, 0.0), drag;

  double rho(int l) const { return 0.15 * std::exp(-dz * l / scale_height); }
  void compute(const GravityWaveParams& params) {
    solvers::WaveColumn column{{}, dz, scale_height};
    for (int l = 0; l < levels; ++l) column.height_m.push_back(17e3 + dz * l);
    mesh::Points<double> in("in", 1, 1 + 3 * levels), out("out", 1, levels);
    in(0, 0) = flux;
    for (int l = 0; l < levels; ++l) {
      in(0, 1 + l) = u[l];
      in(0, 1 + levels + l) = buoyancy;
      in(0, 1 + 2 * levels + l) = rho(l);
    }
    solvers::gravity_wave_drag<double>(params, column)(in, out);
    drag.assign(out.data(), out.data() + levels);
  }
  /// Momentum that the wind gains, Pa.
  double gained(int from = 0, int to = levels) const {
    double sum = 0;
    for (int l = from; l < to; ++l) sum += rho(l) * drag[l] * dz;
    return sum;
  }
};

GravityWaveParams pair_of(const std::string& scheme) {
  GravityWaveParams p;
  p.scheme = scheme;
  p.spectrum = "pair";
  p.phase_speed_m_s = 20;
  return p;
}

TEST(GravityWaves, OppositeWavesInAirAtRestCancel) {
  for (const char* scheme : {"alexander_dunkerton", "holton_lindzen"}) {
    for (const char* spectrum : {"pair", "gaussian"}) {
      GravityWaveParams p = pair_of(scheme);
      p.spectrum = spectrum;
      Column c;
      c.compute(p);
      for (const double x : c.drag) EXPECT_NEAR(x, 0, 1e-18) << scheme;
    }
  }
}

TEST(GravityWaves, AWaveLeavesItsMomentumAtItsCriticalLevel) {
  GravityWaveParams p = pair_of("alexander_dunkerton");
  p.amplitude_m2_s2 = 1e-9;  // nothing breaks before
  Column c;
  for (int l = 0; l < levels; ++l) c.u[l] = 2.0 * l;  // 20 m/s at level 10
  c.compute(p);
  EXPECT_NEAR(c.drag[10] * c.rho(10) * dz, flux / 2, 1e-15);
  // The other one meets none and leaves at the top.
  EXPECT_NEAR(c.gained(), flux / 2, 1e-15);
}

TEST(GravityWaves, AWaveBreaksWhereItIsTooLargeForTheThinAir) {
  GravityWaveParams p = pair_of("alexander_dunkerton");
  p.amplitude_m2_s2 = 0.4;
  Column c;
  c.u.assign(levels, 5.0);
  c.compute(p);
  const double k = 2 * std::acos(-1.0) / p.wavelength_m;
  for (const auto& [intrinsic, sign] : {std::pair{15.0, 1.0}, std::pair{25.0, -1.0}}) {
    int breaks = 0;
    while (0.4 * c.rho(0) < c.rho(breaks) * k * std::pow(intrinsic, 3) / (2 * buoyancy)) ++breaks;
    ASSERT_GT(breaks, 0);
    ASSERT_LT(breaks, levels);
    EXPECT_NEAR(c.drag[breaks] * c.rho(breaks) * dz, sign * flux / 2, 1e-15) << breaks;
  }
}

TEST(GravityWaves, TheWindGainsWhatDampedWavesLose) {
  GravityWaveParams p = pair_of("holton_lindzen");
  p.wavelength_m = 4e7;
  Column c;
  for (int l = 0; l < levels; ++l) c.u[l] = l < 20 ? 5 : -12;
  c.compute(p);
  const double k = 2 * std::acos(-1.0) / p.wavelength_m;
  double eastward = flux / 2, westward = -flux / 2;
  for (int l = 0; l < levels; ++l) {
    const double rate = dz * solvers::radiative_damping(17e3 + dz * l) * buoyancy / k;
    const double before = eastward + westward;
    eastward *= std::exp(-rate / std::pow(20 - c.u[l], 2));
    westward *= std::exp(-rate / std::pow(-20 - c.u[l], 2));
    EXPECT_NEAR(c.drag[l] * c.rho(l) * dz, before - eastward - westward, 1e-9 * flux) << l;
  }
  EXPECT_GT(c.gained(0, 20), 0);  // the wave that the wind follows is damped more
  EXPECT_LT(c.gained(20, levels), 0);
}

TEST(GravityWaves, ReflectedWavesAreNotLaunched) {
  GravityWaveParams p = pair_of("alexander_dunkerton");
  p.phase_speed_m_s = 400;  // N / (k^2 + 1/4H^2)^0.5 = 233 m/s
  p.amplitude_m2_s2 = 1e5;
  Column c;
  c.u[30] = 500;
  c.compute(p);
  for (const double x : c.drag) EXPECT_EQ(x, 0);
}

TEST(GravityWaves, DampingIsThatOfHoltonAndLindzen) {
  EXPECT_DOUBLE_EQ(solvers::radiative_damping(17e3), 1 / (21 * 86400.0));
  EXPECT_DOUBLE_EQ(solvers::radiative_damping(30e3), 1 / (7 * 86400.0));
  EXPECT_DOUBLE_EQ(solvers::radiative_damping(40e3), 1 / (7 * 86400.0));
}

std::shared_ptr<const mesh::BoxGrid> grid_of(std::vector<long long> cells) {
  mesh::GridParams box{{0, 17e3}, {4, 35e3}, std::move(cells), {}};
  if (box.cells.size() == 3) box.lower_m = {0, 17e3, 0}, box.upper_m = {4, 35e3, 1};
  return std::make_shared<mesh::BoxGrid>(box, std::array{true, false, true}, core::Comm::self());
}

template <class Real>
struct Case {
  std::shared_ptr<const mesh::BoxGrid> grid = grid_of({4, 72});
  solvers::QboSolver<Real> solver;
  mesh::State<Real> state;
  explicit Case(const QboParams& params = {}) : solver(params, grid), state(grid, solver.fields()) {
    solver.initialise(state);
    solver.constrain(state);
  }
  double wind(int level, int column = 0) const {
    return state["u"].data(0, 0, 2 + level, 2 + column);
  }
};

TEST(QboSolver, DragIsAProcessWithNamesAndUnits) {
  Case<double> c;
  const auto all = c.solver.point_processes();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "gravity_wave_drag");
  ASSERT_EQ(all[0].inputs.size(), 217u);
  EXPECT_EQ(all[0].inputs[0], (core::Column{"source_flux", "Pa"}));
  EXPECT_EQ(all[0].inputs[72], (core::Column{"u_71", "m/s"}));
  EXPECT_EQ(all[0].inputs[73], (core::Column{"buoyancy_0", "1/s"}));
  ASSERT_EQ(all[0].outputs.size(), 72u);
  EXPECT_EQ(all[0].outputs[71], (core::Column{"drag_71", "m/s2"}));
}

TEST(QboSolver, PhysicsHandedBackIsBitwiseTheSame) {
  Case<double> own, handed;
  const auto process = handed.solver.point_processes().at(0);
  int calls = 0;
  process.use([&, physics = process.physics](const auto& in, const auto& out) {
    ++calls;
    physics(in, out);
  });
  own.solver.advance(own.state, 100 * 86400.0);
  handed.solver.advance(handed.state, 100 * 86400.0);
  EXPECT_EQ(calls, 200);
  for (int l = 0; l < 72; ++l) ASSERT_EQ(own.wind(l), handed.wind(l));
  EXPECT_GT(std::abs(own.wind(30)), 0.1);
}

TEST(QboSolver, TwoAdvancesAreOneOfTwiceTheLength) {
  Case<double> two, one;
  two.solver.advance(two.state, 5 * 86400.0);
  two.solver.advance(two.state, 5 * 86400.0);
  one.solver.advance(one.state, 10 * 86400.0);
  EXPECT_EQ(one.state.time_s, 10 * 86400.0);
  EXPECT_EQ(two.state.time_s, 10 * 86400.0);
  EXPECT_EQ(two.state.step, one.state.step);
  for (int l = 0; l < 72; ++l) ASSERT_EQ(two.wind(l), one.wind(l));
}

TEST(QboSolver, WindWithoutWavesDiffusesAtTheExactRate) {
  QboParams params;
  params.waves.source_flux_Pa = 0;
  params.upwelling_m_s = 0;
  params.diffusivity_m2_s = 5;
  params.max_dt_s = 2 * 86400;
  Case<double> c(params);
  for (int l = 0; l < 72; ++l)
    for (int i = 0; i < 4; ++i)
      c.state["u"].data(0, 0, 2 + l, 2 + i) = std::sin(std::acos(-1.0) * (l + 0.5) / 72);
  c.solver.constrain(c.state);
  c.solver.advance(c.state, 360 * 86400.0);
  const double rate = 5 * std::pow(std::acos(-1.0) / 18e3, 2);
  const double expected = std::exp(-rate * 360 * 86400.0);
  EXPECT_NEAR(c.wind(36) / std::sin(std::acos(-1.0) * 36.5 / 72) / expected, 1, 2e-3);
}

TEST(QboSolver, IsOfSecondOrderInTime) {
  QboParams params;
  params.waves.scheme = "holton_lindzen";
  params.waves.spectrum = "pair";
  params.waves.source_flux_Pa = 1.2e-3;
  params.waves.wavelength_m = 4e7;
  const auto wind = [&](double dt_s) {
    params.max_dt_s = dt_s;
    Case<double> c(params);
    c.solver.advance(c.state, 80 * 86400.0);
    std::vector<double> u;
    for (int l = 0; l < 72; ++l) u.push_back(c.wind(l));
    return u;
  };
  const auto exact = wind(86400.0 / 8);
  const auto error = [&](double dt_s) {
    const auto u = wind(dt_s);
    double sum = 0;
    for (int l = 0; l < 72; ++l) sum += std::abs(u[l] - exact[l]);
    return sum / 72;
  };
  const double coarse = error(4 * 86400.0), fine = error(2 * 86400.0);
  std::printf("errors %.3e %.3e m/s, order %.2f\n", coarse, fine, std::log2(coarse / fine));
  EXPECT_GT(std::log2(coarse / fine), 1.8);
}

std::string refusal(const QboParams& params, std::vector<long long> cells) {
  try {
    solvers::QboSolver<double> solver(params, grid_of(std::move(cells)));
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(QboSolver, RefusesWhatDoesNotFit) {
  QboParams params;
  EXPECT_NE(refusal(params, {4, 72, 4}).find("grid.cells: qbo has columns along x"),
            std::string::npos);
  params.heights_m = {20e3, 40e3};
  EXPECT_NE(refusal(params, {4, 72}).find("qbo.heights_m: 40000 m is not between"),
            std::string::npos);
}

}  // namespace
