// The stages of an inversion on an objective that costs nothing: J = 1/2 |W (c - truth)|^2.
#include "solvers/seismic/inversion/inversion.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "support/solvers_seismic_params.hpp"

#ifdef UNDERSTUDY_WITH_PETSC
namespace understudy::solvers::seismic {
namespace {

constexpr int nx = 6, ny = 5, cells = nx * ny;

class Quadratic : public InversionObjective {
 public:
  std::vector<double> truth, weight, stages;
  int evaluations = 0;

  Quadratic() {
    for (int n = 0; n < cells; ++n) {
      truth.push_back(2000 + 40 * std::sin(n));
      weight.push_back(1 + 0.5 * std::cos(3 * n));
    }
  }
  void set_stage(double max_frequency_hz) override { stages.push_back(max_frequency_hz); }
  Evaluation evaluate(std::span<const double> c) override {
    ++evaluations;
    Evaluation e;
    e.gradient.resize(cells);
    e.illumination.resize(cells);
    for (int n = 0; n < cells; ++n) {
      const double d = weight[n] * (c[n] - truth[n]);
      e.misfit += 0.5 * d * d;
      e.gradient[n] = weight[n] * d;
      e.illumination[n] = weight[n] * weight[n];
    }
    return e;
  }
  std::string name() const override { return "quadratic"; }
};

InversionSetup setup() {
  InversionSetup s;
  s.box.cells = {nx, ny};
  s.box.lower_m = {0, -50};
  s.box.upper_m = {60, 0};
  s.start.assign(cells, 2000);
  s.params.stages = {{5, 4}, {0, 40}};
  return s;
}

double rel_l2(const std::vector<double>& a, const std::vector<double>& b) {
  double wrong = 0, size = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    wrong += (a[n] - b[n]) * (a[n] - b[n]);
    size += b[n] * b[n];
  }
  return std::sqrt(wrong / size);
}

bool go_on(const InversionState&) { return true; }

std::string error_of(const InversionSetup& s) {
  Quadratic objective;
  try {
    run_inversion(objective, s, go_on);
  } catch (const core::UserError& e) {
    return e.what();
  }
  return {};
}

TEST(SeismicInversion, FindsTheMinimumThroughTheStages) {
  for (const char* precondition : {"none", "illumination"}) {
    Quadratic objective;
    auto s = setup();
    s.params.precondition = precondition;
    const auto end = run_inversion(objective, s, go_on);
    EXPECT_LT(rel_l2(end.speed, objective.truth), 1e-5) << precondition;
    EXPECT_EQ(objective.stages, (std::vector<double>{5, 0}));
    ASSERT_EQ(end.ends.size(), 2u);
    EXPECT_EQ(end.ends[0].reason, "iterations are spent");
    EXPECT_EQ(end.ends[1].reason, "the gradient is small enough");
    EXPECT_EQ(ends_in_words(end.ends),
              "stage 0 (5 Hz): iterations are spent; stage 1: the gradient is small enough");
    ASSERT_FALSE(end.history.empty());
    EXPECT_EQ(end.history.front().iteration, 0);
    EXPECT_EQ(end.history.front().misfit_ratio, 1);
    int iteration = 0;
    for (std::size_t n = 1; n < end.history.size(); ++n) {
      const auto &now = end.history[n], &before = end.history[n - 1];
      EXPECT_GE(now.stage, before.stage);
      if (now.stage == before.stage) {
        EXPECT_EQ(now.iteration, iteration + 1);
        EXPECT_LE(now.misfit, before.misfit * (1 + 1e-12));
        EXPECT_GT(now.step, 0);
      } else {
        EXPECT_EQ(now.iteration, iteration);
        EXPECT_EQ(now.misfit_ratio, 1);
      }
      EXPECT_GE(now.wall_s, before.wall_s);
      EXPECT_LE(now.evaluations, objective.evaluations);
      iteration = now.iteration;
    }
    // What is recorded is the misfit of the model that it comes with.
    EXPECT_NEAR(Quadratic().evaluate(end.speed).misfit, end.history.back().misfit,
                1e-9 * end.history.front().misfit);
  }
}

TEST(SeismicInversion, StagesEndAfterTheirIterations) {
  Quadratic objective;
  auto s = setup();
  s.params.stages = {{5, 2}, {8, 3}};
  s.params.precondition = "none";
  const auto end = run_inversion(objective, s, go_on);
  int first = 0, second = 0;
  for (const auto& r : end.history) ++(r.stage == 0 ? first : second);
  EXPECT_EQ(first, 3);  // the start and two iterations
  EXPECT_EQ(second, 4);
  EXPECT_EQ(InversionParams{}.all_stages().size(), 1u);
  EXPECT_EQ(InversionParams{}.all_stages()[0].iterations, 30);
}

TEST(SeismicInversion, StaysWithinTheBounds) {
  Quadratic objective;
  auto s = setup();
  s.params.lower_m_s = 1985;
  s.params.upper_m_s = 2010;
  const auto end = run_inversion(objective, s, go_on);
  for (int n = 0; n < cells; ++n) {
    EXPECT_GE(end.speed[n], 1985 - 1e-9);
    EXPECT_LE(end.speed[n], 2010 + 1e-9);
    EXPECT_NEAR(end.speed[n], std::clamp(objective.truth[n], 1985.0, 2010.0), 0.1) << n;
  }
}

TEST(SeismicInversion, KeepsWhatLiesAbove) {
  Quadratic objective;
  auto s = setup();
  s.params.keep_above_depth_m = 20;  // the two upper rows, of 10 m
  s.start[cells - 1] = 500;          // outside the bounds, and kept
  const auto end = run_inversion(objective, s, go_on);
  for (int n = (ny - 2) * nx; n < cells; ++n) EXPECT_EQ(end.speed[n], s.start[n]);
  for (int n = 0; n < (ny - 2) * nx; ++n) EXPECT_NEAR(end.speed[n], objective.truth[n], 0.1);
}

TEST(SeismicInversion, BoundsThatExcludeTheStartAreRefused) {
  auto s = setup();
  s.start[7] = 900;
  const std::string text = error_of(s);
  for (const char* part : {"the bounds [1000, 6000] m/s", "exclude the start", "900 m/s in cell 7",
                           "between 900 and 2000 m/s"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  s.start[7] = 6001;
  EXPECT_NE(error_of(s).find("exclude the start"), std::string::npos);
  s.start[7] = NAN;
  EXPECT_NE(error_of(s).find("exclude the start"), std::string::npos);
  InversionParams p;
  p.upper_m_s = 900;
  EXPECT_NE(tests::problems_of(p).at(0).find("must exceed lower_m_s"), std::string::npos);
}

TEST(SeismicInversion, StopsWhenTheWatchSaysSoAndGoesOnFromThere) {
  Quadratic whole_objective;
  const auto whole = run_inversion(whole_objective, setup(), go_on);
  for (const int stop_after : {0, 2, 4, 7}) {
    Quadratic objective;
    InversionState kept;
    const auto stopped = run_inversion(objective, setup(), [&](const InversionState& state) {
      kept = state;
      return state.history.back().iteration < stop_after;
    });
    EXPECT_EQ(stopped.history.back().iteration, stop_after);
    EXPECT_EQ(stopped.speed, kept.speed);
    EXPECT_LT(stopped.history.size(), whole.history.size());
    auto again = setup();
    again.resumed = kept;
    const auto end = run_inversion(objective, again, go_on);
    EXPECT_LT(rel_l2(end.speed, objective.truth), 1e-5) << stop_after;
    // The record goes on without a gap or a repeat.
    for (std::size_t n = 1; n < end.history.size(); ++n) {
      const int step = end.history[n].iteration - end.history[n - 1].iteration;
      EXPECT_EQ(step, end.history[n].stage == end.history[n - 1].stage ? 1 : 0)
          << "stopped after " << stop_after << ", row " << n;
    }
    EXPECT_EQ(end.history[kept.history.size() - 1].misfit, kept.history.back().misfit);
  }
}

TEST(SeismicInversion, StopsAtItsGoal) {
  Quadratic objective;
  auto s = setup();
  s.params.stages = {{0, 40}};
  s.params.misfit_goal = 0.05;
  const auto end = run_inversion(objective, s, go_on);
  EXPECT_LE(end.history.back().misfit_ratio, 0.05);
  EXPECT_GT(end.history[end.history.size() - 2].misfit_ratio, 0.05);
  ASSERT_EQ(end.ends.size(), 1u);
  EXPECT_TRUE(end.ends[0].reason.starts_with("misfit_goal is reached")) << end.ends[0].reason;
}

// The watch has seen the last iteration, and the process was killed before the stage was told to have ended.
TEST(SeismicInversion, KilledAtItsGoalItMakesNoFurtherIteration) {
  Quadratic objective;
  auto s = setup();
  s.params.misfit_goal = 0.05;
  InversionState kept;
  const auto end = run_inversion(objective, s, [&](const InversionState& state) {
    kept = state;
    return true;
  });
  ASSERT_TRUE(end.ends.back().reason.starts_with("misfit_goal is reached"));
  ASSERT_EQ(kept.stage, 1);
  Quadratic again_objective;
  s.resumed = kept;
  const auto again = run_inversion(again_objective, s, go_on);
  EXPECT_EQ(again.history.size(), end.history.size());
  EXPECT_EQ(again.speed, end.speed);
  EXPECT_EQ(again_objective.evaluations, 0);
  ASSERT_EQ(again.ends.size(), 1u);
  EXPECT_EQ(again.ends[0].reason, end.ends.back().reason);
  // With a lower goal it goes on.
  s.params.misfit_goal = 0.5 * end.history.back().misfit_ratio;
  const auto further = run_inversion(again_objective, s, go_on);
  EXPECT_GT(further.history.size(), end.history.size());
  EXPECT_LE(further.history.back().misfit_ratio, s.params.misfit_goal);
}

TEST(SeismicInversion, AStartThatFitsIsLeftAlone) {
  Quadratic objective;
  auto s = setup();
  s.start = objective.truth;
  const auto end = run_inversion(objective, s, go_on);
  EXPECT_EQ(end.speed, objective.truth);
  ASSERT_EQ(end.ends.size(), 2u);
  EXPECT_EQ(end.ends[0].reason, "the misfit is 0");
}

// No success without a step: products of single precision were flushed to 0 once.
TEST(SeismicInversion, AGradientOfZeroAtAMisfitEndsIt) {
  struct Flat : Quadratic {
    Evaluation evaluate(std::span<const double> c) override {
      auto e = Quadratic::evaluate(c);
      e.gradient.assign(cells, 0);
      return e;
    }
  } objective;
  try {
    run_inversion(objective, setup(), go_on);
    FAIL() << "went on";
  } catch (const core::RunError& e) {
    EXPECT_NE(std::string(e.what()).find("the gradient is 0 in every cell"), std::string::npos)
        << e.what();
  }
}

TEST(SeismicInversion, AMisfitThatIsNotFiniteEndsIt) {
  struct Broken : Quadratic {
    Evaluation evaluate(std::span<const double> c) override {
      auto e = Quadratic::evaluate(c);
      e.misfit = NAN;
      return e;
    }
  } objective;
  EXPECT_THROW(run_inversion(objective, setup(), go_on), core::RunError);
}

TEST(SeismicInversion, SmoothnessMakesTheResultSmoother) {
  const auto roughness = [](const std::vector<double>& c) {
    double sum = 0;
    for (int n = 0; n + 1 < cells; ++n)
      if ((n + 1) % nx) sum += (c[n + 1] - c[n]) * (c[n + 1] - c[n]);
    return sum;
  };
  Quadratic objective;
  const double plain = roughness(run_inversion(objective, setup(), go_on).speed);
  auto s = setup();
  s.params.tikhonov = 1e5;
  EXPECT_LT(roughness(run_inversion(objective, s, go_on).speed), 0.5 * plain);
  s.params.tikhonov = 0;
  s.params.total_variation = 1e3;
  EXPECT_LT(roughness(run_inversion(objective, s, go_on).speed), 0.5 * plain);
}

}  // namespace
}  // namespace understudy::solvers::seismic
#endif
