// What the tests of streamed trainings share: datasets, a small training, the trainer of samples in memory or in files,
// and a limit that makes a training stream its samples.
#pragma once

#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/torch_correction_trainer.hpp"
#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/fields/torch_latent_trainer.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy::tests::streaming {

inline const core::Comm& world() {
  static const core::Comm comm = core::Comm::world();
  return comm;
}

// Numbers of ranks a sample, more than one, that make whole groups.
inline std::vector<int> groupings() {
  std::vector<int> all;
  for (int each = 2; each <= world().size(); ++each)
    if (world().size() % each == 0) all.push_back(each);
  return all;
}

// Samples of other lengths; an inflow and an open side, so that `f` has closing faces.
inline std::filesystem::path write_dataset(const std::string& name, int samples, bool held_out) {
  const auto path = fresh_folder(name, world());
  for (int n = 0; n < samples; ++n)
    write_sample<float>(path, false, n, "train", 14 + 3 * n, world());
  if (held_out) write_sample<float>(path, false, 1, "valid", 11, world());
  world().barrier();
  return path;
}

inline surrogates::TrainingSetup setup_of(const std::string& kind) {
  surrogates::TrainingSetup setup;
  setup.network.kind = kind;
  setup.network.width = 8;
  setup.network.levels = 1;
  setup.network.patch = 1;
  setup.network.modes = {4};
  setup.network.layers = 2;
  setup.network.latent_size = 6;
  setup.network.latent_map = "linear";
  setup.training.epochs = 3;
  setup.training.batch = 5;
  setup.training.unroll = {1, 2};
  setup.training.unroll_fractions = {0.5};
  setup.training.validate_every = 1;
  setup.training.checkpoint_every = 1;
  setup.training.rollout_windows = 4;
  setup.training.ema_decay = 0.5;
  setup.training.threads = 1;
  return setup;
}

// These samples take less than what streaming them takes: what train() would hold is streamed all the same.
struct Made {
  std::unique_ptr<surrogates::RolloutTrainer> trainer;
  surrogates::TrainingRecord record;
  at::Tensor weights() const { return trainer->network.impl().flat; }
};

inline Made make(const surrogates::DatasetReader& reader, const surrogates::TrainingSetup& setup,
                 const surrogates::SampleMemory& memory,
                 const surrogates::MakeCoarseSolver& coarse = {}) {
  using namespace surrogates;
  Made made;
  TrainingData data = load_training_data(reader, setup.training, setup.network, memory);
  if (is_latent(setup.network))
    made.trainer = std::make_unique<LatentTrainer>(reader, std::move(data), setup.network,
                                                   setup.training, world());
  else if (corrects(setup.network))
    made.trainer = make_correction_trainer(reader, std::move(data), setup, world(), coarse);
  else
    made.trainer =
        std::make_unique<FieldTrainer>(std::move(data), setup.network, setup.training, world());
  EXPECT_EQ(made.trainer->streams(), memory.streamed);
  made.record = run_training(*made.trainer, setup);
  return made;
}

/// The smallest training.memory_gb that the message of one that is too small names.
inline double least_memory_gb(const surrogates::DatasetReader& data,
                              surrogates::TrainingSetup setup, const core::Comm& comm,
                              const surrogates::MakeCoarseSolver& coarse = {}) {
  setup.training.memory_gb = 1e-9;
  const std::string text = error_text([&] { surrogates::train(data, setup, comm, coarse); });
  const std::string after = "; ";
  const auto end = text.find(" would do");
  const auto begin = text.rfind(after, end);
  if (end == std::string::npos || begin == std::string::npos)
    throw core::UserError("no limit is named: " + text);
  return std::stod(text.substr(begin + after.size(), end));
}

}  // namespace understudy::tests::streaming
