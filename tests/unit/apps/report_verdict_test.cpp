// The report's first paragraph: gain and loss in words, and what is said of a model that is bad or failed.
#include <gtest/gtest.h>

#include <limits>

#include "apps/report/report_format.hpp"
#include "apps/simulation/report/report.hpp"
#include "support/apps_report_sample.hpp"

namespace apps = understudy::apps;
namespace core = understudy::core;
namespace surrogates = understudy::surrogates;

namespace {

using Value = core::Maybe<double>;

using apps::sample::has;
using apps::sample::page_of;

}  // namespace

TEST(ReportVerdict, SaysGainAndLossFromTheNumbers) {
  const std::string text = apps::report_verdict(apps::sample::Study().data);
  EXPECT_TRUE(has(text, "(swap policy 'schedule') is 14 times faster than the simulation")) << text;
  EXPECT_TRUE(
      has(text,
          "on average over the 113 of 120 windows that the surrogate advanced and 5.4%, 13% "
          "at the end"))
      << text;
  EXPECT_TRUE(has(text, "within its bounds over all 120 windows (9.9 shedding periods)")) << text;
  EXPECT_TRUE(has(text,
                  "At equal error it loses: a classical run (64 × 24) is as accurate and "
                  "1.6 times faster"))
      << text;
  EXPECT_TRUE(has(text, "paid back after 12 runs")) << text;
  EXPECT_TRUE(has(text, "it misses the Strouhal number by most: 1.8%")) << text;
  EXPECT_FALSE(has(text, "drifts")) << text;
}

TEST(ReportVerdict, SaysThatAModelIsBadAndAContenderBetter) {
  apps::sample::Study study;
  for (double& value : study.result.errors[1].rel_l2) value *= 6;
  study.data.model_verdict = "this model is bad: its mean relative L2 error is 70% in v";
  surrogates::ComparisonResult other = apps::sample::measured();
  other.speedups.same_grid = Value::of(30);
  surrogates::ModelCard card;
  study.data.contenders.push_back({"the replacement", card, study.result});
  study.data.contenders.push_back({"pod", card, other});
  const std::string text = apps::report_lead(study.data);
  EXPECT_TRUE(has(text, "It is no replacement: on average it is off in pressure by 5")) << text;
  EXPECT_TRUE(has(text, "Training said so: this model is bad")) << text;
  EXPECT_TRUE(has(text, "The contender pod is ")) << text;
  EXPECT_TRUE(has(text, "times as accurate (mean error ")) << text;
  EXPECT_TRUE(has(text, "30 times faster than the simulation")) << text;
  EXPECT_TRUE(has(page_of(study.data), "class=\"lead\">The replacement"));
}

TEST(ReportVerdict, ClaimsNothingBelowTheSimulationsOwnError) {
  apps::sample::Study study;
  auto& own = study.result.truth_error;
  EXPECT_FALSE(has(apps::report_verdict(study.data), "own error")) << "not asked for";
  own.name = "512 × 192";
  for (const auto& error : study.result.errors) {
    own.fields.push_back(error.field);
    own.errors.emplace_back(120, 0.9);
  }
  const std::string within = apps::report_verdict(study.data);
  EXPECT_TRUE(has(within,
                  "The simulation's own error, beside a run of 512 × 192 cells, is 90%; the "
                  "replacement's ("))
      << within;
  EXPECT_TRUE(has(within, ") is within it, and which of the two is more accurate is not known."))
      << within;
  const std::string page = page_of(study.data);
  EXPECT_TRUE(has(page, "Simulation's own, mean"));
  EXPECT_TRUE(has(page, "within the truth's own error"));
  EXPECT_TRUE(has(page, "the simulation itself, beside 512 × 192 cells"));

  // Between a contender's error and the replacement's.
  auto between = study.data;
  surrogates::ComparisonResult better = study.result;
  for (auto& error : better.errors)
    for (double& value : error.rel_l2) value *= 0.1;
  for (auto& errors : own.errors)
    errors.assign(120, 0.5 * study.result.mean_error(study.result.compared_windows()));
  better.truth_error = own;
  const surrogates::ModelCard card;
  between.contenders.push_back({"the replacement", card, study.result});
  between.contenders.push_back({"pod", card, better});
  const std::string lead = apps::report_lead(between);
  EXPECT_TRUE(has(lead, "The contender pod is 2")) << lead;
  EXPECT_TRUE(has(lead, ", within the simulation's own error, against ")) << lead;
  EXPECT_TRUE(has(page_of(between), "within the truth's own error"));

  for (auto& errors : own.errors) errors.assign(120, 1e-6);
  const std::string above = apps::report_verdict(study.data);
  EXPECT_TRUE(has(above, "The simulation's own error, beside a run of")) << above;
  EXPECT_FALSE(has(above, "is within it")) << above;
  EXPECT_FALSE(has(page_of(study.data), "within the truth's own error"));

  study.result.classical.clear();
  EXPECT_TRUE(has(page_of(study.data), "the simulation itself, beside 512 × 192 cells"))
      << "without any classical run";

  own.refused = "it left its bounds.";
  EXPECT_TRUE(has(apps::report_verdict(study.data),
                  "The simulation's own error is not known: it left its bounds. "));
}

