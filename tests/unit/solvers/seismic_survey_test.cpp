// Positions and point stencils of surveys, and every message that a deck can cause there.
#include "mesh/box_grid.hpp"
#include "solvers/seismic/survey/survey.hpp"

#include <cmath>
#include <numbers>

#include "solvers/seismic/survey/point_stencil.hpp"
#include "support/mesh_io_scratch.hpp"
#include "support/solvers_seismic_grids.hpp"
#include "support/solvers_seismic_params.hpp"

namespace understudy::solvers::seismic {
namespace {

using tests::box_of;
using tests::contains;
using tests::error_of;
using tests::grid_of;
using tests::problems_of;

// --- positions

LineParams line(std::vector<double> first, std::vector<double> last = {}, int count = 1) {
  return {std::move(first), std::move(last), count};
}

TEST(SeismicSurvey, LinesIncludeBothEnds) {
  SurveyParams params;
  params.sources = {line({10, 20}, {110, 40}, 3), line({300, 5})};
  params.receivers = {line({0, 0}, {400, 300}, 2)};
  const Survey survey = make_survey(params, grid_of({40, 30}));
  ASSERT_EQ(survey.sources.size(), 4u);
  EXPECT_EQ(survey.sources[1], (Position{60, 0, 30}));
  EXPECT_EQ(survey.sources[3], (Position{300, 0, 5}));
  EXPECT_EQ(survey.receivers[1], (Position{400, 0, 300}));
}

TEST(SeismicSurvey, PositionsInThreeDimensions) {
  SurveyParams params;
  params.sources = {line({10, 20, 30})};
  params.receivers = {line({0, 50, 10}, {100, 150, 10}, 3)};
  const Survey survey = make_survey(params, grid_of({20, 20, 20}));
  EXPECT_EQ(survey.sources[0], (Position{10, 20, 30}));
  EXPECT_EQ(survey.receivers[1], (Position{50, 100, 10}));
}

TEST(SeismicSurvey, PointsOutsideAreRefused) {
  const auto error = [](std::vector<double> source, std::vector<double> receiver,
                        bool free_surface = false) {
    SurveyParams params;
    params.sources = {line(std::move(source))};
    params.receivers = {line(std::move(receiver))};
    return error_of([&] { make_survey(params, grid_of({40, 30}, free_surface)); });
  };
  // The layer is 80 m wide.
  EXPECT_PRED2(
      contains, error({450, 10}, {10, 10}),
      "source 0 (seismic.sources.0) at x 450 m is in the absorbing layer: it must lie between 0 m "
      "and 400 m");
  EXPECT_PRED2(contains, error({481, 10}, {10, 10}), "is outside the grid");
  EXPECT_PRED2(contains, error({10, 10}, {-1, 10}),
               "receiver 0 (seismic.receivers.0) at x -1 m is in the absorbing layer");
  EXPECT_PRED2(contains, error({10, 10}, {10, 301}), "at depth 301 m is in the absorbing layer");
  EXPECT_PRED2(contains, error({10, 10}, {10, 400}), "at depth 400 m is outside the grid");
  EXPECT_PRED2(contains, error({10, -1}, {10, 10}), "at depth -1 m is in the absorbing layer");
  EXPECT_PRED2(contains, error({10, -1}, {10, 10}, true), "at depth -1 m is outside the grid");
  EXPECT_PRED2(contains, error({NAN, 10}, {10, 10}), "source 0");
  EXPECT_PRED2(contains, error({1, 2, 3}, {10, 10}),
               "seismic.sources.0.first_m has 3 numbers; a 2-D grid needs [x, depth]");
  EXPECT_PRED2(contains, error({1, 2}, {10}), "seismic.receivers.0.first_m has 1 numbers");
}

TEST(SeismicSurvey, SurveysWithoutPointsAreRefused) {
  SurveyParams params;
  params.receivers = {line({0, 0})};
  EXPECT_PRED2(contains, error_of([&] { make_survey(params, grid_of({40, 30})); }),
               "seismic.sources: there is none");
  std::swap(params.sources, params.receivers);
  EXPECT_PRED2(contains, error_of([&] { make_survey(params, grid_of({40, 30})); }),
               "seismic.receivers: there is none");
  params.receivers = params.sources;
  params.source = {.kind = "force", .direction = {1, 0, 0}};
  EXPECT_PRED2(contains, error_of([&] { make_survey(params, grid_of({40, 30})); }),
               "seismic.source.direction has 3 numbers; 2 are needed");
  params.source = {.kind = "moment", .direction = {}, .moment = {1, 0}};
  EXPECT_PRED2(contains, error_of([&] { make_survey(params, grid_of({40, 30})); }),
               "seismic.source.moment has 2 numbers; 3 are needed");
}

TEST(SeismicSurvey, KeysThatDoNotFitAreRefused) {
  EXPECT_PRED2(contains, problems_of(LineParams{}).at(0), "first_m: is required");
  EXPECT_PRED2(contains, problems_of(line({1, 2}, {}, 3)).at(0), "need both ends");
  EXPECT_PRED2(contains, problems_of(SourceParams{.kind = "force"}).at(0), "direction");
  EXPECT_PRED2(contains, problems_of(SourceParams{.kind = "moment"}).at(0), "moment");
  EXPECT_PRED2(contains, problems_of(SourceParams{.direction = {1, 0}}).at(0), "direction");
}

// --- between grid points

struct HostRows {
  std::vector<std::pair<std::ptrdiff_t, double>> entries;
};

HostRows row_of(const PointStencils& set, int point) {
  const auto first = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, set.by_point.first);
  const auto at = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, set.by_point.at);
  const auto weight = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, set.by_point.weight);
  HostRows rows;
  for (int n = first(point); n < first(point + 1); ++n) rows.entries.push_back({at(n), weight(n)});
  return rows;
}

