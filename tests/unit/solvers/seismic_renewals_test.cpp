// The stages of an inversion on an estimate that is drawn anew: J = 1/2 |W (c - truth)|^2, and in its place the
// same about a truth that each draw moves a little.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "solvers/seismic/inversion/inversion.hpp"

#ifdef UNDERSTUDY_WITH_PETSC
namespace understudy::solvers::seismic {
namespace {

constexpr int nx = 6, ny = 5, cells = nx * ny;
using Draws = std::vector<std::pair<int, int>>;

class Estimate : public InversionObjective {
 public:
  Draws draws;              ///< stage, renewal
  std::vector<int> silent;  ///< renewals with nothing to fit
  double part = 1;          ///< of the misfit that the estimate sees
  int wholes = 0;           ///< misfits computed

  void set_stage(double) override {}
  bool is_estimate() const override { return true; }
  void renew(int stage, int renewal) override { draws.push_back({stage, renewal}); }
  Evaluation evaluate(std::span<const double> c) override {
    work_.simulations += 2;
    const auto [stage, renewal] = draws.back();
    Evaluation e;
    e.gradient.assign(cells, 0);
    if (std::ranges::find(silent, renewal) != silent.end()) return e;
    for (int n = 0; n < cells; ++n) {
      const double moved = c[n] - truth(n) - 2 * std::sin(7.0 * n + renewal + 10 * stage);
      e.misfit += part * 0.5 * weight(n) * weight(n) * moved * moved;
      e.gradient[n] = part * weight(n) * weight(n) * moved;
    }
    return e;
  }
  double whole_misfit(std::span<const double> c) override {
    ++wholes;
    work_.simulations += 10;
    return misfit(c);
  }
  Work work() const override { return work_; }
  std::string name() const override { return "estimate"; }

  static double truth(int n) { return 2000 + 40 * std::sin(n); }
  static double weight(int n) { return 1 + 0.5 * std::cos(3 * n); }
  static double misfit(std::span<const double> c) {
    double sum = 0;
    for (int n = 0; n < cells; ++n) sum += 0.5 * std::pow(weight(n) * (c[n] - truth(n)), 2);
    return sum;
  }

