// Networks as they are made from settings: what they compute against plain tensors, how they start, and the
// factorised weights.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <functional>
#include <map>
#include <numbers>

#include "core/error.hpp"
#include "pinn/networks.hpp"
#include "pinn/torch_model.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

constexpr double pi = std::numbers::pi;

// Two inputs, two fields. `periodic`: in x, with a transform that holds u = sin x at t = 0.
std::shared_ptr<Problem> problem_of(bool periodic) {
  auto p = std::make_shared<Problem>();
  p->name = p->title = "networks";
  p->inputs = {{"x", "1", -pi, pi}, {"t", "1", 0, 2, true}};
  p->fields = {{"u", "1", ""}, {"v", "1", ""}};
  p->add("all", {{"u", "1"}, {"v", "1"}}, p->interior()).residuals =
      [](const Fields& f) -> Residuals {
    return {f["u"].d(1) + f["u"] * f["u"].d(0) - f["v"].d(0, 0), f["v"].d(0, 1) - f["u"]};
  };
  if (!periodic) return p;
  p->features = [](const std::vector<Jet>& in, auto...) -> std::vector<Jet> {
    return {cos(in[0]), sin(in[0]), in[1] - 1};
  };
  p->transform = [](const std::vector<Jet>& in, const std::vector<Jet>& out) -> std::vector<Jet> {
    return {sin(in[0]) + in[1] * out[0], out[1]};
  };
  return p;
}

NetworkSettings network_of(const std::string& kind) {
  NetworkSettings s;
  s.kind = kind;
  s.depth = 2;
  s.width = 16;
  return s;
}

ModelSetup setup_of(const NetworkSettings& network, bool periodic = false) {
  ModelSetup setup;
  setup.problem = problem_of(periodic);
  setup.network = network;
  setup.type = at::kDouble;
  setup.seed = 11;
  return setup;
}

Tensor some_points(int count = 23) {
  at::manual_seed(2);
  return at::rand({count, 2}, at::kDouble) * at::tensor({2 * pi, 2.0}, at::kDouble) +
         at::tensor({-pi, 0.0}, at::kDouble);
}

// The weights by name as the model has them; factorised ones as diag(exp s) V.
std::map<std::string, Tensor> weights_of(const Model& model, const Tensor& trained) {
  std::map<std::string, Tensor> raw, all;
  for (const auto& slice : model.slices())
    raw[slice.name] = trained.narrow(0, slice.offset, slice.count).view(slice.shape);
  for (const auto& [name, values] : raw) {
    const auto factor = raw.find(name + ".factor");
    all[name] = factor == raw.end() ? values : at::diag(factor->second.exp()).mm(values);
  }
  return all;
}

// The networks written down as in the papers.
class Oracle {
 public:
  Oracle(const Model& model, const Tensor& trained)
      : s_(model.setup().network), fixed_(model.fixed()), w_(weights_of(model, trained)) {}

  Tensor operator()(Tensor x) const {
    if (s_.fourier_features > 0) {
      const Tensor b = fixed_.view({s_.fourier_features, x.size(1)});
      x = at::cat({x.mm(b.t()).cos(), x.mm(b.t()).sin()}, 1);
    }
    if (s_.kind == "mlp") {
      for (int n = 0; n < s_.depth; ++n) x = dense(x, "hidden" + std::to_string(n));
      return linear(x, "out");
    }
    const Tensor u = dense(x, "encoder_u"), v = dense(x, "encoder_v");
    const auto gate = [&](const Tensor& h) { return h * u + (1 - h) * v; };
    if (s_.kind == "modified_mlp") {
      for (int n = 0; n < s_.depth; ++n) x = gate(dense(x, "hidden" + std::to_string(n)));
      return linear(x, "out");
    }
    if (x.size(1) != s_.width) x = linear(x, "encoder");
    for (int n = 0; n < s_.depth; ++n) {
      const std::string block = "block" + std::to_string(n);
      const Tensor h = dense(gate(dense(gate(dense(x, block + ".0")), block + ".1")), block + ".2");
      const Tensor& alpha = w_.at(block + ".alpha");
      x = alpha * h + (1 - alpha) * x;
    }
    return linear(x, "out");
  }

 private:
  Tensor linear(const Tensor& x, const std::string& name) const {
    return x.mm(w_.at(name + ".weight").t()) + w_.at(name + ".bias");
  }
  Tensor dense(const Tensor& x, const std::string& name) const { return linear(x, name).tanh(); }

  NetworkSettings s_;
  Tensor fixed_;
  std::map<std::string, Tensor> w_;
};

Tensor scaled(const Tensor& points) {
  return at::stack({points.select(1, 0) / pi, points.select(1, 1) - 1}, 1);
}

