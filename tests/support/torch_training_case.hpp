// A small training of fields: its dataset, its settings and its call.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/training.hpp"

namespace understudy::tests {

inline const core::Comm& self() {
  static const core::Comm comm = core::Comm::self();
  return comm;
}

// Three training samples, a held-out one; in a folder of the suite that asks first: others run beside it.
inline const std::filesystem::path& dataset() {
  static const std::filesystem::path folder = [] {
    const std::string suite = testing::UnitTest::GetInstance()->current_test_suite()->name();
    const auto path = fresh_folder("training_dataset_" + suite, self());
    for (int n = 0; n < 3; ++n) write_sample<float>(path, true, n, "train", 25, self());
    write_sample<float>(path, true, 1, "valid", 25, self());
    return path;
  }();
  return folder;
}

inline surrogates::NetworkParams network_params() {
  surrogates::NetworkParams params;
  params.width = 8;
  params.levels = 2;
  params.patch = 1;
  return params;
}

inline surrogates::TrainingParams training_params(int epochs) {
  surrogates::TrainingParams params;
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

inline surrogates::TrainingReport train_here(
    const surrogates::TrainingParams& params, const surrogates::TrainingFiles& files = {},
    const surrogates::NetworkParams& network = network_params()) {
  core::Provenance provenance;
  provenance.version = "test";
  return surrogates::train(surrogates::DatasetReader(dataset()),
                           {network, params, files, provenance}, self());
}

}  // namespace understudy::tests
