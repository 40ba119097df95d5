// A small computation for the tests of SubModel, y = (x0 x1, x0 + x1^2), its points and a model of it.
#pragma once

#include <gtest/gtest.h>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "support/scratch.hpp"
#include "surrogates/points/point_training.hpp"
#include "surrogates/sub_model/sub_model.hpp"

namespace understudy::tests {

using Host = Kokkos::HostSpace;
using HostBatch = Points<double, Host>;

inline const std::vector<Column> case_inputs{{"a", "m"}, {"b", "s"}};
inline const std::vector<Column> case_outputs{{"product", "m s"}, {"sum", "1"}};

inline void case_physics(const Points<const double, Host>& in, const HostBatch& out) {
  for (std::size_t n = 0; n < in.extent(0); ++n) {
    out(n, 0) = in(n, 0) * in(n, 1);
    out(n, 1) = in(n, 0) + in(n, 1) * in(n, 1);
  }
}

/// Uniform in [low, high]^2.
inline HostBatch case_states(int points, double low, double high, unsigned seed) {
  HostBatch states("states", points, 2);
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> draw(low, high);
  for (int n = 0; n < points; ++n)
    for (int f = 0; f < 2; ++f) states(n, f) = draw(random);
  return states;
}

inline SubModelOptions case_options(SubModelPolicy policy) {
  SubModelOptions options;
  options.name = "case";
  options.inputs = case_inputs;
  options.outputs = case_outputs;
  options.policy = policy;
  return options;
}

/// Points of [-1, 1]^2 through a SubModel that collects; on every rank a file of its own.
inline void collect_case(const std::filesystem::path& dataset, int points, unsigned seed,
                         const core::Comm& comm) {
  SubModelOptions options = case_options(SubModelPolicy::collect);
  options.dataset = dataset;
  options.comm = comm;
  SubModel model(options);
  const HostBatch in = case_states(points, -1, 1, seed + static_cast<unsigned>(comm.rank()));
  model(in, HostBatch("out", points, 2), case_physics);
  model.flush();
}

inline surrogates::PointTrainingSetup case_training(const std::filesystem::path& folder,
                                                    int members = 2) {
  surrogates::PointTrainingSetup setup;
  setup.network.width = 24;
  setup.network.depth = 2;
  setup.training.members = members;
  setup.training.epochs = 30;
  setup.training.batch = 64;
  setup.training.learning_rate = 1e-2;
  setup.training.threads = 1;
  setup.model = folder;
  return setup;
}

/// Collects and trains on this rank alone.
inline surrogates::PointCard train_case(const std::filesystem::path& work,
                                        const std::filesystem::path& folder, int members = 2) {
  const core::Comm self = core::Comm::self();
  collect_case(work / "points", 2000, 1, self);
  return surrogates::train_points(surrogates::read_points(work / "points"),
                                  case_training(folder, members), self)
      .card;
}

template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

inline testing::AssertionResult says(const std::string& message, const std::string& part) {
  if (message.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << message << "' does not say '" << part << "'";
}

inline double largest_difference(const HostBatch& a, const HostBatch& b) {
  double largest = 0;
  for (std::size_t n = 0; n < a.extent(0); ++n)
    for (std::size_t c = 0; c < a.extent(1); ++c)
      largest = std::max(largest, std::abs(a(n, c) - b(n, c)));
  return largest;
}

inline HostBatch truth_of(const HostBatch& in) {
  HostBatch out("truth", in.extent(0), 2);
  case_physics(in, out);
  return out;
}

/// One trained model for all tests of this file.
class SubModelTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    work_ = new Scratch(core::Comm::self());
    card_ = new surrogates::PointCard(train_case(work_->path(), *work_ / "model"));
  }
  static void TearDownTestSuite() {
    delete card_;
    delete work_;
  }
  static std::filesystem::path work(const std::string& name) { return *work_ / name; }
  static SubModelOptions options(SubModelPolicy policy) {
    SubModelOptions o = case_options(policy);
    o.model = work("model");
    o.comm = core::Comm::self();
    return o;
  }
  static std::filesystem::path copy_of_model(const std::string& name) {
    std::filesystem::remove_all(work(name));
    std::filesystem::copy(work("model"), work(name));
    return work(name);
  }
  static inline Scratch* work_ = nullptr;
  static inline surrogates::PointCard* card_ = nullptr;
};

}  // namespace understudy::tests
