// The case on twice the cells, and the simulation's own error beside it.
#include "apps/simulation/finer_truth.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "apps/flow/flow.hpp"
#include "apps/simulation/simulation_study.hpp"
#include "apps/weather/shallow_water.hpp"
#include "core/error.hpp"
#include "mesh/loops.hpp"

namespace understudy::apps {
namespace {

const std::string asked = "compare.truth_error=true";

SimulationJob job_of(const std::string& deck, const MakePhysics& make,
                     const std::vector<std::string>& settings) {
  JobOptions options;
  options.verb = "compare";
  options.deck = std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/" + deck + ".yaml";
  options.settings = settings;
  return simulation_job(options, make);
}

using Cells = std::vector<long long>;

// Taylor and Green's decaying vortices on n x n cells: what the truth errs by after four seconds, when the
// errors of viscosity have grown beyond that of the interpolated start.
surrogates::TruthError taylor_green(long long n, const std::vector<std::string>& more = {}) {
  std::vector<std::string> settings{
      "grid.cells=[" + std::to_string(n) + ", " + std::to_string(n) + "]", "time.window_s=2",
      "compare.windows=2", "compare.correlation=vorticity", asked};
  settings.insert(settings.end(), more.begin(), more.end());
  const SimulationJob job = job_of("flow/taylor_green_2d", make_flow, settings);
  const auto initial = make_simulation<double>(job.deck, job.comm).state;
  surrogates::ComparisonResult result;
  result.errors = {{"u", "m/s", {0, 0, 0}, {}}, {"v", "m/s", {0, 0, 0}, {}}};
  return measure_truth(job.deck, *finer_deck(job), *initial, result);
}

}  // namespace

TEST(FinerTruth, HasTwiceTheCellsOfTheComparedCase) {
  EXPECT_FALSE(finer_deck(job_of("flow/cylinder_wake", make_flow, {})).has_value())
      << "a run of eight times the cost is made where it is asked for";
  auto wake = finer_deck(job_of("flow/cylinder_wake", make_flow, {asked}));
  ASSERT_TRUE(wake.has_value());
  EXPECT_EQ(wake->grid().cells, (Cells{512, 256}));
  EXPECT_EQ(look_up(*wake, "flow.reynolds").value, 120) << "of the compared case";
  const auto sphere = finer_deck(job_of("weather/galewsky", make_shallow_water, {asked}));
  ASSERT_TRUE(sphere.has_value());
  EXPECT_EQ(sphere->grid().cells.front(), 120);
}

TEST(FinerTruth, OfAGridThatCannotBeDoubledIsRefused) {
  std::string text = "no error";
  try {
    finer_deck(job_of("flow/taylor_green_2d", make_flow, {asked, "grid.cells=[60000, 8]"}));
  } catch (const core::UserError& error) {
    text = error.what();
  }
  EXPECT_NE(text.find("compare.truth_error: wants the case on twice the cells (grid.cells=[120000, "
                      "16])"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("out of bounds"), std::string::npos) << text;
}

TEST(FinerTruth, OfASolverOfModesIsRefused) {
  if (!mesh::on_host) GTEST_SKIP() << "spectral flow needs a build for the host";
  const auto refusal = [](const std::vector<std::string>& more) -> std::string {
    std::vector<std::string> settings{"grid.cells=[16, 16]"};
    settings.insert(settings.end(), more.begin(), more.end());
    try {
      require_interpolation_serves(job_of("flow/taylor_green_2d", make_flow, settings));
    } catch (const core::UserError& error) {
      return error.what();
    }
    return "no error";
  };
  for (const std::string precision : {"precision=single", "precision=double"})
    EXPECT_NE(refusal({asked, "flow.discretisation=spectral", precision})
                  .find("compare.truth_error: wants a run on twice the cells from an interpolated "
                        "start, and this simulation's own solver (flow, spectral)"),
              std::string::npos);
  EXPECT_EQ(refusal({asked}), "no error") << "of finite volumes";
  EXPECT_EQ(refusal({"flow.discretisation=spectral"}), "no error") << "not asked for";
}

// The grids alone are made: nothing of that size is allocated.
TEST(FinerTruth, WhoseFieldsCannotBeGatheredIsRefused) {
#ifndef UNDERSTUDY_WITH_MPI
  GTEST_SKIP() << "without MPI nothing is sent";
#endif
  const auto text_of = [](std::vector<std::string> more) {
    more.push_back(asked);
    try {
      require_finer_fits(job_of("flow/taylor_green_2d", make_flow, more));
    } catch (const core::UserError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  // 16640 x 16640 numbers of 8 bytes are 2.2e9 bytes: 2^31 is less.
  const std::string text = text_of({"grid.cells=[8320, 8320]", "precision=double"});
  EXPECT_NE(text.find("compare.truth_error: a field of the run of 16640 x 16640 cells"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("precision: single, or a build without MPI"), std::string::npos) << text;
  // Of 4 bytes they can be gathered, whether or not they fit into the machine's memory.
  EXPECT_EQ(text_of({"grid.cells=[8320, 8320]", "precision=single"}).find("gathered"),
            std::string::npos);
}

// Viscosity is of second order in space: half the spacing, a quarter of the error; the interpolation of the start
// is of fourth order and small beside it.
TEST(FinerTruth, ErrorFallsWithTheSchemesOrder) {
  const auto coarse = taylor_green(32), fine = taylor_green(64);
  ASSERT_TRUE(coarse.known()) << coarse.refused;
  ASSERT_TRUE(fine.known()) << fine.refused;
  EXPECT_EQ(coarse.name, "64 x 64");
  EXPECT_EQ(coarse.fields, (std::vector<std::string>{"u", "v"}));
  ASSERT_EQ(coarse.errors.size(), 2u);
  for (std::size_t f = 0; f < 2; ++f) {
    ASSERT_EQ(coarse.errors[f].size(), 2u) << "one a window";
    const double ratio = coarse.errors[f][1] / fine.errors[f][1];
    EXPECT_GT(ratio, 3) << coarse.errors[f][1] << " and " << fine.errors[f][1];
    EXPECT_LT(ratio, 6) << coarse.errors[f][1] << " and " << fine.errors[f][1];
  }
  ASSERT_EQ(coarse.correlation.values.size(), 3u);
  EXPECT_EQ(coarse.correlation.values[0], 1);
  EXPECT_GT(coarse.correlation.values[2], 0.99) << "it decays without a change of shape";
  EXPECT_GT(coarse.cost_s, 0);
}

// A steady zonal flow, of which only the scheme's error moves.
TEST(FinerTruth, OfASphereIsMeasuredThere) {
  const SimulationJob job =
      job_of("weather/williamson_2", make_shallow_water,
             {"grid.cells=16", "time.window_s=3600", "compare.windows=1", asked});
  const auto initial = make_simulation<double>(job.deck, job.comm).state;
  surrogates::ComparisonResult result;
  for (const auto& field : initial->fields())
    if (field.info.role == mesh::Role::prognostic)
      result.errors.push_back({field.info.name, field.info.unit, {0, 0}, {}});
  const auto own = measure_truth(job.deck, *finer_deck(job), *initial, result);
  ASSERT_TRUE(own.known()) << own.refused;
  EXPECT_EQ(own.name, "6 x 32 x 32");
  ASSERT_GE(own.errors.size(), 2u);
  for (const auto& errors : own.errors) {
    EXPECT_GT(errors.at(0), 0);
    EXPECT_LT(errors.at(0), 0.05);
  }
}

TEST(FinerTruth, ThatLeavesItsBoundsHasAReason) {
  const auto own = taylor_green(16, {"time.max_abs_value=0.5"});
  EXPECT_FALSE(own.known());
  EXPECT_NE(own.refused.find("0.5"), std::string::npos) << own.refused;
}

}  // namespace understudy::apps