TEST(ReportVerdict, PrintsNoMoreDigitsThanTheRepeatsLeave) {
  apps::sample::Study study;
  auto& s = study.result.speedups;
  s.same_grid = Value::of(38.2);
  s.same_grid_scatter = {30.7, 54.7, 5};
  s.equal_error_at_most = true;
  s.equal_error = Value::of(24.3, "the cheapest run made is 20 times as accurate");
  const std::string text = apps::report_verdict(study.data);
  EXPECT_TRUE(has(text,
                  "is 40 times faster than the simulation on the same grid (ratio 30.7 to "
                  "54.7 in 5 timed runs)"))
      << text;
  EXPECT_TRUE(has(text, "At equal error it is at most 24 times faster")) << text;
  study.result.classical.push_back(
      {"64 × 64", apps::sample::nan, apps::sample::nan, {}, "too thin"});
  const std::string page = page_of(study.data);
  EXPECT_TRUE(has(page, "40&thinsp;×")) << "one digit";
  EXPECT_TRUE(has(page, "≤&thinsp;24&thinsp;×"));
  EXPECT_TRUE(has(page, "64 × 64 <span class=\"aside\">refused: too thin</span>"));
  s.same_grid_scatter = {0.8, 1.3, 5};
  s.same_grid = Value::of(1.1);
  EXPECT_TRUE(has(apps::report_verdict(study.data), "is neither faster nor slower")) << text;
}

TEST(ReportVerdict, SaysPlainlyThatASlowerSurrogateLoses) {
  apps::sample::Study study;
  study.data.swap_policy = "always";
  study.result.speedups = {Value::of(0.5), Value::none("no coarser run was made"), Value::none("")};
  const std::string text = apps::report_verdict(study.data);
  EXPECT_TRUE(has(text, "The surrogate loses on speed: it is 2 times slower than the simulation"))
      << text;
  EXPECT_TRUE(has(text, "No speed-up at equal error can be given: no coarser run was made."))
      << text;
  EXPECT_TRUE(has(text, "never paid back")) << text;
}

TEST(ReportVerdict, HeadsARunThatBrokeWithItsFailure) {
  apps::sample::Study study;
  study.data.swap_policy = "always";
  study.result.times_s.resize(38);
  study.result.failure = "velocity is not finite";
  const std::string text = apps::report_verdict(study.data);
  EXPECT_TRUE(
      text.starts_with("The surrogate fails: it became unstable after 37 of 120 windows (9.9 "
                       "shedding periods): velocity is not finite. Until then: it is 14 times "
                       "faster"))
      << text;
  EXPECT_TRUE(has(text, "at the last stable window")) << text;
  EXPECT_FALSE(has(text, "stayed stable")) << text;
}

