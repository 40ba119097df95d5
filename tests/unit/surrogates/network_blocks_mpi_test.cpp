// Networks on blocks: on N ranks, cut in every way, value and gradients are those of the whole field.
#include <ATen/ATen.h>
#include <c10/core/CPUAllocator.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/format.hpp"
#include "support/surrogates_random_model.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_padding.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

using at::Tensor;

constexpr SideKind P = SideKind::periodic, W = SideKind::wall, I = SideKind::inflow,
                   O = SideKind::open;

// Every way to cut `ranks` along so many axes.
std::vector<std::vector<int>> cuts(int ranks, int axes) {
  if (axes == 1) return {{ranks}};
  std::vector<std::vector<int>> all;
  for (int n = 1; n <= ranks; ++n) {
    if (ranks % n != 0) continue;
    for (auto rest : cuts(ranks / n, axes - 1)) {
      rest.insert(rest.begin(), n);
      all.push_back(rest);
    }
  }
  return all;
}

// The blocks of the cells (x first) where they can be cut so at multiples.
std::vector<NetworkBlocks> blocks_of(const std::vector<long long>& cells, const SideKinds& sides,
                                     long long multiple) {
  const auto comm = core::Comm::world();
  std::vector<NetworkBlocks> all;
  for (const auto& cut : cuts(comm.size(), static_cast<int>(cells.size()))) {
    std::vector<std::vector<long long>> starts;
    for (std::size_t axis = 0; axis < cells.size(); ++axis)
      starts.push_back(aligned_starts(cells[axis], cut[axis], multiple));
    const bool fits = std::ranges::none_of(starts, [](const auto& s) { return s.empty(); });
    EXPECT_EQ(fits, why_not_aligned(cells, cut, multiple, "unet").empty());
    if (fits) all.emplace_back(comm, starts, sides);
  }
  return all;
}

Tensor mine(Tensor whole, const NetworkBlocks& blocks) {
  for (int axis = 0; axis < blocks.dimension(); ++axis)
    whole = whole.narrow(whole.dim() - 1 - axis, blocks.offset(axis), blocks.cells(axis));
  return whole.contiguous();
}

Tensor random(std::vector<long long> cells, int channels, std::uint64_t seed, at::ScalarType type) {
  std::vector<std::int64_t> shape{2, channels};
  shape.insert(shape.end(), cells.rbegin(), cells.rend());
  return at::randn(shape, generator(seed), at::TensorOptions(at::kDouble)).to(type);
}

double largest(const Tensor& t) { return t.abs().max().item<double>(); }

Tensor sum_over_ranks(const Tensor& t) {
  Tensor sum = t.to(at::kDouble).contiguous().clone();
  core::Comm::world().sum(
      std::span<double>(sum.data_ptr<double>(), static_cast<std::size_t>(sum.numel())));
  return sum;
}

std::string words(const NetworkBlocks& blocks) {
  std::string text;
  for (int axis = 0; axis < blocks.dimension(); ++axis)
    text += (axis == 0 ? "" : " x ") + std::to_string(blocks.count(axis));
  return text;
}

NetworkShape shape_of(const SideKinds& sides, const std::vector<long long>& cells) {
  NetworkShape shape;
  shape.prognostic = 2;
  shape.parameters = 1;
  shape.boundaries = sides;
  shape.cells = cells;
  return shape;
}

Network random_network(const NetworkParams& params, const SideKinds& sides,
                       const std::vector<long long>& cells) {
  Network network(params, shape_of(sides, cells), 3);
  tests::draw_weights(network, 0.3, 5);
  return network;
}

struct Outcome {
  Tensor value, input_gradient, weight_gradient;
};

// Of the sum of value times `weigh`.
Outcome evaluate(const Network& network, const Tensor& input, const Tensor& weigh,
                 const NetworkBlocks* blocks) {
  const auto& impl = network.impl();
  const Tensor x = input.detach().clone().requires_grad_(true);
  const Tensor flat = impl.flat.to(input.scalar_type()).clone().requires_grad_(true);
  const auto w = slices(flat, impl.specs);
  const Tensor y = blocks ? impl.architecture->forward_on_blocks(x, w, *blocks)
                          : impl.architecture->forward(x, w);
  (y * weigh).sum().backward();
  return {y.detach(), x.grad(), flat.grad()};
}

