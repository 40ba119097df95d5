// Training on points: the card, determinism, resuming, and data that do not serve.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/surrogates_sub_model_case.hpp"
#include "surrogates/points/torch_point_model.hpp"

namespace understudy::tests {

namespace {

namespace fs = std::filesystem;

// The same for any point.
class Constant : public surrogates::PointEngine {
 public:
  explicit Constant(at::Tensor outputs) : outputs_(std::move(outputs)) {}
  at::Tensor predict(const at::Tensor& x) override {
    return outputs_.view({1, 1, -1}).expand({1, x.size(0), -1}).to(x.scalar_type());
  }

 private:
  at::Tensor outputs_;  // [output], normalised
};

TEST(PointErrors, OfAnOutputThatIsZeroAreRelativeToTheLargestOfItsUnit) {
  // The second one is zero at these points, after a normalisation in single precision, and was not in training.
  for (const bool varied : {false, true})
    for (const std::string unit : {"1/s", "K"}) {
      SCOPED_TRACE(unit + (varied ? ", varied" : ", zero"));
      surrogates::PointCard card;
      card.engine = "torchscript";
      card.outputs = {{"rate", "1/s", 0, 1, -5, 5}, {"rest", unit, 0, 1, 0, 0}};
      if (varied) card.outputs[1] = {"rest", unit, 0.1, 0.3, -0.5, 0.7};
      at::Tensor y = at::ones({4, 2}, at::kFloat);
      y.select(1, 1).fill_(-card.outputs[1].mean / card.outputs[1].std);
      at::Tensor predicted = y[0].clone();
      predicted[0].add_(0.01);
      predicted[1].add_(0.02 / card.outputs[1].std);
      Constant engine(predicted);
      surrogates::measure_errors(card, engine, at::zeros({4, 1}, at::kFloat), y);
      ASSERT_EQ(card.validation.size(), 2u);
      EXPECT_NEAR(card.validation[0].rel_l2, 0.01, 1e-6);
      EXPECT_NEAR(card.validation[1].rms, 0.02, 1e-6);
      if (unit == "K")
        EXPECT_EQ(card.validation[1].rel_l2, -1);
      else
        EXPECT_NEAR(card.validation[1].rel_l2, 0.02, 1e-6);
      EXPECT_EQ(surrogates::point_verdict(card), "");
    }
}

TEST_F(SubModelTest, CardSaysWhatWasLearnt) {
  const surrogates::PointCard card = surrogates::read_point_card(work("model"));
  EXPECT_EQ(card.input_columns(), case_inputs);
  EXPECT_EQ(card.output_columns(), case_outputs);
  EXPECT_EQ(card.training_points, 1600);
  EXPECT_EQ(card.gate.calibration_points, 200);
  EXPECT_TRUE(card.gate.calibrated);
  EXPECT_GT(card.gate.distance, 0);
  EXPECT_GT(card.gate.disagreement, 0);
  for (const auto& e : card.validation) {
    EXPECT_LT(e.rel_l2, 0.1) << e.output;
    EXPECT_GT(e.error_bound, 0) << e.output;
    EXPECT_GE(e.largest, e.rms);
  }
  EXPECT_NE(surrogates::point_readme(card).find("| a | m |"), std::string::npos);
}

TEST_F(SubModelTest, RefusesTooFewPointsForTheQuantile) {
  const fs::path data = work("few");
  collect_case(data, 100, 1, core::Comm::self());
  const std::string why = message_of([&] {
    surrogates::train_points(surrogates::read_points(data), case_training(work("few_model")),
                             core::Comm::self());
  });
  EXPECT_NE(why.find("10 calibration points do not support the quantile 0.95; at least 19"),
            std::string::npos)
      << why;
}

TEST_F(SubModelTest, StoppedAndResumedTrainingIsTheUninterruptedOne) {
  const auto data = surrogates::read_points(work("points"));
  auto setup = case_training(work("whole"), 2);
  setup.training.epochs = 4;
  const auto whole = surrogates::train_points(data, setup, core::Comm::self()).card;
  setup.model = work("parts");
  setup.out = work("parts_out");
  fs::create_directories(setup.out);
  setup.resume = true;
  setup.pause_after_steps = 60;  // of 100 of each member
  for (int member = 0; member < 2; ++member)
    EXPECT_THROW(surrogates::train_points(data, setup, core::Comm::self()), core::Interrupted);
  EXPECT_FALSE(fs::exists(setup.model / "weights.safetensors"));
  setup.pause_after_steps = 0;
  const auto parts = surrogates::train_points(data, setup, core::Comm::self()).card;
  EXPECT_EQ(parts.steps, whole.steps);
  EXPECT_EQ(parts.gate.disagreement, whole.gate.disagreement);
  for (int o = 0; o < 2; ++o) EXPECT_EQ(parts.validation[o].rms, whole.validation[o].rms);
  // A checkpoint of another network is refused.
  setup.network.width = 16;
  EXPECT_NE(message_of([&] {
              surrogates::train_points(data, setup, core::Comm::self());
            }).find("is of another network"),
            std::string::npos);
}

TEST_F(SubModelTest, TrainingIsDeterministicAndSeedsDiffer) {
  const auto hash = [&](const std::string& name, long long seed) {
    auto setup = case_training(work(name), 1);
    setup.training.epochs = 3;
    setup.training.seed = seed;
    const auto card =
        surrogates::train_points(surrogates::read_points(work("points")), setup, core::Comm::self())
            .card;
    return card.validation[0].rms;
  };
  EXPECT_EQ(hash("seed_a", 1), hash("seed_b", 1));
  EXPECT_NE(hash("seed_a", 1), hash("seed_c", 2));
}

TEST_F(SubModelTest, TooFewCalibrationPointsAreNoticedBeforeTheTraining) {
  collect_case(work("scarce"), 100, 1, core::Comm::self());
  auto setup = case_training(work("scarce_model"));
  setup.out = work("scarce_out");
  fs::create_directories(setup.out);
  setup.pause_after_steps = 1;  // a training that began would be interrupted
  EXPECT_TRUE(says(message_of([&] {
                     surrogates::train_points(surrogates::read_points(work("scarce")), setup,
                                              core::Comm::self());
                   }),
                   "10 calibration points do not support the quantile 0.95; at least 19"));
  EXPECT_TRUE(fs::is_empty(setup.out));
}

}  // namespace

}  // namespace understudy::tests
