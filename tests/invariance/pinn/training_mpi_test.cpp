// Training on N ranks is training on one, to round-off.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/scratch.hpp"
#include "support/torch_pinn_training_case.hpp"

namespace understudy::pinn {

namespace {

using namespace cases;

struct Case {
  const char* name;
  void (*set)(Settings&);
};

const std::vector<Case> all{
    {"plain", [](Settings& s) { s.sampling.method = "sobol"; }},
    {"weights and points",
     [](Settings& s) {
       s.optimiser.gradient_clip = 0.5;
       s.weighting.kind = "gradient_norm";
       s.weighting.every = 4;
       s.causal.chunks = 4;
       s.sampling.adapt_every = 6;
       s.sampling.adapt_candidates = 101;
     }},
    // Bitwise from a checkpoint, but not the same on other numbers of ranks: where no gradient has been yet
    // its basis is any basis, and round-off chooses.
    {"soap",
     [](Settings& s) {
       s.optimiser.kind = "soap";
       s.optimiser.soap_every = 3;
     }},
    // Fewer steps: the loss soon falls to where rounding decides.
    {"gauss_newton, by weights",
     [](Settings& s) {
       s.optimiser.kind = "gauss_newton";
       s.optimiser.damping = 0.1;
       s.optimiser.steps = 6;
       s.network.width = 5;
       s.sampling.interior = 150;
     }},
    {"gauss_newton, by samples",
     [](Settings& s) {
       s.optimiser.kind = "gauss_newton";
       s.optimiser.damping = 0.1;
       s.optimiser.steps = 9;
     }},
    {"ntk",
     [](Settings& s) {
       s.weighting.kind = "ntk";
       s.weighting.every = 4;
     }},
    {"self-adaptive",
     [](Settings& s) {
       s.weighting.kind = "self_adaptive";
       s.sampling.resample_every = 0;
     }},
    {"domains",
     [](Settings& s) {
       s.parallel.mode = "domains";
       s.parallel.domains = {5};
       s.weighting.kind = "gradient_norm";
       s.weighting.every = 4;
       s.optimiser.gradient_clip = 0.5;
       s.causal.chunks = 4;
     }},
    {"windows of domains",
     [](Settings& s) {
       s.parallel.mode = "domains";
       s.parallel.domains = {4};
       s.curriculum.windows = 2;
       s.optimiser.steps = 6;
     }},
#ifdef UNDERSTUDY_WITH_PETSC
    {"finish", [](Settings& s) { s.optimiser.lbfgs_iterations = 4; }},
    {"finish of domains",
     [](Settings& s) {
       s.parallel.mode = "domains";
       s.parallel.domains = {4};
       s.optimiser.lbfgs_iterations = 4;
     }},
#endif
};

Settings short_settings(const Case& c) {
  Settings s = quick();
  s.optimiser.steps = 12;
  s.record_every = 1;
  c.set(s);
  return s;
}

}  // namespace

TEST(PinnTrainingRanks, ManyRanksEqualOne) {
  const Points points{{0.05}, {0.35}, {0.5}, {0.77}, {1.0}};
  for (const Case& c : all) {
    const Settings s = short_settings(c);
    if (s.optimiser.kind == "soap") continue;
    const auto many = train(task_of(unknown_decay(), s, core::Comm::world()));
    const auto one = train(task_of(unknown_decay(), s, core::Comm::self()));
    ASSERT_EQ(many.history.size(), one.history.size()) << c.name;
    for (std::size_t n = 0; n < one.history.size(); ++n)
      for (std::size_t l = 0; l < one.history[n].losses.size(); ++l) {
        const double expected = one.history[n].losses[l];
        EXPECT_NEAR(many.history[n].losses[l], expected, 1e-9 * std::abs(expected))
            << c.name << ", line " << n;
        EXPECT_NEAR(many.history[n].weights[l] / one.history[n].weights[l], 1, 1e-9) << c.name;
      }
    const auto a = many.solution->fields(points), b = one.solution->fields(points);
    for (std::size_t n = 0; n < points.size(); ++n) EXPECT_NEAR(a[0][n], b[0][n], 1e-9) << c.name;
    EXPECT_NEAR(many.solution->parameters()[0].value, one.solution->parameters()[0].value, 1e-9)
        << c.name;
  }
}

TEST(PinnTrainingRanks, GoOnBitwiseAndLoadOnAnyNumber) {
  const auto world = core::Comm::world();
  for (const Case& c : all) {
    const std::string name = c.name;
    if (name != "weights and points" && name != "soap" && name != "self-adaptive" &&
        name != "domains" && name != "gauss_newton, by samples")
      continue;
    const tests::Scratch scratch;
    const Settings s = short_settings(c);
    const auto whole = train(task_of(unknown_decay(), s, world));
    auto task = task_of(unknown_decay(), s, world);
    task.checkpoint = scratch / "training.safetensors";
    task.pause_after_steps = 8;
    EXPECT_THROW(train(task), core::Interrupted) << c.name;
    task.pause_after_steps = 0;
    task.resume = true;
    const auto resumed = train(task);
    const Points points{{0.2}, {0.9}};
    EXPECT_EQ(whole.solution->fields(points), resumed.solution->fields(points)) << c.name;
    EXPECT_EQ(whole.history.back().losses, resumed.history.back().losses) << c.name;
    resumed.solution->save(scratch.path());
    const auto loaded = load_solution(unknown_decay(), s, scratch.path())->fields(points);
    const auto trained = resumed.solution->fields(points);
    for (std::size_t n = 0; n < 2; ++n) EXPECT_NEAR(loaded[0][n], trained[0][n], 1e-13) << c.name;
    world.barrier();
  }
}

TEST(PinnTrainingRanks, SayWhenThereIsTooLittleToShare) {
  const auto world = core::Comm::world();
  if (world.size() == 1) GTEST_SKIP() << "for several ranks";
  Settings s = quick();
  s.sampling.initial = 1;
  try {
    train(task_of(decay(), s, world));
    FAIL();
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("term 'start' has 1 points"), std::string::npos)
        << e.what();
  }
  s = quick();
  s.parallel.mode = "domains";
  s.parallel.domains = {1};
  try {
    train(task_of(decay(), s, world));
    FAIL();
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("each rank needs at least one"), std::string::npos)
        << e.what();
  }
}

}  // namespace understudy::pinn
