// Models from the deck: each kind against its own formula, smoothing against what a Gaussian does, and every
// message about a bad section.
#include <algorithm>
#include <cmath>
#include <set>

#include "support/solvers_seismic_earth.hpp"
#include "support/solvers_seismic_params.hpp"

namespace understudy::solvers::seismic {
namespace {

using namespace tests::earth;
using tests::contains;
using tests::problems_of;
using tests::user_error;

TEST(EarthModel, HomogeneousWithDerivedArrays) {
  EarthModelParams params;
  params.p_speed_m_s = 2500;
  EarthModel model = make(params);
  EXPECT_EQ(model.cells, (std::array<int, 3>{80, 70, 1}));
  ASSERT_EQ(model.p_speed_m_s.size(), 5600u);
  EXPECT_FALSE(model.elastic());
  EXPECT_TRUE(model.density_kg_m3.empty());
  EXPECT_EQ(model.largest_speed(), 2500);
  EXPECT_EQ(model.smallest_speed(), 2500);

  params.s_speed = "ratio";
  params.p_to_s_ratio = 2;
  params.density = "gardner";
  model = make(params);
  EXPECT_EQ(model.s_speed_m_s[17], 1250);
  EXPECT_EQ(model.smallest_speed(), 1250);
  // Gardner et al. (1974): 0.23 v^0.25 g/cm3 with v in ft/s, which is 309.6 v^0.25 in SI.
  EXPECT_NEAR(model.density_kg_m3[17], 230 * std::pow(2500 / 0.3048, 0.25), 5);
  params.density = "constant";
  params.density_kg_m3 = 1800;
  EXPECT_EQ(make(params).density_kg_m3, std::vector<double>(5600, 1800.0));
}

TEST(EarthModel, GradientGrowsWithDepth) {
  EarthModelParams params = of_kind("gradient");
  params.p_speed_m_s = 1500;
  params.gradient_1_s = 2;
  for (const auto& grid : {plane, volume}) {
    const EarthModel m = make(params, grid);
    const int rows = m.cells[grid.dimension() - 1];
    for (int row = 0; row < rows; ++row) {
      const auto n = grid.dimension() == 2 ? m.index(0, row, 3) : m.index(row, 5, 3);
      EXPECT_DOUBLE_EQ(m.p_speed_m_s[n], 1500 + 2 * 10 * (rows - row - 0.5));
    }
  }
}

EarthModelParams three_layers() {
  EarthModelParams params = of_kind("layered");
  params.layers = {{0, 1500, 0, 1000}, {200, 2500, -1, 0}, {450, 3500, 2000, 2600}};
  params.s_speed = "ratio";
  params.p_to_s_ratio = 2;
  params.density = "gardner";
  return params;
}

TEST(EarthModel, LayersFromTheSurfaceDown) {
  const EarthModel m = make(three_layers());
  const auto at_depth = [&](double depth) { return m.index(0, int((700 - depth) / 10), 40); };
  EXPECT_EQ(m.p_speed_m_s[at_depth(195)], 1500);
  EXPECT_EQ(m.p_speed_m_s[at_depth(205)], 2500);
  EXPECT_EQ(m.p_speed_m_s[at_depth(445)], 2500);
  EXPECT_EQ(m.p_speed_m_s[at_depth(455)], 3500);
  EXPECT_EQ(m.s_speed_m_s[at_depth(5)], 0);
  EXPECT_EQ(m.s_speed_m_s[at_depth(305)], 1250);
  EXPECT_EQ(m.s_speed_m_s[at_depth(695)], 2000);
  EXPECT_EQ(m.density_kg_m3[at_depth(5)], 1000);
  EXPECT_EQ(m.density_kg_m3[at_depth(305)], gardner_density(2500));
  EXPECT_EQ(m.density_kg_m3[at_depth(695)], 2600);
  // Water's S speed of 0 has no wave length; its P speed has.
  EXPECT_EQ(m.smallest_speed(), 1250);
}

TEST(EarthModel, LayersThatDoNotFit) {
  EarthModelParams params = three_layers();
  params.layers[2].top_depth_m = 700;
  EXPECT_TRUE(
      contains(error_of(params), "layer 3 begins at 700 m, but the grid ends at a depth of 700"));
  params = three_layers();
  params.s_speed = "none";
  EXPECT_TRUE(contains(error_of(params), "some layers have s_speed_m_s and some have none"));
  params = three_layers();
  params.density = "none";
  EXPECT_TRUE(contains(error_of(params), "some layers have density_kg_m3 and some have none"));
  params = three_layers();
  params.layers[2].s_speed_m_s = 2600;
  EXPECT_TRUE(
      contains(error_of(params),
               "seismic.model: the S speed at [depth 69, x 0] is 2600 m/s, which must be below "
               "P speed / sqrt(2) = 2474"));
}

TEST(EarthModel, CamembertIsSymmetricAboutItsCentre) {
  EarthModelParams params = of_kind("camembert");
  params.anomaly = {.shape = "disc", .x_m = 500, .depth_m = 350, .radius_m = 105, .contrast = 0.2};
  const EarthModel disc = make(params);
  std::set<double> values(disc.p_speed_m_s.begin(), disc.p_speed_m_s.end());
  EXPECT_EQ(values, (std::set<double>{2000, 2400}));
  const double area = 100.0 * std::ranges::count(disc.p_speed_m_s, 2400.0);
  EXPECT_NEAR(area, M_PI * 105 * 105, 0.05 * area);
  for (int j = 0; j < 70; ++j)
    for (int i = 0; i < 80; ++i) {
      EXPECT_EQ(disc.p_speed_m_s[disc.index(0, j, i)], disc.p_speed_m_s[disc.index(0, j, 79 - i)]);
      EXPECT_EQ(disc.p_speed_m_s[disc.index(0, j, i)], disc.p_speed_m_s[disc.index(0, 69 - j, i)]);
    }
  params.anomaly.edge_m = 40;
  const EarthModel soft = make(params);
  EXPECT_GT(soft.p_speed_m_s[soft.index(0, 35, 40)], 2399);
  const double at_edge = soft.p_speed_m_s[soft.index(0, 35, 50)];  // 5 m beyond the radius, 105 m
  EXPECT_NEAR(at_edge, 2000 + 400 * 0.5 * (1 - std::tanh(2 * (std::hypot(105, 5) - 105) / 40)),
              1e-9);
}

TEST(EarthModel, GaussianAnomalyInThreeDimensions) {
  EarthModelParams params = of_kind("camembert");
  params.anomaly = {.shape = "gaussian",
                    .x_m = 105,
                    .y_m = 125,
                    .depth_m = 155,
                    .radius_m = 40,
                    .contrast = -0.1};
  const EarthModel m = make(params, volume);
  EXPECT_NEAR(m.p_speed_m_s[m.index(14, 12, 10)], 1800, 1e-9);
  EXPECT_NEAR(m.p_speed_m_s[m.index(14, 16, 10)], 2000 - 200 * std::exp(-0.5), 1e-9);
  EXPECT_NEAR(m.p_speed_m_s[m.index(10, 12, 10)], 2000 - 200 * std::exp(-0.5), 1e-9);
}

TEST(EarthModel, AnomalyOutsideTheGrid) {
  EarthModelParams params = of_kind("camembert");
  params.anomaly = {.shape = "disc", .x_m = 950, .depth_m = 350, .radius_m = 100, .contrast = 0.2};
  EXPECT_TRUE(contains(error_of(params),
                       "its centre (x_m 950, depth_m 350) lies outside the grid (x 100 "
                       "to 900 m, depth 0 to 700 m)"));
  params.anomaly = {
      .shape = "disc", .x_m = 50, .y_m = 300, .depth_m = 50, .radius_m = 100, .contrast = 0.2};
  EXPECT_TRUE(contains(error_of(params, volume),
                       "(x_m 50, y_m 300, depth_m 50) lies outside the grid (x "
                       "0 to 200 m, y 0 to 240 m, depth 0 to 300 m)"));
}

TEST(EarthModelSmoothing, KeepsConstantsAndMeanAndIsGaussian) {
  EarthModelParams params;
  params.smooth_m = 35;
  const EarthModel flat = make(params);
  for (const double v : flat.p_speed_m_s) ASSERT_NEAR(v, 2000, 1e-9);

  for (const auto& grid : {plane, volume}) {
    EarthModel m = make(EarthModelParams{}, grid);
    const auto spike = grid.dimension() == 2 ? m.index(0, 35, 40) : m.index(15, 12, 10);
    m.p_speed_m_s[spike] += 1000;
    double before = 0, after = 0;
    for (const double v : m.p_speed_m_s) before += v;
    smooth_earth_model(m, grid, 20, 0);  // two cells
    for (const double v : m.p_speed_m_s) after += v;
    EXPECT_NEAR(after / before, 1, 1e-12);
    const double peak = m.p_speed_m_s[spike] - 2000, beside = m.p_speed_m_s[spike + 2] - 2000;
    EXPECT_NEAR(beside / peak, std::exp(-0.5), 1e-9);
    EXPECT_NEAR(peak, 1000 / std::pow(2 * M_PI * 4, grid.dimension() / 2.0), 0.01 * peak);
  }
}

TEST(EarthModelSmoothing, WaterIsKeptAndDoesNotLeakDown) {
  EarthModelParams params = of_kind("layered");
  params.layers = {{0, 1500}, {200, 3000}};
  params.smooth_m = 50;
  params.keep_above_depth_m = 200;
  const EarthModel kept = make(params);
  for (const double v : kept.p_speed_m_s) EXPECT_TRUE(v == 1500 || std::abs(v - 3000) < 1e-9) << v;
  params.keep_above_depth_m = 0;
  const EarthModel mixed = make(params);
  EXPECT_NEAR(mixed.p_speed_m_s[mixed.index(0, 49, 3)], 2250, 200);
  params.keep_above_depth_m = 1e6;
  EXPECT_EQ(make(params).p_speed_m_s[kept.index(0, 50, 3)], 1500);
}

TEST(EarthModelChecks, UnphysicalValues) {
  EarthModelParams params = of_kind("gradient");
  params.gradient_1_s = -3;
  EXPECT_TRUE(contains(error_of(params),
                       "seismic.model: the P speed at [depth 69, x 0] is -85 m/s; it must "
                       "be finite and positive"));
  EarthModel m = make(EarthModelParams{}, volume);
  m.p_speed_m_s[m.index(29, 2, 1)] = NAN;
  EXPECT_TRUE(contains(user_error([&] { check_earth_model(m, "x.h5"); }),
                       "x.h5: the P speed at [depth 0, y 2, x 1] is nan m/s"));
  m = make(EarthModelParams{}, plane);
  m.density_kg_m3.assign(m.count(), 1000);
  m.density_kg_m3[0] = 0;
  EXPECT_TRUE(
      contains(user_error([&] { check_earth_model(m, "x.h5"); }),
               "x.h5: the density at [depth 69, x 0] is 0 kg/m3; it must be finite and positive"));
  m = make(EarthModelParams{}, plane);
  m.s_speed_m_s.assign(m.count(), 0);
  check_earth_model(m, "a fluid");
  m.s_speed_m_s[0] = -1;
  EXPECT_TRUE(
      contains(user_error([&] { check_earth_model(m, "x.h5"); }),
               "the S speed at [depth 69, x 0] is -1 m/s; it must be finite and not negative"));
}

using Texts = std::vector<std::string>;

TEST(EarthModelParams, ConditionsOverSeveralKeys) {
  EXPECT_EQ(problems_of(EarthModelParams{}), Texts{});
  EXPECT_EQ(problems_of(of_kind("layered")), Texts{"layers: a layered model needs at least one"});
  EarthModelParams params = of_kind("layered");
  params.layers = {{10, 1500}, {200, 2000}, {200, 3000}};
  EXPECT_EQ(problems_of(params),
            (Texts{"layers: the first layer must begin at the surface (top_depth_m: 0)",
                   "layers: layer 3 begins at 200 m, not below layer 2 (200 m)"}));
  EXPECT_EQ(problems_of(of_kind("file")), Texts{"file: kind: file needs file.path"});
  EXPECT_EQ(problems_of(of_kind("marble")), Texts{"kind: not a choice"});

  FamilyParams family;
  family.interfaces_least = 6;
  family.speed_least_m_s = 5000;
  family.wavelength_least_m = 300;
  family.wavelength_most_m = 200;
  EXPECT_EQ(problems_of(family),
            (Texts{"interfaces_most: is 5, below interfaces_least (6)",
                   "speed_most_m_s: is 4500, below speed_least_m_s (5000)",
                   "wavelength_most_m: is 200, below wavelength_least_m (300)"}));
  params = EarthModelParams{};
  params.p_to_s_ratio = 1.4;
  EXPECT_EQ(problems_of(params), Texts{"p_to_s_ratio: out of bounds"});
}

}  // namespace
}  // namespace understudy::solvers::seismic
