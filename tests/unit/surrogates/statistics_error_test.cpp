// Mean and deviation of diagnostics, and the equal-error speed-up in them.
#include <gtest/gtest.h>

#include <cmath>

#include "surrogates/comparison/comparison.hpp"

namespace understudy {

using namespace surrogates;

namespace {

DiagnosticSeries series(const char* name, std::vector<double> truth,
                        std::vector<double> replacement) {
  return {name, "1", solvers::DiagnosticKind::free, std::move(truth), std::move(replacement)};
}

// The start, and four windows. Drag: mean 3, deviation 1; lift: mean 0, deviation 2.
ComparisonResult wake() {
  ComparisonResult r;
  r.equal_in = EqualIn::statistics;
  r.truth_wall_s = 10;
  r.replacement_wall_s = 2;
  r.errors = {{"u", "m/s", {0, 1, 1, 1, 1}, {}}};
  r.times_s = {0, 1, 2, 3, 4};
  r.windows.resize(4);
  r.diagnostics = {series("flow.drag", {9, 2, 4, 2, 4}, {9, 3, 5, 3, 5}),
                   series("flow.lift", {9, -2, 2, -2, 2}, {9, -1, 1, -1, 1}),
                   series("flow.mass", {1, 1, 1, 1, 1}, {1, 7, 7, 7, 7})};
  r.statistics = {"flow.drag", "flow.lift"};
  return r;
}

ClassicalPoint run_of(const char* name, double cost_s, double off) {
  ClassicalPoint point{name, cost_s, 1};
  // Deviations are right, the drag's mean is off.
  point.statistics = {{2 + off, 4 + off, 2 + off, 4 + off}, {-2, 2, -2, 2}};
  return point;
}

}  // namespace

TEST(StatisticsError, IsOfMeanAndDeviation) {
  const ComparisonResult r = wake();
  // Drag: 1 / sqrt(10), and 0; lift: 0 / 2, and 1 / 2.
  EXPECT_NEAR(r.statistics_error(), (1 / std::sqrt(10) + 0.5) / 4, 1e-12);
  EXPECT_EQ(r.judged_by(), r.statistics_error());
  EXPECT_NEAR(r.judged_by(run_of("half", 4, 0.4)), 0.4 / std::sqrt(10) / 4, 1e-12);
  EXPECT_TRUE(std::isnan(r.judged_by(ClassicalPoint{"none", 4, 1}))) << "nothing was recorded";
}

TEST(StatisticsError, LeavesOutWhatDoesNotMoveAndWhatIsZero) {
  ComparisonResult r = wake();
  r.statistics = {"flow.mass"};
  EXPECT_NEAR(r.statistics_error(), 6, 1e-12) << "its mean alone";
  r.diagnostics[2].truth = {0, 0, 0, 0, 0};
  EXPECT_TRUE(std::isnan(r.statistics_error()));
  r.statistics = {"flow.side"};
  EXPECT_TRUE(std::isnan(r.statistics_error())) << "it is not there";
}

// A steady diagnostic in single precision: its deviation is round-off.
TEST(StatisticsError, OfADeviationOfRoundOffIsRelativeToAThousandthOfTheSize) {
  ComparisonResult r = wake();
  constexpr double off = 3e-6;
  r.diagnostics = {series("flow.drag", {9, 1 - off, 1 + off, 1 - off, 1 + off},
                          {9, 1 - 2 * off, 1 + 2 * off, 1 - 2 * off, 1 + 2 * off})};
  r.statistics = {"flow.drag"};
  EXPECT_NEAR(r.statistics_error(), off / 1e-3 / 2, 1e-8) << "a half if relative to itself";
}

TEST(StatisticsError, OfWhatIsNotKnown) {
  ComparisonResult r = wake();
  const double nan = std::nan("");
  const double both = r.statistics_error();
  r.diagnostics[0].replacement[2] = nan;
  EXPECT_TRUE(std::isnan(r.statistics_error())) << "the replacement lacks one";
  r.diagnostics[0].truth[2] = nan;
  EXPECT_NEAR(r.statistics_error(), 0.25, 1e-12) << "the lift alone, as of every side";
  EXPECT_GT(std::abs(both - 0.25), 0.01);
  r.truth_error.name = "128 x 64";
  r.truth_error.statistics = {{1, 1, 1, 1}, {nan, 2, -2, 2}};
  r.classical = {run_of("half", 4, 0)};
  r.classical[0].statistics[1] = {-1, 1, -1, 1};
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 2);
  EXPECT_NE(r.speedups.equal_error.reason.find(
                "the simulation's own error in it, beside 128 x 64 cells, could not be measured"),
            std::string::npos)
      << r.speedups.equal_error.reason;
}

TEST(StatisticsError, CountsTheWindowsThatTheSurrogateAdvanced) {
  ComparisonResult r = wake();
  r.statistics = {"flow.drag"};
  r.windows[0].who = r.windows[1].who = "simulation";
  r.windows[2].who = r.windows[3].who = "surrogate";
  r.diagnostics[0].replacement = {9, 100, 100, 2, 4};
  EXPECT_NEAR(r.statistics_error(), 0, 1e-12);
}

TEST(StatisticsError, SpeedupsAreReadInIt) {
  ComparisonResult r = wake();
  const double own = r.statistics_error() * 4 * std::sqrt(10);  // as an offset of the drag
  r.classical = {run_of("half", 4, own / 2), run_of("quarter", 1, own * 2)};
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 2.0 / 2, 1e-9) << "log-log halfway between 4 and 1";
  EXPECT_EQ(r.speedups.equal_error.reason, "between half and quarter");

  // The truth's own statistics are off by as much as the quarter's.
  r.truth_error.name = "128 x 64";
  r.truth_error.statistics = run_of("finer", 0, own * 2).statistics;
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 1.0 / 2, 1e-9);
  EXPECT_NE(r.speedups.equal_error.reason.find("read at the simulation's own error"),
            std::string::npos)
      << r.speedups.equal_error.reason;

  r.statistics = {"flow.side"};
  set_speedups(r);
  EXPECT_EQ(r.speedups.equal_error.reason, "mean and deviation of no named diagnostic are known");
}

TEST(StatisticsError, TakesDiagnosticsByName) {
  const std::vector<solvers::Diagnostic> all{{"a", "1", 2}, {"b", "1", 3}};
  const auto values = values_of(all, {"b", "c"});
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0], 3);
  EXPECT_TRUE(std::isnan(values[1]));
}

}  // namespace understudy
