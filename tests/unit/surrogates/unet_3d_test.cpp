// The U-Net in a box: what it must share with the one in the plane and with itself along other axes, sizes,
// gradients, operations, layouts, and what it learns of a carried field.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "support/surrogates_box_case.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_convolution.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_view.hpp"
#include "surrogates/training/training_memory.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

using enum SideKind;
using at::Tensor;
using Shape = std::vector<std::int64_t>;

const SideKinds mixed{inflow, open, wall, wall, periodic, periodic};

NetworkShape shape_of(SideKinds sides) {
  NetworkShape shape;
  shape.prognostic = 2;
  shape.fixed = 1;
  shape.parameters = 1;
  shape.boundaries = std::move(sides);
  return shape;
}

NetworkParams small(int patch = 2) {
  NetworkParams params;
  params.width = 8;
  params.levels = 2;
  params.patch = patch;
  return params;
}

// Weights all drawn at random, the last layer's too, and small enough for the values to stay of order one.
Network random_network(const NetworkParams& params, const SideKinds& sides) {
  Network network(params, shape_of(sides), 3);
  network.impl().flat.uniform_(-0.12, 0.12, generator(5));
  return network;
}

// [1, inputs, z, y, x], double
Tensor random_input(std::int64_t nz, std::int64_t ny, std::int64_t nx) {
  return at::randn({1, 4, nz, ny, nx}, generator(7), at::TensorOptions(at::kDouble));
}

std::vector<Tensor> doubles(const Network& network) {
  return slices(network.impl().flat.to(at::kDouble), network.impl().specs);
}

double gap(const Tensor& a, const Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

// The weights in the plane of a network in the box that sees nothing along z: kernels in the middle layer, and the
// two layers of a patch alike.
std::vector<Tensor> without_z(const Network& plane, const Network& box, int p) {
  const auto flat = doubles(plane);
  const auto& specs = box.impl().specs;
  std::vector<Tensor> w;
  for (std::size_t n = 0; n < specs.size(); ++n) {
    EXPECT_EQ(specs[n].name, plane.impl().specs[n].name);
    Tensor made = at::zeros(specs[n].shape, at::kDouble);
    const Tensor& from = flat[n];
    const std::string& name = specs[n].name;
    if (name == "stem.weight")
      made.select(2, 1)
          .unflatten(1, Shape{-1, p, p * p})
          .copy_((from.unflatten(1, Shape{-1, p * p}) / p).unsqueeze(2));
    else if (name == "head.weight")
      made.select(2, 1)
          .unflatten(0, Shape{-1, p, p * p})
          .copy_(from.unflatten(0, Shape{-1, p * p}).unsqueeze(1));
    else if (name == "head.bias")
      made.unflatten(0, Shape{-1, p, p * p})
          .copy_(from.unflatten(0, Shape{-1, p * p}).unsqueeze(1));
    else if (made.dim() == 5)
      made.select(2, made.size(2) / 2).copy_(from);
    else
      made.copy_(from);
    w.push_back(made);
  }
  return w;
}

// The weights of the same network where the old y, x, z are called z, y, x.
std::vector<Tensor> with_turned_axes(const Network& network, int p) {
  auto w = doubles(network);
  const auto& specs = network.impl().specs;
  for (std::size_t n = 0; n < w.size(); ++n) {
    const std::string& name = specs[n].name;
    if (name == "stem.weight")
      w[n] = w[n].unflatten(1, Shape{-1, p, p, p}).permute({0, 1, 3, 4, 2, 6, 7, 5}).flatten(1, 4);
    else if (name == "head.weight")
      w[n] = w[n].unflatten(0, Shape{-1, p, p, p}).permute({0, 2, 3, 1, 4, 6, 7, 5}).flatten(0, 3);
    else if (name == "head.bias")
      w[n] = w[n].unflatten(0, Shape{-1, p, p, p}).permute({0, 2, 3, 1}).flatten();
    else if (w[n].dim() == 5)
      w[n] = w[n].permute({0, 1, 3, 4, 2});
  }
  return w;
}

}  // namespace

TEST(UNet3D, UntrainedIsPersistence) {
  Network network(small(), shape_of(mixed), 1);
  EXPECT_GT(network.weight_count(), 1000);
  EXPECT_EQ(network.impl().infer(random_input(8, 9, 10).to(at::kFloat)).abs().max().item<double>(),
            0);
}

