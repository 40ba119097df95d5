// The Fourier neural operator by itself: its transform against an FFT, symmetries, resolution, gradients,
// shapes, what it learns, and what it refuses. As a surrogate: fno_surrogate_test.cpp.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <numbers>

#include "core/error.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/training/torch_optimiser.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

NetworkShape shape_of(SideKinds sides) {
  NetworkShape shape;
  shape.prognostic = 2;
  shape.parameters = 1;
  shape.boundaries = std::move(sides);
  return shape;
}

SideKinds circle(int dimension) {
  return SideKinds(2 * static_cast<std::size_t>(dimension), SideKind::periodic);
}

NetworkParams small(std::vector<long long> modes = {3}) {
  NetworkParams params;
  params.kind = "fno";
  params.width = 6;
  params.layers = 2;
  params.modes = std::move(modes);
  params.activation = "gelu";
  return params;
}

// Weights all drawn at random, the last layer's too.
Network random_network(const NetworkParams& params, const NetworkShape& shape) {
  Network network(params, shape, 3);
  network.impl().flat.uniform_(-0.3, 0.3, generator(5));
  return network;
}

at::Tensor random_input(std::vector<std::int64_t> cells, int channels = 3) {
  cells.insert(cells.begin(), {2, channels});
  return at::randn(cells, generator(7), at::TensorOptions(at::kFloat));
}

// One layer whose lifting and projection hand channels through: forward() is the spectral convolution of
// the first `width` channels, after an activation that is relu of what was made positive.
at::Tensor spectral_alone(const at::Tensor& v, const at::Tensor& weight,
                          const std::vector<long long>& modes) {
  NetworkParams params = small(modes);
  params.layers = 1;
  params.width = static_cast<int>(v.size(1));
  params.activation = "relu";
  const int dimension = static_cast<int>(v.dim()) - 2;
  NetworkShape shape;
  shape.prognostic = params.width;
  shape.boundaries = circle(dimension);
  Network network(params, shape, 1);
  const auto slice = slices(network.impl().flat, network.impl().specs);
  const std::int64_t w = params.width;
  const at::Tensor one = at::eye(w);
  for (std::size_t n = 0; n < slice.size(); ++n) {
    at::Tensor t = slice[n];
    const std::string& name = network.impl().specs[n].name;
    t.zero_();
    if (name == "lift.weight") t.copy_(one);
    if (name == "layer0.spectral") t.copy_(weight.reshape(t.sizes()));
    // relu(u) - relu(-u) = u.
    if (name == "project0.weight") t.copy_(at::cat({one, -one}, 0));
    if (name == "project1.weight") t.copy_(at::cat({one, -one}, 1));
  }
  return network.impl().infer(v);
}

}  // namespace

TEST(Fno, IsTheConvolutionOfATruncatedFft) {
  for (const int dimension : {1, 2, 3}) {
    const std::vector<std::int64_t> cells = dimension == 1   ? std::vector<std::int64_t>{15}
                                            : dimension == 2 ? std::vector<std::int64_t>{12, 15}
                                                             : std::vector<std::int64_t>{8, 12, 10};
    const at::Tensor v = random_input(cells, 4);
    const std::vector<long long> modes = dimension == 1   ? std::vector<long long>{4}
                                         : dimension == 2 ? std::vector<long long>{4, 3}
                                                          : std::vector<long long>{4, 3, 2};
    std::vector<std::int64_t> count{modes[0]}, dims;
    for (int axis = 1; axis < dimension; ++axis) count.push_back(2 * modes[axis] - 1);
    count.insert(count.end(), {4, 4, 2});
    const at::Tensor r = at::randn(count, generator(3), at::TensorOptions(at::kFloat));
    const at::Tensor mine = spectral_alone(v, r, modes);

    for (int n = 0; n < dimension; ++n) dims.push_back(2 + n);
    const at::Tensor spectrum = at::fft_rfftn(v, {}, dims);
    at::Tensor product = at::zeros_like(spectrum);
    const at::Tensor weight = at::view_as_complex(r);
    auto wave = [&](int axis, std::int64_t m) {  // m-th kept wave number as an index of the FFT
      const std::int64_t k = axis == 0 ? m : m - modes[axis] + 1;
      return k < 0 ? k + cells[dimension - 1 - axis] : k;
    };
    auto at_wave = [&](const at::Tensor& of, const std::vector<std::int64_t>& m) {
      at::Tensor t = of;  // [batch, channel, (z,) (y,) x]: select from the last
      for (int axis = 0; axis < dimension; ++axis) t = t.select(-1, wave(axis, m[axis]));
      return t;
    };
    std::vector<std::int64_t> m(3, 0);
    auto kept = [&](int axis) { return axis < dimension ? count[axis] : 1; };
    for (m[0] = 0; m[0] < kept(0); ++m[0])
      for (m[1] = 0; m[1] < kept(1); ++m[1])
        for (m[2] = 0; m[2] < kept(2); ++m[2]) {
          at::Tensor w = weight;
          for (int axis = 0; axis < dimension; ++axis) w = w.select(0, m[axis]);
          at_wave(product, m).copy_(at::matmul(at_wave(spectrum, m), w));
        }
    std::vector<std::int64_t> size(v.sizes().begin() + 2, v.sizes().end());
    // One axis after the other: on k_x = 0 the product is not that of a real function, and the last
    // transform takes its real part.
    at::Tensor back = product;
    for (int n = 0; n + 1 < dimension; ++n) back = at::fft_ifft(back, {}, 2 + n);
    back = at::fft_irfft(back, size.back(), -1);
    EXPECT_LT((mine - back).abs().max().item<double>(), 1e-5 * back.abs().max().item<double>())
        << dimension << "-D";
  }
}

