// The moist box over terrain, with uneven levels and layers at its sides, in the small.
#include "solvers/weather/moist_box/level_map.hpp"
#include "support/solvers_moist_box.hpp"

namespace {

using namespace moist_test;
using solvers::moist::LevelMap;

template <class Real>
double largest(const Case<Real>& c, const std::string& name) {
  const auto a = c.values(name);
  const mesh::Range3 r = c.grid->points(c.state[name].info.location);
  double most = 0;
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        most = std::max(most, std::abs(double(a(k, j, i))));
  return most;
}

const mesh::GridParams slice{{-12000, 0}, {12000, 15000}, {24, 40}, {}};
const mesh::GridParams block{{-9000, -9000, 0}, {9000, 9000, 12000}, {12, 12, 16}, {}};

const char* const steep = "3000 * exp(-(x / 2500)^2)";  // slopes of 1
const char* const peak = "2500 * exp(-(x / 3000)^2 - (y / 2500)^2)";

MoistBoxParams storm_air() {
  MoistBoxParams params;
  params.base.profile = "weisman_klemp";
  params.moisture = "rain";
  return params;
}

template <class Real>
void expect_rest(MoistBoxParams params, const mesh::GridParams& box) {
  params.levels.lowest_m = 100;
  Case<Real> c(params, box);
  c.solver.advance(c.state, 60);
  EXPECT_GT(c.state.step, 3);
  for (const char* name : {"u", "w", "theta", "density"}) EXPECT_EQ(largest(c, name), 0) << name;
}

TEST(Terrain, AirAtRestStaysAtRest) {
  for (const double decay_m : {0.0, 8000.0}) {
    MoistBoxParams stable, storm = storm_air();
    stable.base.profile = "stable";
    stable.terrain = {steep, decay_m};
    stable.diffusion.model = "smagorinsky";
    expect_rest<double>(stable, slice);
    expect_rest<float>(stable, slice);
    storm.terrain = {peak, decay_m};
    storm.coriolis_1_s = 1e-4;
    storm.base.wind_m_s = {};
    expect_rest<double>(storm, block);
    expect_rest<float>(storm, block);
  }
}

void expect_same(MoistBoxParams params, const mesh::GridParams& box, double tolerance) {
  const double duration_s = 120;
  Case<double> flat(params, box);
  params.terrain.height_m = "0";
  Case<double> mapped(params, box);
  flat.solver.advance(flat.state, duration_s);
  mapped.solver.advance(mapped.state, duration_s);
  EXPECT_EQ(flat.state.step, mapped.state.step);
  EXPECT_GT(flat.diagnostic("w_max_m_s"), 0.5);
  for (const auto& field : flat.state.fields()) {
    const auto a = flat.values(field.info.name), b = mapped.values(field.info.name);
    const double size = largest(flat, field.info.name);
    double worst = 0;
    const mesh::Range3 r = flat.grid->points(field.info.location);
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          worst = std::max(worst, std::abs(a(k, j, i) - b(k, j, i)));
    EXPECT_LE(worst, tolerance * size) << field.info.name;
  }
}

// Terrain of height 0 goes through the kernels with metric terms, flat ground does not.
TEST(Terrain, OfNoHeightIsFlatGround) {
  MoistBoxParams params = bryan_fritsch(true);
  params.diffusion.model = "smagorinsky";
  params.rayleigh.depth_m = 3000;
  params.rayleigh.x_sides_m = 2000;
  expect_same(params, {{-5000, 0}, {5000, 10000}, {40, 40}, {}}, 1e-11);
  params = storm_air();
  params.microphysics = "kessler";
  params.base.wind_m_s = {"10 * z / 6000", "3"};
  params.diffusion.model = "constant";
  params.diffusion.viscosity_m2_s = 100;
  params.initial.bubbles = {bubble("theta", 3, {1000, 0, 1500}, {5000, 5000, 1500})};
  expect_same(params, block, 1e-9);
  params.base.wind_m_s =
      {};  // in a wind the f-plane's departures are other means, within the scheme's error
  params.coriolis_1_s = 1e-3;
  params.diffusion = {"smagorinsky", 0, 0.18, 0.7};
  expect_same(params, block, 1e-9);
}

MoistBoxParams windy(const std::string& hill, std::vector<std::string> wind) {
  MoistBoxParams params;
  params.base.profile = "stable";
  params.base.wind_m_s = std::move(wind);
  params.terrain.height_m = hill;
  params.levels.lowest_m = 150;
  params.time_step_s = 2;  // of one acoustic step
  return params;
}

// A ridge in 3-D is the hill of the slice; turned with the wind, it is itself.
TEST(Terrain, IsTheSameAlongXAndYAndInASlice) {
  const double end_s = 300;
  Case<double> flat(windy("800 * exp(-(x / 3000)^2)", {"10"}),
                    {{-9000, 0}, {9000, 12000}, {12, 16}, {}});
  Case<double> x(windy("800 * exp(-(x / 3000)^2)", {"10", "0"}), block);
  Case<double> y(windy("800 * exp(-(y / 3000)^2)", {"0", "10"}), block);
  for (auto* one : {&x, &y}) one->solver.advance(one->state, end_s);
  flat.solver.advance(flat.state, end_s);
  EXPECT_GT(flat.diagnostic("w_max_m_s"), 0.5);
  EXPECT_GT(std::abs(flat.diagnostic("drag_x")), 0);
  EXPECT_NEAR(x.diagnostic("drag_x"), y.diagnostic("drag_y"), 1e-9 * x.diagnostic("drag_x"));
  EXPECT_NEAR(x.diagnostic("drag_x"), 18000 * flat.diagnostic("drag_x"),
              1e-9 * std::abs(x.diagnostic("drag_x")));
  const auto a = flat.values("w"), b = x.values("w"), c = y.values("w");
  const mesh::Range3 r = x.grid->interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        ASSERT_NEAR(b(k, j, i), a(0, k, i), 1e-11);
        ASSERT_NEAR(c(k, i, j), b(k, j, i), 1e-11);
      }
}

