// What is learnt of maps between arrays, and the model that comes of it: errors, derivative, folder.
#include <gtest/gtest.h>

#include "core/params_text.hpp"
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

TEST(ArrayMapTraining, LearnsASmallMap) {
  const auto report = train_operator(case_data(400), case_setup(30), core::Comm::self());
  const ArrayMapCard& card = report.model.card();
  EXPECT_EQ(card.training_samples, 280);
  EXPECT_EQ(card.validation_samples, 60);
  EXPECT_EQ(card.errors.split, "test");
  EXPECT_EQ(card.errors.samples, 60);
  EXPECT_EQ(card.epochs, 30);
  EXPECT_EQ(card.steps, 600);
  EXPECT_LT(card.errors.mae, 0.05);
  EXPECT_LT(card.errors.rel_l2, 0.05);
  EXPECT_GT(card.errors.ssim, 0.9);
  EXPECT_LT(report.curve.back().validation, 0.3 * report.curve.front().validation);
  // The range that the maker states, and that of the training samples.
  EXPECT_EQ(card.output.highest, 4500);
  EXPECT_NEAR(card.input.highest, 2.5, 0.1);
  // A sample that was never seen, in its unit.
  const CasePair unseen = case_pair(1234);
  const auto predicted = report.model.predict(unseen.input);
  EXPECT_LT(difference(predicted, unseen.output), 600);
  EXPECT_EQ(report.model.account().predictions, 1);  // the training's own are not counted
}

TEST(ArrayMapTraining, LearnsTheOtherWayAndKeepsZero) {
  auto setup = case_setup(30);
  setup.network.kind = "forward_net";
  setup.network.patch = {2, 1};
  setup.training.loss = "relative_l2";
  setup.training.input_scale.kind = "linear";
  setup.training.output_scale.kind = "rms";
  const auto report = train_operator(swapped(case_data(400)), setup, core::Comm::self());
  const ArrayMapCard& card = report.model.card();
  EXPECT_EQ(card.output_scale.kind, "linear");
  EXPECT_EQ(card.output_scale.middle, 0);
  EXPECT_LT(card.errors.rel_l2, 0.25);
  EXPECT_EQ(card.errors.ssim, -1);  // no image
  // Scaled by one factor, the validation's relative error is that of the physical values.
  const auto validation =
      report.model.measure(swapped(case_data(400)), case_data(400).of(Split::validation));
  EXPECT_NEAR(report.curve.back().validation, validation.rel_l2, 0.02 * validation.rel_l2);
}

// Interfaces that dip to the right in training, and to the left where the error is measured.
PairDataset dipping(long long samples, bool to_the_left) {
  PairDataset data = case_data(samples);
  for (long long n = 0; n < samples; ++n)
    for (int x = 0; x < 10; ++x) {
      const int from = to_the_left ? 9 - x : x;
      const double depth = 3 + 4 * std::fmod(0.618034 * double(n), 1.0) + 0.3 * from;
      for (int z = 0; z < 12; ++z)
        data.outputs[(n * 12 + z) * 10 + x] = z < depth ? 2000.0F : 4000.0F;
      for (int shot = 0; shot < 2; ++shot)
        for (int t = 0; t < 24; ++t)
          data.inputs[((n * 2 + shot) * 24 + t) * 10 + x] =
              static_cast<float>(std::exp(-std::pow(t - 2 * depth, 2)));
    }
  return data;
}

TEST(ArrayMapTraining, MirroredSamplesTeachTheMirrorImages) {
  auto setup = case_setup(12);
  const auto unseen = dipping(60, true);
  const auto error = [&](bool mirror) {
    setup.training.mirror = mirror;
    const auto report = train_operator(dipping(200, false), setup, core::Comm::self());
    return report.model.measure(unseen, unseen.of(Split::test)).mae;
  };
  const double with = error(true), without = error(false);
  EXPECT_LT(with, 0.5 * without);
}

