// Jets against nested autograd, for every kind of operation, and their gradients with respect to the
// weights against autograd through it and against finite differences.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "pinn/engine/jet_spec.hpp"
#include "pinn/engine/torch_jet_network.hpp"
#include "pinn/engine/torch_jets.hpp"

namespace {

using namespace understudy::pinn;
using at::Tensor;

// All kinds of operations: waves, linear, gates, mixing. `width`: even.
JetProgram all_kinds(Activation activation, int width = 12) {
  JetProgram p;
  p.widths = {2};
  int x = p.waves(p.linear(0, width / 2, "b", false, false));
  const int u = p.activate(p.linear(x, width, "u"), activation);
  const int v = p.activate(p.linear(x, width, "v"), activation);
  for (int block = 0; block < 2; ++block) {
    const int f = p.gate(p.activate(p.linear(x, width, "f"), activation), u, v);
    const int h = p.activate(p.linear(f, width, "h"), activation);
    x = p.mix(h, x, "alpha");
  }
  p.output = p.linear(x, 3, "out");
  return p;
}

JetProgram plain(Activation activation, int width = 10) {
  JetProgram p;
  p.widths = {2};
  int x = 0;
  for (int layer = 0; layer < 3; ++layer) x = p.activate(p.linear(x, width, "l"), activation);
  p.output = p.linear(x, 2, "out");
  return p;
}

// The same program by plain tensor operations, for autograd. points [point, 2] -> [point, output]
Tensor oracle(const JetNetwork& network, const Tensor& points, const Tensor& trained,
              const Tensor& fixed) {
  const auto& p = network.program();
  std::vector<Tensor> r(p.widths.size());
  r[0] = points;
  const auto weight = [&](int n) {
    const auto& place = network.places()[std::size_t(n)];
    return (place.trained ? trained : fixed)
        .narrow(0, place.offset, place.count)
        .view(at::IntArrayRef(std::vector<std::int64_t>(p.weights[std::size_t(n)].shape.begin(),
                                                        p.weights[std::size_t(n)].shape.end())));
  };
  for (const JetOp& op : p.ops) {
    const Tensor& in = r[std::size_t(op.in)];
    Tensor& out = r[std::size_t(op.out)];
    if (op.kind == JetOp::Kind::linear) {
      out = at::matmul(in, weight(op.weight).t());
      if (op.bias >= 0) out = out + weight(op.bias);
    } else if (op.kind == JetOp::Kind::activate) {
      out = op.activation == Activation::tanh  ? in.tanh()
            : op.activation == Activation::sin ? in.sin()
                                               : in * in.sigmoid();
    } else if (op.kind == JetOp::Kind::waves) {
      out = at::cat({in.cos(), in.sin()}, 1);
    } else if (op.kind == JetOp::Kind::gate) {
      out = in * r[std::size_t(op.second)] + (1 - in) * r[std::size_t(op.third)];
    } else {
      const Tensor alpha = weight(op.weight);
      out = alpha * in + (1 - alpha) * r[std::size_t(op.second)];
    }
  }
  return r[std::size_t(p.output)];
}

Tensor derive(const Tensor& u, const Tensor& points, int axis) {
  return torch::autograd::grad({u.sum()}, {points}, {}, true, true, true)[0].select(1, axis);
}

const std::vector<Derivative> wanted{{0},    {1},       {0, 0},    {1, 1, 1, 1}, {0, 0, 0},
                                     {0, 1}, {0, 0, 1}, {0, 1, 1}, {0, 0, 1, 1}};

struct Case {
  JetNetwork network;
  Tensor points, trained, fixed;
  Case(JetProgram program, at::ScalarType type, int count = 37) : network(std::move(program)) {
    at::manual_seed(3);
    points = (at::rand({count, 2}, at::kDouble) * 2 - 1).to(type);
    trained = (at::randn({network.trained_count()}, at::kDouble) * 0.4).to(type);
    fixed = at::randn({network.fixed_count()}, at::kDouble).to(type);
  }
  std::vector<Jet> jets(const std::shared_ptr<const JetSpec>& spec) const {
    const Tensor features =
        stack({coordinate(spec, points, 0), coordinate(spec, points, 1)}, points);
    return unstack(spec, network.evaluate(spec->orders(), features, trained, fixed));
  }
};

double difference(const Tensor& a, const Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

class Jets : public testing::TestWithParam<std::tuple<bool, Activation>> {
 protected:
  JetProgram program() const {
    return std::get<0>(GetParam()) ? all_kinds(std::get<1>(GetParam()))
                                   : plain(std::get<1>(GetParam()));
  }
};

TEST_P(Jets, AgreeWithNestedAutograd) {
  Case c(program(), at::kDouble);
  const auto spec = std::make_shared<const JetSpec>(2, wanted);
  const auto jets = c.jets(spec);
  const Tensor points = c.points.clone().requires_grad_(true);
  const Tensor out = oracle(c.network, points, c.trained, c.fixed);
  for (int o = 0; o < out.size(1); ++o) {
    EXPECT_LT(difference(jets[std::size_t(o)].value(), out.select(1, o)), 1e-13);
    for (const auto& derivative : wanted) {
      Tensor u = out.select(1, o);
      for (const int axis : derivative) u = derive(u, points, axis);
      EXPECT_LT(difference(jets[std::size_t(o)].d(derivative), u), 1e-10)
          << "order " << derivative.size() << ", output " << o;
    }
  }
}

TEST_P(Jets, GradientsAgreeWithAutogradThroughNestedAutograd) {
  Case c(program(), at::kDouble);
  const auto spec = std::make_shared<const JetSpec>(2, wanted);
  c.trained.requires_grad_(true);
  const auto loss = [&](const auto& d) {
    // Nonlinear in every derivative.
    Tensor sum = at::zeros({}, at::kDouble);
    for (const auto& derivative : wanted)
      for (int o = 0; o < 2; ++o) sum = sum + (d(o, derivative) + 0.3).square().mean();
    return sum + (d(0, {}) * d(1, {0}) - d(1, {0, 0})).square().mean();
  };
  const auto jets = c.jets(spec);
  const Tensor mine = loss([&](int o, const Derivative& k) { return jets[std::size_t(o)].d(k); });
  const Tensor gradient = torch::autograd::grad({mine}, {c.trained})[0];

  const Tensor points = c.points.clone().requires_grad_(true);
  const Tensor out = oracle(c.network, points, c.trained, c.fixed);
  const Tensor nested = loss([&](int o, const Derivative& k) {
    Tensor u = out.select(1, o);
    for (const int axis : k) u = derive(u, points, axis);
    return u;
  });
  EXPECT_LT(difference(mine, nested), 1e-12);
  EXPECT_LT(difference(gradient, torch::autograd::grad({nested}, {c.trained})[0]), 1e-10);

  // Central differences along a random direction.
  const at::NoGradGuard no_autograd;
  const Tensor direction = at::randn_like(c.trained);
  const double h = 1e-6;
  const auto at_step = [&](double s) {
    Case moved(program(), at::kDouble);
    moved.trained = c.trained.detach() + s * direction;
    moved.fixed = c.fixed;
    const auto j = moved.jets(spec);
    return loss([&](int o, const Derivative& k) { return j[std::size_t(o)].d(k); })
        .template item<double>();
  };
  const double slope = (at_step(h) - at_step(-h)) / (2 * h);
  EXPECT_NEAR((gradient * direction).sum().item<double>() / slope, 1, 1e-6);
}

TEST_P(Jets, SinglePrecisionAgreesWithDouble) {
  Case d(program(), at::kDouble), s(program(), at::kFloat);
  const auto spec = std::make_shared<const JetSpec>(2, std::vector<Derivative>{{0, 0}, {1}});
  d.trained.requires_grad_(true);
  s.trained.requires_grad_(true);
  Tensor sums[2];
  int n = 0;
  for (const Case* c : {&d, &s}) {
    const auto jets = c->jets(spec);
    sums[n++] =
        (jets[0].d({1}) + jets[0].value() * jets[1].d({0}) - jets[1].d({0, 0})).square().mean();
  }
  EXPECT_LT(difference(sums[1].to(at::kDouble), sums[0]), 1e-5);
  EXPECT_LT(difference(torch::autograd::grad({sums[1]}, {s.trained})[0].to(at::kDouble),
                       torch::autograd::grad({sums[0]}, {d.trained})[0]),
            1e-4);
}

INSTANTIATE_TEST_SUITE_P(Programs, Jets,
                         testing::Combine(testing::Bool(),
                                          testing::Values(Activation::tanh, Activation::sin,
                                                          Activation::silu)));

// Widths of whole vectors take the host's own product (small_matmul.hpp), odd numbers of points end its
// blocks in every way.
class WideJets : public testing::TestWithParam<std::tuple<bool, int, int>> {
 protected:
  JetProgram program() const {
    const auto [all, width, count] = GetParam();
    return all ? all_kinds(Activation::tanh, width) : plain(Activation::tanh, width);
  }
  int count() const { return std::get<2>(GetParam()); }
  // Weights by which activations stay where they bend.
  void scale(Case& c) const { c.trained.mul_(std::sqrt(10.0 / std::get<1>(GetParam()))); }
};

TEST_P(WideJets, AgreeWithNestedAutogradAndSoDoGradients) {
  Case c(program(), at::kDouble, count());
  scale(c);
  const auto spec = std::make_shared<const JetSpec>(2, wanted);
  c.trained.requires_grad_(true);
  const auto jets = c.jets(spec);
  const Tensor points = c.points.clone().requires_grad_(true);
  const Tensor out = oracle(c.network, points, c.trained, c.fixed);
  Tensor mine = at::zeros({}, at::kDouble), nested = mine;
  for (const auto& derivative : wanted) {
    Tensor u = out.select(1, 0);
    for (const int axis : derivative) u = derive(u, points, axis);
    EXPECT_LT(difference(jets[0].d(derivative), u), 1e-10) << "order " << derivative.size();
    mine = mine + (jets[0].d(derivative) + 0.3).square().mean();
    nested = nested + (u + 0.3).square().mean();
  }
  EXPECT_LT(difference(torch::autograd::grad({mine}, {c.trained})[0],
                       torch::autograd::grad({nested}, {c.trained})[0]),
            1e-10);
}

TEST_P(WideJets, SinglePrecisionAgreesWithDouble) {
  Case d(program(), at::kDouble, count()), s(program(), at::kFloat, count());
  scale(d);
  scale(s);
  const auto spec = std::make_shared<const JetSpec>(2, std::vector<Derivative>{{0, 0}, {1}});
  Tensor sums[2], gradients[2];
  int n = 0;
  for (Case* c : {&d, &s}) {
    c->trained.requires_grad_(true);
    const auto jets = c->jets(spec);
    sums[n] =
        (jets[0].d({1}) + jets[0].value() * jets[1].d({0}) - jets[1].d({0, 0})).square().mean();
    gradients[n] = torch::autograd::grad({sums[n]}, {c->trained})[0].to(at::kDouble);
    ++n;
  }
  EXPECT_LT(difference(sums[1].to(at::kDouble), sums[0]), 1e-5);
  EXPECT_LT(difference(gradients[1], gradients[0]), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Widths, WideJets,
                         testing::Combine(testing::Bool(), testing::Values(16, 64),
                                          testing::Values(1, 13, 37)));

TEST(JetTiles, ManyTilesGiveTheSameAsOne) {
  // Enough points for many tiles; the same points in pieces of one tile each.
  Case c(all_kinds(Activation::tanh), at::kDouble, 5000);
  const auto spec = std::make_shared<const JetSpec>(2, std::vector<Derivative>{{0, 0}, {1}});
  c.trained.requires_grad_(true);
  const auto sum = [&](const Case& k) {
    const auto jets = k.jets(spec);
    return (jets[0].d({1}) + jets[0].value() * jets[1].d({0}) - jets[1].d({0, 0})).square().sum();
  };
  const Tensor whole = torch::autograd::grad({sum(c)}, {c.trained})[0];
  Tensor pieces = at::zeros_like(whole);
  const Tensor all = c.points;
  for (int begin = 0; begin < 5000; begin += 50) {
    c.points = all.narrow(0, begin, 50);
    pieces += torch::autograd::grad({sum(c)}, {c.trained})[0];
  }
  EXPECT_LT(difference(pieces, whole), 1e-12);
}

// To the fourth derivative, in closed form.
TEST(JetAlgebra, ErrorFunction) {
  const auto spec = std::make_shared<const JetSpec>(
      1, std::vector<Derivative>{{0}, {0, 0}, {0, 0, 0}, {0, 0, 0, 0}});
  const Tensor x = at::linspace(-2, 2, 21, at::kDouble).unsqueeze(1);
  const Jet found = erf(1.5 * coordinate(spec, x, 0));
  const Tensor z = 1.5 * x.select(1, 0), slope = 2 / std::sqrt(M_PI) * (-z * z).exp();
  const auto differs = [](const Tensor& a, const Tensor& b) {
    return (a - b).abs().max().item<double>();
  };
  EXPECT_LT(differs(found.value(), z.erf()), 1e-15);
  EXPECT_LT(differs(found.d({0}), 1.5 * slope), 1e-13);
  EXPECT_LT(differs(found.d({0, 0}), std::pow(1.5, 2) * -2 * z * slope), 1e-13);
  EXPECT_LT(differs(found.d({0, 0, 0}), std::pow(1.5, 3) * (4 * z * z - 2) * slope), 1e-12);
  EXPECT_LT(differs(found.d({0, 0, 0, 0}), std::pow(1.5, 4) * (12 * z - 8 * z * z * z) * slope),
            1e-12);
}

// sin(atan z) sqrt(1 + z^2) = z, to the fourth derivative.
TEST(JetAlgebra, AtanIsTheInverseOfTan) {
  const auto spec = std::make_shared<JetSpec>(1, std::vector<Derivative>{{0, 0, 0, 0}});
  const Tensor points = at::linspace(-2, 2, 21, at::kDouble).unsqueeze(1);
  const Jet x = coordinate(spec, points, 0), z = 2 * x + x * x;
  const Jet found = sin(atan(z)) * sqrt(1 + z * z);
  for (const Derivative& d : {Derivative{}, {0}, {0, 0}, {0, 0, 0}, {0, 0, 0, 0}})
    EXPECT_LT((found.d(d) - z.d(d)).abs().max().item<double>(), 1e-10) << d.size();
}

}  // namespace
