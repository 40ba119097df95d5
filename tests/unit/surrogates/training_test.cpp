// Training: learns a linear domain, resumes exactly, repeats itself, stops on a signal.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/processor.hpp"
#include "core/runtime.hpp"
#include "support/surrogates_synthetic.hpp"
#include "support/torch_trained.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;
using tests::weights;

namespace {

const core::Comm& self() {
  static const core::Comm comm = core::Comm::self();
  return comm;
}

// Three training samples, a held-out one.
const std::filesystem::path& dataset() {
  static const std::filesystem::path folder = [] {
    const auto path = tests::fresh_folder("training_dataset", self());
    for (int n = 0; n < 3; ++n) tests::write_sample<float>(path, true, n, "train", 25, self());
    tests::write_sample<float>(path, true, 1, "valid", 25, self());
    return path;
  }();
  return folder;
}

NetworkParams network_params() {
  NetworkParams params;
  params.width = 8;
  params.levels = 2;
  params.patch = 1;
  return params;
}

TrainingParams training_params(int epochs) {
  TrainingParams params;
  params.epochs = epochs;
  params.batch = 4;
  params.learning_rate = 4e-3;
  params.unroll = {1, 2};
  params.unroll_fractions = {0.6};
  params.rollout_windows = 15;
  params.validate_every = 3;
  params.checkpoint_every = 2;
  params.noise = 0.005;
  params.ema_decay = 0.98;
  return params;
}

TrainingReport train_here(const TrainingParams& params, const TrainingFiles& files = {},
                          const NetworkParams& network = network_params()) {
  core::Provenance provenance;
  provenance.version = "test";
  return train(DatasetReader(dataset()), {network, params, files, provenance}, self());
}

// Samples of so many frames each, in turn in the splits.
std::filesystem::path samples_of(const std::string& name,
                                 const std::vector<std::pair<std::string, long long>>& samples) {
  const auto folder = tests::fresh_folder(name, self());
  int n = 0;
  for (const auto& [split, frames] : samples)
    tests::write_sample<float>(folder, true, n++, split, frames, self());
  return folder;
}

// What a training on the folder's samples says, by a network of each way of training, with samples in memory or in
// files.
std::vector<std::string> refusals(const std::filesystem::path& folder,
                                  const TrainingParams& params) {
  const DatasetReader reader(folder);
  std::vector<std::string> texts;
  for (const std::string kind : {"unet", "pod"}) {
    NetworkParams network = network_params();
    network.kind = kind;
    network.latent_size = 3;
    texts.push_back(error_text([&] { train(reader, {network, params}, self()); }));
    texts.push_back(error_text([&] { load_training_data(reader, params, network, {true, 1}); }));
  }
  return texts;
}

// The most sequences that the network was called on at a time.
class Counted : public FieldTrainer {
 public:
  using FieldTrainer::FieldTrainer;
  mutable std::int64_t most = 0;

 private:
  at::Tensor next(const at::Tensor& state, const Moment& moment, const at::Tensor& constant,
                  const std::vector<at::Tensor>& weights) const override {
    most = std::max(most, state.size(0));
    return FieldTrainer::next(state, moment, constant, weights);
  }
};

}  // namespace

TEST(Training, LearnsAndItsRolloutStaysCloseToTheTruth) {
  const TrainingReport report = train_here(training_params(24));
  ASSERT_EQ(report.curve.size(), 24u);
  EXPECT_LT(report.curve[14].loss, 0.05 * report.curve[0].loss + 0.05);
  const ModelCard& card = report.model.card;
  ASSERT_EQ(card.fields.size(), 2u);
  EXPECT_EQ(card.fields[1].location, "face_x");
  EXPECT_EQ(card.fixed.size(), 1u);
  EXPECT_EQ(card.parameters.at(0).name, "carrier.speed");
  EXPECT_DOUBLE_EQ(card.parameters[0].lowest, 1.0);
  EXPECT_DOUBLE_EQ(card.parameters[0].highest, 1.2);
  EXPECT_DOUBLE_EQ(card.cost.data_core_s, 10);
  EXPECT_GT(card.cost.training_core_s, 0);
  for (const ValidationCard& v : card.validation) {
    EXPECT_LT(v.rel_l2_one_window, 0.05) << v.field;
    EXPECT_LT(v.rel_l2_rollout, 0.3 * v.persistence_rollout) << v.field;
  }

  // What each precision costs, by the same rollouts.
  ASSERT_FALSE(card.precisions.empty());
  EXPECT_EQ(card.precisions[0].precision, "float32");
  EXPECT_DOUBLE_EQ(card.precisions[0].rel_l2_rollout,
                   (card.validation[0].rel_l2_rollout + card.validation[1].rel_l2_rollout) / 2);
  for (const PrecisionCard& p : card.precisions) {
    EXPECT_GT(p.rel_l2_rollout, 0);
    EXPECT_LT(p.rel_l2_rollout, 2 * card.precisions[0].rel_l2_rollout + 0.05);
  }

  // As a Stepper, for longer than it was trained on: stays bounded and near.
  auto truth = std::make_shared<tests::Carrier<double>>(tests::carrier_grid(true, self()), 1.1);
  RunDescription run;
  run.fields = truth->fields();
  run.grid = tests::carrier_grid_params();
  run.boundaries = tests::carrier_boundaries(true);
  run.window_s = tests::window_s;
  run.parameters = {{"carrier.speed", "m/s", 1.1}};
  SurrogateStepper<double> surrogate(truth, report.model, run);
  mesh::State<double> exact(truth->grid(), truth->fields());
  truth->initialise(exact, 0.2);
  auto state = exact.clone();
  for (int n = 0; n < 60; ++n) truth->advance(exact, tests::window_s);
  surrogate.advance(state, 60 * tests::window_s);
  EXPECT_NEAR(state.time_s, 60 * tests::window_s, 1e-12);
  EXPECT_LT(tests::largest_difference(exact, state, "q"), 0.6);
  EXPECT_NE(error_text([&] { surrogate.advance(state, 0.07); }).find("only whole calls"),
            std::string::npos);
}

