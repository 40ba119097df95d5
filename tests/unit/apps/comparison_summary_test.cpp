// What summary.json has of a comparison where there is nothing to measure: null, never a zero.
#include "apps/simulation/comparison_summary.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/flow/flow.hpp"
#include "apps/simulation/comparison_report.hpp"
#include "apps/simulation/simulation_study.hpp"
#include "core/atomic_file.hpp"
#include "support/scratch.hpp"

namespace understudy::apps {
namespace {

nlohmann::json metrics_of(const surrogates::ComparisonResult& result) {
  const tests::Scratch scratch;
  JobOptions options;
  options.verb = "compare";
  options.deck = std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/flow/cylinder_wake.yaml";
  options.out = scratch.path().string();
  const SimulationJob job = simulation_job(options, make_flow);
  Summary summary(job);
  summarise(result, job.deck, summary);
  summary.write();
  return nlohmann::json::parse(core::read_file(job.out / "summary.json"));
}

surrogates::WindowRecord window_by(const char* who) {
  surrogates::WindowRecord window;
  window.who = who;
  window.truth_wall_s = 2;
  return window;
}

}  // namespace

TEST(ComparisonSummary, OfAReplacementThatFailsAtOnceHasNoErrorAndNoCost) {
  surrogates::ComparisonResult r;
  r.times_s = {0};
  r.windows = {window_by("simulation")};
  r.errors = {{"u", "m/s", {0}, {0}}};
  r.replacement_failed = true;
  r.failure = "u is not finite";
  r.truth_cell_updates = 100;
  r.truth_wall_s = 40;  // of all windows
  r.replacement_wall_s = std::nan("");
  surrogates::set_speedups(r);
  const auto root = metrics_of(r);
  const auto& m = root["metrics"];
  EXPECT_TRUE(m["error"]["mean"].is_null()) << m["error"];
  EXPECT_TRUE(m["error"]["u"]["rel_l2_mean"].is_null());
  EXPECT_TRUE(m["error"]["u"]["rel_l2_final"].is_null());
  EXPECT_TRUE(root["timing"]["replacement_s"].is_null());
  EXPECT_EQ(m["rate_cells_per_s"], 50.0) << "the updates of the window until then in its time";
}

TEST(ComparisonSummary, OfAFieldWithoutAnErrorHasNoHandOver) {
  surrogates::ComparisonResult r;
  const double nan = std::nan("");
  r.times_s = {0, 1, 2, 3};
  r.windows = {window_by("simulation"), window_by("surrogate"), window_by("surrogate")};
  surrogates::ErrorSeries t{"T", "K", {nan, nan, nan, nan}, {nan, nan, nan, nan}};
  t.relative_to = surrogates::ErrorSeries::none;
  r.errors = {{"u", "m/s", {0, 0, 0.2, 0.3}, {0, 0.1, 0.1, 0.1}}, t};
  const auto error = metrics_of(r)["metrics"]["error"];
  EXPECT_NEAR(error["u"]["rel_l2_hand_over"].get<double>(), 0.2, 1e-12);
  ASSERT_TRUE(error["T"].contains("rel_l2_hand_over"));
  EXPECT_TRUE(error["T"]["rel_l2_hand_over"].is_null()) << error["T"];
  EXPECT_TRUE(error["T"]["rel_l2_mean"].is_null());
}

TEST(ComparisonSummary, HasTheSimulationsOwnErrorAndProfiles) {
  surrogates::ComparisonResult r;
  r.times_s = {0, 1, 2};
  r.windows = {window_by("surrogate"), window_by("surrogate")};
  r.errors = {{"u", "m/s", {0, 0.1, 0.3}, {0, 0.1, 0.1}}};
  r.window_s = 1;
  EXPECT_FALSE(metrics_of(r)["metrics"].contains("truth")) << "not asked for";
  r.truth_error.name = "512 x 256";
  r.truth_error.cost_s = 8;
  r.truth_error.fields = {"u"};
  r.truth_error.errors = {{0.2, 0.4}};
  r.truth_error.correlation = {"vorticity", {1, 0.9, 0.7}};
  r.correlation = {"vorticity", {1, 0.97, 0.7}};
  r.diagnostics = {{"flow.drag", "1", solvers::DiagnosticKind::free, {9, 2, 4}, {9, 2.5, 4.5}}};
  r.statistics = {"flow.drag"};
  r.truth_error.statistics = {{3, 5}};
  surrogates::ClassicalPoint run{"half", 1, 0.5};
  run.correlation = {"vorticity", {1, 0.9, 0.6}};
  run.statistics = {{4, 6}};
  r.classical = {run};
  r.profiles = {{"u", "u", "m/s", {0.5, 1.5}, {1, 1}, {{2, 2}, {0, 0}}, {{2, 2}, {0, 0}}}};
  r.profiles[0].replacement.mean = {1, 3};
  r.profile_axis = 1;
  r.profile_windows = 2;
  const auto m = metrics_of(r)["metrics"];
  EXPECT_EQ(m["truth"]["finer_grid"], "512 x 256");
  EXPECT_EQ(m["truth"]["finer_run_s"], 8.0);
  EXPECT_NEAR(m["truth"]["error"]["u"]["rel_l2_mean"].get<double>(), 0.3, 1e-12);
  EXPECT_NEAR(m["truth"]["error"]["u"]["rel_l2_final"].get<double>(), 0.4, 1e-12);
  EXPECT_NEAR(m["truth"]["error"]["mean"].get<double>(), 0.3, 1e-12);
  EXPECT_TRUE(m["error"]["within_truth"].get<bool>()) << "0.2";
  EXPECT_NEAR(m["correlation_time_s"]["simulation"]["0.95"].get<double>(), 0.5, 1e-9);
  EXPECT_TRUE(m["correlation_beyond_truth"]["0.95"].get<bool>()) << "0.97 against 0.9";
  EXPECT_FALSE(m["classical"][0]["correlation_beyond_truth"]["0.8"].get<bool>());
  EXPECT_TRUE(m["statistics"]["within_truth"].get<bool>()) << "off by a half, the truth by 1";
  EXPECT_FALSE(m["classical"][0]["statistics_within_truth"].get<bool>()) << "off by 2";
  EXPECT_NEAR(m["profile"]["u"]["mean_rel_l2"].get<double>(), 0.5, 1e-12);
  EXPECT_TRUE(m["profile"]["u"]["variance_rel_l2"].is_null()) << "it is steady";
  EXPECT_EQ(m["profile_windows"], 2);

  r.truth_error.refused = "u is not finite";
  const auto failed = metrics_of(r)["metrics"];
  EXPECT_EQ(failed["truth"]["reason"], "u is not finite");
  EXPECT_FALSE(failed["truth"].contains("error"));
  EXPECT_FALSE(failed["error"].contains("within_truth"));
  EXPECT_FALSE(failed.contains("correlation_beyond_truth"));
}

TEST(ComparisonSummary, ProfilesOfOtherWindowsHaveTheirOwnSimulation) {
  surrogates::ComparisonResult r;
  r.profiles = {{"u", "u", "m/s", {0.5}, {1}, {{2}, {0}}, {{3}, {0}}}};
  r.profile_axis = 1;
  r.profile_windows = 4;
  ContenderResult same, failed;
  same.name = "same";
  same.result = r;
  failed.name = "failed";
  failed.result = r;
  failed.result.profile_windows = 2;
  failed.result.profiles[0].truth.mean = {1};
  const tests::Scratch scratch;
  write_profiles_csv(scratch / "profiles.csv", r, {same, failed});
  EXPECT_EQ(core::read_file(scratch / "profiles.csv"),
            "u y_m,u simulation mean,u simulation variance,u replacement mean,u replacement "
            "variance,u same mean,u same variance,u failed mean,u failed variance,u failed "
            "simulation mean,u failed simulation variance\n"
            "0.5,2,0,3,0,3,0,3,0,1,0\n");
}

TEST(ComparisonSummary, ContendersHaveProfilesWithoutTheReplacement) {
  surrogates::ComparisonResult failed;
  failed.profile_axis = 1;
  ContenderResult lasts, fails;
  lasts.name = "lasts";
  lasts.result.profiles = {{"u", "u", "m/s", {0.5}, {1}, {{2}, {0}}, {{3}, {1}}}};
  lasts.result.profile_axis = 1;
  lasts.result.profile_windows = 4;
  fails.name = "fails";
  fails.result = failed;
  const tests::Scratch scratch;
  write_profiles_csv(scratch / "none.csv", failed, {fails});
  EXPECT_FALSE(std::filesystem::exists(scratch / "none.csv"));
  write_profiles_csv(scratch / "profiles.csv", failed, {fails, lasts});
  EXPECT_EQ(core::read_file(scratch / "profiles.csv"),
            "u y_m,u lasts mean,u lasts variance,u lasts simulation mean,u lasts simulation "
            "variance\n0.5,3,1,2,0\n");
}

}  // namespace understudy::apps
