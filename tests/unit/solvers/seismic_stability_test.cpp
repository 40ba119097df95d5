// Time steps, padded grids and model arrays, and every message that they can cause.
#include "core/format.hpp"
#include "solvers/seismic/numerics/stability.hpp"

#include <cmath>

#include "solvers/seismic/acoustic/acoustic_shots.hpp"
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

// --- time step and resolution

Sampling sampling(Scheme scheme = Scheme::acoustic, int order = 8) {
  Sampling s;
  s.scheme = scheme;
  s.order = order;
  s.slowest_m_s = 1500;
  s.fastest_m_s = 3000;
  s.highest_hz = 20;
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
  EXPECT_PRED2(contains, over, core::format("{:.6g}", largest));
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
  coarse.highest_hz = 20;
  coarse.points_per_wavelength = 10;
  EXPECT_PRED2(contains, error(coarse, 0, 0), "15 Hz");
  coarse.points_per_wavelength = 0;
  coarse.order = 2;  // 8 points: 18.75 Hz
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
  setup.layer_speed_m_s = 2000;
  setup.layer_frequency_hz = 10;
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
