// Training on samples that are read as it goes on: bit for bit the training on samples in memory, resumed and on any
// number of ranks.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/error.hpp"
#include "support/surrogates_correction_case.hpp"
#include "support/torch_streaming_case.hpp"
#include "support/torch_trained.hpp"

namespace understudy {

using namespace surrogates;
using tests::weights;
using tests::streaming::Made;
using tests::streaming::make;
using tests::streaming::setup_of;
using tests::streaming::world;
using tests::streaming::write_dataset;

namespace {

namespace fs = std::filesystem;

const std::filesystem::path& dataset() {
  static const std::filesystem::path folder = write_dataset("streaming", 3, true);
  return folder;
}

void expect_same(const TrainingReport& memory, const TrainingReport& streamed) {
  EXPECT_FALSE(memory.streamed);
  EXPECT_TRUE(streamed.streamed);
  EXPECT_TRUE(at::equal(weights(memory), weights(streamed)));
  const ModelCard &a = memory.model.card, &b = streamed.model.card;
  ASSERT_EQ(a.fields.size(), b.fields.size());
  for (std::size_t c = 0; c < a.fields.size(); ++c) {
    EXPECT_EQ(a.fields[c].mean, b.fields[c].mean);
    EXPECT_EQ(a.fields[c].std, b.fields[c].std);
    EXPECT_EQ(a.fields[c].increment_std, b.fields[c].increment_std);
    EXPECT_EQ(a.validation[c].rel_l2_rollout, b.validation[c].rel_l2_rollout);
    EXPECT_EQ(a.validation[c].persistence_rollout, b.validation[c].persistence_rollout);
  }
  ASSERT_EQ(memory.curve.size(), streamed.curve.size());
  for (std::size_t n = 0; n < memory.curve.size(); ++n) {
    EXPECT_EQ(memory.curve[n].loss, streamed.curve[n].loss);
    EXPECT_EQ(memory.curve[n].validation, streamed.curve[n].validation);
  }
}

TrainingReport train_here(const fs::path& folder, const TrainingSetup& setup) {
  return train(DatasetReader(folder), setup, world());
}

// With as little memory as does, and with some more, so that frames are kept.
TEST(Streaming, TrainsTheNetworkOfSamplesInMemory) {
  for (const std::string kind : {"unet", "fno"}) {
    TrainingSetup setup = setup_of(kind);
    const auto memory = train_here(dataset(), setup);
    const double least =
        tests::streaming::least_memory_gb(DatasetReader(dataset()), setup, world());
    double before = 0;
    for (const double factor : {1.0, 1.2}) {
      setup.training.memory_gb = factor * least;
      const auto streamed = train_here(dataset(), setup);
      expect_same(memory, streamed);
      EXPECT_GT(streamed.bytes_read, memory.bytes_read) << "frames are read again and again";
      if (factor > 1) {
        EXPECT_LE(streamed.bytes_read, before) << "and less often where more are kept";
      }
      before = streamed.bytes_read;
    }
    setup.training.memory_gb = 1;
    EXPECT_FALSE(train_here(dataset(), setup).streamed) << "they fit";
  }
}

void expect_same(const Made& memory, const Made& streamed) {
  EXPECT_TRUE(at::equal(memory.weights(), streamed.weights()));
  const ModelCard &a = memory.trainer->card, &b = streamed.trainer->card;
  for (std::size_t c = 0; c < a.fields.size(); ++c) {
    EXPECT_EQ(a.fields[c].mean, b.fields[c].mean);
    EXPECT_EQ(a.fields[c].std, b.fields[c].std);
    EXPECT_EQ(a.fields[c].increment_std, b.fields[c].increment_std);
    EXPECT_EQ(a.validation[c].rel_l2_rollout, b.validation[c].rel_l2_rollout);
  }
  for (std::size_t n = 0; n < memory.record.curve.size(); ++n)
    EXPECT_EQ(memory.record.curve[n].loss, streamed.record.curve[n].loss);
}

TEST(Streaming, OfOneSampleHoldsOutTheSameEnd) {
  const DatasetReader data(write_dataset("streaming_split", 1, false));
  TrainingSetup setup = setup_of("unet");
  setup.training.skip_windows = 2;
  setup.training.rollout_windows = 1;
  const auto memory = make(data, setup, {});
  expect_same(memory, make(data, setup, {true, 1}));
  expect_same(memory, make(data, setup, {true, 4e4}));
}

TEST(Streaming, ResumedIsBitwiseTheUninterruptedOne) {
  const auto folder = tests::fresh_folder("streaming_resume", world());
  TrainingSetup setup = setup_of("unet");
  const auto memory = train_here(dataset(), setup);
  setup.training.memory_gb =
      tests::streaming::least_memory_gb(DatasetReader(dataset()), setup, world());
  setup.files = {folder / "checkpoint.safetensors", folder / "curve.csv", true, 4};
  for (int part = 1;; ++part) {
    ASSERT_LT(part, 20);
    try {
      const auto resumed = train_here(dataset(), setup);
      EXPECT_GE(part, 3);
      EXPECT_TRUE(resumed.streamed);
      EXPECT_TRUE(at::equal(weights(memory), weights(resumed)));
      break;
    } catch (const core::Interrupted&) {
      // Another limit, or none, is the same training.
      setup.training.memory_gb = part == 1 ? 0 : setup.training.memory_gb;
      if (part == 2)
        setup.training.memory_gb =
            tests::streaming::least_memory_gb(DatasetReader(dataset()), setup_of("unet"), world());
    }
  }
}

TEST(Streaming, CorrectsOnTheSameCoarseFrames) {
  const auto folder = tests::fresh_folder("streaming_correction", world());
  tests::write_vortices(folder, 1, "train", 7, world());
  tests::write_vortices(folder, 2, "train", 6, world());
  tests::write_vortices(folder, 3, "valid", 5, world());
  TrainingSetup setup = setup_of("correction");
  setup.network.coarsening = {4};
  setup.training.epochs = 1;
  setup.training.rollout_windows = 2;
  setup.training.unroll = {2};
  setup.training.unroll_fractions = {};
  setup.training.through_solver = false;
  const DatasetReader data(folder);
  const auto coarse = tests::coarse_vortices(8);
  expect_same(make(data, setup, {}, coarse), make(data, setup, {true, 1}, coarse));
}

}  // namespace

}  // namespace understudy
