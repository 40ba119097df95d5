// SubModel on several ranks: a file a rank, one training, one model; ranks that disagree.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

#include <understudy/understudy.h>
#include "core/error.hpp"
#include "support/scratch.hpp"
#include "support/surrogates_sub_model_case.hpp"

namespace understudy::tests {

TEST(SubModelRanks, CollectTrainAndUseTogether) {
  const core::Comm world = core::Comm::world();
  const Scratch work(world);
  collect_case(work / "points", 600, 20, world);
  world.barrier();
  surrogates::PointDataset data;
  if (world.is_root()) {
    data = surrogates::read_points(work / "points");
    EXPECT_EQ(data.files, world.size());
    EXPECT_EQ(data.points, 600LL * world.size());
  }
  auto setup = case_training(work / "model");
  setup.training.epochs = 5;
  surrogates::train_points(data, setup, world);
  SubModelOptions options = case_options(SubModelPolicy::gate);
  options.model = work / "model";
  SubModel model(options);
  // Ranks call as often as they like, with batches of their own sizes.
  const int points = 50 * (world.rank() + 1);
  const HostBatch in = case_states(points, 2, 3, 1), out("out", points, 2);
  for (int call = 0; call <= world.rank(); ++call) model(in, out, case_physics);
  EXPECT_EQ(model.counters().out_of_range, points * (world.rank() + 1));
  const std::string report = model.report();
  long long calls = world.size() * (world.size() + 1) / 2;
  EXPECT_NE(report.find(std::to_string(calls) + " calls"), std::string::npos) << report;
}

TEST(SubModelRanks, RefusesRanksThatSeeDifferentModels) {
  const core::Comm world = core::Comm::world();
  const Scratch work(world);
  if (world.is_root()) {
    train_case(work.path(), work / "model_0", 1);
    auto setup = case_training(work / "model_1", 1);
    setup.training.seed = 5;
    surrogates::train_points(surrogates::read_points(work / "points"), setup, core::Comm::self());
  }
  world.barrier();
  SubModelOptions options = case_options(SubModelPolicy::always);
  options.model =
      work / (world.rank() == world.size() - 1 && world.size() > 1 ? "model_1" : "model_0");
  const std::string why = message_of([&] { SubModel model(options); });
  if (world.size() == 1)
    EXPECT_EQ(why, "no error");
  else
    EXPECT_NE(why.find("sees another model"), std::string::npos) << why;
  // A model that only one rank cannot load is an error on all.
  options.model = work / (world.is_root() ? "none" : "model_0");
  EXPECT_NE(message_of([&] { SubModel model(options); }).find("weights.safetensors is missing"),
            std::string::npos);
}

// What goes wrong on one rank must not leave the others waiting.
TEST(SubModelRanks, AnErrorOnOneRankIsOneOnAll) {
  const core::Comm world = core::Comm::world();
  const Scratch work(world);
  if (world.is_root()) train_case(work.path(), work / "model", 1);
  world.barrier();
  const auto why = [&](const auto& change) {
    SubModelOptions options = case_options(SubModelPolicy::always);
    options.model = work / "model";
    if (world.rank() == world.size() - 1) change(options);
    return message_of([&] { SubModel model(options); });
  };
  EXPECT_TRUE(says(why([](auto& o) { o.model.clear(); }), "needs a model folder"));
  EXPECT_TRUE(says(why([](auto& o) { o.store_every = 0; }), "store_every (0)"));
  EXPECT_TRUE(says(why([](auto& o) { o.inputs.clear(); }), "no input is named"));
  EXPECT_TRUE(says(why([](auto& o) { std::swap(o.inputs[0], o.inputs[1]); }), "another order"));
  const std::string policy = why([](auto& o) { o.policy = SubModelPolicy::never; });
  if (world.size() == 1)
    EXPECT_EQ(policy, "no error");
  else
    EXPECT_TRUE(says(policy, "has policy never and rank 0 has always"));
}

TEST(SubModelRanks, AFailedReloadLeavesAllRanksWithTheirModel) {
  const core::Comm world = core::Comm::world();
  const Scratch work(world);
  if (world.is_root()) {
    train_case(work.path(), work / "model", 1);
    auto setup = case_training(work / "other", 1);
    setup.training.seed = 5;
    surrogates::train_points(surrogates::read_points(work / "points"), setup, core::Comm::self());
  }
  world.barrier();
  // Each rank its own copy, as on disks of the nodes.
  SubModelOptions options = case_options(SubModelPolicy::always);
  options.model = work / ("model_" + std::to_string(world.rank()));
  options.watch_model = false;
  std::filesystem::copy(work / "model", options.model);
  SubModel model(options);
  const std::string before = model.model_hash();
  const HostBatch in = case_states(20, -1, 1, 1), first("first", 20, 2), second("second", 20, 2);
  model(in, first, nullptr);
  const bool last = world.rank() == world.size() - 1;
  const auto exchange = [&](const std::filesystem::path& weights) {
    std::filesystem::remove(options.model / "weights.safetensors");
    if (!weights.empty()) std::filesystem::copy(weights, options.model / "weights.safetensors");
  };
  // One rank's folder has lost its weights; the others have a new model.
  exchange(last ? "" : work / "other" / "weights.safetensors");
  EXPECT_TRUE(says(message_of([&] { model.reload(); }), "weights.safetensors is missing"));
  EXPECT_EQ(model.model_hash(), before);
  // One rank's folder has another model.
  exchange((last ? work / "model" : work / "other") / "weights.safetensors");
  const std::string why = message_of([&] { model.reload(); });
  if (world.size() > 1) {
    EXPECT_TRUE(says(why, "sees another model"));
  }
  EXPECT_EQ(model.model_hash(), before);
  model(in, second, nullptr);
  EXPECT_EQ(largest_difference(first, second), 0);
}

// The options of C are read before the constructor, on each rank alone.
TEST(SubModelRanks, AnErrorInCOnOneRankIsOneOnAll) {
  const core::Comm world = core::Comm::world();
  const char *name[] = {"x"}, *unit[] = {"m"};
  understudy_options options;
  understudy_default_options(&options);
  options.name = "square";
  options.inputs = options.outputs = 1;
  options.input_names = options.output_names = name;
  options.input_units = options.output_units = unit;
  const bool last = world.rank() == world.size() - 1;
  understudy_sub_model* model = nullptr;
  if (last) options.policy = "sometimes";
  EXPECT_EQ(understudy_create(&options, &model), UNDERSTUDY_USER_ERROR);
  EXPECT_TRUE(says(understudy_message(), "policy 'sometimes' is unknown"));
  options.policy = "never";
  EXPECT_EQ(understudy_create(last ? nullptr : &options, &model), UNDERSTUDY_USER_ERROR);
  EXPECT_TRUE(says(understudy_message(), "an argument is NULL"));
  EXPECT_EQ(model, nullptr);
  EXPECT_EQ(understudy_create(&options, &model), UNDERSTUDY_OK) << understudy_message();
  EXPECT_EQ(understudy_destroy(model), UNDERSTUDY_OK);
}

}  // namespace understudy::tests
