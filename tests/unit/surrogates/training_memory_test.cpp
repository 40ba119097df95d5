// What trainings take is known before they take it, and what is more than there is refused with its parts.
#include "surrogates/training/training_memory.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/points/point_training.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

const core::Comm& self() {
  static const core::Comm comm = core::Comm::self();
  return comm;
}

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const auto& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

bool somebody_says() { return std::isfinite(core::available_memory().bytes); }

TEST(TrainingMemory, ThePartThatIsTooLargeIsNamedWithItsRemedy) {
  EXPECT_EQ(error_text([] { require_training_fits({.samples = 1e3, .weights = 1e3}, self()); }),
            "no error");
  if (!somebody_says()) GTEST_SKIP() << "nobody says what is there";
  TrainingNeeds needs{.samples = 1e18, .weights = 1e3, .batch = 1e6};
  needs.fewer_samples = "fewer samples (ensemble)";
  const auto refused = [&] { return error_text([&] { require_training_fits(needs, self()); }); };
  expect_parts(refused(), {"the training (1 EB of samples, 1 kB of weights", "1 MB of a batch",
                           "would take at least 1 EB", "are there", "fewer samples (ensemble)"});
  needs = {.samples = 1, .weights = 1e18, .batch = 1};
  expect_parts(refused(), {"use a smaller network"});
  needs = {.samples = 1, .weights = 1, .batch = 1e18};
  expect_parts(refused(), {"training.batch", "training.unroll", "more ranks"});
}

TEST(TrainingMemory, WhatIsMoreThanTheLimitIsStreamed) {
  if (!somebody_says()) GTEST_SKIP() << "nobody says what is there";
  TrainingNeeds needs{.samples = 2e6, .weights = 1e3, .batch = 1e3};
  EXPECT_FALSE(require_training_fits(needs, self()).streamed);
  needs.limit = 3e6;
  needs.streamed = 1e4;
  needs.why_streamed = "3 frames at a time";
  EXPECT_FALSE(require_training_fits(needs, self()).streamed);
  needs.limit = 1e6;
  EXPECT_TRUE(require_training_fits(needs, self()).streamed);
  EXPECT_EQ(require_training_fits(needs, self()).bytes, 1e6);
  needs.limit = 1e3;
  expect_parts(error_text([&] { require_training_fits(needs, self()); }),
               {"training.memory_gb: 1e-06 is too little", "it must hold 3 frames at a time",
                "e-05 would do"});
  needs.streamed = 0;
  needs.why_streamed = "it needs them all";
  expect_parts(error_text([&] { require_training_fits(needs, self()); }),
               {"training.memory_gb: 1e-06 is less than the 0.002", "it needs them all", "or 0"});
  // Without a limit: more than is free.
  needs.limit = 0;
  needs.samples = 1e18;
  expect_parts(
      error_text([&] { require_training_fits(needs, self()); }),
      {"would take at least 1 EB", "they cannot be read as training goes on: it needs them all"});
  needs.streamed = 1e4;
  const SampleMemory memory = require_training_fits(needs, self());
  EXPECT_TRUE(memory.streamed);
  EXPECT_GE(memory.bytes, 1e4);
  EXPECT_LT(memory.bytes, core::available_memory().bytes);
}

// Where streamed samples make other weights the deck says which way it is, and not the machine of the day.
TEST(TrainingMemory, WhereTheLimitDecidesWhatIsFreeDoesNot) {
  if (!somebody_says()) GTEST_SKIP() << "nobody says what is there";
  TrainingNeeds needs{.samples = 1e18, .weights = 1e3, .batch = 1e3};
  needs.streamed = 1e4;
  needs.why_streamed = "16 frames at a time";
  EXPECT_TRUE(require_training_fits(needs, self()).streamed);
  needs.limit_decides = true;
  expect_parts(
      error_text([&] { require_training_fits(needs, self()); }),
      {"would take at least 1 EB",
       "or read them as training goes on, with training.memory_gb from 1.01e-05 on and below "
       "1e+09"});
  needs.limit = 1e5;
  EXPECT_TRUE(require_training_fits(needs, self()).streamed);
  needs.samples = 2e5;
  EXPECT_TRUE(require_training_fits(needs, self()).streamed);
  needs.limit = 3e5;
  EXPECT_FALSE(require_training_fits(needs, self()).streamed);
  needs.limit = 0;
  EXPECT_FALSE(require_training_fits(needs, self()).streamed);
}