TEST(Fno, UntrainedIsPersistence) {
  for (const int dimension : {1, 2, 3}) {
    Network network(small(), shape_of(circle(dimension)), 1);
    const auto input = random_input(std::vector<std::int64_t>(dimension, 8));
    EXPECT_EQ(network.impl().infer(input).abs().max().item<double>(), 0);
  }
}

TEST(Fno, HasTheShapesOfItsInputInOneToThreeDimensions) {
  using enum SideKind;
  for (const auto& [sides, cells] :
       {std::pair{SideKinds{inflow, open}, std::vector<std::int64_t>{11}},
        {SideKinds{inflow, open, wall, wall}, {9, 13}},
        {SideKinds{periodic, periodic, wall, wall, open, open}, {7, 9, 12}}}) {
    auto network = random_network(small(), shape_of(sides));
    const at::Tensor out = network.impl().infer(random_input(cells));
    std::vector<std::int64_t> expected{2, 2};
    expected.insert(expected.end(), cells.begin(), cells.end());
    EXPECT_EQ(out.sizes(), at::IntArrayRef(expected));
    EXPECT_TRUE(at::isfinite(out).all().item<bool>());
    std::vector<long long> numbers(cells.rbegin(), cells.rend());
    EXPECT_GT(network.operations(numbers), 0);
  }
}

TEST(Fno, CommutesWithShiftsAlongPeriodicAxesOnly) {
  const at::Tensor input = random_input({14, 17});
  for (const bool periodic_x : {true, false}) {
    auto network = random_network(small(), shape_of(tests::carrier_boundaries(periodic_x)));
    const at::Tensor out = network.impl().infer(input);
    const double scale = out.abs().max().item<double>();
    for (const int axis : {2, 3}) {
      const at::Tensor shifted = network.impl().infer(at::roll(input, {5}, {axis}));
      const double gap = (shifted - at::roll(out, {5}, {axis})).abs().max().item<double>();
      if (axis == 2 || periodic_x)
        EXPECT_LT(gap, 1e-5 * scale) << "axis " << axis;
      else
        EXPECT_GT(gap, 1e-2 * scale) << "axis " << axis;
    }
  }
}

TEST(Fno, IsTheSameFunctionOnAFinerGrid) {
  // One layer: activations make higher waves, which a second layer would fold back differently on each
  // grid; here the only activation comes after the spectral part and is compared point by point.
  NetworkParams params = small({3});
  params.layers = 1;
  auto network = random_network(params, shape_of(circle(2)));
  auto wave = [](std::int64_t n) {
    const double tau = 2 * std::numbers::pi;
    const at::Tensor x = at::arange(n, at::kDouble) / double(n) * tau;
    const at::Tensor y = x.view({-1, 1});
    return at::stack({at::sin(x) * at::cos(2 * y), at::cos(2 * x - y) + 0.3,
                      at::sin(x + 2 * y).expand({n, n})})
        .unsqueeze(0)
        .to(at::kFloat);
  };
  const at::Tensor coarse = network.impl().infer(wave(12)), fine = network.impl().infer(wave(36));
  const at::Tensor shared = fine.slice(2, 0, 36, 3).slice(3, 0, 36, 3);
  EXPECT_GT(coarse.std().item<double>(), 0.01);
  EXPECT_LT((coarse - shared).abs().max().item<double>(), 2e-5 * coarse.abs().max().item<double>());
}

