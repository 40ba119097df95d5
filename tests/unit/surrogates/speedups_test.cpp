// The three speed-ups, from walls, costs and classical runs; timing in turns.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/comparison/interleaved_timing.hpp"

namespace understudy {

using namespace surrogates;

TEST(Speedups, FollowTheirDefinitions) {
  ComparisonResult r;
  r.truth_wall_s = 10;
  r.replacement_wall_s = 2;
  r.cores = 2;
  r.made_for_core_s = 160;
  r.errors = {{"q", "K", {0, 0.01, 0.03}, {}}};  // mean 0.02
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.same_grid.value, 5);
  EXPECT_DOUBLE_EQ(r.speedups.break_even_runs.value, 10);
  EXPECT_FALSE(r.speedups.equal_error.known);
  EXPECT_NE(r.speedups.equal_error.reason.find("no cheaper classical run"), std::string::npos);

  r.classical = {{"half", 4, 0.01}, {"quarter", 1, 0.04}};
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 2.0 / 2, 1e-12) << "log-log halfway between 4 and 1";
  r.classical.push_back({"dear and bad", 8, 0.02});
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 1, 1e-12) << "a dominated run changes nothing";
  r.classical.push_back({"measured between them", 2.5, 0.02});
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 2.5 / 2, 1e-12) << "a run takes the place of the guess";
  r.classical.pop_back();
  r.classical.push_back({"below the line", 1.5, 0.019});
  set_speedups(r);
  EXPECT_LT(r.speedups.equal_error.value, 1.5 / 2);
  r.classical.pop_back();
  r.classical.push_back({"no cheaper than the truth", 12, 0.005});
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 1, 1e-12);
  auto dear = r;
  dear.classical = {{"no cheaper than the truth", 12, 0.005}};
  set_speedups(dear);
  EXPECT_DOUBLE_EQ(dear.speedups.equal_error.value, 5)
      << "never above what the truth itself allows";
  r.errors[0].rel_l2 = {0, 0.001, 0.001};
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 5) << "only the full run is as good";
  r.errors[0].rel_l2 = {0, 0.5, 0.5};
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 0.5) << "a cheap run beats the replacement";
  EXPECT_TRUE(r.speedups.equal_error_at_most) << "and a cheaper one might, too";
  r.replacement_wall_s = 20;
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.same_grid.value, 0.5) << "a loss is reported as one";
  EXPECT_FALSE(r.speedups.break_even_runs.known);
  EXPECT_NE(r.speedups.break_even_runs.reason.find("never pays back"), std::string::npos);
}

// A method that is not the solver's own counts; what the solver's users gain stands beside it.
TEST(Speedups, AgainstTheOwnMethodAloneStandBesideThose) {
  ComparisonResult r;
  r.truth_wall_s = 10;
  r.replacement_wall_s = 1;
  r.truth_walls_s = {10, 10};
  r.replacement_walls_s = {1, 2};
  r.errors = {{"q", "K", {0, 0.02}, {}}};
  ClassicalPoint own{"half", 4, 0.02}, other{"spectral half", 3, 0.02};
  own.walls_s = {4, 6};
  other.walls_s = {3, 3};
  other.other_method = true;
  r.classical = {own};
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 4);
  EXPECT_FALSE(r.speedups.own_method.known) << "no other competes";
  r.classical.push_back(other);
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 3);
  EXPECT_DOUBLE_EQ(r.speedups.own_method.value, 4);
  EXPECT_DOUBLE_EQ(r.speedups.own_method_scatter.lowest, 3);
  EXPECT_DOUBLE_EQ(r.speedups.own_method_scatter.highest, 4);
  EXPECT_FALSE(r.speedups.own_method_at_most);
  r.classical = {other};
  set_speedups(r);
  EXPECT_FALSE(r.speedups.own_method.known) << "the full run is no run at equal error";
  EXPECT_EQ(r.speedups.own_method.reason, "no classical run of the deck's own solver was made");
  ClassicalPoint thin{"quarter", std::nan(""), std::nan(""), {}, "the body is too thin"};
  r.classical.push_back(thin);
  set_speedups(r);
  EXPECT_FALSE(r.speedups.own_method.known);
  EXPECT_EQ(r.speedups.own_method.reason,
            "not known: 1 of 1 classical runs could not be made (quarter)");
  ClassicalPoint dear = own;
  dear.cost_s = 12;
  dear.walls_s = {12, 12};
  r.classical.push_back(dear);
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.own_method.value, 10);
  EXPECT_TRUE(r.speedups.own_method_at_most) << "what was refused may cost less";
  EXPECT_NE(r.speedups.own_method.reason.find("1 of 2 classical runs"), std::string::npos)
      << r.speedups.own_method.reason;
  r.classical = {other};
  r.classical.back().refused = "several ranks";
  r.classical.push_back(own);
  set_speedups(r);
  EXPECT_FALSE(r.speedups.own_method.known) << "what could not be made does not compete";
}

