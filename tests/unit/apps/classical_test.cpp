// The cheaper classical runs that a deck asks for: coarser, looser, both.
#include <gtest/gtest.h>

#include <cmath>

#include "apps/flow/flow.hpp"
#include "apps/simulation/classical.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/simulation_study.hpp"
#include "core/error.hpp"
#include "mesh/loops.hpp"

namespace understudy::apps {
namespace {

SimulationJob job_of(const std::vector<std::string>& settings,
                     const std::string& deck = "cylinder_wake") {
  JobOptions options;
  options.verb = "compare";
  options.deck = std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/flow/" + deck + ".yaml";
  options.settings = settings;
  return simulation_job(options, make_flow);
}

std::vector<std::string> names(const std::vector<std::string>& settings,
                               const std::string& deck = "cylinder_wake") {
  std::vector<std::string> all;
  for (const auto& c : classical_cases(job_of(settings, deck))) all.push_back(c.name);
  return all;
}

using Names = std::vector<std::string>;

TEST(ClassicalCases, AreCoarserLooserAndBoth) {
  EXPECT_EQ(names({"compare.coarser=[2]"}),
            (Names{"256 x 128, precision=single", "256 x 128, flow.cfl=0.8",
                   "256 x 128, precision=single, flow.cfl=0.8", "128 x 64",
                   "128 x 64, precision=single, flow.cfl=0.8",
                   "128 x 64, flow.convection=upwind3, precision=single, flow.cfl=0.8"}));
  EXPECT_EQ(names({"compare.coarser=[2]", "flow.convection=upwind3"}).back(),
            "128 x 64, flow.convection=central, precision=single, flow.cfl=0.8");
  auto cases = classical_cases(job_of({"compare.coarser=[4]"}));
  ASSERT_EQ(cases.size(), 6u);
  EXPECT_EQ(cases[0].deck.precision, "single");
  EXPECT_EQ(cases[4].deck.grid().cells, (std::vector<long long>{64, 32}));
  EXPECT_EQ(look_up(cases[4].deck, "flow.cfl").value, 0.8);
  EXPECT_EQ(look_up(cases[4].deck, "flow.reynolds").value, 120) << "of the compared case";
}

TEST(ClassicalCases, FollowTheDeck) {
  EXPECT_EQ(names({"compare.coarser=[]", "compare.looser=[]"}), Names{});
  EXPECT_EQ(names({"compare.coarser=[2, 3]", "compare.looser=[]"}), (Names{"128 x 64", "84 x 42"}))
      << "256 is no multiple of 3: about a third, an even number, cells as square as they were";
  EXPECT_EQ(names({"compare.coarser=[]", "compare.looser=[flow.cfl=0.9]"}),
            Names{"256 x 128, flow.cfl=0.9"});
  // An iterative pressure solver can be looser; what is single already cannot be made so.
  EXPECT_EQ(names({"compare.coarser=[]", "precision=single", "flow.pressure.method=multigrid",
                   "flow.cfl=0.8"}),
            Names{"256 x 128, flow.pressure.tolerance=0.0001"});
}

TEST(ClassicalCases, CellsNeedNotBeDivisible) {
  using Cells = std::vector<long long>;
  EXPECT_EQ(coarser_cells({250, 120}, 2), (Cells{125, 60}));
  EXPECT_EQ(coarser_cells({250, 120}, 4), (Cells{62, 30})) << "250 : 120 has no quarter";
  EXPECT_EQ(coarser_cells({256, 128}, std::sqrt(2.0)), (Cells{180, 90}));
  EXPECT_EQ(coarser_cells({32, 16, 16}, 4), Cells{}) << "too few are left";
}

TEST(ClassicalCases, ArePartlySpectralInPeriodicBoxes) {
  const std::vector<std::string> alone{"compare.coarser=[]", "compare.looser=[]"};
  // A sixth of 512 is 85.3, a twelfth 42.7: numbers that are fast to transform beside them.
  EXPECT_EQ(names(alone, "kolmogorov_2d"),
            (Names{"spectral 128 x 128", "spectral 84 x 84", "spectral 64 x 64", "spectral 42 x 42",
                   "spectral 32 x 32"}));
  EXPECT_EQ(
      names({"compare.coarser=[]", "compare.looser=[]", "compare.spectral=[]"}, "kolmogorov_2d"),
      Names{});
  const auto settings = std::vector<std::string>{"compare.coarser=[8]", "compare.spectral=[8]"};
  EXPECT_EQ(names(settings, "kolmogorov_2d"),
            (Names{"512 x 512, precision=single", "512 x 512, flow.cfl=0.8",
                   "512 x 512, precision=single, flow.cfl=0.8", "64 x 64",
                   "64 x 64, precision=single, flow.cfl=0.8",
                   "64 x 64, flow.convection=central, precision=single, flow.cfl=0.8",
                   "spectral 64 x 64", "spectral 64 x 64, precision=single, flow.cfl=1"}));
  for (const auto& c : classical_cases(job_of(settings, "kolmogorov_2d")))
    EXPECT_EQ(c.spectral, c.name.starts_with("spectral")) << c.name;
  // What is of the finite volumes alone is left behind.
  EXPECT_EQ(
      names({"compare.coarser=[]", "compare.looser=[]", "compare.spectral=[16]",
             "flow.convection=upwind3", "flow.pressure.method=multigrid", "flow.balance=true"},
            "kolmogorov_2d"),
      Names{"spectral 32 x 32"});
  EXPECT_EQ(names({"compare.coarser=[]", "compare.looser=[]", "flow.discretisation=spectral"},
                  "kolmogorov_2d"),
            Names{})
      << "coarser grids are spectral there";
}

TEST(ClassicalCases, SpectralOnesAreRefusedWhereThereAreNone) {
  std::string text = "no error";
  try {
    classical_cases(job_of({"compare.spectral=[4]"}));
  } catch (const core::UserError& error) {
    text = error.what();
  }
  EXPECT_NE(text.find("compare.spectral: asks for spectral runs, but app flow has no spectral "
                      "method that serves this deck"),
            std::string::npos)
      << text;
}

// A resolved deck has the default written out, and is to be read again.
TEST(ClassicalCases, TheDefaultWrittenOutAsksForNoSpectralOnesWhereThereAreNone) {
  const std::string written = "compare.spectral=[4, 6, 8, 12, 16]";
  EXPECT_EQ(names({written, "compare.coarser=[2]", "compare.looser=[]"}), Names{"128 x 64"});
  EXPECT_EQ(names({written, "compare.coarser=[8]", "compare.looser=[]",
                   "flow.discretisation=spectral", "flow.convection=central"},
                  "kolmogorov_2d"),
            Names{"64 x 64"});
  EXPECT_EQ(names({"compare.spectral=[]", "compare.coarser=[2]", "compare.looser=[]"}),
            Names{"128 x 64"});
}

// What the deck loosens by name is of its own method.
TEST(ClassicalCases, SpectralOnesTakeWhatAutoMeansForThem) {
  const std::string spectral = "compare.spectral=[16]", none = "compare.coarser=[]";
  const std::string multigrid = "flow.pressure.method=multigrid";
  EXPECT_EQ(names({none, spectral, "compare.looser=[" + multigrid + "]"}, "kolmogorov_2d"),
            (Names{"512 x 512, flow.pressure.method=multigrid", "spectral 32 x 32"}));
  const auto with_auto =
      names({none, spectral, "compare.looser=[auto, " + multigrid + "]"}, "kolmogorov_2d");
  ASSERT_EQ(with_auto.size(), 6u);
  EXPECT_EQ(with_auto[3],
            "512 x 512, precision=single, flow.cfl=0.8, flow.pressure.method=multigrid");
  EXPECT_EQ(with_auto[4], "spectral 32 x 32");
  EXPECT_EQ(with_auto[5], "spectral 32 x 32, precision=single, flow.cfl=1");
}

// Cubic interpolation of one wave over 16 cells errs by 1e-3, of the pressure's two waves by 1e-2.
TEST(ClassicalRuns, OfMoreCellsAlongAnAxisStartFromTheirPoints) {
  if (!mesh::on_host) GTEST_SKIP() << "spectral flow needs a build for the host";
  const SimulationJob job =
      job_of({"grid.cells=[16, 16]", "flow.discretisation=spectral", "compare.coarser=[]",
              "compare.looser=['grid.cells=[32, 8]']", "time.window_s=0.1"},
             "taylor_green_2d");
  auto cases = classical_cases(job);
  ASSERT_EQ(cases.size(), 1u);
  const auto initial = make_simulation<double>(job.deck, job.comm).state;
  const auto runs = run_classical<double>(job, job.deck, cases, *initial, {.windows = 2});
  ASSERT_EQ(runs.points.size(), 1u);
  EXPECT_EQ(runs.points[0].name, "32 x 8, grid.cells=[32, 8]");
  EXPECT_EQ(runs.points[0].refused, "");
  EXPECT_GT(runs.points[0].error, 0);
  EXPECT_LT(runs.points[0].error, 0.05);
}

std::string said_of(const std::vector<std::string>& settings, const std::string& deck) {
  testing::internal::CaptureStderr();
  names(settings, deck);
  return testing::internal::GetCapturedStderr();
}

// Named factors are answered; the default has some for larger grids.
TEST(ClassicalCases, SpectralOnesOfTooFewCellsAreLeftOutWithAWarning) {
  const auto small = [](const std::string& factors) {
    return said_of({"compare.coarser=[]", "compare.looser=[]", "grid.cells=[32, 32]",
                    "compare.spectral=" + factors},
                   "taylor_green_2d");
  };
  const std::string warning =
      "no spectral run with 6 times coarser cells (compare.spectral): of 32 x 32 too few";
  EXPECT_NE(small("[2, 6]").find(warning), std::string::npos);
  EXPECT_EQ(small("[2, 6]").find("2 times coarser"), std::string::npos);
  EXPECT_EQ(small("[2, 4]").find("no spectral run"), std::string::npos);
  EXPECT_EQ(small("[4, 6, 8, 12, 16]").find("no spectral run"), std::string::npos);
}

TEST(ClassicalCases, SpectralCellsAreFastToTransform) {
  using Cells = std::vector<long long>;
  EXPECT_EQ(spectral_cells({512, 256}, 6), (Cells{84, 42})) << "cells as square as they were";
  EXPECT_EQ(spectral_cells({250, 120}, 4), (Cells{64, 30})) << "250 : 120 has no quarter";
  EXPECT_EQ(spectral_cells({128, 128, 64}, 4), (Cells{32, 32, 16}));
  EXPECT_EQ(spectral_cells({32, 32}, 6), Cells{}) << "too few are left";
}

TEST(ClassicalCases, RefuseSettingsThatTheDeckDoesNotTake) {
  auto refusal = [](const std::string& setting) -> std::string {
    try {
      classical_cases(job_of({"compare.looser=[" + setting + "]"}));
    } catch (const core::UserError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(refusal("flow.clf=0.9").find("flow.clf: unknown key"), std::string::npos);
  EXPECT_NE(refusal("flow.cfl=9").find("out of bounds"), std::string::npos);
}

TEST(NetworkSize, IsCheckedBeforeAnythingIsSimulated) {
  const std::string unet = "network={kind: unet}";
  EXPECT_NO_THROW(require_network_size(job_of({"grid.cells=[250, 120]", unet})))
      << "no side is periodic";
  std::string text = "no error";
  try {
    require_network_size(
        job_of({"grid.cells=[250, 120]", unet, "flow.boundaries.y_lower.kind=periodic",
                "flow.boundaries.y_upper.kind=periodic"}));
  } catch (const core::UserError& error) {
    text = error.what();
  }
  EXPECT_NE(text.find("120 cells along y, which is periodic"), std::string::npos) << text;
  EXPECT_NE(text.find("112 or 128 would be"), std::string::npos) << text;
}

TEST(Schedule, ThatNeverRunsPhysicsIsRefused) {
  auto refusal = [](const std::vector<std::string>& settings) -> std::string {
    try {
      job_of(settings);
    } catch (const core::UserError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(refusal({"swap.policy=schedule"})
                .find("swap.policy: is schedule, but the simulation "
                      "never advances"),
            std::string::npos);
  EXPECT_EQ(refusal({"swap.policy=schedule", "swap.lead_windows=4"}), "no error");
  EXPECT_EQ(refusal({"swap.policy=schedule", "swap.physics_every=4"}), "no error");
}

TEST(Schedule, KeysWithoutEffectAreRefused) {
  auto refusal = [](const std::vector<std::string>& settings) -> std::string {
    try {
      job_of(settings);
    } catch (const core::UserError& error) {
      return error.what();
    }
    return "no error";
  };
  for (const char* key : {"physics_every=4", "lead_windows=4", "from_s=1", "to_s=2"}) {
    const std::string set = std::string("swap.") + key;
    EXPECT_NE(refusal({"swap.policy=always", set}).find("swap.policy: is always, under which"),
              std::string::npos)
        << key;
    EXPECT_EQ(refusal({"swap.policy=never", set}), "no error") << "the off switch";
    const bool led = std::string(key).starts_with("lead");
    EXPECT_EQ(refusal({"swap.policy=gate", set}) == "no error", led) << key;
  }
}

TEST(ClassicalCases, ARunWithoutADiagnosticOfTheSimulationHasNoStatistics) {
  const double nan = std::nan("");
  ClassicalSetup setup;
  setup.statistics = {"flow.drag", "flow.lift"};
  // Of the start it does not matter whether it is known.
  setup.diagnostics = {{"flow.lift", "1", solvers::DiagnosticKind::free, {nan, 1, 2}, {}},
                       {"flow.drag", "1", solvers::DiagnosticKind::free, {1, 1, 2}, {}}};
  EXPECT_EQ(missing_statistic({{1, 2}, {1, 2}}, setup), "");
  EXPECT_EQ(missing_statistic({{1, 2}, {1, nan}}, setup), "flow.lift");
  EXPECT_EQ(missing_statistic({{nan, 2}, {1, nan}}, setup), "flow.drag");
  setup.counted = {true, false};
  EXPECT_EQ(missing_statistic({{1, 2}, {1, nan}}, setup), "") << "that window does not count";
  setup.counted = {};
  setup.diagnostics[0].truth[2] = nan;
  EXPECT_EQ(missing_statistic({{1, 2}, {1, nan}}, setup), "") << "the simulation has none, either";
}

}  // namespace
}  // namespace understudy::apps