TEST(UNet3D, WithoutZItIsTheOneOfThePlane) {
  for (const int patch : {1, 2}) {
    const auto plane = random_network(small(patch), {inflow, open, wall, wall});
    const auto box = random_network(small(patch), mixed);
    const Tensor input = random_input(1, 11, 14).squeeze(2);
    const Tensor wanted = plane.impl().architecture->forward(input, doubles(plane));
    const Tensor out = box.impl().architecture->forward(
        input.unsqueeze(2).expand({1, 4, 16, 11, 14}), without_z(plane, box, patch));
    EXPECT_GT(wanted.abs().max().item<double>(), 1e-3);
    for (int z = 0; z < 16; ++z) EXPECT_LT(gap(out.select(2, z), wanted), 1e-12) << patch;
  }
}

TEST(UNet3D, WhatIsConstantAlongAPeriodicAxisStaysSo) {
  // Whatever the weights, and along that axis only.
  const auto network = random_network(small(), mixed);
  const Tensor input = random_input(1, 10, 12).expand({1, 4, 16, 10, 12});
  const Tensor out = network.impl().architecture->forward(input, doubles(network));
  // Of the two layers of a patch each is alike in all patches.
  for (int z = 2; z < 16; ++z) EXPECT_LT(gap(out.select(2, z), out.select(2, z - 2)), 1e-12);
  const Tensor tops = random_input(1, 10, 12).expand({1, 4, 11, 10, 12});
  const auto closed = random_network(small(), {periodic, periodic, wall, wall, wall, open});
  const Tensor seen =
      closed.impl().architecture->forward(tops.narrow(4, 0, 8).contiguous(), doubles(closed));
  EXPECT_GT(gap(seen.select(2, 0), seen.select(2, 4)), 1e-3) << "sides are seen";
}

TEST(UNet3D, TurnedWithItsDataItIsTurned) {
  for (const int patch : {1, 2}) {
    for (const SideKinds& sides : {SideKinds{inflow, open, periodic, periodic, wall, open},
                                   SideKinds{wall, wall, open, inflow, inflow, wall}}) {
      const auto network = random_network(small(patch), sides);
      const auto turned = random_network(
          small(patch), {sides[4], sides[5], sides[0], sides[1], sides[2], sides[3]});
      const Tensor input = random_input(11, 16, 9);
      const Tensor out = network.impl().architecture->forward(input, doubles(network));
      const Tensor other = turned.impl().architecture->forward(input.permute({0, 1, 3, 4, 2}),
                                                               with_turned_axes(network, patch));
      EXPECT_LT(gap(other, out.permute({0, 1, 3, 4, 2})), 1e-12) << to_string(sides);
    }
  }
}

TEST(UNet3D, CommutesWithShiftsAlongPeriodicAxesOnly) {
  const auto network = random_network(small(), mixed);
  const auto w = doubles(network);
  const Tensor input = random_input(24, 16, 16);
  const Tensor out = network.impl().architecture->forward(input, w);
  for (const int axis : {2, 3, 4}) {
    const Tensor shifted = network.impl().architecture->forward(at::roll(input, {8}, {axis}), w);
    const double miss = gap(shifted, at::roll(out, {8}, {axis}));
    if (axis == 2)
      EXPECT_LT(miss, 1e-12);
    else
      EXPECT_GT(miss, 1e-3) << axis;
  }
}