// Rain on a mountain in a wind: dry mass and water are kept.
TEST(Terrain, MassAndWaterAreKept) {
  MoistBoxParams params = storm_air();
  params.microphysics = "kessler";
  params.base.wind_m_s = {"15"};
  params.terrain.height_m = "1500 * exp(-(x / 3000)^2)";
  params.initial.bubbles = {bubble("theta", 4, {-3000, 2500}, {4000, 1500})};
  Case<double> c(params, slice);
  const double water = c.diagnostic("water"), mass = c.diagnostic("mass");
  c.solver.advance(c.state, 1500);
  EXPECT_GT(c.diagnostic("w_max_m_s"), 3);
  EXPECT_GT(c.diagnostic("rain"), 1e-6 * water);
  EXPECT_NEAR(c.diagnostic("water"), water, 1e-12 * water);
  EXPECT_NEAR(c.diagnostic("mass"), mass, 1e-13 * mass);
}

TEST(Terrain, UniformWaterStaysUniform) {
  MoistBoxParams params = windy(steep, {"10"});
  params.moisture = "cloud";
  Case<double> c(params, slice);
  Kokkos::deep_copy(c.state["qv"].data, 0.01);
  c.solver.advance(c.state, 120);
  EXPECT_GT(c.diagnostic("w_max_m_s"), 1);
  const auto qv = c.values("qv");
  const mesh::Range3 r = c.grid->interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) ASSERT_NEAR(qv(0, j, i), 0.01, 1e-14);
}

// Sound and gravity waves of a bubble leave through the layers at the sides, and come round again without them.
TEST(SideLayers, LetWavesLeave) {
  MoistBoxParams params;
  params.base.profile = "stable";
  params.rayleigh.depth_m = 8000;
  params.initial.bubbles = {bubble("theta", 1, {0, 3000}, {3000, 1500})};
  const mesh::GridParams box{{-30000, 0}, {30000, 16000}, {60, 32}, {}};
  double energy[2];
  for (int layers = 0; layers < 2; ++layers) {
    params.rayleigh.x_sides_m = layers * 12000;
    Case<double> c(params, box);
    c.solver.advance(c.state, 10800);
    energy[layers] = c.diagnostic("kinetic_energy");
  }
  EXPECT_LT(energy[1], 0.1 * energy[0]);
}

std::shared_ptr<const mesh::BoxGrid> grid_of(const mesh::GridParams& box) {
  return solvers::make_moist_box_grid({}, box, core::Comm::self());
}

TEST(LevelMap, FollowsTheGroundAndForgetsIt) {
  MoistBoxParams params;
  params.terrain.height_m = "1000 * exp(-(x / 4000)^2)";
  const auto grid = grid_of(slice);
  const mesh::Range3 r = grid->interior();
  double middle[2];
  for (const int exponential : {0, 1}) {
    params.terrain.decay_m = exponential * 3000;
    const LevelMap map = solvers::moist::make_level_map(params, *grid);
    const auto at = [&](int j, int i) { return std::size_t(j) * grid->extent(0) + i; };
    const int i = r.begin[0] + 12;  // x = 500 m
    double column = 0;
    for (int j = r.begin[1]; j < r.end[1]; ++j) column += map.thickness[at(j, i)] * 375;
    const double hill = 1000 * std::exp(-std::pow(500.0 / 4000, 2));
    EXPECT_NEAR(column, 15000 - hill, 1e-8);
    const double lowest = map.height_m[at(r.begin[1], i)];
    EXPECT_NEAR(lowest, hill + map.thickness[at(r.begin[1], i)] * 375 / 2, 1e-9);
    middle[exponential] = map.height_m[at(r.begin[1] + 20, i)] - 20.5 * 375;
    EXPECT_EQ(map.tilt_x[at(r.begin[1], r.begin[0] + 12)], 0);  // x = 0, the top
    EXPECT_GT(map.tilt_x[at(r.begin[1], r.begin[0] + 10)], 0.1);
  }
  EXPECT_NEAR(middle[0], 1000 * std::exp(-1.0 / 64) * (1 - 20.5 / 40), 1);
  EXPECT_NEAR(middle[1], 1000 * std::exp(-1.0 / 64) * std::sinh(19.5 / 8) / std::sinh(5), 2);
}

