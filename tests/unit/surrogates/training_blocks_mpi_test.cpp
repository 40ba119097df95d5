// Training on blocks (training.ranks_per_sample): any split of the ranks into groups follows one rank to round-off, in
// memory and streamed, resumed bitwise, and what fails on one rank ends all. Training is in single precision always.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/surrogates_box_case.hpp"
#include "support/surrogates_measured.hpp"
#include "support/surrogates_synthetic.hpp"
#include "support/torch_streaming_case.hpp"
#include "support/torch_trained.hpp"
#include "surrogates/fields/sample_blocks.hpp"
#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy {

using namespace surrogates;
using tests::distance;
using tests::error_text;
using tests::weights;
using tests::streaming::groupings;
using tests::streaming::least_memory_gb;
using tests::streaming::world;

namespace {

namespace fs = std::filesystem;

// Written once: `periodic`, `open` (an inflow, an open side, faces), `weighed` (periodic, cells that do not measure
// alike), `box` (3-D).
const fs::path& dataset(const std::string& name) {
  static std::map<std::string, fs::path> made;
  const auto [at, is_new] = made.try_emplace(name);
  if (!is_new) return at->second;
  at->second = tests::fresh_folder("training_blocks_" + name, world());
  if (name == "box") {
    tests::write_box_samples(at->second, 9, world());
  } else if (name == "weighed") {
    tests::write_measured_samples(
        at->second, [](int i, int j, int) { return (i < 8 ? 9 : 1) + 0.1 * j; }, 14, world());
  } else {
    for (int n = 0; n < 3; ++n)
      tests::write_sample<float>(at->second, name == "periodic", n, "train", 14 + 3 * n, world());
    tests::write_sample<float>(at->second, name == "periodic", 1, "valid", 11, world());
  }
  world().barrier();
  return at->second;
}

TrainingSetup setup_of(const std::string& kind, int each) {
  TrainingSetup setup;
  setup.network.kind = kind;
  setup.network.width = 8;
  setup.network.levels = 1;
  setup.network.patch = 1;
  setup.network.modes = {3};
  setup.network.layers = 2;
  setup.network.norm = kind == "unet" ? "group" : "none";
  setup.training.epochs = 2;
  setup.training.batch = 5;
  setup.training.unroll = {1, 2};
  setup.training.unroll_fractions = {0.5};
  setup.training.validate_every = 1;
  setup.training.checkpoint_every = 1;
  setup.training.rollout_windows = 3;
  setup.training.rollout_starts = 7;  // more than one batch validates
  setup.training.ema_decay = 0.5;
  setup.training.threads = 1;
  setup.training.ranks_per_sample = each;
  return setup;
}

// The gradient of a loss over two windows, with noise, at weights that are all drawn, over the first sequences.
class Probe : public FieldTrainer {
 public:
  using FieldTrainer::FieldTrainer;
  at::Tensor gradient() {
    network.impl().flat.uniform_(-0.2, 0.2, generator(5));
    part_of_loss({{0, 0}, {0, 3}, {1, 1}}, 2, 0).backward();
    at::Tensor sum = optimiser.gradient().clone();
    comm().sum(std::span(sum.data_ptr<float>(), static_cast<std::size_t>(sum.numel())));
    return sum;
  }
};

at::Tensor gradient_of(const DatasetReader& reader, const TrainingSetup& setup,
                       const core::Comm& comm) {
  const auto blocks = sample_blocks(setup, network_shape(reader, setup.network), comm);
  Probe probe(load_training_data(reader, setup.training, setup.network, {}, blocks), setup.network,
              setup.training, comm);
  return probe.gradient() * (double(setup.training.ranks_per_sample) / comm.size());
}

struct Case {
  std::string kind, data;
};
const Case cases[] = {{"unet", "periodic"}, {"unet", "open"},    {"fno", "periodic"},
                      {"fno", "open"},      {"unet", "weighed"}, {"fno", "weighed"},
                      {"unet", "box"},      {"fno", "box"}};

}  // namespace

// A gradient's sums are over some thousands of values in single precision, 6e-8 each; of layers' values in bfloat16,
// 2e-3 each, some are rounded the other way.
TEST(TrainingOnBlocks, HasTheGradientOfTheWhole) {
  for (const Case& one : cases) {
    // `box` holds its second sample out.
    if (one.data == "box") continue;
    const DatasetReader reader(dataset(one.data));
    EXPECT_EQ(reader.has_measures(0), one.data == "weighed");
    for (const auto& [precision, bound] : {std::pair{"float32", 2e-5}, {"bfloat16", 2e-2}}) {
      TrainingSetup setup = setup_of(one.kind, 1);
      setup.training.precision = precision;
      const at::Tensor alone = gradient_of(reader, setup, core::Comm::self());
      EXPECT_GT(alone.norm().item<double>(), 0);
      for (const int each : groupings()) {
        setup.training.ranks_per_sample = each;
        const at::Tensor here = gradient_of(reader, setup, world());
        EXPECT_LT(((here - alone).norm() / alone.norm()).item<double>(), bound)
            << one.kind << " " << one.data << " " << precision << " " << each << " ranks a sample";
      }
    }
  }
}