TEST(Training, AChannelThatDoesNotVaryIsItsConstant) {
  const auto folder = tests::fresh_folder("constant_channel", self());
  for (int n = 0; n < 3; ++n) {
    tests::Carrier<float> stepper(tests::carrier_grid(true, self()), 1.0 + 0.1 * n);
    mesh::State<float> state(stepper.grid(), stepper.fields());
    stepper.initialise(state, 0.13 * n);
    Kokkos::deep_copy(state["f"].data, 0.0F);
    SampleWriter<float> writer(folder, tests::carrier_dataset(true, stepper.fields()),
                               tests::carrier_sample(n, n == 1 ? "valid" : "train", 12),
                               stepper.grid());
    for (long long frame = 0; frame < 12; ++frame) {
      if (frame > 0) stepper.advance(state, tests::window_s);
      state.time_s = tests::window_s * static_cast<double>(frame);
      writer.write(state);
    }
    writer.finish(1);
  }
  for (const std::string kind : {"unet", "conv_autoencoder", "pod"}) {
    NetworkParams network = network_params();
    network.kind = kind;
    network.latent_size = 3;
    TrainingParams params = training_params(1);
    params.rollout_windows = 4;
    core::Provenance provenance;
    provenance.version = "test";
    const auto report = train(DatasetReader(folder), {network, params, {}, provenance}, self());
    const ModelCard& card = report.model.card;
    EXPECT_FALSE(card.fields[0].constant) << kind;
    EXPECT_TRUE(card.fields[1].constant) << kind;
    EXPECT_EQ(card.fields[1].mean, 0) << kind;
    EXPECT_EQ(card.validation[1].rel_l2_rollout, 0) << kind << ": predicted as it is";
    EXPECT_DOUBLE_EQ(report.curve.back().validation, card.validation[0].rel_l2_rollout)
        << kind << ": no part of the score";
    EXPECT_LT(card.validation[0].rel_l2_rollout, 10) << kind;

    auto truth = std::make_shared<tests::Carrier<double>>(tests::carrier_grid(true, self()), 1.1);
    RunDescription run;
    run.fields = truth->fields();
    run.grid = tests::carrier_grid_params();
    run.boundaries = tests::carrier_boundaries(true);
    run.window_s = tests::window_s;
    run.parameters = {{"carrier.speed", "m/s", 1.1}};
    SurrogateStepper<double> surrogate(truth, report.model, run);
    mesh::State<double> state(truth->grid(), truth->fields());
    truth->initialise(state, 0.2);
    const auto zero = [&] {
      auto other = state.clone();
      Kokkos::deep_copy(other["f"].data, 0.0);
      return other;
    }();
    surrogate.advance(state, tests::window_s);  // f is not zero: the model's constant it is after
    EXPECT_EQ(tests::largest_difference(zero, state, "f"), 0) << kind;
  }
}

