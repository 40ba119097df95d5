// Weights of losses and points, and adaptive distributions of points.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "pinn/training/adaptive.hpp"
#include "pinn/training/torch_weighting.hpp"

namespace understudy::pinn {

using at::Tensor;

// After weighting all have the same size.
TEST(PinnWeighting, BalancesSizes) {
  const std::vector<double> sizes{1, 100, 0.01};
  const auto w = balanced_weights(sizes);
  for (std::size_t n = 0; n < 3; ++n) EXPECT_NEAR(w[n] * sizes[n], 101.01, 1e-9);
  for (const double none : balanced_weights({0, 0})) EXPECT_EQ(none, 1);
  EXPECT_NEAR(balanced_weights({1, 0})[1], 2e5, 1e-3);  // the floor
}

// The trace of a known Jacobian: r = J theta, tr(J J^T) = |J|^2.
TEST(PinnWeighting, RandomSignsEstimateTheTraceWithoutBias) {
  at::manual_seed(1);
  const Tensor j = at::randn({40, 12}, at::kDouble);
  Tensor theta = at::randn({12}, at::kDouble).requires_grad_(true);
  double sum = 0, squares = 0;
  constexpr int samples = 4000;
  for (int n = 0; n < samples; ++n) {
    const Tensor r = j.mv(theta);
    const Tensor g =
        torch::autograd::grad({(random_signs(r, std::uint64_t(n), 0) * r).sum()}, {theta})[0];
    const double sample = g.square().sum().item<double>();
    sum += sample;
    squares += sample * sample;
  }
  const double mean = sum / samples, deviation = std::sqrt(squares / samples - mean * mean);
  EXPECT_NEAR(mean, j.square().sum().item<double>(), 4 * deviation / std::sqrt(samples));
  EXPECT_LT(4 * deviation / std::sqrt(samples),
            0.05 * mean);  // so that the line above says something
}

TEST(PinnWeighting, PartsOfTheSignsAreTheSameSigns) {
  const Tensor whole = at::zeros({20}, at::kDouble), part = at::zeros({8}, at::kDouble);
  EXPECT_TRUE(at::equal(random_signs(whole, 3, 0).narrow(0, 5, 8), random_signs(part, 3, 5)));
}

// By hand: three chunks with mean squares 1, 4 and 9 in one equation, 2, 0 and 0 in the other.
TEST(PinnWeighting, CausalWeightsWaitForWhatComesBefore) {
  const Tensor chunk = at::tensor({0, 0, 1, 2, 2}, at::kLong);
  const Tensor first = at::tensor({1.0, -1.0, 2.0, 3.0, -3.0}, at::kDouble).requires_grad_(true);
  const Tensor second = at::tensor({2.0, 0.0, 0.0, 0.0, 0.0}, at::kDouble);
  const Tensor w = causal_weights({first, second}, chunk, {.chunks = 3, .tolerance = 0.1}, nullptr);
  const double expected[5] = {1, 1, std::exp(-0.2), std::exp(-0.5), std::exp(-0.5)};
  for (int n = 0; n < 5; ++n) EXPECT_NEAR(w[n].item<double>(), expected[n], 1e-14);
  EXPECT_FALSE(w.requires_grad());
  // Once learned, all times count.
  const Tensor late =
      causal_weights({first * 1e-4}, chunk, {.chunks = 3, .tolerance = 0.1}, nullptr);
  EXPECT_GT(late.min().item<double>(), 0.999999);
}

// Least squares with a point that an even weight leaves worst: its weight grows most, and its error falls
// below what the even fit leaves.
TEST(PinnWeighting, PointWeightsGrowWhereTheResidualStays) {
  const Tensor x = at::linspace(-1, 1, 21, at::kDouble);
  Tensor target = x.clone();
  target[20] = 2;
  const auto fit = [&](double rate) {
    PointWeights points({21}, rate, at::TensorOptions(at::kDouble));
    double slope = 0;
    for (int n = 0; n < 3000; ++n) {
      const Tensor r = slope * x - target, w = points.weights(0);
      slope -= 0.5 * (w * r * x).sum().item<double>() / (w * x * x).sum().item<double>();
      if (rate > 0) points.ascend({r.square()});
    }
    if (rate > 0) {
      EXPECT_EQ(points.weights(0).argmax().item<std::int64_t>(), 20);
      EXPECT_GT(points.mean(0), 1);
    }
    return std::abs(slope - 2);
  };
  EXPECT_LT(fit(1e-2), 0.6 * fit(0));
}

TEST(PinnWeighting, PointWeightsContinueBitwise) {
  PointWeights a({7, 3}, 0.1, at::TensorOptions(at::kFloat)),
      b = PointWeights({7, 3}, 0.1, at::TensorOptions(at::kFloat));
  const auto squares = [] { return std::vector<Tensor>{at::rand({7}), at::rand({3})}; };
  for (int n = 0; n < 5; ++n) a.ascend(squares());
  TensorList kept;
  a.save(kept);
  b.restore(kept);
  const auto next = squares();
  a.ascend(next);
  b.ascend(next);
  EXPECT_TRUE(at::equal(a.weights(0), b.weights(0)));
  EXPECT_TRUE(at::equal(a.weights(1), b.weights(1)));
}

// A residual with a narrow peak: the shares of the points in and beside it are those of eq. 2.
TEST(PinnAdaptive, CrowdsWhereTheResidualIs) {
  std::vector<double> residual(20000);
  double all = 0, peak = 0;
  const auto within = [](double x) { return std::abs(x - 0.3) < 0.05; };
  for (std::size_t n = 0; n < residual.size(); ++n) {
    const double x = (double(n) + 0.5) / 20000;
    residual[n] = std::exp(-std::pow((x - 0.3) / 0.02, 2));
    all += residual[n] * residual[n];
    if (within(x)) peak += residual[n] * residual[n];
  }
  core::SplitMix random(4);
  for (const double c : {0.0, 1.0}) {
    const auto p = adapted_distribution(residual, 2, c);
    EXPECT_DOUBLE_EQ(p.back(), 1);
    int near = 0;
    for (const auto n : draw_from(p, 5000, random)) near += within((double(n) + 0.5) / 20000);
    EXPECT_NEAR(near / 5000.0, (peak / all + c * 0.1) / (1 + c), 1e-3) << c;
  }
  // No residual at all, or the power 0: even.
  const std::vector<double> none(1000, 0.0);
  EXPECT_NEAR(adapted_distribution(none, 1, 1)[499], 0.5, 1e-12);
  EXPECT_NEAR(adapted_distribution(residual, 0, 0)[9999], 0.5, 1e-9);
}

}  // namespace understudy::pinn