// The bounds are those of ranks that share the batch only (training_mpi_test.cpp). The weights are held to them without
// group normalisation: with it the gradient of a bias before a norm is nothing but round-off, by whose size the
// optimiser divides, so that such a bias goes anywhere, without a trace in loss and error.
TEST(TrainingOnBlocks, FollowsOneRankToRoundOff) {
  for (const Case& one : cases)
    for (const std::string norm : {"none", "group"}) {
      if (norm == "group" && one.kind != "unet") continue;
      const DatasetReader reader(dataset(one.data));
      TrainingSetup alone_setup = setup_of(one.kind, 1);
      alone_setup.network.norm = norm;
      const auto alone = train(reader, alone_setup, core::Comm::self());
      for (const int each : groupings()) {
        SCOPED_TRACE(
            core::format("{} {} norm {}, {} ranks a sample", one.kind, one.data, norm, each));
        TrainingSetup setup = setup_of(one.kind, each);
        setup.network.norm = norm;
        const auto here = train(reader, setup, world());
        if (norm == "none") {
          EXPECT_LT(distance(here, alone, setup), 2e-3);
        }
        ASSERT_EQ(here.curve.size(), alone.curve.size());
        for (std::size_t n = 0; n < here.curve.size(); ++n) {
          EXPECT_NEAR(here.curve[n].loss / alone.curve[n].loss, 1, 1e-4);
          EXPECT_NEAR(here.curve[n].validation / alone.curve[n].validation, 1, 1e-3);
        }
        for (std::size_t c = 0; c < alone.model.card.fields.size(); ++c) {
          const FieldCard &a = here.model.card.fields[c], &b = alone.model.card.fields[c];
          EXPECT_NEAR(a.std / b.std, 1, 1e-12);
          EXPECT_NEAR(a.increment_std / b.increment_std, 1, 1e-12);
          EXPECT_EQ(a.lowest, b.lowest);
        }
        const double sum = weights(here).sum().item<double>();
        EXPECT_EQ(world().max(sum), world().min(sum)) << "the same bits everywhere";
        EXPECT_EQ(here.ranks_per_sample, each);
        EXPECT_EQ(here.model.card.ranks_per_sample, each);
        const int groups = world().size() / each;
        EXPECT_EQ(here.bytes_read, groups * alone.bytes_read) << "a group reads each value once";
        EXPECT_GT(here.sent.collectives, 0);
        EXPECT_GT(here.sent.collective_bytes, 0);
        if (one.kind == "unet") {
          EXPECT_GT(here.sent.messages, 0);
          EXPECT_GT(here.sent.bytes, 0);
        }
      }
    }
}

TEST(TrainingOnBlocks, ResumedIsBitwiseTheUninterruptedOne) {
  const DatasetReader reader(dataset("open"));
  for (const int each : groupings())
    for (const bool streamed : {false, true}) {
      SCOPED_TRACE(core::format("{} ranks a sample, streamed {}", each, streamed));
      const auto folder =
          tests::fresh_folder(core::format("blocks_resume_{}_{}", each, int(streamed)), world());
      TrainingSetup setup = setup_of("unet", each);
      const auto whole = train(reader, setup, world());
      if (streamed) setup.training.memory_gb = least_memory_gb(reader, setup, world());
      setup.files = {folder / "checkpoint.safetensors", folder / "curve.csv", true, 5};
      TrainingReport resumed;
      int parts = 1;
      for (;; ++parts) {
        ASSERT_LT(parts, 20);
        try {
          resumed = train(reader, setup, world());
          break;
        } catch (const core::Interrupted&) {
        }
      }
      EXPECT_GE(parts, 3);
      EXPECT_EQ(resumed.streamed, streamed);
      EXPECT_TRUE(at::equal(weights(whole), weights(resumed)));
      EXPECT_EQ(whole.curve.back().validation, resumed.curve.back().validation);
    }
}

TEST(TrainingOnBlocks, GoesOnWithAnotherNumberOfRanksASample) {
  const DatasetReader reader(dataset("open"));
  for (const int each : groupings())
    for (const auto& [before, after] : {std::pair{each, 1}, {1, each}}) {
      SCOPED_TRACE(core::format("{} ranks a sample, then {}", before, after));
      const auto folder =
          tests::fresh_folder(core::format("blocks_change_{}_{}", before, after), world());
      TrainingSetup setup = setup_of("fno", before);
      const auto whole = train(reader, setup, world());
      setup.files = {folder / "checkpoint.safetensors", {}, true, 5};
      EXPECT_THROW(train(reader, setup, world()), core::Interrupted);
      setup.training.ranks_per_sample = after;
      setup.files.pause_after_steps = 0;
      testing::internal::CaptureStderr();
      const auto resumed = train(reader, setup, world());
      const std::string said = testing::internal::GetCapturedStderr();
      EXPECT_LT(distance(resumed, whole, setup), 2e-3);
      if (world().is_root()) {
        const std::string warning = core::format(
            "checkpoint.safetensors was written with {} ranks a sample and this training has {}: it goes on as "
            "the same training would to round-off, not bitwise",
            before, after);
        EXPECT_NE(said.find(warning), std::string::npos) << said;
      }
    }
}

