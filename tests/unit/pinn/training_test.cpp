// Training with each technique, on a problem of a second.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "pinn/torch_domains.hpp"
#include "pinn/torch_windows.hpp"
#include "pinn/training/torch_points.hpp"
#include "support/scratch.hpp"
#include "support/torch_pinn_training_case.hpp"

namespace understudy::pinn {

using namespace cases;

TEST(PinnTraining, EveryTechniqueReachesTheSolution) {
  struct Case {
    const char* name;
    void (*set)(Settings&);
    double error;
  };
  const std::vector<Case> all{
      {"adamw", [](Settings&) {}, 1e-2},
      {"soap", [](Settings& s) { s.optimiser.kind = "soap"; }, 1e-2},
      {"gradient_norm",
       [](Settings& s) {
         s.weighting.kind = "gradient_norm";
         s.weighting.every = 50;
       },
       1e-2},
      {"ntk",
       [](Settings& s) {
         s.weighting.kind = "ntk";
         s.weighting.every = 50;
       },
       1e-2},
      {"self_adaptive",
       [](Settings& s) {
         s.weighting.kind = "self_adaptive";
         s.sampling.resample_every = 0;
       },
       1e-2},
      {"causal", [](Settings& s) { s.causal.chunks = 8; }, 1e-2},
      {"adaptive points",
       [](Settings& s) {
         s.sampling.adapt_every = 100;
         s.sampling.adapt_candidates = 500;
       },
       1e-2},
      {"sobol", [](Settings& s) { s.sampling.method = "sobol"; }, 1e-2},
      {"clipped",  // short steps: more of them
       [](Settings& s) {
         s.optimiser.gradient_clip = 0.1;
         s.optimiser.steps = 1200;
       },
       1e-2},
      {"windows",
       [](Settings& s) {
         s.curriculum.windows = 2;
         s.optimiser.steps = 400;
       },
       1e-2},
  };
  for (const auto& c : all) {
    Settings s = quick();
    c.set(s);
    const auto result = train(task_of(decay(), s));
    EXPECT_LT(result.errors[0], c.error) << c.name;
    EXPECT_EQ(result.steps, s.optimiser.steps * s.curriculum.windows) << c.name;
    EXPECT_LT(result.history.back().loss, result.history.front().loss) << c.name;
    EXPECT_EQ(result.history.back().errors, result.errors) << c.name;
    ASSERT_EQ(result.history.back().weights.size(), 2u);
    EXPECT_EQ(result.history.back().weights[1] == 1, s.weighting.kind == "fixed") << c.name;
  }
}

TEST(PinnTraining, StagesChangeConstantsOnTheWay) {
  Settings s = quick();
  s.curriculum.stages = {{"k", 1.0, 500}};
  auto task = task_of(decay(), s);
  EXPECT_NE(message_of(task).find("cannot be made anew"), std::string::npos);
  std::map<std::string, double> asked;
  task.remake = [&](const std::map<std::string, double>& changed) {
    asked = changed;
    return decay(changed.at("k"));
  };
  s.optimiser.steps = 1;
  s.optimiser.warm_up_steps = 100;
  task.settings = s;
  const auto first = train(task);
  EXPECT_EQ(asked, (std::map<std::string, double>{{"k", 1.0}}));
  EXPECT_EQ(first.steps, 501);
  // Where the deck's own constants had one step, the solution is still the stage's.
  const auto u = first.solution->fields({{1.0}});
  EXPECT_NEAR(u[0][0], std::exp(-1.0), 0.05);
}

TEST(PinnTraining, FindsAnUnknownNumber) {
  Settings s = quick();
  s.optimiser.kind = "soap";
  s.optimiser.steps = 1500;
  const auto result = train(task_of(unknown_decay(), s));
  EXPECT_NEAR(result.solution->parameters()[0].value, 2, 0.01);
}

#ifdef UNDERSTUDY_WITH_PETSC
TEST(PinnTraining, TheFinishGoesOnWhereAdamEnds) {
  Settings s = quick();
  s.precision = "single";
  const auto adam = train(task_of(unknown_decay(), s));
  s.optimiser.lbfgs_iterations = 300;
  const auto both = train(task_of(unknown_decay(), s));
  EXPECT_EQ(both.history.back().phase, "lbfgs");
  EXPECT_LT(both.history.back().loss, 1e-3 * adam.history.back().loss);
  EXPECT_LT(both.errors[0], 1e-4);
  EXPECT_NEAR(both.solution->parameters()[0].value, 2, 1e-3);
}
#endif

TEST(PinnTraining, SavedWindowsAreTheSameSolution) {
  const tests::Scratch scratch(core::Comm::self());
  Settings s = quick();
  s.optimiser.steps = 20;
  s.curriculum.windows = 3;
  const auto result = train(task_of(decay(), s));
  result.solution->save(scratch.path());
  const auto loaded = load_solution(decay(), s, scratch.path());
  const Points points{{0.1}, {0.5}, {0.8}};
  EXPECT_EQ(loaded->fields(points), result.solution->fields(points));
  EXPECT_EQ(loaded->residuals(points), result.solution->residuals(points));
  EXPECT_EQ(loaded->weight_count(), result.solution->weight_count());
}

TEST(PinnTraining, EndsInTime) {
  Settings s = quick();
  s.optimiser.steps = 100000000;
  s.optimiser.decay_steps = 10000000;
  s.optimiser.max_time_s = 0.5;
  const auto result = train(task_of(decay(), s));
  EXPECT_LT(result.steps, s.optimiser.steps);
  EXPECT_GT(result.train_s, 0.45);
  // The whole of the schedule was gone through: 0.9^10.
  EXPECT_NEAR(result.history.back().learning_rate, 1e-2 * std::pow(0.9, 10), 1e-12);
  EXPECT_NEAR(result.history[result.history.size() - 2].learning_rate, 1e-2 * std::pow(0.9, 10),
              5e-4);
  EXPECT_EQ(result.history.back().errors, result.errors);
}

TEST(PinnTraining, NamesTheTermThatIsNotFinite) {
  auto broken = decay();
  broken->terms[1].residuals = [](const Fields& f) -> Residuals {
    return {f["u"] * std::numeric_limits<double>::infinity()};
  };
  const std::string message = message_of(task_of(broken, quick()));
  EXPECT_NE(message.find("the loss of start.u is not finite in step 0"), std::string::npos)
      << message;
}

TEST(PinnTraining, SaysWhatDoesNotFit) {
  const auto says = [](const std::shared_ptr<Problem>& problem, const Settings& s,
                       const std::string& words) {
    const std::string message = message_of(task_of(problem, s));
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  Settings s = quick();
  s.weighting.kind = "self_adaptive";
  says(decay(), s, "sampling.resample_every: 0");
  s = quick();
  s.parallel.mode = "domains";
  s.parallel.domains = {2, 2};
  says(decay(), s, "parallel.domains has 2 entries");
  s = quick();
  s.curriculum.windows = 2;
  auto two = decay();
  two->add("again", {{"u", "1"}}, two->face(0, 0), Term::Kind::initial).residuals =
      [](const Fields& f) -> Residuals { return {f["u"] - 1}; };
  says(
      two, s,
      "its initial terms are: start, again (where the problem has a constant exact_start, it must be 0)");
}

// Points of a kind are shared out over its terms.
TEST(PinnPoints, AreSharedOutByKind) {
  Problem p = *decay();
  const auto residuals = p.terms[0].residuals;
  p.add("more", {{"u", "1"}}, p.interior()).residuals = residuals;
  p.terms.back().share = 3;
  SamplingSettings s;
  s.interior = 400;
  s.initial = 7;
  EXPECT_EQ(point_counts(p, s), (std::vector<long long>{100, 7, 300}));
}

// Windows of parts add to 1, and so their derivatives to 0.
TEST(PinnDomains, WindowsAreAPartitionOfUnity) {
  auto p = std::make_shared<Problem>();
  p->inputs = {{"x", "1", -1, 1}, {"y", "1", 0, 3}};
  const auto spec =
      std::make_shared<const JetSpec>(2, std::vector<Derivative>{{0, 0, 0}, {1, 1}, {0, 1}});
  at::manual_seed(1);
  const at::Tensor points = at::rand({500, 2}, at::kDouble) * at::tensor({2.0, 3.0}, at::kDouble) +
                            at::tensor({-1.0, 0.0}, at::kDouble);
  const std::vector<Jet> inputs{coordinate(spec, points, 0), coordinate(spec, points, 1)};
  ParallelSettings settings;
  settings.mode = "domains";
  settings.domains = {4, 3};
  for (const double overlap : {0.1, 0.3, 0.5}) {
    settings.overlap = overlap;
    const Domains domains(*p, settings, core::Comm::self());
    ASSERT_EQ(domains.parts(), 12);
    std::vector<at::Tensor> sum(std::size_t(spec->channels()), at::zeros({500}, at::kDouble));
    for (int part = 0; part < 12; ++part) {
      const Jet w = domains.window(part, inputs);
      at::Tensor outside = at::ones({500}, at::kDouble);
      outside.index_fill_(0, domains.rows(part, points), 0);
      EXPECT_EQ((w.value() * outside).abs().max().item<double>(), 0);
      for (std::size_t c = 0; c < sum.size(); ++c)
        if (w.channel(int(c)).defined()) sum[c] = sum[c] + w.channel(int(c));
    }
    EXPECT_LT((sum[0] - 1).abs().max().item<double>(), 1e-12);
    for (std::size_t c = 1; c < sum.size(); ++c)
      EXPECT_LT(sum[c].abs().max().item<double>(), 1e-7) << overlap << ", channel " << c;
  }
}

}  // namespace understudy::pinn