TEST(Training, ResumedIsBitwiseTheUninterruptedOne) {
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
TEST(Training, AnEpochThatIsInterruptedAtItsLastStepIsClosedOnResuming) {
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

TEST(Training, AResumedOneWritesItsCurveWhole) {
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

TEST(Training, CountsThePreparationOfEveryPart) {
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

TEST(Training, AnOnlySampleIsLongEnoughForBothItsParts) {
  TrainingParams params = training_params(2);
  params.unroll = {1, 8};
  params.unroll_fractions = {0.4};
  EXPECT_EQ(least_frames(params, false), 10);
  EXPECT_EQ(least_frames(params, true), 12);
  for (const std::string& text : refusals(samples_of("only_10", {{"train", 10}}), params))
    EXPECT_NE(text.find("sample sample_0 has 10 frames; training.skip_windows 0 and unroll 8 want "
                        "at least 12, since it is the only one"),
              std::string::npos)
        << text;
  const DatasetReader enough(samples_of("only_14", {{"train", 14}}));
  const auto report = train(enough, {network_params(), params}, self());
  EXPECT_EQ(report.curve.size(), 2u);
  EXPECT_EQ(report.curve.back().unroll, 8);
  EXPECT_EQ(report.model.card.rollout_windows, 2);

  // Where nothing else noticed.
  TrainingSetup setup{network_params(), training_params(1)};
  FieldTrainer trainer(load_training_data(enough, setup.training, setup.network), setup.network,
                       setup.training, self());
  setup.training.unroll = {20};
  setup.training.unroll_fractions = {};
  EXPECT_NE(
      error_text([&] { run_training(trainer, setup); }).find("no sequence of training.unroll 20"),
      std::string::npos);
}

TEST(Training, AHeldOutSampleIsLongEnoughForARollout) {
  TrainingParams params = training_params(2);
  EXPECT_EQ(least_frames(params, true), 6);
  for (const std::string& text : refusals(samples_of("only_5", {{"train", 5}}), params))
    EXPECT_NE(text.find("sample sample_0 has 5 frames"), std::string::npos) << text;
  params.skip_windows = 2;
  for (const std::string& text :
       refusals(samples_of("held_out_3", {{"train", 9}, {"valid", 3}}), params))
    EXPECT_NE(text.find("the held-out sample sample_1 has 3 frames; training.skip_windows 2 and a "
                        "rollout of one window want at least 4"),
              std::string::npos)
        << text;
}

TEST(Training, RolloutsOfASampleBeginAtDifferentFrames) {
  TrainingParams params;
  params.rollout_starts = 10;
  using Frames = std::vector<std::int64_t>;
  EXPECT_EQ(first_frames_of_rollouts(params, 9, 5), (Frames{0, 1, 2, 3}));
  params.rollout_starts = 3;
  EXPECT_EQ(first_frames_of_rollouts(params, 10, 5), (Frames{0, 2, 4}));
  EXPECT_EQ(first_frames_of_rollouts(params, 6, 5), Frames{0});
  params.rollout_starts = 1;
  EXPECT_EQ(first_frames_of_rollouts(params, 10, 5), Frames{0});
}

TEST(Training, AValidationCallsTheNetworkOnABatchAtATime) {
  const DatasetReader reader(dataset());
  TrainingParams params = training_params(1);
  params.rollout_starts = 50;  // 10 of 15 windows fit into 25 frames
  std::vector<double> first;
  for (const int batch : {100, 4, 1})
    for (const bool streamed : {false, true}) {
      SCOPED_TRACE(core::format("batch {}, streamed {}", batch, streamed));
      params.batch = batch;
      const SampleMemory memory = streamed ? SampleMemory{true, 1} : SampleMemory{};
      const Counted trainer(load_training_data(reader, params, network_params(), memory),
                            network_params(), params, self());
      const RolloutErrors errors = trainer.validate(trainer.optimiser.averaged());
      EXPECT_EQ(trainer.most, std::min(batch, 10));
      std::vector<double> all = errors.one_window;
      all.insert(all.end(), errors.rollout.begin(), errors.rollout.end());
      all.insert(all.end(), errors.persistence.begin(), errors.persistence.end());
      if (first.empty()) first = all;
      ASSERT_EQ(all.size(), first.size());
      for (std::size_t n = 0; n < all.size(); ++n) EXPECT_NEAR(all[n] / first[n], 1, 1e-4) << n;
    }
}

TEST(Training, StopsWhenItsRolloutsGetNoBetter) {
  // A rate so small that the weights act as they did at the start: the first rollout stays the best.
  TrainingParams params = training_params(40);
  params.validate_every = 1;
  params.patience = 2;
  params.ema_decay = 0;
  params.learning_rate = 1e-30;
  const TrainingReport report = train_here(params);
  EXPECT_TRUE(report.ended_by_patience);
  EXPECT_EQ(report.curve.size(), 3u);
  params.patience = 0;
  params.epochs = 6;
  EXPECT_FALSE(train_here(params).ended_by_patience);
}

TEST(Training, TakesBfloat16OnlyWhereItIsAskedFor) {
  EXPECT_EQ(training_precision("float32", self()), "float32");
  EXPECT_EQ(training_precision("bfloat16", self()), "bfloat16");
  EXPECT_EQ(training_precision("auto", self()),
            core::processor_has_bfloat16() ? "bfloat16" : "float32");
}

TEST(Training, NamesWhatDoesNotServe) {
  TrainingParams params = training_params(2);
  params.skip_windows = 24;
  EXPECT_NE(error_text([&] { train_here(params); }).find("has 25 frames"), std::string::npos);
}

// Last: a noted signal stays noted for the process.
TEST(Training, StopsOnASignalWithACheckpoint) {
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
