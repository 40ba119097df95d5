// Training on several ranks: the same as on one to round-off, resumed bitwise, stopped together, and the
// cost counts all that is held.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <csignal>
#include <limits>
#include <span>

#include "core/error.hpp"
#include "core/runtime.hpp"
#include "support/surrogates_synthetic.hpp"
#include "support/torch_trained.hpp"
#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/training/torch_gradient_buckets.hpp"
#include "surrogates/training/torch_optimiser.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy {

using namespace surrogates;
using tests::distance;
using tests::error_text;
using tests::weights;

namespace {

// Two training samples and two that are held out, written once.
const std::filesystem::path& dataset() {
  static const std::filesystem::path folder = [] {
    const auto comm = core::Comm::world();
    const auto path = tests::fresh_folder("training_ranks", comm);
    for (int n = 0; n < 2; ++n) tests::write_sample<float>(path, true, n, "train", 12, comm);
    for (int n = 0; n < 2; ++n) tests::write_sample<float>(path, true, n, "valid", 8, comm);
    comm.barrier();
    return path;
  }();
  return folder;
}

TrainingSetup setup_of(int batch, long long seed = 1) {
  TrainingSetup setup;
  setup.network.width = 8;
  setup.network.levels = 1;
  setup.network.patch = 1;
  setup.training.epochs = 2;
  setup.training.batch = batch;
  setup.training.unroll = {1, 2};
  setup.training.unroll_fractions = {0.5};
  setup.training.validate_every = 1;
  setup.training.checkpoint_every = 1;
  setup.training.rollout_windows = 3;
  setup.training.rollout_starts = 7;  // more than one batch validates
  setup.training.ema_decay = 0.5;
  setup.training.seed = seed;
  setup.training.threads = 1;
  return setup;
}

// A trainer whose loss is not finite on the last rank, in the second step.
class Failing : public FieldTrainer {
 public:
  using FieldTrainer::FieldTrainer;
  double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) override {
    if (optimiser.steps == 0) return FieldTrainer::step(batch, plan);
    const bool last = comm().rank() + 1 == comm().size();
    at::Tensor part = optimiser.weights().front().square().sum();
    if (last) part = part * std::numeric_limits<float>::quiet_NaN();
    return descend(part, plan.rate);
  }
};

}  // namespace

TEST(DistributedTraining, FollowsOneRankToRoundOff) {
  const auto comm = core::Comm::world();
  // 7: unequal shares on 2 and 4 ranks; 3: a rank of four has none.
  for (const int batch : {7, 3}) {
    const TrainingSetup setup = setup_of(batch);
    const auto here = train(DatasetReader(dataset()), setup, comm);
    const auto alone = train(DatasetReader(dataset()), setup, core::Comm::self());
    EXPECT_EQ(here.ranks, comm.size());
    EXPECT_LT(distance(here, alone, setup), 2e-3) << "batch " << batch;
    ASSERT_EQ(here.curve.size(), alone.curve.size());
    for (std::size_t n = 0; n < here.curve.size(); ++n) {
      EXPECT_NEAR(here.curve[n].loss / alone.curve[n].loss, 1, 1e-4);
      EXPECT_NEAR(here.curve[n].validation / alone.curve[n].validation, 1, 1e-3);
    }
    // Other noise is another training: the bounds above could fail.
    const auto other = train(DatasetReader(dataset()), setup_of(batch, 2), core::Comm::self());
    EXPECT_GT(std::abs(here.curve[0].loss / other.curve[0].loss - 1), 1e-3);
    // The same bits everywhere.
    const double sum = weights(here).sum().item<double>();
    EXPECT_EQ(comm.max(sum), comm.min(sum));
  }
}