TEST(ReportVerdict, SaysThatAContenderLastsWhereTheReplacementFails) {
  apps::sample::Study study;
  study.result.replacement_failed = true;
  study.result.failure = "velocity is not finite";
  study.result.times_s.resize(1);
  for (auto& error : study.result.errors) error.rel_l2.resize(1);
  surrogates::ComparisonResult other = apps::sample::measured();
  surrogates::ModelCard card;
  study.data.contenders.push_back({"the replacement", card, study.result});
  study.data.contenders.push_back({"pod", card, other});
  const std::string text = apps::report_lead(study.data);
  EXPECT_TRUE(has(text, "unstable after 0 of 120 windows")) << text;
  EXPECT_TRUE(has(text, "its error was not measured")) << text;
  EXPECT_TRUE(has(text, "The contender pod lasts all 120 windows (mean error ")) << text;
}

TEST(ReportVerdict, JudgesAMeanThatIsZeroBySymmetryByWhatItSwingsBy) {
  apps::sample::Study study;
  apps::ReportMetric strouhal, lift, moment;
  strouhal.name = "flow.strouhal";
  lift.name = "flow.lift_mean";
  moment.name = "flow.moment_mean";
  strouhal.unit = lift.unit = moment.unit = "1";
  strouhal.truth = 0.2;
  strouhal.replacement = 0.21;
  lift.truth = 1e-6;
  lift.replacement = 1e-5;
  lift.scale = 0.3;
  moment.truth = 1e-17;  // zero to round-off, and swings by no more
  moment.replacement = 1e-4;
  moment.scale = 1e-17;
  study.data.metrics = {lift, moment, strouhal};
  const std::string text = apps::report_verdict(study.data);
  EXPECT_TRUE(has(text, "misses the strouhal by most: 5%")) << text;
  const std::string page = page_of(study.data);
  EXPECT_TRUE(has(page, "<td>9e-6</td>")) << "the difference alone";
  EXPECT_FALSE(has(page, "900%"));
  // One that is far off all the same is named, in its own unit.
  study.data.metrics[0].replacement = 0.15;
  EXPECT_TRUE(has(apps::report_verdict(study.data),
                  "misses the lift mean by most: 0.15, 50% of what it swings by"))
      << apps::report_verdict(study.data);
}

TEST(ReportVerdict, NamesADriftThatStaysWithinBounds) {
  apps::sample::Study study;
  auto& energy = study.result.diagnostics[2];
  energy.name = "flow.kinetic_energy";
  for (std::size_t n = 0; n < energy.replacement.size(); ++n)
    energy.replacement[n] *= 1 + 0.025 * n;
  const std::string text = apps::report_verdict(study.data);
  EXPECT_TRUE(has(text, "It drifts: its kinetic energy ends 2")) << text;
}

TEST(ReportVerdict, GivesAValueWhereTheSimulationsIsRoundOff) {
  apps::sample::Study study;
  auto& divergence = study.result.diagnostics[2];
  divergence.name = "flow.divergence_norm";
  divergence.unit = "1/s";
  for (double& value : divergence.truth) value = 1.2e-15;
  for (double& value : divergence.replacement) value = 1.6e-3;
  const std::string text = apps::report_verdict(study.data);
  EXPECT_TRUE(
      has(text, "Its divergence norm, zero to round-off in the simulation, ends at 0.0016 1/s."))
      << text;
  EXPECT_FALSE(has(text, "drifts")) << text;
}

TEST(ReportVerdict, SaysWhenOnlyTheFullSimulationIsAsAccurate) {
  apps::sample::Study study;
  auto& speedups = study.result.speedups;
  speedups.equal_error = speedups.same_grid;
  EXPECT_TRUE(
      has(apps::report_verdict(study.data), "(the full simulation itself: no cheaper one is"));
  speedups.equal_error = Value::of(3);
  EXPECT_TRUE(has(apps::report_verdict(study.data), "(between the measured ones, interpolated)"));
}

TEST(ReportVerdict, ComparesWithTheFrozenState) {
  apps::sample::Study study;
  for (double& value : study.result.errors[0].rel_l2) value *= 100;
  EXPECT_TRUE(has(apps::report_verdict(study.data),
                  "no better than leaving the first state frozen in velocity (22%)"));
  // A rollout that ended early is compared over its own windows.
  study.result.errors = {{"velocity", "m/s", {0, 0.2, 0.4, apps::sample::nan}, {0, 0.1, 0.2, 5}}};
  EXPECT_TRUE(has(apps::report_verdict(study.data), "state frozen in velocity (15%)"))
      << apps::report_verdict(study.data);
}
