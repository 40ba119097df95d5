// The moist box in the small: its power function, air at rest, water that stays positive and is kept, what it
// refuses.
#include <filesystem>
#include <fstream>

#include "solvers/weather/moist_box/base_state.hpp"
#include "solvers/weather/moist_box/frame.hpp"
#include "support/solvers_moist_box.hpp"

namespace {

using namespace moist_test;

template <class Real>
void compare_power(double tolerance) {
  for (const double x : {-0.4, -0.05, -1e-5, 0.0, 1e-7, 1e-3, 0.1, 0.45})
    for (const double power : {0.3, 1.4, -0.29}) {
      const double exact = std::expm1(power * std::log1p(double(Real(x))));
      EXPECT_NEAR(solvers::moist::power_minus_one(Real(x), Real(power)), exact,
                  tolerance * (std::abs(exact) + 1e-30))
          << x << " ^ " << power;
    }
}

TEST(Power, MatchesTheLibrarysInDouble) { compare_power<double>(2e-14); }
TEST(Power, MatchesTheLibrarysInSingle) { compare_power<float>(2e-6); }

MoistBoxParams storm_air() {
  MoistBoxParams params;
  params.base.profile = "weisman_klemp";
  params.moisture = "rain";
  return params;
}

const mesh::GridParams tall{{0, 0}, {12000, 18000}, {24, 36}, {}};

const mesh::GridParams fine{{0, 0}, {300, 18000}, {3, 180}, {}};

TEST(BaseState, IsHydrostatic) {
  MoistBoxParams params = storm_air();
  const auto grid = solvers::make_moist_box_grid(params, fine, core::Comm::self());
  const auto base = solvers::moist::make_base(params, *grid, ".");
  const double g = params.air.gravity_m_s2, dz = grid->spacing(1);
  for (int n = 4; n + 4 < grid->extent(1); ++n) {
    if (std::abs(grid->coordinate(mesh::Location::cell, 1, n) - 12000) < 200) continue;  // a kink
    const auto weight = [&](int l) { return base.rho_d[l] * (1 + base.qv[l]); };
    // Simpson's rule between the levels beside: fourth order.
    const double drop = base.pressure[n - 1] - base.pressure[n + 1];
    const double column = g * dz / 3 * (weight(n - 1) + 4 * weight(n) + weight(n + 1));
    EXPECT_NEAR(drop, column, 3e-5 * column) << n;
    EXPECT_GT(std::abs(drop - g * dz * weight(n - 1) * 2), 1e-3 * column);
  }
}

// Weisman & Klemp 1982: the boundary layer's vapour, theta 343 K at 12 km.
TEST(BaseState, IsWeismanAndKlemps) {
  MoistBoxParams params = storm_air();
  const auto grid = solvers::make_moist_box_grid(params, fine, core::Comm::self());
  const auto base = solvers::moist::make_base(params, *grid, ".");
  EXPECT_DOUBLE_EQ(base.qv[3], 0.014);
  // 11950 m and 2950 m.
  EXPECT_NEAR(base.theta[3 + 119], 300 + 43 * std::pow(11950.0 / 12000, 1.25), 1e-9);
  EXPECT_NEAR(base.theta[3 + 29], 300 + 43 * std::pow(2950.0 / 12000, 1.25), 1e-9);
}

template <class Real>
void expect_rest(const MoistBoxParams& params) {
  Case<Real> c(params, tall);
  c.solver.advance(c.state, 120);
  EXPECT_GT(c.state.step, 5);
  for (const char* name : {"u", "w", "theta", "density"}) {
    const auto a = c.values(name);
    double largest = 0;
    for (std::size_t n = 0; n < a.size(); ++n)
      largest = std::max(largest, std::abs(double(a.data()[n])));
    EXPECT_EQ(largest, 0) << name;
  }
}

TEST(MoistBox, AirAtRestStaysAtRest) {
  MoistBoxParams stable;
  stable.base.profile = "stable";
  expect_rest<double>(stable);
  expect_rest<float>(stable);
  expect_rest<double>(storm_air());
  expect_rest<float>(storm_air());
}

TEST(MoistBox, UniformWaterStaysUniform) {
  MoistBoxParams params = bryan_fritsch(false);
  params.moisture = "cloud";
  Case<double> c(params, {{-5000, 0}, {5000, 10000}, {40, 40}, {}});
  Kokkos::deep_copy(c.state["qv"].data, 0.01);
  c.solver.advance(c.state, 300);
  EXPECT_GT(c.diagnostic("w_max_m_s"), 3);
  const auto qv = c.values("qv");
  const mesh::Range3 r = c.grid->interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) ASSERT_NEAR(qv(0, j, i), 0.01, 1e-15);
}

