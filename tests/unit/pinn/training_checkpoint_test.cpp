// Checkpoints of a training: it goes on bitwise after a signal, and refuses those of other decks, problems and
// numbers of ranks.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "support/scratch.hpp"
#include "support/torch_pinn_training_case.hpp"
#include "surrogates/network/torch_archive.hpp"

namespace understudy::pinn {

namespace {

using namespace cases;

// A checkpoint after 11 of 30 steps.
TrainingTask paused(const std::filesystem::path& file, const Settings& settings) {
  auto task = task_of(decay(), settings);
  task.checkpoint = file;
  task.identity = "network:\n  width: 12\n  depth: 2\nseed: 1\n";
  task.pause_after_steps = 11;
  EXPECT_THROW(train(task), core::Interrupted);
  task.pause_after_steps = 0;
  task.resume = true;
  return task;
}

}  // namespace

TEST(PinnTraining, GoesOnBitwiseAfterASignal) {
  struct Case {
    const char* name;
    void (*set)(Settings&);
  };
  const std::vector<Case> all{
      {"soap, ntk, adaptive",
       [](Settings& s) {
         s.optimiser.kind = "soap";
         s.weighting.kind = "ntk";
         s.weighting.every = 30;
         s.sampling.adapt_every = 40;
         s.sampling.adapt_candidates = 200;
       }},
      {"self-adaptive",
       [](Settings& s) {
         s.weighting.kind = "self_adaptive";
         s.sampling.resample_every = 0;
       }},
      {"windows",
       [](Settings& s) {
         s.curriculum.windows = 2;
         s.optimiser.steps = 80;
       }},
      {"gauss_newton",
       [](Settings& s) {
         s.optimiser.kind = "gauss_newton";
         s.optimiser.steps = 120;
         s.precision = "double";
       }},
  };
  for (const auto& c : all) {
    const tests::Scratch scratch(core::Comm::self());
    Settings s = quick();
    s.precision = "single";
    s.optimiser.steps = 160;
    s.record_every = 10;
    c.set(s);
    const auto whole = train(task_of(decay(), s));
    auto task = task_of(decay(), s);
    task.checkpoint = scratch / "training.safetensors";
    task.pause_after_steps = 101;
    EXPECT_THROW(train(task), core::Interrupted) << c.name;
    task.pause_after_steps = 0;
    task.resume = true;
    const auto resumed = train(task);
    EXPECT_EQ(whole.steps, resumed.steps);
    ASSERT_EQ(whole.history.size(), resumed.history.size()) << c.name;
    for (std::size_t n = 0; n < whole.history.size(); ++n) {
      EXPECT_EQ(whole.history[n].step, resumed.history[n].step) << c.name;
      EXPECT_EQ(whole.history[n].losses, resumed.history[n].losses) << c.name << ", line " << n;
      EXPECT_EQ(whole.history[n].weights, resumed.history[n].weights) << c.name << ", line " << n;
    }
    EXPECT_EQ(whole.solution->fields({{0.3}, {0.9}}), resumed.solution->fields({{0.3}, {0.9}}))
        << c.name;
  }
}

TEST(PinnTraining, RefusesAnotherProblemsCheckpoint) {
  const tests::Scratch scratch(core::Comm::self());
  auto task = task_of(decay(), quick());
  task.checkpoint = scratch / "training.safetensors";
  task.resume = true;
  std::ofstream(task.checkpoint) << "no archive";
  EXPECT_NE(message_of(task).find("training checkpoint"), std::string::npos) << message_of(task);
}

TEST(PinnTraining, RefusesCheckpointsOfOtherDecksAndProblems) {
  const tests::Scratch scratch(core::Comm::self());
  Settings s = quick();
  s.optimiser.steps = 30;
  auto task = paused(scratch / "training.safetensors", s);
  const std::string own = task.identity;
  task.identity = "network:\n  width: 12\n  depth: 3\nseed: 1\n";
  EXPECT_NE(message_of(task).find("is of another deck: it has 'network.depth: 2', this one "
                                  "'network.depth: 3'"),
            std::string::npos)
      << message_of(task);
  task.identity = own + "samples: 0123\n";
  EXPECT_NE(message_of(task).find("it has 'nothing', this one 'samples: 0123'"), std::string::npos)
      << message_of(task);
  auto other = decay();
  other->name = "growth";
  task.identity = own;
  task.problem = other;
  EXPECT_NE(message_of(task).find("is of problem 'decay', not 'growth'"), std::string::npos)
      << message_of(task);
  task.problem = decay();
  EXPECT_EQ(train(task).steps, 30);
}

// As a run on two ranks would have left it.
TEST(PinnTraining, RefusesPointWeightsOfAnotherNumberOfRanks) {
  const tests::Scratch scratch(core::Comm::self());
  Settings s = quick();
  s.optimiser.steps = 30;
  s.weighting.kind = "self_adaptive";
  s.sampling.resample_every = 0;
  const auto task = paused(scratch / "training.safetensors", s);
  auto content = surrogates::read_archive(task.checkpoint, "checkpoint");
  for (auto& [name, tensor] : content.tensors)
    if (name == "numbers") tensor[5] = 2;
  surrogates::write_archive(task.checkpoint, content);
  EXPECT_NE(message_of(task).find("is of 2 ranks and this run has 1; with weighting.kind "
                                  "self_adaptive they must be the same"),
            std::string::npos)
      << message_of(task);
}

// The gradient of the last step was finite: only the weights tell.
TEST(PinnTraining, WeightsThatAreNotFiniteDoNotReplaceTheCheckpoint) {
  const tests::Scratch scratch(core::Comm::self());
  Settings s = quick();
  s.optimiser.steps = 30;
  auto task = paused(scratch / "training.safetensors", s);
  const std::string good = core::read_file(task.checkpoint);
  task.resume = false;
  task.pause_after_steps = 1;
  task.settings.optimiser.learning_rate = 1.7e308;
  task.settings.optimiser.weight_decay = 1;
  EXPECT_NE(message_of(task).find("the weights are not finite after step 1"), std::string::npos)
      << message_of(task);
  EXPECT_EQ(core::read_file(task.checkpoint), good);
}

}  // namespace understudy::pinn