// The fields of problem_of(true) by plain tensors.
Tensor periodic_fields(const Oracle& oracle, const Tensor& points) {
  const Tensor x = points.select(1, 0), t = points.select(1, 1);
  const Tensor out = oracle(at::stack({x.cos(), x.sin(), t - 1}, 1));
  return at::stack({x.sin() + t * out.select(1, 0), out.select(1, 1)}, 1);
}

// Away from the start, where shares are 0.
void shake(const Model& model, double size = 0.3) {
  const at::NoGradGuard no_autograd;
  at::manual_seed(4);
  Tensor trained = model.trained();
  trained.add_(at::randn_like(trained), size);
}

double difference(const Tensor& a, const Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

bool message_has(const NetworkSettings& s, const std::string& words) {
  try {
    make_program(s, 2, 1);
  } catch (const core::UserError& e) {
    return std::string(e.what()).find(words) != std::string::npos;
  }
  return false;
}

}  // namespace

TEST(PinnNetworks, AreWhatThePapersWriteDown) {
  for (const std::string kind : {"mlp", "modified_mlp", "pirate_net"})
    for (const int waves : {0, 6, 8})
      for (const bool factorised : {false, true}) {
        NetworkSettings s = network_of(kind);
        s.fourier_features = waves;
        s.factorised = factorised;
        Model model(setup_of(s));
        shake(model);
        const at::NoGradGuard no_autograd;
        const Tensor points = some_points();
        const auto fields = model.fields(std::make_shared<const JetSpec>(2), points);
        const Tensor truth = Oracle(model, model.trained())(scaled(points));
        for (int f = 0; f < 2; ++f)
          EXPECT_LT(difference(fields[std::size_t(f)].value(), truth.select(1, f)), 1e-13)
              << kind << ", " << waves << " waves, factorised " << factorised;
      }
}

TEST(PinnNetworks, WavesStayAsTheyWereDrawn) {
  NetworkSettings s = network_of("mlp");
  s.fourier_features = 4000;
  s.fourier_scale = 3;
  const Model model(setup_of(s));
  ASSERT_EQ(model.fixed().numel(), 8000);
  EXPECT_FALSE(model.fixed().requires_grad());
  for (const auto& slice : model.slices()) EXPECT_EQ(slice.name.find("waves"), std::string::npos);
  // Of a standard deviation from n samples the error is 1 / sqrt(2 n) of it.
  EXPECT_NEAR(model.fixed().std().item<double>(), 3, 4 * 3 / std::sqrt(2 * 8000.0));
  EXPECT_NEAR(model.fixed().mean().item<double>(), 0, 4 * 3 / std::sqrt(8000.0));
}

// With shares of 0 every block hands on what it got: inputs' combinations go through as they are.
TEST(PinnNetworks, PirateNetStartsLinearInItsEncoding) {
  Model model(setup_of(network_of("pirate_net")));
  const at::NoGradGuard no_autograd;
  const auto at_points = [&](const Tensor& points) {
    const auto f = model.fields(std::make_shared<const JetSpec>(2), points);
    return at::stack({f[0].value(), f[1].value()}, 1);
  };
  const Tensor a = some_points(9), b = a.flip(0);
  const Tensor middle = at_points(0.3 * a + 0.7 * b);
  EXPECT_LT(difference(0.3 * at_points(a) + 0.7 * at_points(b), middle), 1e-13);
  shake(model);  // and not once shares have moved
  EXPECT_GT(difference(0.3 * at_points(a) + 0.7 * at_points(b), at_points(0.3 * a + 0.7 * b)),
            1e-3);
}

TEST(PinnNetworks, TheSameSeedGivesTheSameWeights) {
  NetworkSettings s = network_of("modified_mlp");
  s.factorised = true;
  s.fourier_features = 8;
  ModelSetup setup = setup_of(s);
  const Model first(setup), again(setup);
  setup.type = at::kFloat;
  const Model single(setup);
  setup.type = at::kDouble;
  setup.seed = 12;
  const Model other(setup);
  EXPECT_TRUE(at::equal(first.trained(), again.trained()));
  EXPECT_TRUE(at::equal(first.fixed(), again.fixed()));
  EXPECT_TRUE(at::equal(first.trained().to(at::kFloat), single.trained()));
  EXPECT_FALSE(at::equal(first.trained(), other.trained()));
  EXPECT_FALSE(at::equal(first.fixed(), other.fixed()));
}

