// What convolutional networks in a box are made of: ghost cells against a plain loop, whatever the sides, their
// transpose, marks of sides, patches, and both memory formats.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/network/torch_convolution.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_padding.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

using enum SideKind;
using Shape = std::vector<std::int64_t>;

// Every kind on every side, beside every other one.
const std::vector<SideKinds> boxes{{inflow, open, wall, wall, open, inflow},
                                   SideKinds(6, periodic),
                                   {wall, inflow, periodic, periodic, wall, open},
                                   {periodic, periodic, open, wall, inflow, wall},
                                   {open, wall, inflow, inflow, periodic, periodic}};

at::Tensor random(const Shape& shape, int seed = 7) {
  return at::randn(shape, generator(seed), at::TensorOptions(at::kDouble));
}

// The cell that place n of a padded axis copies, -1 for none; places count from the lower ghost, -1.
std::int64_t source(std::int64_t n, std::int64_t cells, SideKind lower, SideKind upper) {
  if (n >= 0 && n < cells) return n;
  const bool above = n >= cells;
  switch (above ? upper : lower) {
    case periodic:
      return above ? 0 : cells - 1;
    case open:
      return above ? cells - 1 : 0;
    case wall:
      return cells == 1 ? 0 : above ? cells - 2 : 1;
    default:
      return -1;
  }
}

at::Tensor padded_by_loops(const at::Tensor& x, const SideKinds& s) {
  const auto nz = x.size(2), ny = x.size(3), nx = x.size(4);
  const at::Tensor out = at::zeros({x.size(0), x.size(1), nz + 2, ny + 2, nx + 2}, x.options());
  for (std::int64_t k = -1; k <= nz; ++k)
    for (std::int64_t j = -1; j <= ny; ++j)
      for (std::int64_t i = -1; i <= nx; ++i) {
        const auto from_k = source(k, nz, s[4], s[5]), from_j = source(j, ny, s[2], s[3]),
                   from_i = source(i, nx, s[0], s[1]);
        if (from_k < 0 || from_j < 0 || from_i < 0) continue;
        out.select(4, i + 1).select(3, j + 1).select(2, k + 1).copy_(
            x.select(4, from_i).select(3, from_j).select(2, from_k));
      }
  return out;
}

}  // namespace

TEST(VolumePadding, IsThatOfPlainLoopsWhateverTheSides) {
  for (const SideKinds& sides : boxes)
    for (const Shape& shape : {Shape{2, 3, 4, 5, 6}, {1, 2, 1, 3, 2}, {1, 1, 2, 1, 1}}) {
      const at::Tensor x = random(shape), wanted = padded_by_loops(x, sides);
      EXPECT_TRUE(at::equal(pad_sides(x, sides), wanted)) << to_string(sides);
      const at::Tensor last = x.contiguous(at::MemoryFormat::ChannelsLast3d);
      EXPECT_TRUE(at::equal(pad_sides(last, sides), wanted)) << to_string(sides);
    }
  const at::Tensor x = random({1, 4, 3, 4, 5}).contiguous(at::MemoryFormat::ChannelsLast3d);
  EXPECT_TRUE(pad_sides(x, boxes[0]).is_contiguous(at::MemoryFormat::ChannelsLast3d));
}

TEST(VolumePadding, GradientIsTheExactTranspose) {
  for (const SideKinds& sides : boxes)
    for (const Shape& shape : {Shape{2, 2, 4, 3, 5}, {1, 1, 1, 2, 1}}) {
      const at::Tensor leaf = random(shape).requires_grad_(true);
      const at::Tensor y = random(padded_by_loops(leaf.detach(), sides).sizes().vec(), 9);
      (pad_sides(leaf, sides) * y).sum().backward();
      // Column by column of the plain loops' matrix.
      const at::Tensor transposed = at::empty(shape, y.options());
      for (std::int64_t n = 0; n < leaf.numel(); ++n) {
        at::Tensor unit = at::zeros({leaf.numel()}, y.options());
        unit.select(0, n).fill_(1);
        transposed.view(-1).select(0, n).copy_(
            (padded_by_loops(unit.view(shape), sides) * y).sum());
      }
      EXPECT_LT((leaf.grad() - transposed).abs().max().item<double>(), 1e-14) << to_string(sides);
      // And through something that is not linear, against differences.
      const at::Tensor d = random(shape, 13);
      const auto value = [&](const at::Tensor& t) { return (pad_sides(t, sides).sin() * y).sum(); };
      leaf.mutable_grad() = at::Tensor();
      value(leaf).backward();
      const double step = 1e-6, slope = (leaf.grad() * d).sum().item<double>();
      const at::Tensor at_leaf = leaf.detach();
      const double difference =
          (value(at_leaf + step * d) - value(at_leaf - step * d)).item<double>() / (2 * step);
      EXPECT_NEAR(difference, slope, 1e-7 * (1 + std::abs(slope))) << to_string(sides);
    }
  EXPECT_NE(error_text([] { pad_sides(random({1, 1, 2, 2}), boxes[0]); }).find("other axes"),
            std::string::npos);
}

