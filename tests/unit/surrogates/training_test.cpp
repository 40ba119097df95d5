// Training: learns a linear domain, refuses samples that are too short, validates in batches.
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
#include "support/torch_training_case.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/network/torch_network.hpp"
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

namespace {

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
}  // namespace understudy
