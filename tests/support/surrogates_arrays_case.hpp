// A small problem of pairs: one interface in a box of 12 x 10 points, and what a wave from above would
// bring back: two traces' images [2, 24, 10] with a pulse whose time says how deep the interface lies and
// whose height says the step of the values.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/error.hpp"
#include "support/scratch.hpp"
#include "surrogates/arrays/array_map_training.hpp"

namespace understudy::tests {

inline surrogates::PairInfo case_info() {
  surrogates::PairInfo info;
  info.name = "one_interface";
  info.input = {"pressure", "Pa", {2, 24, 10}, {"shot", "sample", "receiver"}, {0, 2}, 0, 0};
  info.output = {"speed", "m/s", {12, 10}, {"depth", "x"}, {1}, 1500, 4500};
  return info;
}

struct CasePair {
  std::vector<float> input, output;
};

/// The n-th of a sequence that fills the unit square evenly (golden-ratio steps).
inline CasePair case_pair(long long n) {
  const double u = std::fmod(0.5 + 0.7548776662466927 * double(n), 1.0),
               v = std::fmod(0.5 + 0.5698402909980532 * double(n), 1.0);
  const double depth = 2 + 8 * u, step = 500 + 2000 * v;
  CasePair pair;
  for (int shot = 0; shot < 2; ++shot)
    for (int t = 0; t < 24; ++t)
      for (int r = 0; r < 10; ++r) {
        const double offset = 0.3 * std::abs(shot == 0 ? r : 9 - r);
        const double lag = (t - 2 * depth - offset) / 1.5;
        pair.input.push_back(static_cast<float>(1e-3 * step * std::exp(-lag * lag)));
      }
  for (int z = 0; z < 12; ++z)
    for (int x = 0; x < 10; ++x) {
      const double below = 1 / (1 + std::exp(-3 * (z - depth)));
      pair.output.push_back(static_cast<float>(1800 + step * below));
    }
  return pair;
}

/// 0.7 for training, and the rest in halves.
inline surrogates::Split case_split(long long n) {
  if (n % 20 < 14) return surrogates::Split::train;
  return n % 20 < 17 ? surrogates::Split::validation : surrogates::Split::test;
}

inline core::Provenance case_provenance(const std::string& deck_hash = "d1") {
  core::Provenance p;
  p.version = "0";
  p.git = "none";
  p.deck_hash = deck_hash;
  return p;
}

inline void write_case(const std::filesystem::path& folder, long long first, long long count,
                       long long shard = 16) {
  surrogates::PairWriter writer(folder, case_info(), case_provenance(), shard);
  for (long long n = first; n < first + count; ++n) {
    const CasePair pair = case_pair(n);
    writer.append(n, case_split(n), pair.input, pair.output);
  }
}

inline surrogates::PairDataset case_data(long long samples) {
  surrogates::PairDataset data;
  data.info = case_info();
  data.hash = "case";
  for (long long n = 0; n < samples; ++n) {
    const CasePair pair = case_pair(n);
    data.index.push_back(n);
    data.split.push_back(case_split(n));
    data.inputs.insert(data.inputs.end(), pair.input.begin(), pair.input.end());
    data.outputs.insert(data.outputs.end(), pair.output.begin(), pair.output.end());
  }
  return data;
}

inline surrogates::ArrayMapTrainingSetup case_setup(int epochs = 3) {
  surrogates::ArrayMapTrainingSetup setup;
  setup.network.width = 8;
  setup.network.max_width = 16;
  setup.network.latent = 32;
  setup.training.epochs = epochs;
  setup.training.batch = 14;
  setup.training.learning_rate = 3e-3;
  setup.training.ema_decay = 0.9;
  setup.training.precision = "float32";
  setup.training.threads = 1;
  setup.training.validate_every = 1;
  setup.training.checkpoint_every = 1;
  setup.provenance = case_provenance();
  return setup;
}

inline std::string why(const std::function<void()>& action) {
  try {
    action();
  } catch (const core::Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

inline testing::AssertionResult tells(const std::string& message, const std::string& part) {
  if (message.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << part << "' is not in: " << message;
}

}  // namespace understudy::tests
