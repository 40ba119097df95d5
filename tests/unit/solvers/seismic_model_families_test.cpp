// Random families of models against what they promise: layers, speeds, curves, faults, and that a seed and an
// index always draw the same one.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "support/solvers_seismic_earth.hpp"

namespace understudy::solvers::seismic {
namespace {

using namespace tests::earth;
using tests::contains;

// The layers that a column of a model shows from the surface down: thickness in cells and speed.
std::vector<std::pair<int, double>> layers_of(const EarthModel& m, int i) {
  std::vector<std::pair<int, double>> layers;
  for (int j = m.cells[1] - 1; j >= 0; --j) {
    const double v = m.p_speed_m_s[m.index(0, j, i)];
    if (layers.empty() || layers.back().second != v) layers.push_back({0, v});
    ++layers.back().first;
  }
  return layers;
}

TEST(EarthModelFamilies, FlatLayersKeepTheirPromises) {
  EarthModelParams params = of_kind("flat_layers");
  std::set<std::size_t> counts;
  for (std::uint64_t index = 0; index < 200; ++index) {
    const EarthModel m = make(params, plane, 7, index);
    const auto layers = layers_of(m, 0);
    counts.insert(layers.size());
    for (std::size_t n = 0; n < layers.size(); ++n) {
      EXPECT_GE(layers[n].first, 4) << "50 m are at least 4 whole cells of 10 m";
      EXPECT_GE(layers[n].second, 1500);
      EXPECT_LE(layers[n].second, 4500);
      if (n > 0) {
        EXPECT_GT(layers[n].second, layers[n - 1].second);
      }
    }
    EXPECT_EQ(layers_of(m, 79), layers);
  }
  EXPECT_EQ(counts, (std::set<std::size_t>{3, 4, 5, 6}));
}

TEST(EarthModelFamilies, FreeSpeedsAlsoDecrease) {
  EarthModelParams params = of_kind("flat_layers");
  params.family.speeds = "free";
  int decreases = 0;
  for (std::uint64_t index = 0; index < 50; ++index) {
    const auto layers = layers_of(make(params, plane, 7, index), 0);
    for (std::size_t n = 1; n < layers.size(); ++n)
      decreases += layers[n].second < layers[n - 1].second;
  }
  EXPECT_GT(decreases, 40);
}

TEST(EarthModelFamilies, CurvedLayersBendWithinTheirAmplitude) {
  EarthModelParams params = of_kind("curved_layers");
  params.family.interfaces_least = params.family.interfaces_most = 1;
  params.family.amplitude_most_m = 60;
  int bent = 0;
  for (std::uint64_t index = 0; index < 50; ++index) {
    const EarthModel m = make(params, plane, 3, index);
    int shallowest = 1000, deepest = 0;
    for (int i = 0; i < 80; ++i) {
      const auto layers = layers_of(m, i);
      ASSERT_LE(layers.size(), 2u);
      shallowest = std::min(shallowest, layers[0].first);
      deepest = std::max(deepest, layers[0].first);
    }
    EXPECT_LE(deepest - shallowest, 13);  // 2 x 60 m and a cell
    bent += deepest - shallowest > 2;
  }
  EXPECT_GT(bent, 30);
}

TEST(EarthModelFamilies, FaultsBreakFlatLayers) {
  EarthModelParams params = of_kind("flat_layers");
  params.family.faults = true;
  int broken = 0;
  for (std::uint64_t index = 0; index < 50; ++index) {
    const EarthModel m = make(params, plane, 3, index);
    bool same = true;
    for (int i = 1; i < 80; ++i) same = same && layers_of(m, i) == layers_of(m, 0);
    broken += !same;
  }
  EXPECT_GT(broken, 40);
  // Seen from far above the fault, both sides are still the same layers, shifted: no new speeds.
  const EarthModel whole = make(params, plane, 3, 5);
  const std::set<double> speeds(whole.p_speed_m_s.begin(), whole.p_speed_m_s.end());
  EXPECT_LE(speeds.size(), 6u);
}

TEST(EarthModelFamilies, SameSeedAndIndexSameModel) {
  for (const char* kind : {"flat_layers", "curved_layers"})
    for (const auto& grid : {plane, volume}) {
      EarthModelParams params = of_kind(kind);
      params.family.faults = true;
      const auto first = make(params, grid, 5, 11).p_speed_m_s;
      EXPECT_EQ(make(params, grid, 5, 11).p_speed_m_s, first);
      EXPECT_NE(make(params, grid, 5, 12).p_speed_m_s, first);
      EXPECT_NE(make(params, grid, 6, 11).p_speed_m_s, first);
      EXPECT_NE(make(params, grid, 6, 10).p_speed_m_s, first);
    }
}

// Drawn once: a change of it means that datasets made from the same deck change.
TEST(EarthModelFamilies, MembersStayThoseOfEarlierVersions) {
  const auto layers = layers_of(make(of_kind("flat_layers"), plane, 1, 0), 0);
  const std::vector<std::pair<int, double>> expected{{19, 1638.977}, {8, 1941.718},  {20, 2361.889},
                                                     {7, 2495.066},  {10, 2648.730}, {6, 3981.947}};
  ASSERT_EQ(layers.size(), expected.size());
  for (std::size_t n = 0; n < layers.size(); ++n) {
    EXPECT_EQ(layers[n].first, expected[n].first);
    EXPECT_NEAR(layers[n].second, expected[n].second, 1e-3);
  }
}

TEST(EarthModelFamilies, TooManyLayersForTheDepth) {
  EarthModelParams params = of_kind("flat_layers");
  params.family.least_thickness_m = 200;
  EXPECT_TRUE(contains(error_of(params),
                       "seismic.model.family: 6 layers of at least 200 m do not fit into "
                       "a depth of 700 m; at most 2 interfaces do"));
}

}  // namespace
}  // namespace understudy::solvers::seismic