// W = diag(exp s) V is distributed as Glorot & Bengio's normal weights at the start, whatever s.
TEST(PinnNetworks, FactorisedWeightsStartLikeTheOthers) {
  NetworkSettings s = network_of("mlp");
  s.width = 96;
  s.factorised = true;
  s.factor_mean = 0.7;
  s.factor_std = 0.4;
  const Model model(setup_of(s));
  const at::NoGradGuard no_autograd;
  const auto weights = weights_of(model, model.trained());
  const Tensor w = weights.at("hidden1.weight");
  const double n = double(w.numel()), deviation = std::sqrt(2.0 / (96 + 96));
  EXPECT_NEAR(w.std().item<double>(), deviation, 4 * deviation / std::sqrt(2 * n));
  EXPECT_NEAR(w.mean().item<double>(), 0, 4 * deviation / std::sqrt(n));
  // Normal: a fourth moment of three; its error is sqrt(96 / n).
  EXPECT_NEAR((w / deviation).pow(4).mean().item<double>(), 3, 4 * std::sqrt(96 / n));
  const Tensor factors = weights.at("hidden1.weight.factor");
  EXPECT_NEAR(factors.mean().item<double>(), 0.7, 4 * 0.4 / std::sqrt(96.0));
  EXPECT_NEAR(factors.std().item<double>(), 0.4, 4 * 0.4 / std::sqrt(2 * 96.0));
  EXPECT_EQ(weights.at("hidden1.bias").abs().max().item<double>(), 0);
}

// The gradient with respect to s and V alike, through diag(exp s) V.
TEST(PinnNetworks, GradientOfFactorisedWeightsAgreesWithDifferences) {
  NetworkSettings s = network_of("modified_mlp");
  s.factorised = true;
  Model model(setup_of(s, true));
  shake(model, 0.1);
  const Tensor points = some_points();
  const Term& term = model.problem().terms[0];
  const auto loss = [&] {
    const auto r = model.residuals(term, points, {});
    return r[0].square().mean() + r[1].square().mean();
  };
  const Tensor gradient = torch::autograd::grad({loss()}, {model.trained()})[0];
  const at::NoGradGuard no_autograd;
  Tensor trained = model.trained();
  int factors = 0;
  for (const auto& slice : model.slices()) {
    factors += slice.name.ends_with(".factor");
    Tensor direction = at::zeros_like(trained);
    direction.narrow(0, slice.offset, slice.count).normal_();
    constexpr double h = 1e-5;
    trained.add_(direction, h);
    const double above = loss().item<double>();
    trained.add_(direction, -2 * h);
    const double below = loss().item<double>();
    trained.add_(direction, h);
    const double mine = (gradient * direction).sum().item<double>();
    const double size = gradient.narrow(0, slice.offset, slice.count).norm().item<double>() *
                        direction.norm().item<double>();
    EXPECT_NEAR(mine, (above - below) / (2 * h), 1e-6 * size + 1e-9) << slice.name;
  }
  EXPECT_EQ(factors, 5);  // two encoders, two layers, the output
}

// Features and the transform in between: derivatives by jets against nested autograd.
TEST(PinnNetworks, DerivativesThroughFeaturesAndTransformAreThoseOfAutograd) {
  NetworkSettings s = network_of("modified_mlp");
  s.factorised = true;
  Model model(setup_of(s, true));
  shake(model, 0.1);
  const std::vector<Derivative> wanted{{0}, {1}, {0, 0}, {0, 1}, {0, 0, 0}, {0, 0, 0, 0}};
  const auto spec = std::make_shared<const JetSpec>(2, wanted);
  const Tensor plain = some_points();
  const auto jets = model.fields(spec, plain);
  const Tensor points = plain.clone().requires_grad_(true);
  const Tensor trained = model.trained().detach().clone().requires_grad_(true);
  const Tensor out = periodic_fields(Oracle(model, trained), points);
  Tensor mine = at::zeros({}, at::kDouble), nested = mine;
  for (int f = 0; f < 2; ++f)
    for (const auto& derivative : wanted) {
      Tensor u = out.select(1, f);
      for (const int axis : derivative)
        u = torch::autograd::grad({u.sum()}, {points}, {}, true, true, true)[0].select(1, axis);
      const Tensor d = jets[std::size_t(f)].d(derivative);
      EXPECT_LT(difference(d, u), 1e-10) << "field " << f << ", order " << derivative.size();
      mine = mine + d.square().mean();
      nested = nested + u.square().mean();
    }
  EXPECT_LT(difference(torch::autograd::grad({mine}, {model.trained()})[0],
                       torch::autograd::grad({nested}, {trained})[0]),
            1e-10);
  // A period on, everything is as it was.
  const Tensor on = plain + at::tensor({2 * pi, 0.0}, at::kDouble);
  const auto there = model.fields(spec, on);
  for (int f = 0; f < 2; ++f)
    EXPECT_LT(difference(there[std::size_t(f)].d({0, 0}), jets[std::size_t(f)].d({0, 0})), 1e-10);
}

TEST(PinnNetworks, NamesTheOnesThereAre) {
  EXPECT_TRUE(message_has(network_of("gru"), "mlp, modified_mlp, pirate_net"));
  NetworkSettings s = network_of("mlp");
  s.activation = "relu";
  EXPECT_TRUE(message_has(s, "tanh, sin, silu"));
}

}  // namespace understudy::pinn