TEST(LevelMap, HasLevelsFromATableOrGrowing) {
  const mesh::GridParams small{{0, 0}, {3000, 1000}, {3, 4}, {}};
  const auto grid = grid_of(small);
  const std::vector<double> table{0, 100, 300, 600, 1000};
  EXPECT_EQ(solvers::moist::level_faces({table, 0}, *grid), table);
  const auto growing = solvers::moist::level_faces({{}, 100}, *grid);
  ASSERT_EQ(growing.size(), 5u);
  EXPECT_NEAR(growing[1], 100, 1e-9);
  EXPECT_EQ(growing[4], 1000);
  for (int l = 1; l < 3; ++l)
    EXPECT_NEAR((growing[l + 2] - growing[l + 1]) / (growing[l + 1] - growing[l]),
                (growing[2] - growing[1]) / 100, 1e-9);
}

std::string refusal(const MoistBoxParams& params, const mesh::GridParams& box = slice) {
  return user_error([&] { Case<double>(params, box); });
}

TEST(TerrainRefuses, WhatLevelsCannotFollow) {
  const std::pair<const char*, const char*> faults[] = {
      {"sqrt(x)", "moist_box.terrain.height_m: 'sqrt(x)'"},
      {"16000 * exp(-(x / 3000)^2)", "the box ends at 15000 m"},
      {"-16000 * exp(-(x / 3000)^2)", "farther below"},
      {"14500 * exp(-(x / 9000)^2)", "nearly cross"},
      {"x / 10", "jumps by"},
      {"2000 * ", "moist_box.terrain.height_m: the formula"}};
  for (const auto& [formula, wanted] : faults) {
    MoistBoxParams params;
    params.terrain.height_m = formula;
    const std::string text = refusal(params);
    EXPECT_NE(text.find(wanted), std::string::npos) << wanted << " in: " << text;
  }
  MoistBoxParams params;
  params.terrain = {"3000 * exp(-(x / 3000)^2)", 1500};
  const std::string text = refusal(params);
  EXPECT_NE(text.find("levels cross over the ground of"), std::string::npos) << text;
  EXPECT_NE(text.find("a larger decay_m"), std::string::npos) << text;
  params.terrain.decay_m = 6000;
  EXPECT_EQ(refusal(params), "");
}

TEST(TerrainRefuses, LevelsThatAreNone) {
  const mesh::GridParams small{{0, 0}, {3000, 1000}, {3, 4}, {}};
  const std::pair<std::vector<double>, const char*> faults[] = {
      {{0, 100, 300, 1000}, "has 4 heights; the grid has 4 levels along y: 5 are wanted"},
      {{0, 300, 200, 600, 1000}, "heights must rise"},
      {{0, 300, NAN, 600, 1000}, "number 3 is nan"},
      {{0, 200, 400, 600, 900}, "the grid reaches from 0 to 1000 m"},
      {{0, 10, 300, 600, 1000}, "neighbours may differ by a factor of 2"}};
  for (const auto& [table, wanted] : faults) {
    MoistBoxParams params;
    params.levels.heights_m = table;
    const std::string text = refusal(params, small);
    EXPECT_NE(text.find("moist_box.levels.heights_m"), std::string::npos) << text;
    EXPECT_NE(text.find(wanted), std::string::npos) << wanted << " in: " << text;
  }
  MoistBoxParams params;
  params.levels.lowest_m = 250;
  EXPECT_NE(refusal(params, small).find("250 m of even levels"), std::string::npos);
  params.levels.lowest_m = 1;
  EXPECT_NE(refusal(params, small).find("is too thin"), std::string::npos);
}

TEST(SideLayersRefuse, WhatDoesNotFit) {
  MoistBoxParams params;
  params.rayleigh.x_sides_m = 13000;
  EXPECT_NE(refusal(params).find("at most 12000 m do"), std::string::npos) << refusal(params);
  params.rayleigh = {};
  params.rayleigh.y_sides_m = 1000;
  EXPECT_NE(refusal(params).find("y_sides_m: a slice has no such sides"), std::string::npos);
}

TEST(Terrain, BoundsTheStepWhereItIsSteep) {
  MoistBoxParams params;
  params.terrain.height_m = steep;
  params.time_step_s = 12;
  EXPECT_NE(refusal(params).find("largest stable step is"), std::string::npos) << refusal(params);
  params.terrain.height_m = "1";
  EXPECT_EQ(refusal(params), "");
}

}  // namespace