TEST(ArrayMap, DerivativeEqualsDifferences) {
  for (const bool forward : {false, true}) {
    auto setup = case_setup(2);
    auto data = case_data(60);
    if (forward) {
      data = swapped(std::move(data));
      setup.network.kind = "forward_net";
      setup.training.loss = "relative_l2";
      setup.training.input_scale.kind = "linear";
      setup.training.output_scale.kind = "signed_log";
      setup.network.patch = {5, 4};  // of 24 and 10 points
      setup.network.encoder_width = 4;
      setup.network.norm = "group";
    }
    setup.network.activation = "silu";  // smooth: differences are those of the derivative
    const auto model = train_operator(std::move(data), setup, core::Comm::self()).model;
    const CasePair pair = case_pair(11);
    const auto& in = forward ? pair.output : pair.input;
    const auto& out = forward ? pair.input : pair.output;
    std::vector<float> cotangent(out.size()), direction(in.size());
    for (std::size_t n = 0; n < out.size(); ++n) cotangent[n] = std::cos(0.3F * float(n));
    // In proportion to the values: signed_log's curvature jumps at zero.
    for (std::size_t n = 0; n < in.size(); ++n)
      direction[n] = in[n] * (0.5F + 0.5F * std::sin(0.7F * float(n)));
    const auto gradient = model.vjp(in, cotangent);
    ASSERT_EQ(gradient.size(), in.size());
    double expected = 0;
    for (std::size_t n = 0; n < in.size(); ++n) expected += double(gradient[n]) * direction[n];
    const auto value = [&](float h) {
      auto moved = in;
      for (std::size_t n = 0; n < in.size(); ++n) moved[n] += h * direction[n];
      const auto y = model.predict(moved);
      double sum = 0;
      for (std::size_t n = 0; n < y.size(); ++n) sum += double(cotangent[n]) * y[n];
      return sum;
    };
    const float h = 5e-3F;
    const double slope = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h);
    EXPECT_NEAR(slope, expected, 1e-2 * std::abs(expected)) << (forward ? "forward" : "inversion");
    EXPECT_EQ(model.account().derivatives, 1);
    EXPECT_GT(model.account().core_s, 0);
  }
}

// The folder of a small model, rank 0's.
struct Saved {
  Scratch scratch{core::Comm::self()};
  ArrayMap model = train_operator(case_data(60), case_setup(1), core::Comm::self()).model;
  Saved() { model.save(scratch / "model"); }
  std::filesystem::path weights() const { return scratch / "model/weights.safetensors"; }
};

TEST(ArrayMap, ComesBackFromItsFolder) {
  const Saved saved;
  // The card as a text and back, as the deck's writer and reader would.
  ArrayMapCard card = saved.model.card(), back;
  read_params_text(params_text(card), back);
  EXPECT_EQ(params_text(back), params_text(card));
  const ArrayMap loaded(back, saved.weights());
  const CasePair pair = case_pair(5);
  EXPECT_EQ(loaded.predict(pair.input), saved.model.predict(pair.input));
  // Several samples at once are the same as one by one, but for the order of sums.
  auto two = pair.input;
  const CasePair next = case_pair(6);
  two.insert(two.end(), next.input.begin(), next.input.end());
  const auto both = loaded.predict(two, 2);
  ASSERT_EQ(both.size(), 240U);
  EXPECT_LT(difference({both.begin() + 120, both.end()}, loaded.predict(next.input)), 0.1);
  EXPECT_TRUE(std::filesystem::exists(saved.scratch / "model/README.md"));
  loaded.require(case_info().input, case_info().output);
}

TEST(ArrayMap, AnotherModelOrRunIsRefused) {
  const Saved saved;
  const auto load = [&](const ArrayMapCard& card) {
    return why([&] { ArrayMap(card, saved.weights()); });
  };
  ArrayMapCard card = saved.model.card();
  card.weights_hash = "0123456789abcdef";
  EXPECT_TRUE(tells(load(card), "was written for weights of hash '0123456789abcdef'"));
  card = saved.model.card();
  card.network.latent = 31;
  EXPECT_TRUE(tells(load(card), "of another network: tensor"));
  card = saved.model.card();
  card.output.shape = {12, 10, 2, 2};
  EXPECT_TRUE(tells(load(card), "has 4 axes"));
  EXPECT_TRUE(
      tells(why([&] { ArrayMap(saved.model.card(), saved.scratch / "none.pt"); }), "no such file"));
  PairInfo run = case_info();
  run.input.shape[1] = 48;
  EXPECT_TRUE(tells(why([&] { saved.model.require(run.input, run.output); }),
                    "the run's is pressure [Pa] (shot 2, sample 48, receiver 10): another shape"));
  run = case_info();
  run.output.unit = "km/s";
  EXPECT_TRUE(tells(why([&] { saved.model.require(run.input, run.output); }), "another unit"));
  std::vector<float> input = case_pair(0).input;
  EXPECT_TRUE(tells(why([&] { saved.model.predict(input, 2); }), "480 values are given; 960 are"));
  input[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(tells(why([&] { saved.model.predict(input); }), "every value must be finite"));
}

}  // namespace

}  // namespace understudy::tests