 private:
  Work work_;
};

InversionSetup setup(std::vector<StageParams> stages, int renew_every) {
  InversionSetup s;
  s.box.cells = {nx, ny};
  s.box.lower_m = {0, -50};
  s.box.upper_m = {60, 0};
  s.start.assign(cells, 2000);
  s.params.stages = std::move(stages);
  s.params.precondition = "none";
  s.params.encoding = {1, renew_every};
  return s;
}

TEST(SeismicRenewals, AStageIsAsManyDrawsAsItsIterationsTake) {
  Estimate objective;
  std::vector<int> resumable;
  const auto end = run_inversion(objective, setup({{5, 4}, {0, 5}}, 2), [&](const auto& state) {
    if (state.resumable) resumable.push_back(state.history.back().iteration);
    return true;
  });
  EXPECT_EQ(objective.draws, (Draws{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {1, 2}}));
  ASSERT_EQ(end.history.size(), 11u);  // two starts, 4 + 5 iterations
  EXPECT_EQ(resumable, (std::vector<int>{0, 2, 4, 4, 6, 8, 9}));
  for (std::size_t n = 0; n < end.history.size(); ++n) {
    const auto& r = end.history[n];
    const bool second = n > 4;
    EXPECT_EQ(r.stage, second ? 1 : 0);
    EXPECT_EQ(r.spent, int(second ? n - 5 : n));
    EXPECT_EQ(r.iteration, int(second ? n - 1 : n));
    EXPECT_EQ(r.whole, n == 0 || n == 4 || n == 5 || n == 10) << n;
    EXPECT_GE(r.simulations, n > 0 ? end.history[n - 1].simulations : 10);
  }
  // The misfit of the models that stages start and end with, not the estimate of it.
  const std::vector<double> start(cells, 2000);
  EXPECT_DOUBLE_EQ(end.history[0].misfit, Estimate::misfit(start));
  EXPECT_EQ(end.history[4].misfit, end.history[5].misfit);
  EXPECT_DOUBLE_EQ(end.history[10].misfit, Estimate::misfit(end.speed));
  EXPECT_EQ(end.history[10].simulations, objective.work().simulations);
  EXPECT_EQ(objective.wholes, 4);
  EXPECT_LT(end.history[10].misfit, 0.1 * end.history[0].misfit);
  ASSERT_EQ(end.ends.size(), 2u);
  EXPECT_EQ(end.ends[1].reason, "iterations are spent");
  EXPECT_FALSE(end.ends[1].failed);
}

TEST(SeismicRenewals, WhatGoesOnFromAnyRenewalIsTheUninterruptedInversionBitwise) {
  for (const int renew_every : {1, 3}) {
    SCOPED_TRACE(renew_every);
    auto s = setup({{5, 4}, {0, 7}}, renew_every);
    std::vector<InversionState> kept;
    Estimate objective;
    objective.silent = {1};  // spends its iterations without making any
    const auto whole = run_inversion(objective, s, [&](const auto& state) {
      if (state.resumable) kept.push_back(state);
      return true;
    });
    ASSERT_GT(kept.size(), 3u);
    for (const auto& state : kept) {
      Estimate again;
      again.silent = {1};
      s.resumed = state;
      const auto end = run_inversion(again, s, [](const auto&) { return true; });
      EXPECT_EQ(end.speed, whole.speed);
      ASSERT_EQ(end.history.size(), whole.history.size());
      for (std::size_t n = 0; n < end.history.size(); ++n) {
        // The record of a stage's start has counted its evaluation, which is made once more.
        const int twice = state.iterations_in_stage == 0 && n >= state.history.size();
        EXPECT_EQ(end.history[n].misfit, whole.history[n].misfit);
        EXPECT_EQ(end.history[n].iteration, whole.history[n].iteration);
        EXPECT_EQ(end.history[n].spent, whole.history[n].spent);
        EXPECT_EQ(end.history[n].evaluations, whole.history[n].evaluations + twice);
        EXPECT_EQ(end.history[n].simulations, whole.history[n].simulations + 2 * twice);
      }
    }
  }
}

TEST(SeismicRenewals, DrawsThatHelpNothingSpendTheirIterations) {
  Estimate some;
  some.silent = {1};
  const auto s = setup({{0, 6}}, 2);
  const auto end = run_inversion(some, s, [](const auto&) { return true; });
  EXPECT_EQ(some.draws, (Draws{{0, 0}, {0, 1}, {0, 2}}));
  EXPECT_EQ(end.history.back().iteration, 4);
  EXPECT_EQ(end.history.back().spent, 6);
  EXPECT_TRUE(end.history.back().whole);
  EXPECT_EQ(end.ends.at(0).reason,
            "iterations are spent; 1 of 3 draws of signs found no smaller misfit");
  EXPECT_FALSE(end.ends.at(0).failed);

  Estimate none;
  none.silent = {0, 1, 2};
  const auto still = run_inversion(none, s, [](const auto&) { return true; });
  EXPECT_EQ(still.speed, s.start);
  ASSERT_EQ(still.history.size(), 1u);
  EXPECT_DOUBLE_EQ(still.history[0].misfit, Estimate::misfit(s.start));
  EXPECT_EQ(still.ends.at(0).reason,
            "iterations are spent; 3 of 3 draws of signs found no smaller misfit");
  EXPECT_TRUE(still.ends.at(0).failed);
}

// The last record is then of an earlier draw, and was an estimate when it was made.
TEST(SeismicRenewals, AStageWhoseLastDrawMakesNothingEndsWithTheMisfitItself) {
  Estimate objective;
  objective.silent = {2};
  std::vector<InversionRecord> shown;
  std::vector<std::pair<int, bool>> again;  // iterations spent, resumable
  const auto end = run_inversion(objective, setup({{0, 6}}, 2), [&](const auto& state) {
    if (state.new_record)
      shown.push_back(state.history.back());
    else
      again.push_back({state.iterations_in_stage, state.resumable});
    return true;
  });
  ASSERT_EQ(shown.size(), 5u);
  ASSERT_EQ(end.history.size(), 5u);
  EXPECT_FALSE(shown.back().whole);
  const auto& last = end.history.back();
  EXPECT_EQ(last.iteration, 4);
  EXPECT_TRUE(last.whole);
  EXPECT_DOUBLE_EQ(last.misfit, Estimate::misfit(end.speed));
  EXPECT_DOUBLE_EQ(last.misfit_ratio, last.misfit / end.history.front().misfit);
  EXPECT_EQ(last.simulations, objective.work().simulations);
  EXPECT_EQ(last.evaluations, shown.back().evaluations + 2);  // the silent one, and of all shots
  EXPECT_EQ(objective.wholes, 2);
  // Once as the draw ended, once with the misfit itself.
  EXPECT_EQ(again, (std::vector<std::pair<int, bool>>{{6, true}, {6, true}}));
}

TEST(SeismicRenewals, TheGoalIsHeldToTheMisfitThatAStageEndsWith) {
  Estimate objective;
  objective.part = 1000;  // the estimate does not come there
  objective.silent = {1};
  auto s = setup({{0, 4}}, 2);
  s.params.misfit_goal = 0.95;
  const auto end = run_inversion(objective, s, [](const auto&) { return true; });
  EXPECT_EQ(objective.draws, (Draws{{0, 0}, {0, 1}}));
  EXPECT_LE(end.history.back().misfit_ratio, 0.95);
  EXPECT_TRUE(end.ends.at(0).reason.starts_with("misfit_goal is reached")) << end.ends[0].reason;
}

TEST(SeismicRenewals, WhatCameAfterTheLastRecordIsCounted) {
  Estimate objective;
  objective.silent = {0, 1, 2};
  auto s = setup({{0, 6}}, 2);
  std::vector<InversionState> kept;
  const auto end = run_inversion(objective, s, [&](const auto& state) {
    kept.push_back(state);
    return true;
  });
  ASSERT_EQ(end.history.size(), 1u);
  EXPECT_EQ(end.evaluations, 4);  // the start of all shots, three draws
  EXPECT_EQ(end.simulations, 10 + 3 * 2);
  EXPECT_EQ(end.simulations, objective.work().simulations);
  EXPECT_LT(end.history.back().simulations, end.simulations);
  // Interrupted, too.
  for (const auto& state : kept) {
    Estimate again;
    again.silent = {0, 1, 2};
    s.resumed = state;
    const auto resumed = run_inversion(again, s, [](const auto&) { return true; });
    const int twice = state.iterations_in_stage == 0;  // the start's
    EXPECT_EQ(resumed.evaluations, end.evaluations + twice);
    EXPECT_EQ(resumed.simulations, end.simulations + 2 * twice);
  }
}

// An estimate that is far too small comes to the goal at once.
TEST(SeismicRenewals, TheGoalIsOfTheMisfitItself) {
  for (const double part : {1.0, 0.001}) {
    Estimate objective;
    objective.part = part;
    auto s = setup({{0, 40}}, 1);
    s.params.misfit_goal = 0.05;
    const auto end = run_inversion(objective, s, [](const auto&) { return true; });
    const auto& last = end.history.back();
    EXPECT_TRUE(end.ends.at(0).reason.starts_with("misfit_goal is reached")) << end.ends[0].reason;
    EXPECT_TRUE(last.whole);
    EXPECT_DOUBLE_EQ(last.misfit, Estimate::misfit(end.speed));
    EXPECT_LE(last.misfit_ratio, 0.05);
    EXPECT_LT(last.iteration, 40);
    for (std::size_t n = 0; n + 1 < end.history.size(); ++n)
      EXPECT_FALSE(end.history[n].whole && end.history[n].misfit_ratio <= 0.05) << n;
    // Resumed it makes no further iteration.
    Estimate again;
    s.resumed = end;
    s.resumed->stage = 0;
    s.resumed->iterations_in_stage = last.spent;
    s.resumed->stage_start_misfit = end.history.front().misfit;
    EXPECT_EQ(run_inversion(again, s, [](const auto&) { return true; }).speed, end.speed);
    EXPECT_EQ(again.wholes, 0);
    EXPECT_TRUE(again.draws.empty());
  }
}

TEST(SeismicRenewals, AStartThatFitsIsLeftAlone) {
  Estimate objective;
  auto s = setup({{0, 4}}, 1);
  for (int n = 0; n < cells; ++n) s.start[std::size_t(n)] = Estimate::truth(n);
  const auto end = run_inversion(objective, s, [](const auto&) { return true; });
  EXPECT_EQ(end.speed, s.start);
  EXPECT_TRUE(objective.draws.empty());
  EXPECT_EQ(end.ends.at(0).reason, "the misfit is 0");
}

TEST(SeismicRenewals, AMisfitThatIsNotFiniteEndsIt) {
  struct Broken : Estimate {
    double whole_misfit(std::span<const double>) override { return NAN; }
  } objective;
  EXPECT_THROW(run_inversion(objective, setup({{0, 4}}, 1), [](const auto&) { return true; }),
               core::RunError);
}

}  // namespace
}  // namespace understudy::solvers::seismic
#endif
