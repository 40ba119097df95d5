// Training that is stopped: on a signal, at any step, between its files; resumed it is the whole one, bitwise.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/runtime.hpp"
#include "support/torch_trained.hpp"
#include "support/torch_training_case.hpp"
#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy {

using namespace surrogates;
using tests::dataset;
using tests::error_text;
using tests::network_params;
using tests::self;
using tests::train_here;
using tests::training_params;
using tests::weights;

TEST(TrainingResume, ResumedIsBitwiseTheUninterruptedOne) {
  const auto folder = tests::fresh_folder("training_resume", self());
  const TrainingParams params = training_params(6);
  const TrainingReport whole = train_here(params);
  const TrainingReport again = train_here(params);
  EXPECT_TRUE(at::equal(weights(whole), weights(again))) << "not deterministic";

  // Stopped again and again in the middle of epochs, resumed each time.
  TrainingFiles files{folder / "checkpoint.safetensors", folder / "curve.csv", true, 37};
  int parts = 1, kept = 0;
  TrainingReport resumed;
  for (;; ++parts) {
    ASSERT_LT(parts, 20);
    try {
      resumed = train_here(params, files);
      break;
    } catch (const TrainingInterrupted& stop) {
      EXPECT_NE(std::string(stop.what()).find("checkpoint.safetensors"), std::string::npos);
      // After a validation there is a model to keep, complete.
      EXPECT_EQ(stop.report.model.card.fields.size(), 2u);
      EXPECT_FALSE(stop.report.model.card.validation.empty());
      EXPECT_GT(stop.report.core_s, 0);
      ++kept;
    } catch (const core::Interrupted& error) {
      EXPECT_NE(std::string(error.what()).find("checkpoint.safetensors"), std::string::npos);
    }
  }
  EXPECT_GE(parts, 3);
  EXPECT_GE(kept, 1);
  EXPECT_LT(kept, parts - 1) << "before the first validation there is none";
  EXPECT_TRUE(at::equal(weights(whole), weights(resumed)));
  ASSERT_EQ(resumed.curve.size(), whole.curve.size());
  for (std::size_t n = 0; n < whole.curve.size(); ++n) {
    EXPECT_EQ(resumed.curve[n].loss, whole.curve[n].loss);
    EXPECT_EQ(resumed.curve[n].validation, whole.curve[n].validation);
  }
  EXPECT_TRUE(std::filesystem::exists(files.curve));

  // A checkpoint of another training is refused.
  TrainingParams other = params;
  other.batch = 5;
  EXPECT_NE(error_text([&] { train_here(other, files); }).find("is of another network, training"),
            std::string::npos);
  std::filesystem::resize_file(files.checkpoint, 1000);
  EXPECT_NE(error_text([&] { train_here(params, files); }).find("is damaged"), std::string::npos);
}

// A signal that is noted during the last step of the last epoch, one that the time limit makes the last included.
TEST(TrainingResume, AnEpochThatIsInterruptedAtItsLastStepIsClosedOnResuming) {
  const auto folder = tests::fresh_folder("training_last_step", self());
  struct Case {
    std::string kind;
    int epochs = 1;
    double max_time_s = 0;
  };
  for (const Case& c :
       {Case{"unet", 6, 0}, Case{"unet", 1, 0}, Case{"unet", 6, 1e-9}, Case{"dmd", 6, 0}}) {
    const std::string name = core::format("{}_{}_{}", c.kind, c.epochs, c.max_time_s);
    SCOPED_TRACE(name);
    NetworkParams network = network_params();
    network.kind = c.kind;
    network.latent_size = 3;
    TrainingParams params = training_params(c.epochs);
    params.max_time_s = c.max_time_s;
    const TrainingReport whole = train_here(params, {}, network);
    TrainingFiles files{folder / (name + ".safetensors"), {}, true, whole.steps_here};
    EXPECT_THROW(train_here(params, files, network), core::Interrupted);
    files.pause_after_steps = 0;
    const TrainingReport resumed = train_here(params, files, network);
    EXPECT_EQ(resumed.steps_here, 0);
    EXPECT_EQ(resumed.epochs, whole.epochs);
    EXPECT_TRUE(at::equal(weights(whole), weights(resumed)));
    ASSERT_EQ(resumed.curve.size(), whole.curve.size());
    for (std::size_t n = 0; n < whole.curve.size(); ++n) {
      EXPECT_EQ(resumed.curve[n].loss, whole.curve[n].loss);
      EXPECT_EQ(resumed.curve[n].learning_rate, whole.curve[n].learning_rate);
      EXPECT_EQ(resumed.curve[n].validation, whole.curve[n].validation);
    }
    EXPECT_GE(resumed.curve.back().validation, 0);
  }
}

TEST(TrainingResume, AResumedOneWritesItsCurveWhole) {
  const auto folder = tests::fresh_folder("training_curve", self());
  const TrainingParams params = training_params(2);
  const TrainingFiles files{folder / "checkpoint.safetensors", folder / "curve.csv", true};
  train_here(params, files);
  const std::string whole = core::read_file(files.curve);
  ASSERT_EQ(std::ranges::count(whole, '\n'), 3);
  // A kill between checkpoint and curve leaves it a row short.
  core::write_file(files.curve, whole.substr(0, whole.rfind('\n', whole.size() - 2) + 1));
  train_here(params, files);
  EXPECT_EQ(core::read_file(files.curve), whole);
  std::filesystem::remove(files.curve);
  train_here(params, files);
  EXPECT_EQ(core::read_file(files.curve), whole);
}

TEST(TrainingResume, CountsThePreparationOfEveryPart) {
  const auto folder = tests::fresh_folder("training_prepared", self());
  const DatasetReader reader(dataset());
  TrainingSetup setup{network_params(), training_params(1)};
  setup.files = {folder / "checkpoint.safetensors", {}, true, 5};
  const auto part = [&] {
    FieldTrainer trainer(load_training_data(reader, setup.training, setup.network), setup.network,
                         setup.training, self());
    return run_training(trainer, setup, 10000).wall_s;
  };
  EXPECT_THROW(part(), core::Interrupted);
  NamedTensors earlier = read_archive(setup.files.checkpoint, "checkpoint");
  setup.files.pause_after_steps = 0;
  const double both_s = part();
  EXPECT_GT(both_s, 20000);
  EXPECT_LT(both_s, 29000);
  // Checkpoints of earlier versions do not say what came before their loop.
  EXPECT_EQ(std::erase_if(earlier.tensors, [](const auto& t) { return t.first == "prepared_s"; }),
            1U);
  write_archive(setup.files.checkpoint, earlier);
  const double last_s = part();
  EXPECT_GT(last_s, 10000);
  EXPECT_LT(last_s, 19000);
}

TEST(TrainingResume, StopsOnASignalWithACheckpoint) {
  const auto folder = tests::fresh_folder("training_signal", self());
  core::catch_signals();
  std::raise(SIGTERM);
  try {
    train_here(training_params(2), {folder / "checkpoint.safetensors", {}, false});
    FAIL() << "not stopped";
  } catch (const core::Interrupted& error) {
    EXPECT_EQ(error.exit_code(), 128 + SIGTERM);
    EXPECT_NE(std::string(error.what()).find("stopped by signal 15 in epoch 1"), std::string::npos);
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "checkpoint.safetensors"));
}

}  // namespace understudy