// A square block of cloud in a thermal: fifth-order fluxes alone would undershoot.
TEST(MoistBox, WaterIsKeptAndPositive) {
  for (const int order : {3, 5}) {
    MoistBoxParams params = bryan_fritsch(false);
    params.moisture = "cloud";
    params.advection_order = order;
    Case<double> c(params, {{-5000, 0}, {5000, 10000}, {50, 50}, {}});
    const auto block = Kokkos::create_mirror_view(c.state["qc"].component());
    Kokkos::deep_copy(block, 0.0);
    for (int j = 10; j < 20; ++j)
      for (int i = 20; i < 36; ++i) block(0, j, i) = 1e-3;
    Kokkos::deep_copy(c.state["qc"].component(), block);
    const double water = c.diagnostic("water");
    c.solver.advance(c.state, 400);
    EXPECT_NEAR(c.diagnostic("water"), water, 1e-13 * water);
    const auto qc = c.values("qc");
    const mesh::Range3 r = c.grid->interior();
    double least = 1, most = 0;
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        least = std::min(least, qc(0, j, i));
        most = std::max(most, qc(0, j, i));
      }
    EXPECT_GE(least, -1e-18) << order;
    EXPECT_GT(most, 5e-4) << order;
  }
}

MoistBoxParams shower() {
  MoistBoxParams params = storm_air();
  params.microphysics = "kessler";
  params.initial.bubbles = {bubble("theta", 4, {6000, 1500}, {4000, 1500})};
  return params;
}

// Cloud forms, rain falls on the ground, and both together with the vapour are what there was.
TEST(MoistBox, RainFallsAndWaterIsKept) {
  Case<double> c(shower(), tall);
  const double water = c.diagnostic("water"), mass = c.diagnostic("mass");
  c.solver.advance(c.state, 1800);
  EXPECT_GT(c.diagnostic("w_max_m_s"), 5);
  EXPECT_GT(c.diagnostic("rain"), 1e-6 * water);
  EXPECT_NEAR(c.diagnostic("water"), water, 1e-10 * water);
  EXPECT_NEAR(c.diagnostic("mass"), mass, 1e-13 * mass);
}

// Something else computes the microphysics: here the solver's own, by batches of points.
TEST(MoistBox, MicrophysicsIsReplaceable) {
  Case<double> own(shower(), tall), replaced(shower(), tall);
  EXPECT_TRUE(Case<double>(storm_air(), tall).solver.point_processes().empty());
  auto processes = replaced.solver.point_processes();
  ASSERT_EQ(processes.size(), 1u);
  EXPECT_EQ(processes[0].name, "microphysics");
  long long calls = 0;
  processes[0].use([physics = processes[0].physics, &calls](const auto& in, const auto& out) {
    ++calls;
    physics(in, out);
  });
  own.solver.advance(own.state, 600);
  replaced.solver.advance(replaced.state, 600);
  EXPECT_EQ(calls, replaced.state.step);
  EXPECT_GT(own.diagnostic("qc_max"), 1e-5);
  for (const char* name : {"qv_max", "qc_max", "w_max_m_s", "theta_max_k"})
    EXPECT_NEAR(replaced.diagnostic(name), own.diagnostic(name),
                1e-9 * std::abs(own.diagnostic(name)))
        << name;
}

MoistBoxParams shower_by_bins() {
  MoistBoxParams params = shower();
  params.moisture = params.microphysics = "bins";
  params.bins.nuclei_1_m3 = 2e7;
  return params;
}

const mesh::GridParams low{{0, 0}, {12000, 10000}, {16, 16}, {}};

template <class Real>
void expect_shower(double tolerance) {
  Case<Real> c(shower_by_bins(), low);
  EXPECT_EQ(c.diagnostic("cloud_water"), 0);
  const double water = c.diagnostic("water");
  c.solver.advance(c.state, 1800);
  EXPECT_GT(c.diagnostic("cloud_water"), 1e-4 * water);
  EXPECT_GT(c.diagnostic("rain_water"), 1e-5 * water);
  EXPECT_GT(c.diagnostic("rain"), 1e-6 * water);
  EXPECT_NEAR(c.diagnostic("water"), water, tolerance * water);
  // The derived fields are the same water.
  for (const char* name : {"cloud_water", "rain_water"}) {
    const auto field = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(),
                                                           c.solver.derive(c.state, name).data);
    const auto base = solvers::moist::make_base(c.solver.params(), *c.grid, ".");
    const auto density = c.values("density");
    const mesh::Range3 r = c.grid->interior();
    double sum = 0;
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        sum += (base.rho_d[j] + density(0, j, i)) * field(0, j, i) * c.grid->cell_volume();
    EXPECT_NEAR(sum, c.diagnostic(name), 1e-5 * sum) << name;
  }
}

