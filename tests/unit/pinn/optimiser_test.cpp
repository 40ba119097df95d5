// AdamW and SOAP as their papers say.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "pinn/training/torch_optimiser.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

// |A W B - C|^2 / 2 with ill-conditioned A and B in random bases: a matrix W [8, 8] and a vector [5].
struct Valley {
  Tensor a, b, target;
  std::vector<TrainedSlice> slices{{"w", {8, 8}, 0, 64}, {"v", {5}, 64, 5}};
  Valley() {
    at::manual_seed(2);
    const auto steep = [](std::int64_t n) {
      const Tensor q = std::get<0>(at::linalg_qr(at::randn({n, n}, at::kDouble)));
      return q.mm(at::diag(at::pow(10, at::linspace(0, -1.5, n, at::kDouble)))).mm(q.t());
    };
    a = steep(8);
    b = steep(8);
    target = a.mm(at::randn({8, 8}, at::kDouble)).mm(b);
  }
  Tensor gradient(const Tensor& w) const {
    const Tensor off = a.mm(w.narrow(0, 0, 64).view({8, 8})).mm(b) - target;
    return at::cat({a.t().mm(off).mm(b.t()).flatten(), w.narrow(0, 64, 5) - 1});
  }
  double loss(const Tensor& w) const {
    return 0.5 * (a.mm(w.narrow(0, 0, 64).view({8, 8})).mm(b) - target)
                     .square()
                     .sum()
                     .item<double>() +
           0.5 * (w.narrow(0, 64, 5) - 1).square().sum().item<double>();
  }
};

OptimiserSettings settings_of(const std::string& kind) {
  OptimiserSettings s;
  s.kind = kind;
  return s;
}

int steps_to(const Valley& valley, const OptimiserSettings& s, double loss) {
  Tensor w = at::zeros({69}, at::kDouble);
  PinnOptimiser optimiser(s, w, valley.slices);
  for (int n = 1; n <= 5000; ++n) {
    OptimiserSettings schedule = s;
    schedule.learning_rate = 0.02;
    schedule.decay = 0.5;
    schedule.decay_steps = 500;
    optimiser.step(valley.gradient(w), learning_rate(schedule, n));
    if (valley.loss(w) < loss) return n;
  }
  return 5001;
}

}  // namespace

// Worked by hand: two steps with gradients 1 and -2.
TEST(PinnOptimiser, AdamWTakesItsSteps) {
  OptimiserSettings s = settings_of("adamw");
  s.weight_decay = 0.1;
  Tensor w = at::full({2}, 3.0, at::kDouble);  // a matrix of one entry, and a vector
  PinnOptimiser adam(s, w, {{"w", {1, 1}, 0, 1}, {"v", {1}, 1, 1}});
  adam.step(at::full({2}, 1.0, at::kDouble), 0.5);
  EXPECT_NEAR(w[0].item<double>(), 3 - 0.5 * 0.1 * 3 - 0.5, 1e-7);
  EXPECT_NEAR(w[1].item<double>(), 3 - 0.5, 1e-7);
  adam.step(at::full({2}, -2.0, at::kDouble), 0.5);
  const double mean = (0.9 * 0.1 * 1 + 0.1 * -2) / (1 - 0.81);
  const double square = (0.999 * 0.001 * 1 + 0.001 * 4) / (1 - 0.999 * 0.999);
  EXPECT_NEAR(w[1].item<double>(), 2.5 - 0.5 * mean / std::sqrt(square), 1e-7);
}

TEST(PinnOptimiser, RateWarmsUpAndDecays) {
  OptimiserSettings s;
  s.learning_rate = 2;
  s.warm_up_steps = 10;
  s.decay = 0.5;
  s.decay_steps = 100;
  EXPECT_DOUBLE_EQ(learning_rate(s, 0), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(s, 10), 2);
  EXPECT_DOUBLE_EQ(learning_rate(s, 210), 0.5);
}

