// Wavelets, positions, point stencils, time steps and grids of surveys, and every message that a deck can
// cause there.
#include "solvers/seismic/survey.hpp"

#include <cmath>
#include <format>
#include <fstream>
#include <numbers>

#include "core/error.hpp"
#include "mesh_io_scratch.hpp"
#include "solvers/seismic/acoustic_shots.hpp"
#include "solvers/seismic/point_stencil.hpp"
#include "solvers/seismic/stability.hpp"
#include "solvers/seismic/wavelet.hpp"
#include "solvers_seismic_params.hpp"

namespace understudy::solvers::seismic {
namespace {

using tests::contains;
using tests::problems_of;
using tests::Scratch;

// Empty where the action does what it should.
template <class Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const core::UserError& e) {
    return e.what();
  }
  return {};
}

mesh::GridParams box_of(std::vector<long long> cells, double spacing_m = 10) {
  mesh::GridParams box;
  box.lower_m.clear(), box.upper_m.clear();
  for (const auto n : cells) box.lower_m.push_back(0), box.upper_m.push_back(spacing_m * double(n));
  box.lower_m.back() = -box.upper_m.back(), box.upper_m.back() = 0;
  box.cells = std::move(cells);
  return box;
}

WaveGrid grid_of(std::vector<long long> cells, bool free_surface = false, int width = 8) {
  return make_wave_grid(box_of(std::move(cells)), {width, 1e-4}, free_surface, 4,
                        core::Comm::self());
}

// --- wavelets

TEST(SeismicWavelet, RickerIsItsFormula) {
  const double f = 12, t0 = 0.15;
  const Wavelet wavelet({.kind = "ricker", .frequency_hz = f, .delay_s = t0, .amplitude = 3}, ".");
  for (const double t : {0.0, 0.1, 0.15, 0.17, 0.31}) {
    const double x2 = std::pow(std::numbers::pi * f * (t - t0), 2);
    EXPECT_NEAR(wavelet(t), 3 * (1 - 2 * x2) * std::exp(-x2), 1e-14) << t;
  }
  const auto samples = wavelet.sampled(0.01, 4);
  ASSERT_EQ(samples.size(), 4u);
  for (int n = 0; n < 4; ++n) EXPECT_EQ(samples[n], wavelet(n * 0.01));
  EXPECT_EQ(wavelet.peak_frequency(), f);
}

TEST(SeismicWavelet, StartsNearZeroAndPeaksAtItsDelay) {
  for (const char* kind : {"ricker", "gaussian"}) {
    const Wavelet wavelet({.kind = kind, .frequency_hz = 10}, ".");
    EXPECT_LT(std::abs(wavelet(0)), 2e-5) << kind;
    EXPECT_NEAR(wavelet(std::string(kind) == "ricker" ? 0.12 : 0.15), 1, 1e-12);
  }
}

// The spectrum of a Ricker wavelet is (f / f0)^2 exp(1 - (f / f0)^2) of its peak (Ricker 1953): 0.05 at 2.397.
TEST(SeismicWavelet, HighestFrequencyOfRickerIsThatOfItsSpectrum) {
  const Wavelet wavelet({.frequency_hz = 20}, ".");
  for (const double level : {0.05, 0.01, 0.5}) {
    double x = 1;
    while (x * x * std::exp(1 - x * x) > level) x += 1e-4;
    EXPECT_NEAR(wavelet.highest_frequency(level) / 20, x, 0.04) << level;
  }
}

TEST(SeismicWavelet, HighestFrequencyDoesNotDependOnTheDelay) {
  for (const char* kind : {"ricker", "gaussian"}) {
    const double expected = Wavelet({.kind = kind, .frequency_hz = 15}, ".").highest_frequency();
    for (const double delay : {0.09, 0.3, 1.0, 6.0})
      EXPECT_NEAR(
          Wavelet({.kind = kind, .frequency_hz = 15, .delay_s = delay}, ".").highest_frequency(),
          expected, 0.03 * expected)
          << kind << " " << delay;
  }
}