TEST(Speedups, AreThoseOfTheMediansWithTheRangeOfTheRepeats) {
  ComparisonResult r;
  r.errors = {{"q", "K", {0, 0.02, 0.02}, {}}};
  r.made_for_core_s = 80;
  r.set_walls({9, 10, 14}, {2, 2, 2.5});
  r.classical = {{"half", 4, 0.02, {3, 4, 5}}};
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.same_grid.value, 5);
  EXPECT_DOUBLE_EQ(r.speedups.same_grid_scatter.lowest, 4.5);
  EXPECT_DOUBLE_EQ(r.speedups.same_grid_scatter.highest, 5.6);
  EXPECT_EQ(r.speedups.same_grid_scatter.repeats, 3);
  EXPECT_EQ(r.speedups.same_grid_scatter.digits(5), 2);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 2);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error_scatter.lowest, 1.5);
  EXPECT_FALSE(r.speedups.equal_error_at_most) << "a run of just that error was made";
  EXPECT_DOUBLE_EQ(r.speedups.break_even_runs.value, 10);
}

TEST(Speedups, StandOnTheBaselinesThatCouldBeMade) {
  ComparisonResult r;
  r.truth_wall_s = 10;
  r.replacement_wall_s = 1;
  r.errors = {{"q", "K", {0, 0.2}, {}}};
  const double nan = std::nan("");
  r.classical = {{"quarter", nan, nan, {}, "the body is thinner than the grid resolves"}};
  set_speedups(r);
  EXPECT_FALSE(r.speedups.equal_error.known);
  EXPECT_EQ(r.speedups.equal_error.reason,
            "not known: 1 of 1 classical runs could not be made (quarter)");
  r.classical.insert(r.classical.begin(), {"half", 4, 0.01});
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 4);
  EXPECT_TRUE(r.speedups.equal_error_at_most) << "the cheapest is 20 times as accurate";
  EXPECT_NE(r.speedups.equal_error.reason.find("20 times as accurate"), std::string::npos);
  EXPECT_NE(r.speedups.equal_error.reason.find("1 of 2 classical runs could not be made"),
            std::string::npos);
  for (const char* name : {"a", "b", "c"})
    r.classical.push_back({name, nan, nan, {}, "too coarse"});
  set_speedups(r);
  EXPECT_NE(r.speedups.equal_error.reason.find("(quarter; a; b; and 1 more)"), std::string::npos)
      << r.speedups.equal_error.reason;
}

TEST(Timing, TakesTurnsBlockByBlock) {
  std::string order;
  const auto side = [&](const char* name) {
    return TimedSide{
        name, [&order, name] { order += std::string("|") + name; },
        [&order, name](long long windows) { order += name + std::to_string(windows); }};
  };
  std::vector<TimedSide> sides{side("a"), side("b")};
  sides.push_back({"c", [] {}, [](long long) { throw core::RunError("unstable"); }});
  time_interleaved(sides, {5, 3, 2}, core::Comm::self());
  EXPECT_EQ(order, "|a|ba3b3b2a2|a|ba3b3a2b2");
  EXPECT_EQ(sides[0].walls_s.size(), 2u);
  EXPECT_EQ(sides[2].failure, "unstable");
  EXPECT_TRUE(sides[2].walls_s.empty());
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
}

}  // namespace understudy