TEST(MoistBox, RainByBinsFallsAndWaterIsKept) {
  expect_shower<double>(1e-12);
  expect_shower<float>(1e-5);
}

TEST(MoistBox, BothPartsOfTheBinsAreReplaceable) {
  Case<double> own(shower_by_bins(), low), replaced(shower_by_bins(), low);
  auto processes = replaced.solver.point_processes();
  ASSERT_EQ(processes.size(), 2u);
  long long calls = 0;
  for (const auto& process : processes)
    process.use([physics = process.physics, &calls](const auto& in, const auto& out) {
      ++calls;
      physics(in, out);
    });
  own.solver.advance(own.state, 300);
  replaced.solver.advance(replaced.state, 300);
  EXPECT_EQ(calls, 2 * replaced.state.step);
  EXPECT_GT(own.diagnostic("cloud_water"), 0);
  for (const char* name : {"cloud_water", "rain_water", "w_max_m_s"})
    EXPECT_EQ(replaced.diagnostic(name), own.diagnostic(name)) << name;
}

TEST(MoistBoxRefuses, StepsBeyondTheLimit) {
  MoistBoxParams params = straka("theta");
  params.time_step_s = 20;
  const std::string text = user_error([&] { Case<double>(params, tall); });
  EXPECT_NE(text.find("moist_box.time_step_s: 20 s is not stable"), std::string::npos) << text;
  const auto at = text.find("largest stable step is ");
  ASSERT_NE(at, std::string::npos) << text;
  params.time_step_s = 0.999 * std::stod(text.substr(at + 23));
  EXPECT_EQ(user_error([&] { Case<double>(params, tall); }), "");
}

// Thin levels in a shear: Smagorinsky's K is stepped explicitly, too.
TEST(MoistBox, EddiesBoundTheStep) {
  const mesh::GridParams box{{-2000, 0}, {2000, 1275}, {20, 8}, {}};
  MoistBoxParams params;
  params.levels.heights_m = {0, 5, 15, 35, 75, 155, 315, 635, 1275};
  params.base.wind_m_s = {"z < 5 ? -10 : 0"};
  params.diffusion.model = "smagorinsky";
  const double dx = 200, dz = 5, speed = 10, constant = 0.18;
  // K = (C D)^2 S, D^2 = dx dz; u below the ground is that above it, so S = speed / (2 dz).
  const double viscosity = constant * constant * dx * dz * speed / (2 * dz);
  const auto bound = [&](double factor) {
    return 0.8 * 2.5 / (factor * viscosity * (4 / (dx * dx) + 4 / (dz * dz)));
  };
  Case<double> c(params, box);
  EXPECT_NEAR(c.solver.stable_dt(c.state) / bound(2), 1, 1e-9);
  params.time_step_s = 1.001 * bound(2);
  const std::string text = user_error([&] { Case<double>(params, box); });
  EXPECT_NE(text.find("moist_box.time_step_s"), std::string::npos) << text;
  params.time_step_s = 0.999 * bound(2);
  EXPECT_EQ(user_error([&] { Case<double>(params, box); }), "");
  params.time_step_s = 0;
  params.diffusion.prandtl = 0.25;
  Case<double> heat(params, box);
  EXPECT_NEAR(heat.solver.stable_dt(heat.state) / bound(4), 1, 1e-9);

  // Air that is stable enough has no eddies, and no bound.
  params.diffusion.prandtl = 1;
  params.base.profile = "stable";
  params.base.stability_1_s = 0.05;
  params.base.wind_m_s = {"z < 5 ? -0.4 : 0"};
  params.acoustic_steps = 24;
  Case<double> calm(params, box);
  params.diffusion.model = "none";
  Case<double> without(params, box);
  EXPECT_EQ(calm.solver.stable_dt(calm.state), without.solver.stable_dt(without.state));
}

