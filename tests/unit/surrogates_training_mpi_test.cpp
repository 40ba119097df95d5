// Training on several ranks: rank 0 trains, all have the model, and the cost counts all that is held.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "surrogates/torch_network.hpp"
#include "surrogates/training.hpp"
#include "unit/surrogates_synthetic.hpp"

namespace understudy {

using namespace surrogates;

TEST(Training, CountsTheRanksThatItHolds) {
  const auto comm = core::Comm::world();
  const auto folder = test::fresh_folder("training_cost", comm);
  for (int n = 0; n < 2; ++n) test::write_sample<float>(folder, true, n, "train", 8, comm);
  comm.barrier();
  TrainingSetup setup;
  setup.network.width = 8;
  setup.network.levels = 1;
  setup.training.epochs = 1;
  setup.training.unroll = {1};
  setup.training.unroll_fractions = {};
  setup.training.rollout_windows = 3;
  setup.training.threads = 1;
  const auto report = train(DatasetReader(folder), setup, comm);
  const ModelCard& card = report.model.card;
  if (comm.is_root()) {
    EXPECT_EQ(report.threads, 1);
    EXPECT_NEAR(report.core_s, report.wall_s * comm.size(), 0.05 * report.core_s);
    EXPECT_EQ(card.cost.training_core_s, report.core_s);
  }
  EXPECT_GT(card.cost.training_core_s, 0);
  // What was seen, on every rank: one sample trained on, the other held out.
  ASSERT_EQ(card.cases.size(), 2u);
  EXPECT_EQ(card.card_version, ModelCard::newest);
  EXPECT_EQ(card.cases[0].sample, "sample_0");
  EXPECT_EQ(card.cases[0].split, "train");
  EXPECT_EQ(card.cases[1].split, "valid");
  EXPECT_DOUBLE_EQ(card.cases[1].values.at(0), 1.1);
  const double sum = report.model.network->impl().flat.sum().item<double>();
  EXPECT_EQ(comm.max(sum), comm.min(sum));
}

}  // namespace understudy