void expect_like_whole(const NetworkParams& params, const SideKinds& sides,
                       const std::vector<long long>& cells) {
  const Network network = random_network(params, sides, cells);
  const auto& architecture = *network.impl().architecture;
  ASSERT_TRUE(architecture.serves_blocks());
  for (const auto type : {at::kDouble, at::kFloat}) {
    const double tolerance = type == at::kDouble ? 1e-12 : 1e-5;
    const Tensor input = random(cells, 3, 7, type), weigh = random(cells, 2, 9, type);
    const Outcome whole = evaluate(network, input, weigh, nullptr);
    EXPECT_GT(largest(whole.value), 1e-2);
    for (const auto& blocks : blocks_of(cells, sides, architecture.block_multiple())) {
      SCOPED_TRACE(core::format("{} {} blocks {}", params.kind, to_string(sides), words(blocks)));
      const Outcome here = evaluate(network, mine(input, blocks), mine(weigh, blocks), &blocks);
      EXPECT_LT(largest(here.value - mine(whole.value, blocks)), tolerance * largest(whole.value));
      EXPECT_LT(largest(here.input_gradient - mine(whole.input_gradient, blocks)),
                tolerance * largest(whole.input_gradient));
      EXPECT_LT(largest(sum_over_ranks(here.weight_gradient) - whole.weight_gradient),
                tolerance * largest(whole.weight_gradient));
    }
  }
}

}  // namespace

TEST(NetworkBlocks, AreNeighboursRoundPeriodicAxesAndEndAtOtherSides) {
  const auto comm = core::Comm::world();
  const int ranks = comm.size(), rank = comm.rank();
  const NetworkBlocks blocks(comm, {aligned_starts(8 * ranks, ranks, 8), {0, 5}}, {P, P, W, O});
  EXPECT_EQ(blocks.offset(0), 8 * rank);
  EXPECT_EQ(blocks.cells(0), 8);
  EXPECT_EQ(blocks.cells(1), 5);
  EXPECT_EQ(blocks.is_last(0), rank + 1 == ranks);
  EXPECT_EQ(blocks.across(0), ranks == 1 ? -1 : (rank + ranks - 1) % ranks);
  EXPECT_EQ(blocks.across(1), ranks == 1 ? -1 : (rank + 1) % ranks);
  EXPECT_EQ(blocks.across(2), -1);
  EXPECT_EQ(blocks.across(3), -1);
  const NetworkBlocks other(comm, {{0, 5}, aligned_starts(8 * ranks, ranks, 8)}, {P, P, W, O});
  EXPECT_EQ(other.across(2), rank - 1);
  EXPECT_EQ(other.across(3), rank + 1 == ranks ? -1 : rank + 1);
  for (int r = 0; r < ranks; ++r) EXPECT_EQ(other.end(r)[1] - other.begin(r)[1], 8);
}

TEST(NetworkBlocks, BeginAtMultiplesAsEvenAsCanBe) {
  using Starts = std::vector<long long>;
  EXPECT_EQ(aligned_starts(100, 4, 1), (Starts{0, 25, 50, 75, 100}));
  EXPECT_EQ(aligned_starts(24, 2, 8), (Starts{0, 16, 24}));
  EXPECT_EQ(aligned_starts(37, 3, 16), (Starts{0, 16, 32, 37}));
  EXPECT_EQ(aligned_starts(37, 4, 16), Starts{});
  EXPECT_EQ(why_not_aligned({64, 37}, {1, 3}, 16, "unet"), "");
  EXPECT_EQ(
      why_not_aligned({64, 37}, {1, 4}, 16, "unet"),
      "its blocks begin at multiples of 16 cells (patch x 2^levels), and 37 cells along y are too few "
      "for 4 of them; grid.ranks: [2, 2], [4, 1] would do");
  EXPECT_EQ(
      why_not_aligned({16, 16}, {2, 1}, 16, "conv_autoencoder"),
      "its blocks begin at multiples of 16 cells (patch x 2^levels), and 16 cells along x are too few "
      "for 2 of them; no grid.ranks of 2 ranks would do: use fewer");
  EXPECT_EQ(why_not_aligned({16, 16}, {2, 1}, 16, "mine"),
            "its blocks begin at multiples of 16 cells, and 16 cells along x are too few for 2 of "
            "them; no grid.ranks of 2 ranks would do: use fewer");
  EXPECT_EQ(why_not_aligned({2, 2}, {4, 1}, 1, "fno"),
            "2 cells along x are too few for 4 blocks; grid.ranks: [2, 2] would do");
}

