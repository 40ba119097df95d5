// The truth's own error: what is not claimed below it, by error and by time of correlation.
#include <gtest/gtest.h>

#include <cmath>

#include "surrogates/comparison/comparison.hpp"

namespace understudy {

using namespace surrogates;

namespace {

// Mean error 0.02, 2 s beside the truth's 10 s.
ComparisonResult by_error() {
  ComparisonResult r;
  r.truth_wall_s = 10;
  r.replacement_wall_s = 2;
  r.errors = {{"q", "K", {0, 0.01, 0.03}, {}}};
  r.classical = {{"half", 4, 0.01}, {"quarter", 1, 0.04}};
  return r;
}

void set_truth(ComparisonResult& r, std::vector<double> errors) {
  r.truth_error.name = "128 x 128";
  r.truth_error.fields = {"q"};
  r.truth_error.errors = {std::move(errors)};
  set_speedups(r);
}

// A straight line from 1 at the start through 0.95 at that time; 10 windows of 1 s.
CorrelationSeries falls_at(double time_s) {
  CorrelationSeries series{"q"};
  for (int n = 0; n <= 10; ++n) series.values.push_back(1 - 0.05 * static_cast<double>(n) / time_s);
  return series;
}

ClassicalPoint followed(const char* name, double cost_s, double time_s) {
  ClassicalPoint point{name, cost_s, 1};
  point.correlation = falls_at(time_s);
  return point;
}

ComparisonResult by_time(double time_s, double truth_s) {
  ComparisonResult r = by_error();
  r.equal_in = EqualIn::correlation_95;
  r.window_s = 1;
  r.correlation = falls_at(time_s);
  r.classical = {followed("half", 4, 8), followed("quarter", 1, 2)};
  r.truth_error.correlation = falls_at(truth_s);
  set_truth(r, {0.001, 0.001});
  return r;
}

}  // namespace

TEST(TruthError, BelowTheReplacementsChangesNothing) {
  ComparisonResult r = by_error();
  set_truth(r, {0.001, 0.003});
  EXPECT_NEAR(r.truth_mean_error(), 0.002, 1e-15);
  EXPECT_NEAR(r.truth_error.error, 0.002, 1e-15);
  EXPECT_EQ(r.read_at(), r.judged_by());
  EXPECT_NEAR(r.speedups.equal_error.value, 2.0 / 2, 1e-12) << "log-log halfway between 4 and 1";
  EXPECT_EQ(r.speedups.equal_error.reason, "between half and quarter");
  EXPECT_FALSE(r.within_truth(r.mean_error()));
}

TEST(TruthError, AboveTheReplacementsIsWhereTheSpeedupIsRead) {
  ComparisonResult r = by_error();
  set_truth(r, {0.04, 0.04});
  EXPECT_TRUE(r.within_truth(r.mean_error()));
  EXPECT_TRUE(r.within_truth(r.classical[0].error));
  EXPECT_FALSE(r.within_truth(r.classical[1].error)) << "just as large";
  EXPECT_NEAR(r.speedups.equal_error.value, 1.0 / 2, 1e-12) << "the quarter's, whose error it is";
  EXPECT_EQ(
      r.speedups.equal_error.reason,
      "quarter; read at the simulation's own error, 0.04 beside a run of 128 x 128 cells, as the "
      "replacement's (0.02) is within it");
  EXPECT_FALSE(r.speedups.equal_error_at_most);

  set_truth(r, {0.16, 0.16});
  EXPECT_NEAR(r.speedups.equal_error.value, 1.0 / 2, 1e-12);
  EXPECT_TRUE(r.speedups.equal_error_at_most);
  EXPECT_NE(r.speedups.equal_error.reason.find("4 times as accurate as the simulation itself"),
            std::string::npos)
      << r.speedups.equal_error.reason;

  // A repeat's is read at the same error.
  r.set_walls({8, 10, 12}, {2, 2, 2});
  r.classical[1].walls_s = {0.5, 1, 1.5};
  set_truth(r, {0.04, 0.04});
  EXPECT_NEAR(r.speedups.equal_error_scatter.lowest, 0.25, 1e-12);
  EXPECT_NEAR(r.speedups.equal_error_scatter.highest, 0.75, 1e-12);
}

TEST(TruthError, ThatIsNotKnownOrZeroLimitsNothing) {
  ComparisonResult r = by_error();
  set_truth(r, {0.04, 0.04});
  r.truth_error.refused = "it left its bounds";
  set_speedups(r);
  EXPECT_TRUE(std::isnan(r.truth_mean_error()));
  EXPECT_NEAR(r.speedups.equal_error.value, 1, 1e-12);
  r.truth_error.refused = "";
  set_truth(r, {std::nan(""), std::nan("")});
  EXPECT_NEAR(r.speedups.equal_error.value, 1, 1e-12);
  // A replacement that is the simulation is not compared at all.
  r.errors[0].rel_l2 = {0, 0, 0};
  set_truth(r, {0.04, 0.04});
  EXPECT_EQ(r.speedups.equal_error.reason, "the replacement's error is zero: it is the simulation");
}

TEST(TruthError, CountsOverTheWindowsThatTheSurrogateAdvanced) {
  ComparisonResult r = by_error();
  r.times_s = {0, 1, 2};
  r.windows.resize(2);
  r.windows[0].who = "simulation";
  r.windows[1].who = "surrogate";
  set_truth(r, {0.5, 0.05});
  EXPECT_NEAR(r.truth_mean_error(), 0.05, 1e-15);
  EXPECT_TRUE(r.within_truth(r.mean_error())) << "0.03 in that window";
}

TEST(TruthError, InTimeOfCorrelationIsTheShorterOfBoth) {
  const ComparisonResult longer = by_time(8, 4);
  EXPECT_NEAR(longer.speedups.equal_error.value, 2.0 / 2, 1e-9)
      << "read at 4 s: log-log halfway between half and quarter";
  EXPECT_NE(longer.speedups.equal_error.reason.find(
                "read at 4 s, until when the simulation follows a run of 128 x 128 cells"),
            std::string::npos)
      << longer.speedups.equal_error.reason;
  EXPECT_TRUE(longer.beyond_truth(longer.correlation, 0.95));
  EXPECT_FALSE(longer.beyond_truth(falls_at(2), 0.95));
  EXPECT_FALSE(longer.beyond_truth(falls_at(4), 0.95)) << "just as long";

  // One that never falls is known to be followed for as long as the truth is.
  const ComparisonResult to_the_end = by_time(1e9, 4);
  EXPECT_NEAR(to_the_end.speedups.equal_error.value, 2.0 / 2, 1e-9);
  EXPECT_TRUE(to_the_end.beyond_truth(to_the_end.correlation, 0.95));

  const ComparisonResult shorter = by_time(4, 8);
  EXPECT_NEAR(shorter.speedups.equal_error.value, 2.0 / 2, 1e-9);
  EXPECT_EQ(shorter.speedups.equal_error.reason.find("read at"), std::string::npos);
  const ComparisonResult unlimited = by_time(1e9, 1e9);
  EXPECT_FALSE(unlimited.speedups.equal_error.known) << "neither falls";
  EXPECT_FALSE(unlimited.beyond_truth(unlimited.correlation, 0.95));
}

TEST(TruthError, NoModelIsBetterThanOneThatIsWithinIt) {
  ComparisonResult r = by_error(), better = by_error();
  better.errors[0].rel_l2 = {0, 0.002, 0.002};
  set_truth(r, {0.005, 0.005});
  const auto found = better_model(r, {&better});
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->error, 0.002, 1e-15);
  EXPECT_NEAR(found->times_as_accurate(), 0.02 / 0.005, 1e-12) << "and no more than is known";
  set_truth(r, {0.04, 0.04});
  EXPECT_FALSE(better_model(r, {&better}).has_value());
  set_truth(r, {1e-4, 1e-4});
  better.errors[0].rel_l2 = {0, 0.0195, 0.0195};
  EXPECT_FALSE(better_model(r, {&better}).has_value()) << "2.5% in one comparison tell nothing";
}

}  // namespace understudy