// f(x, depth) in m, gathered with a point's weights.
template <class F>
double interpolated(const PointStencils& set, int point, const WaveGrid& grid, const F& f) {
  const mesh::BoxGrid& g = *grid.padded;
  double sum = 0;
  for (const auto& [at, weight] : row_of(set, point).entries) {
    const int i = int(at % g.extent(0)), j = int(at / g.extent(0) % g.extent(1));
    sum += weight * f(g.coordinate(mesh::Location::cell, 0, i),
                      grid.box.upper_m[1] - g.coordinate(mesh::Location::cell, 1, j));
  }
  return sum;
}

TEST(SeismicPointStencil, APointOfTheGridIsItself) {
  const WaveGrid grid = grid_of({40, 30});
  const auto set = make_point_stencils({{105, 0, 55}}, grid, mesh::Location::cell, Parity::odd);
  const auto rows = row_of(set, 0);
  ASSERT_EQ(rows.entries.size(), 1u);
  EXPECT_EQ(rows.entries[0].second, 1);
  EXPECT_NEAR(interpolated(set, 0, grid, [](double x, double) { return x; }), 105, 1e-9);
  EXPECT_NEAR(interpolated(set, 0, grid, [](double, double depth) { return depth; }), 55, 1e-9);
}

TEST(SeismicPointStencil, WeightsSumToOneAndCarryWavesOfFourPoints) {
  const WaveGrid grid = grid_of({40, 30});
  std::vector<Position> points;
  for (int n = 0; n < 25; ++n) points.push_back({150 + 0.83 * n, 0, 120 + 1.37 * n});
  const auto set = make_point_stencils(points, grid, mesh::Location::cell, Parity::odd);
  EXPECT_EQ(set.points, 25);
  for (const double angle : {0.0, 0.5, 1.57}) {
    for (const double cells : {1e9, 8.0, 4.0}) {
      const auto wave = [&](double x, double depth) {
        return std::cos(2 * std::numbers::pi / (cells * 10) *
                            (x * std::cos(angle) + depth * std::sin(angle)) +
                        0.3) /
               (cells > 1e8 ? std::cos(0.3) : 1);
      };
      for (int p = 0; p < set.points; ++p)
        // 1e-3 along each axis.
        EXPECT_NEAR(interpolated(set, p, grid, wave), wave(points[p][0], points[p][2]), 2e-3)
            << cells << " points per wavelength, point " << p;
    }
  }
}

// A wave that is odd about the surface, or even, is met however near the surface the point is.
TEST(SeismicPointStencil, WhatFallsBeyondAFreeSurfaceIsFoldedBack) {
  const WaveGrid grid = grid_of({40, 30}, true);
  for (const double depth : {0.0, 1.3, 5.0, 14.0, 33.0}) {
    const std::vector<Position> at{{203, 0, depth}};
    const auto odd = make_point_stencils(at, grid, mesh::Location::cell, Parity::odd);
    const auto even = make_point_stencils(at, grid, mesh::Location::cell, Parity::even);
    const auto sine = [](double, double z) { return std::sin(2 * std::numbers::pi * z / 50); };
    const auto cosine = [](double, double z) { return std::cos(2 * std::numbers::pi * z / 50); };
    EXPECT_NEAR(interpolated(odd, 0, grid, sine), sine(0, depth), 1.5e-3) << depth;
    EXPECT_NEAR(interpolated(even, 0, grid, cosine), cosine(0, depth), 1.5e-3) << depth;
  }
}

TEST(SeismicPointStencil, RowsByCellAreTheTranspose) {
  const WaveGrid grid = grid_of({40, 30});
  const auto set = make_point_stencils({{203, 0, 55}, {207, 0, 58}, {50, 0, 50}}, grid,
                                       mesh::Location::cell, Parity::odd);
  const auto first = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, set.by_cell.first);
  const auto at = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, set.by_cell.at);
  const auto weight = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, set.by_cell.weight);
  const auto cell = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, set.cell);
  std::size_t entries = 0;
  for (int p = 0; p < set.points; ++p)
    for (const auto& [index, w] : row_of(set, p).entries) {
      ++entries;
      bool found = false;
      for (int r = 0; r < set.by_cell.rows; ++r) {
        if (cell(r) != index) continue;
        for (int n = first(r); n < first(r + 1); ++n) found |= at(n) == p && weight(n) == w;
      }
      EXPECT_TRUE(found);
    }
  EXPECT_EQ(entries, std::size_t(first(set.by_cell.rows)));
}

}  // namespace
}  // namespace understudy::solvers::seismic