// Also where blocks have one cell.
TEST(NetworkBlocks, ArePaddedAsTheWhole) {
  const SideKinds all[] = {
      {P, P, P, P}, {I, O, W, W}, {W, W, P, P}, {O, W, I, O}, {P, P, W, O, I, W}};
  for (const SideKinds& sides : all)
    for (std::vector<long long> cells : {std::vector<long long>{7, 9}, {6, 6}}) {
      const int axes = static_cast<int>(sides.size()) / 2;
      if (axes == 3) cells.push_back(8);
      const Tensor x = random(cells, 3, 1, at::kFloat), whole = pad_sides(x, sides);
      for (const auto& blocks : blocks_of(cells, sides, 1)) {
        SCOPED_TRACE(core::format("{} blocks {}", to_string(sides), words(blocks)));
        const Tensor here = pad_sides(mine(x, blocks), sides, &blocks);
        Tensor wanted = whole;
        for (int axis = 0; axis < axes; ++axis)
          wanted = wanted.narrow(1 + axes - axis, blocks.offset(axis), blocks.cells(axis) + 2);
        EXPECT_TRUE(at::equal(here, wanted));
      }
    }
}

// <pad(x), y> = <x, pad^T(y)>, over all ranks.
TEST(NetworkBlocks, PaddingHasItsTransposeIn3d) {
  const std::vector<long long> cells{5, 6, 7};
  for (const SideKinds& sides : {SideKinds{P, P, W, W, I, O}, SideKinds(6, P), SideKinds(6, W)})
    for (const auto& blocks : blocks_of(cells, sides, 1)) {
      SCOPED_TRACE(core::format("{} blocks {}", to_string(sides), words(blocks)));
      const Tensor x = mine(random(cells, 2, 1, at::kDouble), blocks).requires_grad_(true);
      const Tensor padded = pad_sides(x, sides, &blocks);
      EXPECT_EQ(padded.size(2), blocks.cells(2) + 2);
      const Tensor y = at::randn(padded.sizes(), generator(blocks.comm().rank() + 1),
                                 at::TensorOptions(at::kDouble));
      const Tensor product = (padded * y).sum();
      product.backward();
      const double by_gradient = sum_over_ranks((x.grad() * x.detach()).sum()).item<double>();
      EXPECT_NEAR(by_gradient, sum_over_ranks(product.detach()).item<double>(), 1e-11);
    }
}

TEST(NetworkBlocks, UNetIsThatOfTheWhole) {
  NetworkParams params;
  params.width = 8;
  for (const std::string norm : {"none", "group"})
    for (const int patch : {1, 2}) {
      params.norm = norm;
      params.patch = patch;
      params.levels = 2;
      SCOPED_TRACE(core::format("norm {} patch {}", norm, patch));
      expect_like_whole(params, {P, P, P, P}, {24, 48});
      expect_like_whole(params, {I, O, W, W}, {43, 22});
      expect_like_whole(params, {W, O, P, P}, {45, 24});
    }
  params.levels = 1;
  expect_like_whole(params, SideKinds(6, P), {12, 8, 8});
  expect_like_whole(params, {P, P, I, O, W, W}, {8, 11, 13});
}

TEST(NetworkBlocks, FourierOperatorIsThatOfTheWhole) {
  NetworkParams params;
  params.kind = "fno";
  params.width = 6;
  params.layers = 2;
  params.modes = {3};
  expect_like_whole(params, {P, P, P, P}, {15, 13});
  expect_like_whole(params, {I, O, W, W}, {14, 17});
  expect_like_whole(params, SideKinds(6, P), {7, 9, 8});
  expect_like_whole(params, {P, P, I, O, W, W}, {8, 7, 11});
}

TEST(NetworkBlocks, CorrectionIsThatOfTheWhole) {
  NetworkParams params;
  params.kind = "correction";
  params.width = 6;
  params.layers = 2;
  expect_like_whole(params, {P, P, P, P}, {9, 6});
  expect_like_whole(params, {I, O, W, W}, {7, 8});
  expect_like_whole(params, {P, P, W, W, I, O}, {6, 7, 6});
  params.fold = 2;
  expect_like_whole(params, {P, P, P, P}, {24, 12});
  expect_like_whole(params, {I, O, W, W}, {14, 16});
  expect_like_whole(params, {P, P, W, W, I, O}, {12, 14, 12});
}

// Dense layers, latent map and parameters, too: those are of the whole's first cell.
TEST(NetworkBlocks, AutoencoderIsThatOfTheWhole) {
  NetworkParams params;
  params.kind = "conv_autoencoder";
  params.width = 6;
  params.latent_size = 3;
  params.latent_width = 8;
  for (const std::string map : {"linear", "mlp"})
    for (const int patch : {1, 2}) {
      params.latent_map = map;
      params.patch = patch;
      params.levels = 2;
      SCOPED_TRACE(core::format("{} patch {}", map, patch));
      expect_like_whole(params, {P, P, P, P}, {24, 48});
      expect_like_whole(params, {I, O, W, W}, {43, 22});
      expect_like_whole(params, {W, O, P, P}, {45, 24});
    }
  params.levels = 1;
  expect_like_whole(params, SideKinds(6, P), {12, 8, 8});
  expect_like_whole(params, {P, P, I, O, W, W}, {8, 11, 13});
}