TEST(Fno, GradientsMatchFiniteDifferences) {
  using enum SideKind;
  for (const auto& [sides, cells] : {std::pair{circle(1), std::vector<std::int64_t>{9}},
                                     {SideKinds{inflow, open, periodic, periodic}, {8, 7}},
                                     {circle(3), {6, 7, 8}}}) {
    auto network = random_network(small(), shape_of(sides));
    auto& impl = network.impl();
    const at::Tensor input = random_input(cells).to(at::kDouble);
    const at::Tensor flat = impl.flat.to(at::kDouble).requires_grad_(true);
    auto value = [&](const at::Tensor& weights) {
      return impl.architecture->forward(input, slices(weights, impl.specs)).square().sum();
    };
    value(flat).backward();
    const at::Tensor direction =
        at::randn(flat.sizes(), generator(11), flat.options().requires_grad(false));
    const double slope = (flat.grad() * direction).sum().item<double>();
    const at::NoGradGuard no_autograd;
    const double step = 1e-6;
    const double difference =
        (value(flat + step * direction) - value(flat - step * direction)).item<double>() /
        (2 * step);
    EXPECT_NEAR(difference / slope, 1, 1e-5) << cells.size() << "-D";
  }
}

TEST(Fno, LearnsALinearAdvection) {
  // Waves of |k| <= 3 on a circle, carried by 0.7 cells: multiplication of each by a phase.
  constexpr std::int64_t n = 32, batch = 16;
  const at::Tensor x = at::arange(n, at::kFloat) * float(2 * std::numbers::pi / n);
  const float shift = float(0.7 * 2 * std::numbers::pi / n);
  auto random = generator(4);
  auto draw = [&](const at::Tensor& a, float moved) {  // a: [batch, 3, 2]
    at::Tensor u = at::zeros({batch, 1, n});
    for (int k = 1; k <= 3; ++k) {
      const at::Tensor angle = (x - moved) * float(k);
      u += a.select(1, k - 1).select(1, 0).view({-1, 1, 1}) * at::cos(angle) +
           a.select(1, k - 1).select(1, 1).view({-1, 1, 1}) * at::sin(angle);
    }
    return u;
  };
  NetworkParams params = small({4});
  params.width = 16;
  params.layers = 1;
  NetworkShape shape;
  shape.prognostic = 1;
  shape.boundaries = circle(1);
  Network network(params, shape, 2);
  TrainingParams training;
  training.weight_decay = 0;
  training.gradient_clip = 0;
  Optimiser optimiser(network, training);
  const auto& forward = *network.impl().architecture;
  for (int step = 0; step < 600; ++step) {
    const at::Tensor a = at::randn({batch, 3, 2}, random, at::TensorOptions(at::kFloat));
    const at::Tensor before = draw(a, 0), change = draw(a, shift) - before;
    (forward.forward(before, optimiser.weights()) - change).square().mean().backward();
    optimiser.step(1e-2 * (1 - step / 600.0));
  }
  const at::Tensor a = at::randn({batch, 3, 2}, random, at::TensorOptions(at::kFloat));
  const at::Tensor before = draw(a, 0), after = draw(a, shift);
  const at::Tensor mine = before + network.impl().infer(before);
  EXPECT_LT(((mine - after).norm() / (before - after).norm()).item<double>(), 0.05);
}

TEST(Fno, ItsSpectralPartStaysInFloat32) {
  NetworkParams half = small();
  half.precision = "bfloat16";
  const auto shape = shape_of(circle(2));
  auto full_network = random_network(small(), shape), half_network = random_network(half, shape);
  const at::Tensor input = random_input({16, 24});
  const at::Tensor a = full_network.impl().infer(input), b = half_network.impl().infer(input);
  EXPECT_LT(((a - b).norm() / a.norm()).item<double>(), 0.03);
  for (std::size_t n = 0; n < half_network.impl().specs.size(); ++n) {
    const bool spectral = half_network.impl().specs[n].name.find("spectral") != std::string::npos;
    EXPECT_EQ(half_network.impl().inference[n].scalar_type(),
              spectral ? at::kFloat : at::kBFloat16);
  }
}

TEST(Fno, NamesWhatItDoesNotServe) {
  const std::string many = error_text([&] { Network(small({3, 4, 5}), shape_of(circle(2)), 1); });
  EXPECT_NE(many.find("network.modes: 3 numbers for a 2-D grid"), std::string::npos) << many;
  const std::string few = error_text([&] { require_size(small({3, 9}), circle(2), {32, 16}); });
  EXPECT_NE(few.find("9 along y needs at least 18 cells"), std::string::npos) << few;
  EXPECT_NE(few.find("Up to 8 would do"), std::string::npos) << few;
  EXPECT_NO_THROW(require_size(small({16, 8}), circle(2), {32, 16}));
  EXPECT_NE(error_text([&] { Network(small(), shape_of(circle(4)), 1); }).find("this one is 4-D"),
            std::string::npos);
}

}  // namespace understudy
