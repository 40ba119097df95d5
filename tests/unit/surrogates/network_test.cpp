// The U-Net: persistence at the start, padding by side, any size, weights and what damaged ones
// get.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/surrogates_synthetic.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_padding.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

NetworkShape shape_of(SideKinds sides) {
  NetworkShape shape;
  shape.prognostic = 2;
  shape.fixed = 1;
  shape.parameters = 1;
  shape.boundaries = std::move(sides);
  return shape;
}

NetworkParams small() {
  NetworkParams params;
  params.width = 8;
  params.levels = 2;
  params.patch = 2;
  return params;
}

// Weights all drawn at random, the last layer's too.
Network random_network(const NetworkParams& params, const NetworkShape& shape) {
  Network network(params, shape, 3);
  network.impl().flat.uniform_(-0.2, 0.2, generator(5));
  return network;
}

at::Tensor random_input(int height, int width) {
  return at::randn({1, 4, height, width}, generator(7), at::TensorOptions(at::kFloat));
}

}  // namespace

TEST(UNet, UntrainedIsPersistence) {
  Network network(small(), shape_of(tests::carrier_boundaries(true)), 1);
  EXPECT_GT(network.weight_count(), 1000);
  EXPECT_EQ(network.impl().infer(random_input(16, 24)).abs().max().item<double>(), 0);
}

TEST(UNet, CommutesWithShiftsAlongPeriodicAxesOnly) {
  // Patch x 2^levels = 8: shifts by 8 cells are symmetries of the pooling.
  const at::Tensor input = random_input(16, 24);
  for (const bool periodic_x : {true, false}) {
    auto network = random_network(small(), shape_of(tests::carrier_boundaries(periodic_x)));
    const at::Tensor out = network.impl().infer(input);
    const double scale = out.abs().max().item<double>();
    for (const int axis : {2, 3}) {
      const at::Tensor shifted = network.impl().infer(at::roll(input, {8}, {axis}));
      const double gap = (shifted - at::roll(out, {8}, {axis})).abs().max().item<double>();
      const bool symmetric = axis == 2 || periodic_x;
      if (symmetric)
        EXPECT_LT(gap, 1e-5 * scale) << "axis " << axis;
      else
        EXPECT_GT(gap, 1e-3 * scale) << "axis " << axis;
    }
  }
}

TEST(UNet, TellsTheKindsOfSidesApart) {
  // A uniform state shows nothing but the sides: each kind leaves another trace beside its side, none
  // where the network does not see it, and periodic sides none at all.
  NetworkParams params = small();
  params.patch = 1;
  params.levels = 1;
  const int height = 32, width = 64;
  auto response = [&](SideKind lower_x) {
    SideKinds kinds{lower_x, SideKind::open, SideKind::wall, SideKind::wall};
    if (lower_x == SideKind::periodic) kinds[1] = lower_x;
    auto shape = shape_of(kinds);
    // The same weights for all: every kind is somewhere in each shape but the periodic one.
    auto network = random_network(params, shape);
    return network.impl().infer(at::ones({1, 4, height, width}));
  };
  auto row = [&](const at::Tensor& out, int i) { return out.select(3, i).select(2, height / 2); };
  auto gap = [](const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
  };
  for (const SideKind kind : {SideKind::wall, SideKind::inflow, SideKind::open}) {
    const at::Tensor out = response(kind);
    const double scale = out.abs().max().item<double>();
    EXPECT_GT(gap(row(out, 0), row(out, width / 2)), 1e-3 * scale) << to_string(kind);
    EXPECT_LT(gap(row(out, width / 2 - 2), row(out, width / 2)), 1e-6 * scale) << to_string(kind);
  }
  const at::Tensor around = response(SideKind::periodic);
  for (int i = 0; i < width; i += 2)
    EXPECT_LT(gap(row(around, i), row(around, 0)), 1e-6) << "a uniform periodic axis has no place";
}

