// What each technique does to a training, seen in the points at which the problem is asked, in the weights
// that a checkpoint holds, and in the solution.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numbers>

#include "pinn/problems/torch_periodic.hpp"
#include "pinn/torch_windows.hpp"
#include "pinn/training/torch_losses.hpp"
#include "support/scratch.hpp"
#include "support/torch_pinn_training_case.hpp"
#include "surrogates/network/torch_archive.hpp"

namespace understudy::pinn {

namespace {

using namespace cases;
using at::Tensor;

constexpr std::int64_t step_points = 64;

/// Points of the interior in every step.
using Seen = std::shared_ptr<std::vector<Tensor>>;

void note(const Seen& seen, const Fields& f) {
  if (f.points().size(0) == step_points) seen->push_back(f.input(0).detach().clone());
}

// Decay whose residual has a bump at t = 0.8 that no solution removes: its equation is worth little.
std::shared_ptr<Problem> bump(const Seen& seen = std::make_shared<std::vector<Tensor>>()) {
  auto p = decay();
  p->terms[0].residuals = [seen](const Fields& f) -> Residuals {
    note(seen, f);
    const Tensor t = f.input(0);
    return {0.01 * (f["u"].d(0) + 2 * f["u"]) + (-((t - 0.8) / 0.04).square()).exp()};
  };
  return p;
}

Settings settings_of(int steps) {
  Settings s = quick();
  s.sampling.interior = int(step_points);
  s.optimiser.steps = steps;
  return s;
}

double share_near_bump(const Seen& seen, std::size_t first, std::size_t last) {
  double sum = 0;
  for (std::size_t n = first; n < last; ++n)
    sum += ((*seen)[n] - 0.8).abs().lt(0.1).to(at::kDouble).mean().item<double>();
  return sum / double(last - first);
}

Tensor in_checkpoint(const Settings& settings, const std::shared_ptr<const Problem>& problem,
                     const std::string& name) {
  const tests::Scratch scratch(core::Comm::self());
  auto task = task_of(problem, settings);
  task.checkpoint = scratch / "training.safetensors";
  train(task);
  return surrogates::read_archive(task.checkpoint, "the checkpoint").at(name).clone();
}

double largest_gap(const Tensor& points) {
  return std::get<0>(points.sort()).diff().max().item<double>();
}

}  // namespace

TEST(PinnTechniques, AdaptivePointsCrowdWhereTheResidualIsLarge) {
  Settings s = settings_of(200);
  for (const bool adapts : {false, true}) {
    s.sampling.adapt_every = adapts ? 100 : 0;
    s.sampling.adapt_candidates = 500;
    s.sampling.adapt_floor = 0.1;
    const Seen seen = std::make_shared<std::vector<Tensor>>();
    train(task_of(bump(seen), s));
    ASSERT_GE(seen->size(), 200u);
    // A fifth of an even share; the bump holds four fifths of the residual and more.
    EXPECT_NEAR(share_near_bump(seen, 0, 100), 0.2, 0.04);
    const double later = share_near_bump(seen, 110, 200);
    if (adapts)
      EXPECT_GT(later, 0.6);
    else
      EXPECT_NEAR(later, 0.2, 0.04);
  }
}

// Points of a Sobol sequence leave no gap of twice their mean distance; random ones do.
TEST(PinnTechniques, PointsAreThoseOfTheMethod) {
  const auto gap = [](const std::string& method) {
    Settings s = settings_of(2);
    s.sampling.method = method;
    const Seen seen = std::make_shared<std::vector<Tensor>>();
    train(task_of(bump(seen), s));
    return largest_gap(seen->back());
  };
  EXPECT_LT(gap("sobol"), 2.001 / double(step_points));
  EXPECT_GT(gap("uniform"), 2.5 / double(step_points));
}

// An equation that turns to growth at t = 1/2. Where nothing but the first chunk is ever learned well enough,
// the solution does not know.
TEST(PinnTechniques, CausalWeightsLetLateTimesWait) {
  auto p = decay();
  p->reference = {};
  p->terms[0].residuals = [](const Fields& f) -> Residuals {
    const Tensor late = f.input(0).gt(0.5).to(f.input(0).options());
    return {f["u"].d(0) + (1 - late) * 2 * f["u"] - late * 5};
  };
  const auto trained = [&](int chunks, double tolerance) {
    Settings s = settings_of(500);
    s.causal.chunks = chunks;
    s.causal.tolerance = tolerance;
    return train(task_of(p, s));
  };
  const auto plain = trained(0, 1), waits = trained(8, 1e9), open = trained(8, 1e-9);
  const auto end = [](const TrainingResult& r) { return r.solution->fields({{1.0}})[0][0]; };
  EXPECT_GT(end(plain), 2);  // exp(-1) + 2.5
  EXPECT_GT(end(open), 2);
  EXPECT_LT(end(waits), 1);
  // In the first step all have the same weights and points; one chunk of eight is left of the loss.
  const auto first = [](const TrainingResult& r) { return r.history.front().losses[0]; };
  EXPECT_NEAR(first(open), first(plain), 1e-6 * first(plain));
  EXPECT_LT(first(waits), 0.25 * first(plain));
  EXPECT_GT(first(waits), 0);
}

TEST(PinnTechniques, PointsOfLargeResidualsGainWeight) {
  Settings s = settings_of(50);
  s.weighting.kind = "self_adaptive";
  s.sampling.resample_every = 0;
  const Seen seen = std::make_shared<std::vector<Tensor>>();
  const Tensor lambda = in_checkpoint(s, bump(seen), "points.0");
  const Tensor distance = (seen->back() - 0.8).abs();
  ASSERT_EQ(lambda.numel(), distance.numel());
  EXPECT_GT(lambda[distance.argmin().item<std::int64_t>()].item<double>(), 1.5);
  const Tensor away = lambda.index_select(0, distance.gt(0.15).nonzero().flatten());
  EXPECT_LT(away.max().item<double>(), 1.1);
  EXPECT_GE(away.min().item<double>(), 1);
}

// A first step of Adam is rate g / (|g| + 1e-8): of a gradient far below 1e-8 it shows the length.
TEST(PinnTechniques, GradientsAreCutToTheLargestNorm) {
  Settings s = settings_of(1);
  const ModelSetup setup{decay(), s.network, at::kDouble, at::kCPU, s.seed};
  const Model start(setup);
  const auto moved = [&](double clip) {
    s.optimiser.gradient_clip = clip;
    const Tensor trained = in_checkpoint(s, decay(), "trained");
    return (trained - start.trained().detach()).norm().item<double>();
  };
  constexpr double clip = 1e-11;
  const double longest = s.optimiser.learning_rate * clip / 1e-8;
  EXPECT_NEAR(moved(clip) / longest, 1, 2e-3);
  EXPECT_NEAR(moved(clip / 2) / longest, 0.5, 1e-3);
  const double free = moved(0);
  EXPECT_GT(free, s.optimiser.learning_rate);
  EXPECT_EQ(moved(1e6), free);  // shorter ones are left alone
}

// The loss is the mean of w lambda^2 r^2, and so is what lambda climbs.
TEST(PinnTechniques, PointWeightsClimbTheLossWithCausalWeights) {
  Settings s = settings_of(1);
  s.weighting.kind = "self_adaptive";
  s.weighting.rate = 0.1;
  s.causal.chunks = 4;
  s.causal.tolerance = 50;
  const auto p = decay();
  Model model(ModelSetup{p, s.network, at::kDouble, at::kCPU, 5});
  const RankReduction sharing(core::Comm::self(), s.parallel);
  PointPlan plan;
  plan.problem = p;
  plan.sampling = s.sampling;
  plan.chunks = 4;
  plan.options = model.options();
  PointSource source(plan);
  const auto& points = source.at(0);
  Losses losses(s, sharing, *p);
  losses.begin_points(points, model.options());
  const auto lambda = [&] {
    TensorList saved;
    losses.save(saved);
    for (const auto& [name, tensor] : saved)
      if (name == "points.0") return tensor.clone();
    return Tensor();
  };
  const Tensor r = model.residuals(p->terms[0], points[0].points, {})[0].detach();
  const Tensor w = causal_weights({r}, points[0].chunk, s.causal, nullptr);
  EXPECT_LT(w.min().item<double>(), 0.9);
  Tensor expected = at::ones_like(r);
  for (int step = 0; step < 3; ++step) {
    const auto result = losses.evaluate(model, points, false);
    EXPECT_NEAR(result.each[0].item<double>(),
                (w * expected.square() * r.square()).mean().item<double>(), 1e-14);
    losses.ascend(result);
    const Tensor g = expected * w * r.square();
    expected = expected + 0.1 * g / g.square().mean().sqrt();
    EXPECT_LT((lambda() - expected).abs().max().item<double>(), 1e-13) << step;
  }
}

// Time runs over [-1, 1] in every window and every part of the box, and the period stays the problem's.
TEST(PinnTechniques, FeaturesAreScaledToTheWindowOrPart) {
  struct Span {
    double least = 1e9, most = -1e9;
  };
  const auto spans_of = [](const Settings& s) {
    auto p = std::make_shared<Problem>();
    p->name = p->title = "spans";
    p->inputs = {{"x", "1", -2, 2}, {"t", "1", 2, 6, true}};
    p->fields = {{"u", "1", ""}};
    p->evaluation = {5, 5};
    p->add("interior", {{"u", "1"}}, p->interior()).residuals = [](const Fields& f) -> Residuals {
      return {f["u"].d(1) + f["u"].d(0)};
    };
    make_periodic(*p);
    add_start(*p, {.values = [](const Jet& x) { return sin(x * (std::numbers::pi / 2)); },
                   .exactly = false});
    auto spans = std::make_shared<std::map<double, Span>>();
    p->features = [spans, plain = p->features](const std::vector<Jet>& in, const InputBox& box,
                                               int group) {
      const auto all = plain(in, box, group);
      const Tensor x = in[0].value(), t = all[2].value();
      EXPECT_LT((all[0].value() - (x * (std::numbers::pi / 2)).cos()).abs().max().item<double>(),
                1e-12);
      if (t.numel() > 100) {  // the interior's points
        Span& span = (*spans)[box.lower[1]];
        span.least = std::min(span.least, t.min().item<double>());
        span.most = std::max(span.most, t.max().item<double>());
      }
      return all;
    };
    train(task_of(p, s));
    return *spans;
  };
  Settings s = settings_of(3);
  s.sampling.interior = 500;
  const auto check = [&](std::size_t boxes, const char* what) {
    const auto spans = spans_of(s);
    EXPECT_EQ(spans.size(), boxes) << what;
    for (const auto& [lower, span] : spans) {
      EXPECT_NEAR(span.least, -1, 0.03) << what << " from " << lower;
      EXPECT_NEAR(span.most, 1, 0.03) << what << " from " << lower;
      EXPECT_GE(span.least, -1 - 1e-12) << what;
      EXPECT_LE(span.most, 1 + 1e-12) << what;
    }
  };
  check(1, "whole");
  s.curriculum.windows = 2;
  check(2, "windows");
  s.curriculum.windows = 1;
  s.parallel.mode = "domains";
  s.parallel.domains = {1, 2};
  check(2, "parts");
}

}  // namespace understudy::pinn