TEST(UNet3D, TakesAnySizeAlongAxesThatAreNotPeriodicAndRefusesOthers) {
  const auto network = random_network(small(), mixed);
  for (const Shape& n : {Shape{8, 16, 24}, {16, 17, 24}, {8, 9, 11}, {8, 5, 3}}) {
    const Tensor out = network.impl().infer(random_input(n[0], n[1], n[2]).to(at::kFloat));
    EXPECT_EQ(out.sizes(), (at::IntArrayRef{1, 2, n[0], n[1], n[2]}));
    EXPECT_TRUE(at::isfinite(out).all().item<bool>());
  }
  const std::string text = error_text([&] { require_size(small(), mixed, {9, 11, 20}); });
  for (const char* part : {"20 cells along z, which is periodic", "2 x 2^2 = 8",
                           "16 or 24 would be", "network.levels"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  EXPECT_NO_THROW(require_size(small(), mixed, {9, 11, 24}));
  EXPECT_NE(error_text([&] {
              network.impl().infer(random_input(12, 8, 8).to(at::kFloat));
            }).find("12 cells along z"),
            std::string::npos);
}

TEST(UNet3D, GradientsMatchFiniteDifferences) {
  for (const SideKinds& sides : {mixed, SideKinds{wall, inflow, periodic, periodic, open, wall}}) {
    NetworkParams params = small();
    params.levels = 1;
    params.norm = "group";
    const auto network = random_network(params, sides);
    const auto& impl = network.impl();
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast3d}) {
      // Two sizes that are padded; the state's gradient as the weights'.
      const Tensor input =
          random_input(8, sides[2] == periodic ? 8 : 5, 7).contiguous(format).requires_grad_(true);
      const Tensor flat = impl.flat.to(at::kDouble).requires_grad_(true);
      const auto value = [&](const Tensor& x, const Tensor& weights) {
        return impl.architecture->forward(x, slices(weights, impl.specs)).square().sum();
      };
      value(input, flat).backward();
      const at::NoGradGuard no_autograd;
      const double step = 1e-6;
      const Tensor w = at::randn(flat.sizes(), generator(11), at::TensorOptions(at::kDouble));
      const Tensor x = at::randn(input.sizes(), generator(13), at::TensorOptions(at::kDouble));
      const double along_weights =
          (value(input, flat + step * w) - value(input, flat - step * w)).item<double>() /
          (2 * step);
      EXPECT_NEAR(along_weights / (flat.grad() * w).sum().item<double>(), 1, 1e-6);
      const double along_input =
          (value(input + step * x, flat) - value(input - step * x, flat)).item<double>() /
          (2 * step);
      EXPECT_NEAR(along_input / (input.grad() * x).sum().item<double>(), 1, 1e-6);
    }
  }
}

TEST(UNet3D, OperationsAreThoseOfItsConvolutions) {
  NetworkParams params = small();
  params.levels = 1;
  const Network network(params, shape_of(SideKinds(6, periodic)), 1);
  const double cells = 16 * 8 * 24, folded = cells / 8, halved = folded / 8;
  const double stem = 4 * 8 * 8, down = 2 * 8 * 8, bottom = (8 + 16) * 16, up = (16 + 8) * 8,
               head = 8 * 2 * 8, refine = (6 * 8 + 8 * 2);
  const double ones = halved * (8 * 16 + 16 * 8) + folded * 16 * 8;  // skip and lift; up's skip
  const double all =
      27 * (folded * (stem + down + up + head) + halved * bottom + cells * refine) + ones;
  EXPECT_DOUBLE_EQ(network.operations({16, 8, 24}), 2 * all);
  EXPECT_DOUBLE_EQ(network.operations({32, 16, 48}), 16 * all);
}

TEST(UNet3D, IsTheSameInBothLayoutsAndCloseInBfloat16) {
  auto network = random_network(small(), mixed);
  auto& impl = network.impl();
  EXPECT_EQ(impl.layout, at::MemoryFormat::ChannelsLast3d);
  const Tensor input = random_input(16, 9, 13).to(at::kFloat);
  const Tensor fast = impl.infer(input);
  EXPECT_TRUE(fast.is_contiguous());
  impl.layout = at::MemoryFormat::Contiguous;
  impl.forget_inference_copies();
  EXPECT_LT(gap(impl.infer(input), fast), 1e-4);
  NetworkParams half = small();
  half.precision = "bfloat16";
  const auto other = random_network(half, mixed);
  EXPECT_LT(((other.impl().infer(input) - fast).norm() / fast.norm()).item<double>(), 0.03);
}

TEST(UNet3D, GradientsInBfloat16AreCloseToThose) {
  // With sizes that are padded, patches and a normalisation: all that training has.
  NetworkParams params = small();
  params.levels = 1;
  params.norm = "group";
  const auto network = random_network(params, mixed);
  const auto& impl = network.impl();
  const Tensor input = random_input(8, 9, 11).to(at::kFloat).contiguous(impl.layout);
  const auto gradient = [&](at::ScalarType type) {
    const Tensor flat = impl.flat.clone().requires_grad_(true);
    const auto w = in_type(slices(flat, impl.specs), impl.specs, type);
    impl.architecture->forward(input.to(type), w).to(at::kFloat).square().sum().backward();
    return flat.grad();
  };
  const Tensor full = gradient(at::kFloat), half = gradient(at::kBFloat16);
  EXPECT_LT(((half - full).norm() / full.norm()).item<double>(), 0.1);
}