TEST(Padding, FollowsTheKindOfEachSide) {
  const at::Tensor x = random_input(5, 6).to(at::kDouble);
  using enum SideKind;
  const at::Tensor out = pad_sides(x, {inflow, open, wall, wall});
  ASSERT_EQ(out.sizes(), (at::IntArrayRef{1, 4, 7, 8}));
  EXPECT_TRUE(at::equal(out.narrow(2, 1, 5).narrow(3, 1, 6), x));
  EXPECT_EQ(out.select(3, 0).abs().max().item<double>(), 0) << "inflow: zeros";
  EXPECT_TRUE(at::equal(out.select(3, 7), out.select(3, 6))) << "open: replicated";
  EXPECT_TRUE(at::equal(out.select(2, 0), out.select(2, 2))) << "wall: mirrored";
  EXPECT_TRUE(at::equal(out.select(2, 6), out.select(2, 4))) << "wall: mirrored";
  const at::Tensor around = pad_sides(x, {4, periodic});
  EXPECT_TRUE(at::equal(around, at::pad(x, {1, 1, 1, 1}, "circular")));

  // <y, P x> = <P^T y, x> for random y.
  const at::Tensor leaf = x.clone().requires_grad_(true);
  const at::Tensor y = at::randn({1, 4, 7, 8}, generator(9), x.options());
  for (const SideKinds& kinds :
       {SideKinds{inflow, open, wall, wall}, SideKinds{4, periodic},
        SideKinds{wall, inflow, open, open}, SideKinds{periodic, periodic, wall, open}}) {
    leaf.mutable_grad() = at::Tensor();
    (pad_sides(leaf, kinds) * y).sum().backward();
    EXPECT_NEAR((leaf.grad() * x).sum().item<double>(),
                (pad_sides(x, kinds) * y).sum().item<double>(), 1e-12)
        << to_string(kinds);
  }
}

TEST(UNet, TakesAnySizeAlongAxesThatAreNotPeriodic) {
  using enum SideKind;
  auto network = random_network(small(), shape_of({inflow, open, wall, wall}));
  for (const auto& [height, width] : {std::pair{16, 24}, {17, 24}, {19, 30}, {9, 11}}) {
    const at::Tensor out = network.impl().infer(random_input(height, width));
    EXPECT_EQ(out.sizes(), (at::IntArrayRef{1, 2, height, width}));
    EXPECT_TRUE(at::isfinite(out).all().item<bool>());
  }
}