// In the layout that each kind likes, and in bfloat16, which sums in another order, too.
TEST(NetworkBlocks, AreInferredAsTheWholeInAVolume) {
  const std::vector<long long> cells{11, 12, 24};
  const SideKinds sides{I, O, P, P, W, W};
  for (const std::string kind : {"unet", "conv_autoencoder", "correction"})
    for (const std::string precision : {"float32", "bfloat16"}) {
      NetworkParams params;
      params.kind = kind;
      params.precision = precision;
      params.width = 8;
      params.levels = 1;
      params.layers = 1;
      params.latent_size = 2;
      const Network network = random_network(params, sides, cells);
      EXPECT_EQ(network.impl().layout, at::MemoryFormat::ChannelsLast3d) << kind;
      const Tensor input = random(cells, 3, 7, at::kFloat);
      const Tensor whole = network.impl().infer(input);
      const double tolerance = precision == "float32" ? 1e-5 : 2e-2;
      for (const auto& blocks : blocks_of(cells, sides, 4)) {
        SCOPED_TRACE(core::format("{} {} blocks {}", kind, precision, words(blocks)));
        const Tensor here = network.impl().infer(mine(input, blocks), &blocks);
        EXPECT_LT(largest(here - mine(whole, blocks)), tolerance * largest(whole));
      }
    }
}

TEST(NetworkBlocks, NetworksThatDoNotServeThemSaySo) {
  NetworkShape shape = shape_of(SideKinds(4, SideKind::joint), {8, 8, 6});
  const auto architecture = make_architecture({}, shape);
  EXPECT_FALSE(architecture->serves_blocks());
  NetworkParams params;
  params.kind = "pod";
  shape = shape_of(SideKinds(4, P), {8, 8});
  shape.locations.assign(2, mesh::Location::cell);
  const auto modes = make_architecture(params, shape);
  EXPECT_FALSE(modes->serves_blocks());
  const NetworkBlocks blocks(core::Comm::self(), {{0, 8}, {0, 8}}, shape.boundaries);
  EXPECT_THROW(modes->forward_on_blocks(at::zeros({1, 3, 8, 8}), {}, blocks), core::RunError);
}

namespace {

// The largest allocation of LibTorch on the CPU while this lives, in bytes.
class Largest : public c10::Allocator {
 public:
  Largest() : inner_(c10::GetCPUAllocator()) { c10::SetCPUAllocator(this, 100); }
  ~Largest() override { c10::SetCPUAllocator(inner_, 100); }
  std::size_t bytes() const { return bytes_; }
  c10::DataPtr allocate(std::size_t n) override {
    bytes_ = std::max(bytes_, n);
    return inner_->allocate(n);
  }
  c10::DeleterFnPtr raw_deleter() const override { return inner_->raw_deleter(); }
  void copy_data(void* to, const void* from, std::size_t n) const override {
    inner_->copy_data(to, from, n);
  }

 private:
  c10::Allocator* inner_;
  std::size_t bytes_ = 0;
};

}  // namespace

// Nothing of the size of the whole is allocated: the largest tensor shrinks with the block.
TEST(NetworkBlocks, NoRankHoldsTheWhole) {
  const std::vector<long long> cells{192, 192};
  const SideKinds sides{I, O, W, W};
  for (const std::string kind : {"unet", "fno", "correction", "conv_autoencoder"}) {
    NetworkParams params;
    params.kind = kind;
    params.width = 8;
    params.levels = 2;
    params.layers = 2;
    params.latent_size = 2;
    params.modes = {4};
    params.padding = 0;
    params.norm = "group";
    Network network = random_network(params, sides, cells);
    const Tensor input = random(cells, 3, 7, at::kFloat);
    std::size_t whole = 0;
    {
      const Largest measured;
      network.impl().infer(input);
      whole = measured.bytes();
    }
    for (const auto& blocks : blocks_of(cells, sides, 8)) {
      SCOPED_TRACE(core::format("{} blocks {}", kind, words(blocks)));
      const Tensor block = mine(input, blocks);
      const Largest measured;
      const Tensor out = network.impl().infer(block, &blocks);
      const double share = static_cast<double>(block.numel()) / static_cast<double>(input.numel());
      EXPECT_EQ(out.size(2), block.size(2));
      EXPECT_LT(static_cast<double>(measured.bytes()), 1.3 * share * static_cast<double>(whole));
      const auto& sent = blocks.traffic();
      if (blocks.comm().size() > 1) {
        EXPECT_GT(sent.bytes, 0);
        EXPECT_LT(sent.bytes, 8 * input.numel());
      }
    }
  }
}

}  // namespace understudy