TEST(DistributedTraining, ResumedIsBitwiseTheUninterruptedOne) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("training_ranks_resume", comm);
  TrainingSetup setup = setup_of(5);
  const auto whole = train(DatasetReader(dataset()), setup, comm);
  setup.files = {folder / "checkpoint.safetensors", folder / "curve.csv", true, 3};
  int parts = 1;
  TrainingReport resumed;
  for (;; ++parts) {
    ASSERT_LT(parts, 20);
    try {
      resumed = train(DatasetReader(dataset()), setup, comm);
      break;
    } catch (const core::Interrupted&) {
    }
  }
  EXPECT_GE(parts, 3);
  EXPECT_TRUE(at::equal(weights(whole), weights(resumed)));
  EXPECT_EQ(whole.curve.back().validation, resumed.curve.back().validation);
  setup.training.batch = 4;
  EXPECT_NE(error_text([&] {
              train(DatasetReader(dataset()), setup, comm);
            }).find("is of another network, training"),
            std::string::npos);
}

TEST(DistributedTraining, StopsOnAllRanksWhereOneHasALossThatIsNotFinite) {
  const auto comm = core::Comm::world();
  const TrainingSetup setup = setup_of(4);
  const std::string text = error_text([&] {
    Failing trainer(load_training_data(DatasetReader(dataset()), setup.training, setup.network),
                    setup.network, setup.training, comm);
    run_training(trainer, setup);
  });
  EXPECT_NE(text.find("the loss is nan at step 1"), std::string::npos) << text;
}

TEST(GradientBuckets, SumOverRanksWhereSomeHaveNothing) {
  const auto comm = core::Comm::world();
  NetworkShape shape;
  shape.prognostic = 2;
  shape.boundaries = tests::carrier_boundaries(true);
  NetworkParams params = setup_of(1).network;
  const Network network(params, shape, 1);
  Optimiser optimiser(network, {});
  // Small buckets: there are many, and each must hold whole weights.
  GradientBuckets buckets(optimiser.gradient(), optimiser.weights(), comm, 100);
  if (comm.size() > 1) {
    EXPECT_GT(buckets.count(), 5u);
  }
  auto expected = at::zeros_like(optimiser.gradient());
  for (int pass = 1; pass <= 2; ++pass) {
    buckets.begin();
    if (comm.rank() > 0 || comm.size() == 1) {
      at::Tensor loss;
      for (const at::Tensor& w : optimiser.weights()) {
        const at::Tensor part = (w * double(comm.rank() + 1)).sum();
        loss = loss.defined() ? loss + part : part;
      }
      loss.backward();
    }
    buckets.finish();
    double sum = 0;
    for (int rank = comm.size() == 1 ? 0 : 1; rank < comm.size(); ++rank) sum += rank + 1;
    EXPECT_EQ((optimiser.gradient() - sum).abs().max().item<double>(), 0) << "pass " << pass;
    optimiser.gradient().zero_();
  }
}

TEST(Training, CountsTheRanksThatItHolds) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("training_cost", comm);
  for (int n = 0; n < 2; ++n) tests::write_sample<float>(folder, true, n, "train", 8, comm);
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
  EXPECT_EQ(report.threads, 1);
  EXPECT_NEAR(report.core_s, report.wall_s * comm.size(), 0.05 * report.core_s);
  EXPECT_EQ(card.cost.training_core_s, report.core_s);
  EXPECT_GT(report.peak_memory_bytes, 1e7 * comm.size());
  EXPECT_EQ(report.precision, "float32");
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

// Last: a noted signal stays noted for the process.
TEST(Training, StopsOnAllRanksForASignalToOne) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("training_ranks_signal", comm);
  TrainingSetup setup = setup_of(4);
  setup.files.checkpoint = folder / "checkpoint.safetensors";
  core::catch_signals();
  if (comm.rank() + 1 == comm.size()) std::raise(SIGTERM);
  try {
    train(DatasetReader(dataset()), setup, comm);
    FAIL() << "not stopped";
  } catch (const core::Interrupted& error) {
    EXPECT_EQ(error.exit_code(), 128 + SIGTERM);
  }
  comm.barrier();
  EXPECT_TRUE(std::filesystem::exists(setup.files.checkpoint));
}

}  // namespace understudy