TEST(SeismicWavelet, TabulatedIsLinearBetweenSamplesAndZeroOutside) {
  const Scratch scratch;
  std::ofstream(scratch / "w.txt") << "# made by hand\n0\n2\n\n-1 \n0.5\n";
  const Wavelet wavelet({.kind = "tabulated", .amplitude = 2, .file = "w.txt", .sample_s = 0.1},
                        scratch.path().string());
  EXPECT_EQ(wavelet(-0.01), 0);
  EXPECT_NEAR(wavelet(0.05), 2, 1e-12);
  EXPECT_NEAR(wavelet(0.1), 4, 1e-12);
  EXPECT_NEAR(wavelet(0.15), 1, 1e-12);
  EXPECT_NEAR(wavelet(0.3), 1, 1e-12);
  EXPECT_EQ(wavelet(0.31), 0);
}

TEST(SeismicWavelet, TabulatedRickerHasTheFrequenciesOfTheRicker) {
  const Scratch scratch;
  const Wavelet ricker({.frequency_hz = 10}, ".");
  {
    std::ofstream file(scratch / "w.txt");
    for (int n = 0; n < 120; ++n) file << ricker(n * 0.002) << "\n";
  }
  const Wavelet table({.kind = "tabulated", .file = "w.txt", .sample_s = 0.002},
                      scratch.path().string());
  EXPECT_NEAR(table.peak_frequency(), 10, 0.7);
  EXPECT_NEAR(table.highest_frequency(), ricker.highest_frequency(), 1.3);
}

TEST(SeismicWavelet, FilesThatAreNoWaveletAreRefused) {
  const Scratch scratch;
  const auto error = [&](const char* name, const char* text) {
    if (text) std::ofstream(scratch / name) << text;
    return error_of([&] {
      Wavelet({.kind = "tabulated", .file = name, .sample_s = 0.01}, scratch.path().string());
    });
  };
  EXPECT_PRED2(contains, error("missing.txt", nullptr), "cannot read");
  EXPECT_PRED2(contains, error("missing.txt", nullptr), "missing.txt");
  EXPECT_PRED2(contains, error("word.txt", "0\n1\nfoo\n"), "line 3: 'foo' is not a finite number");
  EXPECT_PRED2(contains, error("two.txt", "0\n1 2\n"), "line 2");
  EXPECT_PRED2(contains, error("nan.txt", "0\nnan\n"), "line 2");
  EXPECT_PRED2(contains, error("short.txt", "1\n"), "has 1 samples; at least 2");
  EXPECT_PRED2(contains, error("zero.txt", "0\n0\n0\n"), "all samples");
}

TEST(SeismicWavelet, KeysThatDoNotFitAreRefused) {
  EXPECT_TRUE(problems_of(WaveletParams{}).empty());
  const auto first = [](WaveletParams p) { return problems_of(std::move(p)).at(0); };
  EXPECT_PRED2(contains, first({.kind = "tabulated"}), "needs file and sample_s");
  EXPECT_PRED2(contains, first({.file = "a"}), "read by kind tabulated only");
  EXPECT_PRED2(contains, first({.amplitude = 0}), "nothing would be emitted");
  EXPECT_PRED2(contains, first({.frequency_hz = 0}), "frequency_hz");
}

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

HostRows row_of(const PointSet& set, int point) {
  const auto first = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, set.by_point.first);
  const auto at = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, set.by_point.at);
  const auto weight = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, set.by_point.weight);
  HostRows rows;
  for (int n = first(point); n < first(point + 1); ++n) rows.entries.push_back({at(n), weight(n)});
  return rows;
}

