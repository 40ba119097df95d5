// Training of maps between arrays on several ranks, stopped and resumed, and on data that do not serve.
#include <gtest/gtest.h>

#include "support/surrogates_arrays_case.hpp"

namespace understudy::tests {

namespace {

using namespace surrogates;

double difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0;
  for (std::size_t n = 0; n < a.size(); ++n)
    largest = std::max(largest, std::abs(double(a[n]) - double(b[n])));
  return largest;
}

TEST(ArrayMapTraining, RanksFollowOne) {
  auto setup = case_setup(2);
  const auto many = train_operator(case_data(60), setup, core::Comm::world());
  const auto one = train_operator(case_data(60), setup, core::Comm::self());
  const CasePair pair = case_pair(7);
  const auto a = many.model.predict(pair.input), b = one.model.predict(pair.input);
  setup.training.seed = 2;
  const auto other = train_operator(case_data(60), setup, core::Comm::self()).model;
  EXPECT_LT(difference(a, b), 1e-3 * difference(other.predict(pair.input), b));
  EXPECT_NEAR(many.model.card().errors.mae, one.model.card().errors.mae, 1e-5);
  EXPECT_EQ(many.model.card().steps, one.model.card().steps);
  EXPECT_EQ(many.model.card().errors.mean_rel_l2, one.model.card().errors.mean_rel_l2);
}

// The mean of the training outputs is what a model has to be better than.
TEST(ArrayMapTraining, MeanOfTheTrainingOutputsIsMeasured) {
  auto data = case_data(20);
  // All outputs alike but those of the split test, whose distance from them is a tenth.
  for (long long n = 0; n < data.samples(); ++n)
    std::fill_n(data.outputs.begin() + n * data.info.output.count(), data.info.output.count(),
                data.split[std::size_t(n)] == Split::test ? 2000.0F : 1800.0F);
  const auto card =
      train_operator(std::move(data), case_setup(1), core::Comm::world()).model.card();
  EXPECT_NEAR(card.errors.mean_rel_l2, 0.1, 1e-6);
  EXPECT_EQ(card.verdict, array_map_verdict(card));
}

TEST(ArrayMapTraining, StoppedAndResumedIsTheUninterruptedOne) {
  const auto world = core::Comm::world();
  const Scratch scratch(world);
  auto setup = case_setup(3);
  const auto whole = train_operator(case_data(60), setup, world);
  setup.files.checkpoint = scratch / "checkpoint.safetensors";
  setup.files.curve = scratch / "curve.csv";
  setup.files.resume = true;
  setup.files.pause_after_steps = 4;
  EXPECT_THROW(train_operator(case_data(60), setup, world), core::Interrupted);
  setup.files.pause_after_steps = 0;
  const auto parts = train_operator(case_data(60), setup, world);
  EXPECT_EQ(parts.model.card().steps, whole.model.card().steps);
  const CasePair pair = case_pair(7);
  EXPECT_EQ(parts.model.predict(pair.input), whole.model.predict(pair.input));
  EXPECT_TRUE(std::filesystem::exists(setup.files.curve));
  setup.network.width = 4;
  EXPECT_TRUE(
      tells(why([&] { train_operator(case_data(60), setup, world); }), "is of another network"));
}

TEST(ArrayMapTraining, DataThatDoNotServe) {
  const auto world = core::Comm::world();
  const auto told = [&](PairDataset data, const ArrayMapTrainingSetup& setup) {
    return why([&] { train_operator(std::move(data), setup, world); });
  };
  EXPECT_TRUE(
      tells(told(case_data(10), case_setup()), "has 10 samples to train and 0 to validate"));
  auto data = case_data(60);
  data.info.input.mirrored = data.info.output.mirrored = {};
  EXPECT_TRUE(tells(told(data, case_setup()), "names no axes that a mirror image reverses"));
  data = case_data(60);
  std::ranges::fill(data.inputs, 2.0F);
  EXPECT_TRUE(tells(told(data, case_setup()), "an array of one value only cannot be scaled"));
  data = case_data(60);
  data.info.output.shape = {120};
  data.info.output.axes = {"value"};
  data.info.output.mirrored = {};
  EXPECT_TRUE(tells(told(data, case_setup()), "has 1 axes"));
}

}  // namespace

}  // namespace understudy::tests