TEST(UNet3D, SaysWhatItDoesNotServe) {
  const std::string text =
      error_text([] { Network(small(), shape_of(SideKinds(2, periodic)), 1); });
  EXPECT_NE(text.find("unet serves 2-D and 3-D grids; this one is 1-D. fno serves 1-D"),
            std::string::npos)
      << text;
}

TEST(UNet3D, KeepsTheValuesOfItsFinestLevel) {
  const NetworkShape shape = shape_of(mixed);
  EXPECT_EQ(values_kept(small(), shape, {16, 8, 8}), 1024 * (4 + 2) + 4 * 1024 / 8 * 8);
}

TEST(UNet3D, LearnsACarriedField) {
  const auto comm = core::Comm::self();
  const auto folder = tests::fresh_folder("unet_3d", comm);
  tests::write_box_samples(folder, 10, comm);
  TrainingSetup setup;
  setup.network = small(1);
  setup.network.levels = 1;
  setup.training.epochs = 15;
  setup.training.batch = 3;
  setup.training.learning_rate = 5e-3;
  setup.training.unroll = {1};
  setup.training.unroll_fractions = {};
  setup.training.ema_decay = 0.5;
  setup.training.noise = 0;
  setup.training.rollout_windows = 2;
  setup.training.threads = 1;
  const auto report = train(DatasetReader(folder), setup, comm);
  EXPECT_EQ(report.model.card.grid.cells.size(), 3u);
  // Untrained it is persistence.
  for (const ValidationCard& v : report.model.card.validation)
    EXPECT_LT(v.rel_l2_rollout, 0.7 * v.persistence_rollout) << v.field;
  setup.network.levels = 2;
  const std::string text = error_text([&] { train(DatasetReader(folder), setup, comm); });
  EXPECT_NE(text.find("6 cells along z, which is periodic, are not a multiple"), std::string::npos)
      << text;
}

TEST(UNet3D, StandsInForASimulation) {
  // With mean 0 and scale 1 the stepper adds what the network makes of the fields as they are; the autoencoder's
  // is the state itself.
  const auto grid = tests::box_grid();
  const auto truth = std::make_shared<tests::Carrier<float>>(grid);
  FieldModel model;
  ModelCard& card = model.card;
  card.fields = {{"q", "K", "cell", 0, 0, 1, 1, 0, 2}, {"f", "m/s", "face_x", 0, 0, 1, 1, 0, 2}};
  card.fixed = {{"mask", "1", "cell", 0, 0, 1, 1, 0, 1}};
  card.window_s = tests::window_s;
  card.grid = tests::box_params();
  for (const SideKind kind : tests::periodic_box) card.boundaries.push_back(to_string(kind));
  for (const std::string kind : {"unet", "conv_autoencoder"}) {
    card.network = small(1);
    card.network.levels = 1;
    card.network.kind = kind;
    card.network.latent_size = 2;
    card.network.constrain = false;
    model.network = std::make_shared<Network>(card.network, card.shape(), 1);
    model.network->impl().flat.uniform_(0.02, 0.12, generator(5));
    SurrogateStepper<float> surrogate(
        truth, model,
        {truth->fields(), tests::box_params(), tests::periodic_box, tests::window_s, {}});
    mesh::State<float> state(truth->grid(), truth->fields());
    truth->initialise(state, 0.2);
    tests::vary_along_z(state, *grid);
    const Tensor before = at::cat({interior_of(state["q"], *grid), interior_of(state["f"], *grid),
                                   interior_of(state["mask"], *grid)})
                              .clone();
    const Tensor out = model.network->impl().infer(before.unsqueeze(0)).squeeze(0);
    surrogate.advance(state, tests::window_s);
    for (int channel = 0; channel < 2; ++channel) {
      const Tensor expected = kind == "unet" ? before[channel] + out[channel] : out[channel];
      const Tensor now = interior_of(state[channel == 0 ? "q" : "f"], *grid)[0];
      EXPECT_LT(gap(now, expected), 1e-4) << kind;
    }
  }
}

}  // namespace understudy
