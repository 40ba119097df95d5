// How ranks share out samples: splits, what is refused and what would do, and that a rank reads, and draws noise for, its
// own block alone, bit for bit that part of the whole.
#include "surrogates/fields/sample_blocks.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/format.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/torch_block_noise.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

const core::Comm& world() {
  static const core::Comm comm = core::Comm::world();
  return comm;
}

NetworkShape shape_of(std::vector<long long> cells) {
  NetworkShape shape;
  shape.prognostic = 1;
  shape.boundaries = SideKinds(2 * cells.size(), SideKind::periodic);
  shape.locations = {mesh::Location::cell};
  shape.cells = std::move(cells);
  return shape;
}

TrainingSetup setup_of(const std::string& kind, int each) {
  TrainingSetup setup;
  setup.network.kind = kind;
  setup.network.levels = 2;
  setup.network.patch = 2;
  setup.network.modes = {3};
  setup.training.ranks_per_sample = each;
  return setup;
}

void expect_refused(const TrainingSetup& setup, const std::vector<long long>& cells, int ranks,
                    const std::vector<std::string>& parts) {
  const std::string text = error_text([&] { sample_starts(setup, shape_of(cells), ranks); });
  for (const auto& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

// Of `cells` over all ranks.
NetworkBlocks blocks_of(const std::vector<long long>& cells) {
  const auto split = best_split(cells, world().size(), 1);
  std::vector<std::vector<long long>> starts;
  for (std::size_t axis = 0; axis < cells.size(); ++axis)
    starts.push_back(aligned_starts(cells[axis], split[axis], 1));
  return {world(), starts, SideKinds(2 * cells.size(), SideKind::periodic)};
}

at::Tensor mine(at::Tensor whole, const NetworkBlocks& blocks) {
  for (int axis = 0; axis < blocks.dimension(); ++axis)
    whole = whole.narrow(whole.dim() - 1 - axis, blocks.offset(axis), blocks.cells(axis));
  return whole.contiguous();
}

at::Tensor tensor_of(std::vector<float> values, const std::vector<std::int64_t>& shape) {
  return at::from_blob(values.data(), shape, at::kFloat).clone();
}

}  // namespace

TEST(SampleBlocks, AreCutWithTheSmallestLargestBlockAndTheShortestCuts) {
  using Split = std::vector<int>;
  EXPECT_EQ(best_split({64, 64}, 2, 1), (Split{1, 2})) << "x is cut last";
  EXPECT_EQ(best_split({64, 32}, 2, 1), (Split{2, 1}));
  EXPECT_EQ(best_split({64, 64}, 4, 1), (Split{2, 2}));
  EXPECT_EQ(best_split({24, 16}, 2, 8), (Split{1, 2})) << "x would be cut into 16 and 8 cells";
  EXPECT_EQ(best_split({8, 8, 32}, 4, 4), (Split{1, 1, 4}));
  EXPECT_EQ(best_split({16, 16}, 8, 8), Split{});
}

TEST(SampleBlocks, BeginAtTheNetworksMultiples) {
  using Starts = std::vector<std::vector<long long>>;
  EXPECT_EQ(sample_starts(setup_of("unet", 1), shape_of({24, 16}), 3), (Starts{{0, 24}, {0, 16}}));
  EXPECT_EQ(sample_starts(setup_of("unet", 2), shape_of({24, 16}), 4),
            (Starts{{0, 24}, {0, 8, 16}}));
  EXPECT_EQ(sample_starts(setup_of("unet", 3), shape_of({24, 16}), 3),
            (Starts{{0, 8, 16, 24}, {0, 16}}));
  EXPECT_EQ(sample_starts(setup_of("fno", 2), shape_of({7, 6}), 2), (Starts{{0, 7}, {0, 3, 6}}));
  EXPECT_EQ(sample_starts(setup_of("pod", 2), shape_of({7, 6}), 2), (Starts{{0, 7}, {0, 3, 6}}));
  EXPECT_EQ(largest_block({{0, 4, 7}, {0, 6}}), (std::vector<long long>{4, 6}));
}

TEST(SampleBlocks, WhatCannotBeIsRefusedWithWhatWouldDo) {
  expect_refused(setup_of("unet", 3), {32, 32}, 4,
                 {"training.ranks_per_sample: 3 does not divide the 4 ranks of this run; "
                  "1, 2, 4 would do"});
  expect_refused(setup_of("unet", 2), {32, 32}, 1, {"the 1 rank of this run; 1 would do"});
  for (const std::string kind : {"conv_autoencoder", "correction"})
    expect_refused(setup_of(kind, 2), {32, 32}, 2,
                   {"training.ranks_per_sample: 2: network.kind " + kind, "on whole samples",
                    "unet, fno, pod and dmd on boxes"});
  expect_refused(
      setup_of("unet", 8), {16, 16}, 8,
      {"training.ranks_per_sample: 8: the network's blocks begin at multiples of 8 cells (patch x "
       "2^levels), and 16 x 16 cells cannot be cut into 8 of them; 1, 2, 4 would do on 8 "
       "ranks"});
  expect_refused(
      setup_of("fno", 4), {2, 1}, 4,
      {"training.ranks_per_sample: 4: 2 x 1 cells cannot be cut into 4 blocks; 1, 2 would "
       "do on 4 ranks"});
  expect_refused(setup_of("conv_autoencoder", 3), {32, 32}, 4,
                 {"the 4 ranks of this run; 1 would do"});
  expect_refused(setup_of("pod", 3), {32, 32}, 4, {"the 4 ranks of this run; 1, 2, 4 would do"});
  expect_refused(
      setup_of("dmd", 4), {2, 1}, 4,
      {"training.ranks_per_sample: 4: 2 x 1 cells cannot be cut into 4 blocks; 1, 2 would "
       "do on 4 ranks"});
  TrainingSetup sphere = setup_of("unet", 2);
  NetworkShape shape = shape_of({16, 16, 6});
  shape.boundaries = SideKinds(4, SideKind::joint);
  EXPECT_NE(error_text([&] {
              sample_starts(sphere, shape, 2);
            }).find("network.kind unet is called on whole fields here"),
            std::string::npos);
  EXPECT_NE(error_text([&] {
              sample_starts(setup_of("pod", 2), shape, 2);
            }).find("network.kind pod is trained on whole samples of a cubed sphere"),
            std::string::npos);
}

// What would do is not refused in its turn: not for the cells, and not for the sequences of a step.
TEST(SampleBlocks, WhatWouldDoDoes) {
  TrainingSetup setup = setup_of("unet", 0);
  for (const int batch : {1, 2, 3, 8})
    for (const int ranks : {4, 6, 8, 12}) {
      setup.training.batch = batch;
      setup.training.ranks_per_sample = ranks + 1;
      const std::string text = error_text([&] { sample_starts(setup, shape_of({24, 16}), ranks); });
      const std::string before = "of this run; ";
      const auto begin = text.find(before), end = text.find(" would do");
      ASSERT_TRUE(begin != std::string::npos && end != std::string::npos) << text;
      const std::string named =
          ", " + text.substr(begin + before.size(), end - begin - before.size()) + ",";
      for (int each = 1; each <= ranks; ++each) {
        setup.training.ranks_per_sample = each;
        const bool serves =
            error_text([&] { sample_starts(setup, shape_of({24, 16}), ranks); }) == "no error";
        EXPECT_EQ(serves, named.find(core::format(" {},", each)) != std::string::npos)
            << text << ": " << each << ", batch " << batch;
      }
    }
}

TEST(SampleBlocks, GroupsWithoutWorkAreRefusedWithWhatGivesThemSome) {
  TrainingSetup setup = setup_of("fno", 2);
  setup.training.batch = 3;
  expect_refused(
      setup, {32, 32}, 8,
      {"training.ranks_per_sample: 2 makes 4 groups of 8 ranks, and a step has 3 sequences "
       "(training.batch): 1 group would have nothing to do. A larger training.batch, at most 6 "
       "ranks or 4, 8 ranks a sample would do"});
  const auto with = [&](long long sequences, const std::vector<long long>& cells) {
    return error_text([&] { require_work_for_groups(setup, shape_of(cells), sequences, 4); });
  };
  EXPECT_EQ(
      with(1, {32, 32}),
      "training.ranks_per_sample: 2 makes 2 groups of 4 ranks, and a step has 1 sequence (all that "
      "the samples have): 1 group would have nothing to do. More samples or windows or a shorter "
      "training.unroll, at most 2 ranks or 4 ranks a sample would do");
  EXPECT_NE(with(1, {2, 1}).find("training.unroll, at most 2 ranks would do"), std::string::npos)
      << "two cells make no four blocks: " << with(1, {2, 1});
  EXPECT_NE(with(0, {2, 1}).find("a shorter training.unroll would do"), std::string::npos);
  EXPECT_EQ(with(2, {32, 32}), "no error");
  // Of coordinates of modes all ranks take their share, whatever the groups.
  TrainingSetup modes = setup_of("pod", 2);
  modes.training.batch = 1;
  EXPECT_EQ(error_text([&] { sample_starts(modes, shape_of({32, 32}), 8); }), "no error");
  EXPECT_EQ(error_text([&] { require_work_for_groups(modes, shape_of({32, 32}), 0, 8); }),
            "no error");
}

TEST(SampleBlocks, MoreRanksASampleAreNamedWhereTheyWouldBeTaken) {
  const auto said = [](const TrainingSetup& setup, const std::vector<long long>& cells, int ranks) {
    return more_ranks_a_sample(setup, shape_of(cells), ranks);
  };
  const std::string more = "more ranks a sample (training.ranks_per_sample)",
                    shared = "more ranks, that share samples (training.ranks_per_sample)";
  EXPECT_EQ(said(setup_of("unet", 1), {32, 32}, 2), more);
  EXPECT_EQ(said(setup_of("unet", 2), {32, 32}, 4), more);
  EXPECT_EQ(said(setup_of("unet", 1), {32, 32}, 1), shared);
  EXPECT_EQ(said(setup_of("unet", 2), {16, 16}, 2), shared);
  EXPECT_EQ(said(setup_of("unet", 4), {16, 16}, 8), "") << "four blocks of 8 x 8 cells";
  EXPECT_EQ(said(setup_of("pod", 1), {32, 32}, 2), more);
  EXPECT_EQ(said(setup_of("conv_autoencoder", 1), {32, 32}, 2), "");
}

// Over several parts of a draw, with a last one that is no multiple of 16 numbers.
TEST(SampleBlocks, NoiseIsThatOfTheWhole) {
  for (const std::vector<long long>& cells :
       {std::vector<long long>{7, 5}, {301, 257}, {37, 41, 53}}) {
    const NetworkBlocks blocks = blocks_of(cells);
    std::vector<std::int64_t> shape{2};
    shape.insert(shape.end(), cells.rbegin(), cells.rend());
    auto random = generator(11);
    const at::Tensor whole = at::randn(shape, random, at::TensorOptions(at::kFloat));
    random = generator(11);
    EXPECT_TRUE(at::equal(normal_draw_of_block(2, blocks, random), mine(whole, blocks)))
        << cells.size() << "-D of " << cells[0];
  }
}

TEST(SampleBlocks, AreReadAsThatPartOfTheWhole) {
  const auto folder = tests::fresh_folder("sample_blocks", world());
  tests::write_sample<float>(folder, false, 0, "train", 6, world());
  world().barrier();
  const DatasetReader reader(folder);
  const NetworkBlocks blocks = blocks_of({24, 16});
  const mesh::Range3 own = blocks.box(world().rank());
  const std::int64_t nx = own.size(0), ny = own.size(1);
  const at::Tensor whole = tensor_of(reader.prognostic(0, 1, 4), {4, 2, 16, 24});
  const at::Tensor part = tensor_of(reader.prognostic(0, 1, 4, own), {4, 2, ny, nx});
  EXPECT_TRUE(at::equal(part, mine(whole, blocks)));
  const at::Tensor channel = tensor_of(reader.prognostic_channel(0, 1, 2, 3, own), {3, ny, nx});
  EXPECT_TRUE(at::equal(channel, part.narrow(0, 1, 3).select(1, 1)));
  EXPECT_TRUE(at::equal(tensor_of(reader.fixed(0, own), {1, ny, nx}),
                        mine(tensor_of(reader.fixed(0), {1, 16, 24}), blocks)));
  EXPECT_TRUE(reader.cell_weights(0, own).empty()) << "cells are alike";
}

}  // namespace understudy