// f(x, depth) in m, gathered with a point's weights.
template <class F>
double interpolated(const PointSet& set, int point, const WaveGrid& grid, const F& f) {
  const mesh::Grid& g = *grid.padded;
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
  const auto set = make_point_set({{105, 0, 55}}, grid, mesh::Location::cell, Parity::odd);
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
  const auto set = make_point_set(points, grid, mesh::Location::cell, Parity::odd);
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

// A wave that is odd about the surface is met however near the surface the point is; even likewise.
TEST(SeismicPointStencil, WhatFallsBeyondAFreeSurfaceIsFoldedBack) {
  const WaveGrid grid = grid_of({40, 30}, true);
  for (const double depth : {0.0, 1.3, 5.0, 14.0, 33.0}) {
    const std::vector<Position> at{{203, 0, depth}};
    const auto odd = make_point_set(at, grid, mesh::Location::cell, Parity::odd);
    const auto even = make_point_set(at, grid, mesh::Location::cell, Parity::even);
    const auto sine = [](double, double z) { return std::sin(2 * std::numbers::pi * z / 50); };
    const auto cosine = [](double, double z) { return std::cos(2 * std::numbers::pi * z / 50); };
    EXPECT_NEAR(interpolated(odd, 0, grid, sine), sine(0, depth), 1.5e-3) << depth;
    EXPECT_NEAR(interpolated(even, 0, grid, cosine), cosine(0, depth), 1.5e-3) << depth;
  }
}

TEST(SeismicPointStencil, RowsByCellAreTheTranspose) {
  const WaveGrid grid = grid_of({40, 30});
  const auto set = make_point_set({{203, 0, 55}, {207, 0, 58}, {50, 0, 50}}, grid,
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

// --- time step and resolution

Sampling sampling(Scheme scheme = Scheme::acoustic, int order = 8) {
  Sampling s;
  s.scheme = scheme, s.order = order;
  s.slowest_m_s = 1500, s.fastest_m_s = 3000, s.highest_hz = 20;
  return s;
}

// Norms of second differences: 4, 16/3, 6.501587... (sums of the coefficients' magnitudes; Fornberg 1988).
TEST(SeismicStability, LargestStepIsThatOfTheLeapfrog) {
  const auto box = box_of({40, 30});
  const double root = std::sqrt(2.0);
  EXPECT_NEAR(largest_dt_s(sampling(Scheme::acoustic, 2), box), 10 / (3000 * root), 1e-12);
  EXPECT_NEAR(largest_dt_s(sampling(Scheme::acoustic, 4), box),
              10 / (3000 * root) * std::sqrt(3.0 / 4), 1e-12);
  EXPECT_NEAR(largest_dt_s(sampling(Scheme::acoustic, 8), box),
              10 / (3000 * root) * std::sqrt(4 / 6.5015873015873), 1e-9);
  EXPECT_NEAR(largest_dt_s(sampling(Scheme::acoustic_density, 4), box),
              10 / (3000 * root) / (9.0 / 8 + 1.0 / 24), 1e-12);
  EXPECT_NEAR(largest_dt_s(sampling(Scheme::elastic, 4), box),
              10 / (3000 * root) / (9.0 / 8 + 1.0 / 24), 1e-12);
}

TEST(SeismicStability, TheChosenStepIsStableAndDividesTheRecordInterval) {
  for (const int order : {2, 4, 8})
    for (const double record : {0.0, 0.001, 0.0035, 0.02}) {
      auto s = sampling(Scheme::acoustic, order);
      s.highest_hz = 15;
      const double dt = choose_dt_s(s, box_of({40, 30}), 0, record);
      EXPECT_LE(dt, 0.9 * largest_dt_s(s, box_of({40, 30})) * (1 + 1e-9));
      if (record > 0) {
        const double steps = record / dt;
        EXPECT_NEAR(steps, std::round(steps), 1e-9);
        EXPECT_GE(steps, 1 - 1e-9);
      }
    }
}

TEST(SeismicStability, StepsAndGridsThatDoNotServeAreRefused) {
  const auto box = box_of({40, 30});
  const auto error = [&](const Sampling& s, double dt, double record) {
    return error_of([&] { choose_dt_s(s, box, dt, record); });
  };
  const double largest = largest_dt_s(sampling(), box);
  const std::string over = error(sampling(), 0.01, 0);
  EXPECT_PRED2(contains, over, "time.dt_s is 0.01 s, over the largest stable step");
  EXPECT_PRED2(contains, over, std::format("{:.6g}", largest));
  EXPECT_PRED2(contains, over, "50 Hz");  // 1500 / (3 * 10)
  EXPECT_NEAR(finest_frequency_hz(sampling(), box), 50, 1e-9);
  EXPECT_EQ(error(sampling(), largest * 0.999, 0), "");

  auto coarse = sampling();
  coarse.highest_hz = 60;
  const std::string few = error(coarse, 0, 0);
  EXPECT_PRED2(contains, few, "60 Hz");
  EXPECT_PRED2(contains, few, "50 Hz");
  EXPECT_PRED2(contains, few, "points per wavelength");
  EXPECT_PRED2(contains, few, "largest stable time.dt_s");
  coarse.highest_hz = 20, coarse.points_per_wavelength = 10;
  EXPECT_PRED2(contains, error(coarse, 0, 0), "15 Hz");
  coarse.points_per_wavelength = 0, coarse.order = 2;  // 8 points: 18.75 Hz
  EXPECT_PRED2(contains, error(coarse, 0, 0), "18.75 Hz");
  coarse.order = 4;  // 5 points: 30 Hz
  EXPECT_EQ(error(coarse, 0, 0), "");

  EXPECT_PRED2(contains, error(sampling(), 0.001, 0.0025),
               "time.record_every_s (0.0025 s) is no multiple of time.dt_s (0.001 s)");
  EXPECT_PRED2(contains, error(sampling(), 0.001, 0.0004), "0.001 s would be");
  EXPECT_EQ(error(sampling(), 0.001, 0.003), "");
}

// --- grids and models

TEST(SeismicWaveGrid, TheLayerLiesAroundTheBox) {
  const WaveGrid absorbing = grid_of({40, 30}), surface = grid_of({40, 30}, true);
  EXPECT_EQ(absorbing.padded->global_cells(0), 56);
  EXPECT_EQ(absorbing.padded->global_cells(1), 46);
  EXPECT_NEAR(absorbing.padded->lower(0), -80, 1e-9);
  EXPECT_NEAR(absorbing.padded->upper(1), 80, 1e-9);
  EXPECT_EQ(surface.padded->global_cells(1), 38);
  EXPECT_NEAR(surface.padded->upper(1), 0, 1e-9);
  EXPECT_NEAR(surface.padded->spacing(1), 10, 1e-9);
  EXPECT_EQ(grid_of({40, 30}, false, 0).padded->global_cells(0), 40);
  EXPECT_PRED2(contains, problems_of(AbsorbingParams{.width_cells = 2}).at(0), "width_cells");
  EXPECT_PRED2(contains, problems_of(AbsorbingParams{.reflection = 1}).at(0), "reflection");
}

AcousticSetup setup_of(bool density = false) {
  AcousticSetup setup;
  setup.box = box_of({12, 10});
  setup.absorbing.width_cells = 4;
  setup.variable_density = density;
  setup.dt_s = 0.001;
  setup.layer_speed_m_s = 2000, setup.layer_frequency_hz = 10;
  return setup;
}

TEST(SeismicModel, ArraysThatAreNoModelAreRefused) {
  const auto error = [](std::vector<double> speed, std::vector<double> density) {
    const auto op = make_acoustic_operator<double>(setup_of(!density.empty()), core::Comm::self());
    return error_of([&] { op->set_model(speed, density); });
  };
  std::vector<double> good(120, 2000);
  EXPECT_EQ(error(good, {}), "");
  EXPECT_PRED2(contains, error(std::vector<double>(119, 2000), {}),
               "the model's speed has 119 values; the grid has 120 cells");
  EXPECT_PRED2(contains, error(good, std::vector<double>(121, 1)), "density has 121 values");
  auto bad = good;
  bad[26] = 0;  // row 2, column 2
  EXPECT_PRED2(contains, error(bad, {}),
               "the model's speed is 0 at cell (2, 2); it must be above 0");
  bad[26] = -5;
  EXPECT_PRED2(contains, error(bad, {}), "-5 at cell (2, 2)");
  bad[26] = NAN;
  EXPECT_PRED2(contains, error(bad, {}), "nan at cell (2, 2)");
  bad[26] = INFINITY;
  EXPECT_PRED2(contains, error(good, bad), "density is inf at cell (2, 2)");
}

TEST(SeismicModel, SourcesThatTheAcousticEquationHasNotAreRefused) {
  auto setup = setup_of();
  setup.free_surface = true;
  std::shared_ptr<AcousticOperator<double>> op =
      make_acoustic_operator<double>(setup, core::Comm::self());
  op->set_model(std::vector<double>(120, 2000), {});
  Shot shot;
  shot.source = {30, 0, 0};
  shot.receivers = {{10, 0, 10}};
  shot.samples = 3;
  const auto error = [&] { return error_of([&] { AcousticShots<double>(op, {shot}); }); };
  EXPECT_PRED2(contains, error(), "lies on the free surface");
  shot.source[2] = 10;
  EXPECT_EQ(error(), "");
  shot.emitted = {.kind = "force", .direction = {0, 1}};
  EXPECT_PRED2(contains, error(), "seismic.source.kind force needs seismic.equation: elastic");
}

}  // namespace
}  // namespace understudy::solvers::seismic