TEST(TrainingOnBlocks, StreamedIsBitwiseInMemory) {
  for (const int each : groupings())
    for (const std::string kind : {"unet", "fno"}) {
      const DatasetReader reader(dataset("open"));
      TrainingSetup setup = setup_of(kind, each);
      const auto memory = train(reader, setup, world());
      setup.training.memory_gb = least_memory_gb(reader, setup, world());
      const auto streamed = train(reader, setup, world());
      EXPECT_FALSE(memory.streamed);
      EXPECT_TRUE(streamed.streamed);
      EXPECT_TRUE(at::equal(weights(memory), weights(streamed))) << kind << " " << each;
      // A rank's share of the samples is smaller, and so is what it must hold.
      TrainingSetup alone = setup_of(kind, 1);
      EXPECT_LT(setup.training.memory_gb, least_memory_gb(reader, alone, world()));
    }
}

namespace {

// The last rank's own copy of the samples vanishes in the middle of training.
class Bereft : public FieldTrainer {
 public:
  using FieldTrainer::FieldTrainer;
  fs::path own;
  double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) override {
    if (optimiser.steps == 3 && comm().rank() + 1 == comm().size())
      for (const auto& file : fs::directory_iterator(own / "train")) fs::remove(file);
    return FieldTrainer::step(batch, plan);
  }
};

}  // namespace

TEST(TrainingOnBlocks, EndsOnAllRanksWhereOneCannotReadItsBlock) {
  for (const int each : groupings()) {
    const auto folder = tests::fresh_folder(core::format("blocks_bereft_{}", each), world());
    const fs::path own = folder / core::format("rank_{}", world().rank());
    fs::copy(dataset("open"), own, fs::copy_options::recursive);
    const DatasetReader reader(own);
    const TrainingSetup setup = setup_of("unet", each);
    const std::string text = error_text([&] {
      const auto blocks = sample_blocks(setup, network_shape(reader, setup.network), world());
      Bereft trainer(load_training_data(reader, setup.training, setup.network, {true, 1}, blocks),
                     setup.network, setup.training, world());
      trainer.own = own;
      run_training(trainer, setup);
    });
    EXPECT_NE(text.find("vanished while it was being read"), std::string::npos) << text;
    world().barrier();
  }
}

TEST(TrainingOnBlocks, ValuesThatAreNotFiniteInOneBlockAreRefusedByAll) {
  if (world().size() == 1) GTEST_SKIP() << "no blocks on one rank";
  const auto folder = tests::fresh_folder("blocks_nan", world());
  tests::write_sample<float>(folder, true, 0, "train", 8, world());
  tests::write_sample<float>(folder, true, 1, "valid", 8, world());
  if (world().is_root()) {
    mesh::Hdf5File file(folder / "train" / "sample_0.hdf5", mesh::H5Mode::update,
                        core::Comm::self());
    const float nan = std::numeric_limits<float>::quiet_NaN();
    file.write("t0_fields/q", &nan, {{0, 3, 1, 1}, {1, 1, 1, 1}});
    file.close();
  }
  world().barrier();
  const TrainingSetup setup = setup_of("unet", world().size());
  EXPECT_NE(error_text([&] {
              train(DatasetReader(folder), setup, world());
            }).find("sample sample_0 has values that are not finite"),
            std::string::npos);
}

TEST(TrainingOnBlocks, NamesWhatDoesNotFit) {
  const DatasetReader reader(dataset("open"));
  TrainingSetup setup = setup_of("unet", world().size());
  setup.training.memory_gb = 1e-9;
  const auto refused = [&] { return error_text([&] { train(reader, setup, world()); }); };
  std::string text = refused();
  for (const char* part :
       {"training.memory_gb: 1e-09 is too little",
        "would do, or more ranks, that share samples (training.ranks_per_sample)"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  if (world().size() > 1) {
    setup.training.ranks_per_sample = 1;
    text = refused();
    EXPECT_NE(text.find("would do, or more ranks a sample (training.ranks_per_sample)"),
              std::string::npos)
        << text;
  }
  setup.training.memory_gb = 0;
  setup.training.ranks_per_sample = world().size() + 1;
  text = refused();
  EXPECT_NE(text.find("does not divide the"), std::string::npos) << text;
}

}  // namespace understudy