TEST(VolumePadding, MarksAreBesideTheSidesOfTheirKind) {
  const SideKinds sides{inflow, open, wall, wall, open, inflow};
  EXPECT_EQ(marked_kinds(sides), (std::vector{wall, inflow, open}));
  EXPECT_TRUE(marked_kinds(SideKinds(6, periodic)).empty());
  for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast3d}) {
    const at::Tensor input = random({2, 5, 3, 4, 6}).contiguous(format);
    const at::Tensor marks = side_marks(input, sides);
    EXPECT_TRUE(marks.is_contiguous(format));
    ASSERT_EQ(marks.sizes(), (at::IntArrayRef{2, 3, 3, 4, 6}));
    for (int k = 0; k < 3; ++k)
      for (int j = 0; j < 4; ++j)
        for (int i = 0; i < 6; ++i) {
          const auto mark = [&](int kind) { return marks[1][kind][k][j][i].item<double>(); };
          EXPECT_EQ(mark(0), j == 0 || j == 3);
          EXPECT_EQ(mark(1), i == 0 || k == 2);
          EXPECT_EQ(mark(2), i == 5 || k == 0);
        }
  }
}

TEST(VolumeParts, PatchesAreThoseOfTorchInEveryPlane) {
  // Of one layer of cells that is two patches high, the z places are a factor of the channels.
  const at::Tensor x = random({2, 3, 4, 6, 8});
  const at::Tensor folded = fold_patches(x, 2);
  ASSERT_EQ(folded.sizes(), (at::IntArrayRef{2, 24, 2, 3, 4}));
  for (int z = 0; z < 4; ++z) {
    const at::Tensor plane = at::pixel_unshuffle(x.select(2, z), 2).unflatten(1, Shape{3, 4});
    const at::Tensor here = folded.select(2, z / 2).unflatten(1, Shape{3, 2, 4}).select(2, z % 2);
    EXPECT_TRUE(at::equal(here, plane)) << z;
  }
  for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast3d}) {
    const at::Tensor same = x.contiguous(format), there = fold_patches(same, 2);
    EXPECT_TRUE(at::equal(there, folded));
    EXPECT_TRUE(there.is_contiguous(format));
    const at::Tensor back = unfold_patches(there, 2);
    EXPECT_TRUE(at::equal(back, x));
    EXPECT_TRUE(back.is_contiguous(format));
    EXPECT_TRUE(at::equal(fold_patches(same, 1), x));
  }
}

TEST(VolumeParts, HalvesAreMeansAndDoublesAreCopies) {
  const at::Tensor x = random({2, 3, 4, 6, 8});
  for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast3d}) {
    const at::Tensor half = halve(x.contiguous(format));
    EXPECT_LT(
        (half - fold_patches(x, 2).unflatten(1, Shape{3, 8}).mean(2)).abs().max().item<double>(),
        1e-15);
    EXPECT_TRUE(half.is_contiguous(format));
    const at::Tensor twice = doubled(half);
    EXPECT_TRUE(twice.is_contiguous(format));
    EXPECT_TRUE(at::equal(twice, unfold_patches(half.repeat_interleave(8, 1), 2)));
  }
}

TEST(VolumeParts, AreExtendedByTheirUpperCellsAndCut) {
  const at::Tensor x = random({1, 2, 3, 4, 5}).contiguous(at::MemoryFormat::ChannelsLast3d);
  const at::Tensor longer = extended(x, 4);
  ASSERT_EQ(longer.sizes(), (at::IntArrayRef{1, 2, 4, 4, 8}));
  EXPECT_TRUE(longer.is_contiguous(at::MemoryFormat::ChannelsLast3d));
  EXPECT_TRUE(at::equal(cut_to(longer, {3, 4, 5}), x));
  for (int i = 5; i < 8; ++i) EXPECT_TRUE(at::equal(longer.select(4, i), longer.select(4, 4)));
  EXPECT_TRUE(at::equal(longer.select(2, 3), longer.select(2, 2)));
}

TEST(VolumeParts, TensorsOfOtherAxesStayContiguous) {
  EXPECT_EQ(channels_last(2), at::MemoryFormat::ChannelsLast);
  EXPECT_EQ(channels_last(3), at::MemoryFormat::ChannelsLast3d);
  const at::Tensor mean = random({2, 3, 4, 5}), weight = random({8, 4, 3, 3, 3});
  EXPECT_TRUE(in_layout(mean, channels_last(3)).is_contiguous());
  EXPECT_TRUE(in_layout(mean, channels_last(2)).is_contiguous(channels_last(2)));
  EXPECT_TRUE(in_layout(weight, channels_last(3)).is_contiguous(channels_last(3)));
  EXPECT_TRUE(in_layout(weight, channels_last(2)).is_contiguous());
}

}  // namespace understudy
