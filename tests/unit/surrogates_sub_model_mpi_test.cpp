// SubModel on several ranks: a file a rank, one training, one model; ranks that disagree.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "scratch.hpp"
#include "unit/surrogates_sub_model_case.hpp"

namespace understudy::test {

TEST(SubModelRanks, CollectTrainAndUseTogether) {
  const core::Comm world = core::Comm::world();
  const tests::Scratch work(world);
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
  const tests::Scratch work(world);
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
  EXPECT_NE(message_of([&] { SubModel model(options); }).find("weights.pt is missing"),
            std::string::npos);
}

}  // namespace understudy::test