TEST(UNet, StaysPeriodicAtTheSizesItTakesAndRefusesOthers) {
  // Patch x 2^levels = 8. x needs 6 more cells for that, y is a circle of an odd number of eights.
  auto network = random_network(small(), shape_of(tests::carrier_boundaries(false)));
  const at::Tensor input = random_input(24, 26);
  const at::Tensor out = network.impl().infer(input);
  const double scale = out.abs().max().item<double>();
  for (const int shift : {8, 16}) {
    const at::Tensor shifted = network.impl().infer(at::roll(input, {shift}, {2}));
    EXPECT_LT((shifted - at::roll(out, {shift}, {2})).abs().max().item<double>(), 1e-5 * scale);
  }
  const std::string text = error_text([&] { network.impl().infer(random_input(20, 24)); });
  for (const char* part : {"20 cells along y, which is periodic", "2 x 2^2 = 8",
                           "16 or 24 would be", "network.levels"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  EXPECT_NO_THROW(require_size(small(), tests::carrier_boundaries(false), {26, 24}));
  EXPECT_NE(error_text([&] {
              require_size(small(), tests::carrier_boundaries(true), {4, 8});
            }).find("4 cells along x"),
            std::string::npos);
}

TEST(UNet, GradientsMatchFiniteDifferences) {
  auto network = random_network(small(), shape_of(tests::carrier_boundaries(false)));
  auto& impl = network.impl();
  const at::Tensor input = random_input(8, 8).to(at::kDouble);
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
      (value(flat + step * direction) - value(flat - step * direction)).item<double>() / (2 * step);
  EXPECT_NEAR(difference / slope, 1, 1e-5);
}

TEST(UNet, Bfloat16IsCloseToFloat32) {
  NetworkParams half = small();
  half.precision = "bfloat16";
  const auto shape = shape_of(tests::carrier_boundaries(false));
  auto full_network = random_network(small(), shape), half_network = random_network(half, shape);
  const at::Tensor input = random_input(16, 24);
  const at::Tensor a = full_network.impl().infer(input), b = half_network.impl().infer(input);
  EXPECT_EQ(b.scalar_type(), at::kFloat);
  EXPECT_LT(((a - b).norm() / a.norm()).item<double>(), 0.03);
}

TEST(Weights, AreReadBackAndRefusedWhenDamagedOrForeign) {
  const auto comm = core::Comm::self();
  const auto folder = tests::fresh_folder("weights", comm);
  const auto shape = shape_of(tests::carrier_boundaries(true));
  const auto path = folder / "weights.safetensors";
  auto network = random_network(small(), shape);
  network.save_weights(path);
  Network other(small(), shape, 99);
  other.load_weights(path);
  EXPECT_TRUE(at::equal(other.impl().flat, network.impl().flat));

  EXPECT_NE(error_text([&] { other.load_weights(folder / "none.pt"); }).find("no such file"),
            std::string::npos);
  NetworkParams wide = small();
  wide.width = 12;
  Network wider(wide, shape, 1);
  EXPECT_NE(error_text([&] { wider.load_weights(path); }).find("of another network"),
            std::string::npos);

  const std::string whole = [&] {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  auto write = [&](const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; };
  for (const std::size_t size : {whole.size() / 2, std::size_t{10}, std::size_t{0}}) {
    write(whole.substr(0, size));
    EXPECT_NE(error_text([&] { other.load_weights(path); }).find("is damaged"), std::string::npos);
  }
  // One flipped bit inside the first tensor's values: found by the checksum.
  const float first = network.impl().flat[0].item<float>();
  const auto at_value = whole.find(std::string(reinterpret_cast<const char*>(&first), 4));
  ASSERT_NE(at_value, std::string::npos);
  std::string flipped = whole;
  flipped[at_value] = static_cast<char>(flipped[at_value] ^ 1);
  write(flipped);
  const std::string text = error_text([&] { other.load_weights(path); });
  EXPECT_NE(text.find("is damaged"), std::string::npos) << text;
  write(whole);
  EXPECT_NO_THROW(other.load_weights(path));
}

TEST(UNet, KeepsTheNamesAndOrderOfItsWeights) {
  // Models that are there already rest on them.
  NetworkParams params = small();
  params.levels = 1;
  const Network network(params, shape_of(tests::carrier_boundaries(false)), 1);
  std::string text;
  for (const WeightSpec& spec : network.impl().specs) {
    if (!spec.name.ends_with(".weight")) continue;
    text += spec.name.substr(0, spec.name.size() - 7);
    for (const auto n : spec.shape) text += " " + std::to_string(n);
    text += "; ";
  }
  // Of four inputs and two marks.
  EXPECT_EQ(
      text,
      "stem 8 24 3 3; down0.conv0 8 8 3 3; down0.conv1 8 8 3 3; bottom.conv0 16 8 3 3; "
      "bottom.conv1 16 16 3 3; bottom.skip 16 8 1 1; lift0 8 16 1 1; up0.conv0 8 16 3 3; "
      "up0.conv1 8 8 3 3; up0.skip 8 16 1 1; head 8 8 3 3; refine0 8 6 3 3; refine1 2 8 3 3; ");
}

TEST(Network, NamesWhatItDoesNotServe) {
  NetworkShape shape = shape_of(tests::carrier_boundaries(true));
  NetworkParams params = small();
  params.kind = "oracle";
  EXPECT_NE(error_text([&] {
              Network(params, shape, 1);
            }).find("'oracle' is unknown; there are unet, fno, conv_autoencoder"),
            std::string::npos);
}

}  // namespace understudy