TEST(MoistBoxRefuses, WhatDoesNotFitTheGrid) {
  const auto refusal = [](const MoistBoxParams& params, const mesh::GridParams& box) {
    return user_error([&] { Case<double>(params, box); });
  };
  MoistBoxParams params;
  params.coriolis_1_s = 1e-4;
  EXPECT_NE(refusal(params, tall).find("coriolis"), std::string::npos);
  params = {};
  params.rayleigh.depth_m = 2e4;
  EXPECT_NE(refusal(params, tall).find("box's height of 18000"), std::string::npos);
  params = {};
  params.initial.bubbles = {bubble("theta", 1, {0, 0, 0}, {1, 1})};
  EXPECT_NE(refusal(params, tall).find("center_m has 3 numbers"), std::string::npos);
  params = {};
  params.base.wind_m_s = {"1", "2"};
  EXPECT_NE(refusal(params, tall).find("1 horizontal axis"), std::string::npos);
  params.base.wind_m_s = {"1 / (z - z)"};
  EXPECT_NE(refusal(params, tall).find("wind_m_s"), std::string::npos);
  params.base.wind_m_s = {"5"};
  params.sides[0] = "wall";
  EXPECT_NE(refusal(params, tall).find("moist_box.x_sides: wall"), std::string::npos)
      << refusal(params, tall);
  params = {};
  params.base.profile = "weisman_klemp";
  EXPECT_NE(refusal(params, tall).find("moisture is none"), std::string::npos);
  params = {};
  params.initial.theta_k = "sqrt(-1 - x^2)";
  EXPECT_NE(refusal(params, tall).find("moist_box.initial.theta_k"), std::string::npos);
  params = {};
  mesh::GridParams higher = tall;
  higher.upper_m = {12000, 60000};
  EXPECT_NE(refusal(params, higher).find("no pressure is left"), std::string::npos);
  mesh::GridParams split = tall;
  split.ranks = {1, 2};
  EXPECT_NE(refusal({}, split).find("whole on every rank"), std::string::npos);
}

// A sounding of that text, from 0 to 12 km, as a case reads it.
std::string sounding_refusal(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / "moist_box_sounding.csv";
  std::ofstream(path) << text;
  MoistBoxParams params;
  params.moisture = "cloud";
  params.base.profile = "file";
  params.base.file = path.string();
  const std::string refusal =
      user_error([&] { Case<double>(params, {{0, 0}, {4000, 10000}, {8, 20}, {}}); });
  std::filesystem::remove(path);
  return refusal;
}

TEST(Sounding, IsReadInOtherUnitsAndOrders) {
  EXPECT_EQ(sounding_refusal("0, 300, 0.014\n12000, 340, 0\n"), "");
  EXPECT_EQ(sounding_refusal("0, 300, 0.014, 5, 1\n12000, 340, 0, 20, 3\n"), "");
  EXPECT_EQ(sounding_refusal("qv [g/kg], theta [K], z [km]\n14, 300, 0\n0, 340, 12\n"), "");
  // As numpy.savetxt() writes the header; a comment of other words is none.
  EXPECT_EQ(sounding_refusal("# qv [g/kg], theta [K], z [km]\n14, 300, 0\n0, 340, 12\n"), "");
  EXPECT_EQ(sounding_refusal("# qv theta z\n0.014 300 0\n0 340 12000\n"), "");
  EXPECT_EQ(sounding_refusal("# measured in May\n0, 300, 0.014\n12000, 340, 0\n"), "");
}

TEST(Sounding, RefusesWhatNoAirHas) {
  const std::pair<const char*, const char*> faults[] = {
      {"0, 300, 0.01\n5000, 310, 0.001\n4000, 320, 0\n12000, 340, 0\n", "heights must rise"},
      {"0, 300, 0.01\n5000, nan, 0.001\n12000, 340, 0\n", "line 2, column 2"},
      {"0, 26.8, 0.01\n12000, 340, 0\n", "in degC? K is wanted"},
      {"0, 300, 14\n12000, 340, 0\n", "in g/kg?"},
      {"0, 300, 0.01, 900, 0\n12000, 340, 0, 0, 0\n", "a wind of 900"},
      {"0, 300\n12000, 340\n", "has 2 columns"},
      {"z, theta, humidity\n0, 300, 0.01\n12000, 340, 0\n", "column 'humidity' is not known"},
      {"# z [m], theta, humidity\n0, 300, 0.01\n12000, 340, 0\n", "column 'humidity' is not known"},
      {"# z, theta [degC], qv\n0, 300, 0.01\n12000, 340, 0\n", "is in degC"},
      {"z, theta, z\n0, 300, 0.01\n12000, 340, 0\n", "is there twice"},
      {"z, theta, u, v\n0, 300, 1, 1\n12000, 340, 1, 1\n", "no column of the vapour"},
      {"z [K], theta, qv\n0, 300, 0.01\n12000, 340, 0\n", "column 'z'"},
      {"z, theta [degC], qv\n0, 300, 0.01\n12000, 340, 0\n", "is in degC"},
      {"0, 300, 0.01\n8000, 340, 0\n", "reaches from 0 to 8000 m"},
      {"0, 300, 0.01\n", "two or more are wanted"}};
  for (const auto& [text, wanted] : faults) {
    const std::string refusal = sounding_refusal(text);
    EXPECT_NE(refusal.find(wanted), std::string::npos) << wanted << " in: " << refusal;
  }
}

}  // namespace