// Where no side is turned SOAP is Adam, one step later.
TEST(PinnOptimiser, SoapWithoutBasesIsAdam) {
  const Valley valley;
  Tensor w = at::zeros({69}, at::kDouble), u = w.clone();
  PinnOptimiser adam(settings_of("adamw"), w, valley.slices),
      soap(settings_of("soap"), u, valley.slices, 0);
  soap.step(valley.gradient(u), 0.01);
  EXPECT_EQ(u.abs().max().item<double>(), 0);
  for (int n = 0; n < 50; ++n) {
    adam.step(valley.gradient(w), 0.01);
    soap.step(valley.gradient(u), 0.01);
  }
  EXPECT_LT((w - u).abs().max().item<double>(), 1e-14);
}

// SOAP sees the matrix's own axes: turning the problem by any rotations turns its path with it. Adam's
// path depends on the axes.
TEST(PinnOptimiser, SoapTurnsWithTheProblem) {
  const Valley valley;
  const Tensor p = std::get<0>(at::linalg_qr(at::randn({8, 8}, at::kDouble)));
  const Tensor q = std::get<0>(at::linalg_qr(at::randn({8, 8}, at::kDouble)));
  for (const std::string kind : {"soap", "adamw"}) {
    OptimiserSettings s = settings_of(kind);
    s.soap_every = 3;
    Tensor w = at::zeros({69}, at::kDouble), u = w.clone();
    PinnOptimiser plain(s, w, valley.slices), turned(s, u, valley.slices);
    for (int n = 0; n < 20; ++n) {
      plain.step(valley.gradient(w), 0.01);
      const Tensor back = p.t().mm(u.narrow(0, 0, 64).view({8, 8})).mm(q.t());
      const Tensor g = valley.gradient(at::cat({back.flatten(), u.narrow(0, 64, 5)}));
      turned.step(
          at::cat({p.mm(g.narrow(0, 0, 64).view({8, 8})).mm(q).flatten(), g.narrow(0, 64, 5)}),
          0.01);
    }
    const Tensor expected = p.mm(w.narrow(0, 0, 64).view({8, 8})).mm(q).flatten();
    const double off = ((u.narrow(0, 0, 64) - expected).norm() / expected.norm()).item<double>();
    if (kind == "soap")
      EXPECT_LT(off, 1e-5);  // round-off, times the condition of the factors
    else
      EXPECT_GT(off, 1e-2);
  }
}

TEST(PinnOptimiser, SoapNeedsFewerStepsInAValley) {
  const Valley valley;
  const int adam = steps_to(valley, settings_of("adamw"), 1e-6);
  const int soap = steps_to(valley, settings_of("soap"), 1e-6);
  RecordProperty("adam", adam);
  RecordProperty("soap", soap);
  EXPECT_LT(soap, 0.5 * adam) << soap << " and " << adam;
}

TEST(PinnOptimiser, ContinuesBitwise) {
  const Valley valley;
  for (const std::string kind : {"adamw", "soap"}) {
    OptimiserSettings s = settings_of(kind);
    s.soap_every = 4;
    Tensor w = at::zeros({69}, at::kFloat);
    PinnOptimiser whole(s, w, valley.slices);
    const auto step = [&](PinnOptimiser& o, const Tensor& x) {
      o.step(valley.gradient(x.to(at::kDouble)).to(at::kFloat), 0.01);
    };
    for (int n = 0; n < 17; ++n) step(whole, w);
    TensorList kept;
    whole.save(kept);
    for (auto& [name, tensor] : kept) tensor = tensor.clone();
    Tensor u = w.clone();
    PinnOptimiser resumed(s, u, valley.slices);
    resumed.restore(kept);
    for (int n = 0; n < 17; ++n) {
      step(whole, w);
      step(resumed, u);
    }
    EXPECT_TRUE(at::equal(w, u)) << kind;
  }
}

}  // namespace understudy::pinn