// Three samples of 25 frames for training and one to validate, of which the first five are left out.
TEST(TrainingMemory, OfADatasetIsThatOfItsFramesWeightsAndBatch) {
  const auto folder = tests::fresh_folder("training_memory", self());
  for (int n = 0; n < 3; ++n) tests::write_sample<float>(folder, true, n, "train", 25, self());
  tests::write_sample<float>(folder, true, 1, "valid", 25, self());
  tests::write_sample<float>(folder, true, 2, "test", 25, self());
  const DatasetReader data(folder);
  TrainingSetup setup;
  setup.network.width = 8;
  setup.network.levels = 2;
  setup.network.patch = 1;
  setup.training.skip_windows = 5;
  setup.training.batch = 7;
  const TrainingExtent extent = training_extent(data, setup);
  EXPECT_EQ(extent.frames, 80);
  EXPECT_EQ(extent.samples, 4);
  EXPECT_EQ(extent.longest, 20);
  EXPECT_EQ(extent.shape.prognostic, data.channels(mesh::Role::prognostic));
  EXPECT_EQ(extent.shape.fixed, data.channels(mesh::Role::fixed));
  double points = 1;
  for (const long long n : extent.shape.cells) points *= double(n);
  const TrainingNeeds one = training_needs(extent, setup, 1),
                      three = training_needs(extent, setup, 3);
  EXPECT_EQ(one.samples, 80 * extent.shape.prognostic * points * 4);
  EXPECT_EQ(three.samples, one.samples);
  // Of a mask and weights of each sample, and the sums over one channel of the longest sample in double precision.
  EXPECT_GT(one.streamed, 8 * 20 * points);
  EXPECT_LT(one.streamed, one.samples);
  EXPECT_FALSE(extent.measured);
  // What the cells of a large grid measure is read as a whole by each of the ranks that share it.
  TrainingExtent large = extent;
  large.shape.cells = {4096, 4096};
  large.longest = 2;
  TrainingSetup shared = setup;
  shared.training.ranks_per_sample = 8;
  const double own = 1 << 21, of_samples = 4.0 * 4 * (extent.shape.fixed + 1) * own;
  EXPECT_LT(training_needs(large, shared, 8).streamed, of_samples + 16.0 * (1 << 24));
  large.measured = true;
  EXPECT_EQ(training_needs(large, shared, 8).streamed, of_samples + 16.0 * (1 << 24));
  TrainingSetup dense = setup;
  dense.network.kind = "conv_autoencoder";
  EXPECT_EQ(training_needs(extent, dense, 1).streamed, 0);
  const Network network(setup.network, extent.shape, 1);
  EXPECT_EQ(one.weights, 6.0 * 4 * double(network.weight_count()));
  // The longest phase has two windows; the layers of the finest level, what goes in and what comes out.
  EXPECT_EQ(one.batch,
            4.0 * 7 * 2 * points *
                (extent.shape.inputs() + extent.shape.prognostic + 4 * setup.network.width));
  EXPECT_EQ(three.batch, one.batch * 3 / 7);
  if (!somebody_says()) return;
  setup.training.batch = 2000000000;
  setup.training.unroll = {1000000};
  expect_parts(error_text([&] { train(data, setup, self()); }),
               {"the training (", "would take at least", "training.batch"});
}

TEST(TrainingMemory, OfPointsIsRefusedBeforeTheyAreSplit) {
  if (!somebody_says()) GTEST_SKIP() << "nobody says what is there";
  PointNetworkParams network;
  EXPECT_EQ(error_text([&] { require_network_fits(network, 1000); }), "no error");
  network.width = 1 << 24;
  expect_parts(error_text([&] { require_network_fits(network, 1000); }),
               {"of weights and the optimiser's copies", "network.width, network.depth"});
}

}  // namespace

}  // namespace understudy
