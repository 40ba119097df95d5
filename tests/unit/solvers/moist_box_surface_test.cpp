// The ground's fluxes into the lowest level of the moist box against their formulas, step by step.
#include "solvers/weather/moist_box/moist_air.hpp"
#include "support/solvers_moist_box.hpp"

namespace {

using namespace moist_test;

const mesh::GridParams slab{{0, 0}, {3000, 2000}, {6, 20}, {}};
constexpr double dz_m = 100;

MoistBoxParams windy_slab() {
  MoistBoxParams params;
  params.base.profile = "stable";
  params.base.wind_m_s = {"10"};
  params.time_step_s = 2;
  return params;
}

TEST(Surface, DragSlowsTheLowestLevel) {
  MoistBoxParams params = windy_slab();
  params.surface.drag_coefficient = 0.01;
  params.surface.least_wind_m_s = 3;
  Case<double> c(params, slab);
  c.solver.advance(c.state, 60);
  double wanted = 10;
  for (int n = 0; n < c.state.step; ++n)
    wanted /= 1 + 2 * 0.01 * std::sqrt(wanted * wanted + 9) / dz_m;
  const auto u = c.values("u");
  const int j = c.grid->interior().begin[1];
  EXPECT_LT(wanted, 9.5);
  EXPECT_NEAR(u(0, j, 5), wanted, 1e-10);
  EXPECT_NEAR(u(0, j + 1, 5), 10, 1e-10);
}

// Nothing mixes upwards in a slab: theta of the lowest level goes to the surface's, while the pressure spreads by sound.
TEST(Surface, HeatsTheLowestLevel) {
  MoistBoxParams params = windy_slab();
  params.surface.heat_coefficient = 0.01;
  params.surface.theta_k = "305";
  Case<double> c(params, slab);
  const double flux = c.diagnostic("surface_heat_w_m2");
  const double base = 300 * std::exp(1e-4 * dz_m / 2 / 9.81), rate = 2 * 0.01 * 10 / dz_m;
  EXPECT_NEAR(flux, 1005.7 * 1.16 * 0.01 * 10 * (305 - base), 0.01 * flux);
  c.solver.advance(c.state, 60);
  const double wanted = (305 - base) * (1 - std::pow(1 + rate, -double(c.state.step)));
  const auto theta = c.values("theta");
  const int j = c.grid->interior().begin[1];
  EXPECT_GT(wanted, 0.2);
  EXPECT_NEAR(theta(0, j, 5), wanted, 0.01 * wanted);
  EXPECT_LT(c.diagnostic("surface_heat_w_m2"), flux);
}

TEST(Surface, WetsTheLowestLevel) {
  MoistBoxParams params = windy_slab();
  params.moisture = "cloud";
  params.surface.vapour_coefficient = 0.01;
  params.surface.theta_k = "300";
  Case<double> c(params, slab);
  EXPECT_EQ(c.diagnostic("water"), 0);
  const double flux = c.diagnostic("surface_vapour_kg_m2_s");
  solvers::moist::Air<double> air;
  const double saturated = solvers::moist::saturation_ratio(air, 300.0, 1e5);
  EXPECT_NEAR(flux, 1.16 * 0.01 * 10 * saturated, 0.01 * flux);
  c.solver.advance(c.state, 60);
  const double rate = 2 * 0.01 * 10 / dz_m;
  const double wanted = saturated * (1 - std::pow(1 + rate, -double(c.state.step)));
  const auto qv = c.values("qv");
  const int j = c.grid->interior().begin[1];
  EXPECT_NEAR(qv(0, j, 5), wanted, 0.01 * wanted);
  // What the flux brought is in the air.
  EXPECT_NEAR(c.diagnostic("water"), 3000 * 60 * flux, 0.05 * 3000 * 60 * flux);
}

// Along y as along x, over terrain.
TEST(Surface, IsTheSameAlongXAndY) {
  MoistBoxParams params;
  params.base.profile = "stable";
  params.time_step_s = 2;
  params.surface = {0.005, 0.01, 0, "303", 1};
  const mesh::GridParams block{{-4000, -4000, 0}, {4000, 4000, 6000}, {8, 8, 12}, {}};
  MoistBoxParams turned = params;
  params.base.wind_m_s = {"10", "2"};
  params.terrain.height_m = "500 * exp(-(x / 1500)^2)";
  turned.base.wind_m_s = {"2", "10"};
  turned.terrain.height_m = "500 * exp(-(y / 1500)^2)";
  Case<double> x(params, block), y(turned, block);
  for (auto* one : {&x, &y}) one->solver.advance(one->state, 120);
  EXPECT_GT(x.diagnostic("theta_max_k"), 0.5);
  const auto a = x.values("theta"), b = y.values("theta"), u = x.values("u"), v = y.values("v");
  const mesh::Range3 r = x.grid->interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        ASSERT_NEAR(a(k, j, i), b(k, i, j), 1e-11);
        ASSERT_NEAR(u(k, j, i), v(k, i, j), 1e-11);
      }
}

TEST(SurfaceRefuses, WhatNoGroundHas) {
  MoistBoxParams params = windy_slab();
  params.surface.heat_coefficient = 0.01;
  for (const char* formula : {"27", "300 / (x - x)"}) {
    params.surface.theta_k = formula;
    const std::string text = user_error([&] { Case<double>(params, slab); });
    EXPECT_NE(text.find("moist_box.surface.theta_k"), std::string::npos) << text;
    EXPECT_NE(text.find("150 to 2000 K is possible"), std::string::npos) << text;
  }
  params.surface.theta_k = "300 +";
  const std::string text = user_error([&] { Case<double>(params, slab); });
  EXPECT_NE(text.find("moist_box.surface.theta_k: the formula"), std::string::npos) << text;
}

}  // namespace
