// Would computing the interior while activations travel pay? For networks on blocks of one field, cut along its last
// axis: the time of a call; and for a convolution at each level of the U-Net's: what the exchange with the neighbours
// takes (padding on blocks, less padding of the same block alone), which is the most that there is to hide, and what
// hiding it would cost: the convolution as interior and one row at each end of the axis, put together, less the
// convolution at once.
//
//   mpirun -n 2 bench_surrogates_blocks [key=value]...   with
//     network=unet,correction,conv_autoencoder cells=256,128 width=24 levels=3 patch=2 layers=4 repeats=15
//
// `cells` are those of the whole; three numbers: in a volume. Messages are hidden only where MPI moves them while the
// processor computes.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstdio>

#include "benchmarks/torch_bench.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "surrogates/network/torch_convolution.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_padding.hpp"

using namespace understudy;
using namespace understudy::bench;
using namespace understudy::surrogates;

namespace {

NetworkBlocks blocks_of(const std::vector<long long>& cells, long long multiple,
                        const std::string& kind) {
  const auto world = core::Comm::world();
  std::vector<std::vector<long long>> starts;
  std::vector<int> cut(cells.size(), 1);
  cut.back() = world.size();
  const std::string reason = why_not_aligned(cells, cut, multiple, kind);
  if (!reason.empty()) {
    if (world.is_root()) std::fprintf(stderr, "cells: %s\n", reason.c_str());
    std::exit(2);
  }
  for (std::size_t axis = 0; axis < cells.size(); ++axis)
    starts.push_back(aligned_starts(cells[axis], cut[axis], multiple));
  return {world, starts, SideKinds(2 * cells.size(), SideKind::periodic)};
}

at::Tensor field(int channels, const NetworkBlocks& blocks, long long cells_of_a_point) {
  std::vector<std::int64_t> shape{1, channels};
  for (int axis = blocks.dimension() - 1; axis >= 0; --axis)
    shape.push_back(blocks.cells(axis) / cells_of_a_point);
  return at::randn(shape);
}

// Median of calls that all ranks begin together; the slowest rank's.
template <class Call>
double seconds(const Call& call, const NetworkBlocks& blocks, int repeats) {
  const c10::InferenceMode no_autograd;
  std::vector<double> times;
  for (int n = 0; n < repeats + 2; ++n) {
    blocks.comm().barrier();
    const core::Stopwatch stopwatch;
    call();
    const double time_s = blocks.comm().max(stopwatch.seconds());
    if (n >= 2) times.push_back(time_s);
  }
  return median(times);
}

void measure_call(const NetworkParams& params, const std::vector<long long>& cells, int repeats) {
  NetworkShape shape;
  shape.prognostic = 3;
  shape.fixed = shape.parameters = 1;
  shape.boundaries.assign(2 * cells.size(), SideKind::periodic);
  shape.cells = cells;
  const Network network(params, shape, 1);
  const NetworkBlocks blocks =
      blocks_of(cells, network.impl().architecture->block_multiple(), params.kind);
  const at::Tensor input = field(shape.inputs(), blocks, 1);
  const double call_s = seconds([&] { network.impl().infer(input, &blocks); }, blocks, repeats);
  const BlockTraffic before = blocks.traffic();
  network.impl().infer(input, &blocks);
  const BlockTraffic sent = blocks.traffic() - before;
  if (!blocks.comm().is_root()) return;
  std::printf("%-16s call %8.3f ms, %lld messages and %lld sums of %.1f KiB\n", params.kind.c_str(),
              1e3 * call_s, sent.messages, sent.sums, static_cast<double>(sent.bytes) / 1024);
  std::fflush(stdout);
}

// Of a padded block: the rows whose values depend on neither ghost row of the last axis, then the two that do.
at::Tensor in_parts(const at::Tensor& wide, const at::Tensor& weight, const at::Tensor& bias) {
  const std::int64_t rows = wide.size(2);
  const at::Tensor inside = convolve(wide.narrow(2, 1, rows - 2), weight, bias);
  const at::Tensor lower = convolve(wide.narrow(2, 0, 3), weight, bias);
  const at::Tensor upper = convolve(wide.narrow(2, rows - 3, 3), weight, bias);
  return at::cat({lower, inside, upper}, 2);
}

void measure_convolution(int channels, const std::vector<long long>& cells, long long multiple,
                         int repeats) {
  const NetworkBlocks blocks = blocks_of(cells, multiple, "unet");
  const int axes = blocks.dimension();
  const auto layout = channels_last(axes);
  const SideKinds sides(2 * cells.size(), SideKind::periodic);
  const at::Tensor x = field(channels, blocks, multiple).contiguous(layout);
  const at::Tensor wide = pad_sides(x, sides, &blocks);
  std::vector<std::int64_t> shape{channels, channels};
  shape.insert(shape.end(), axes, 3);
  const at::Tensor weight = at::randn(shape).contiguous(layout), bias = at::randn({channels});
  const double on_blocks_s = seconds([&] { pad_sides(x, sides, &blocks); }, blocks, repeats);
  const double alone_s = seconds([&] { pad_sides(x, sides); }, blocks, repeats);
  const double once_s = seconds([&] { convolve(wide, weight, bias); }, blocks, repeats);
  const double parts_s = seconds([&] { in_parts(wide, weight, bias); }, blocks, repeats);
  if (!blocks.comm().is_root()) return;
  std::printf(
      "%3d channels, a point for %2lld cells: padding on blocks %7.3f ms, alone %7.3f; convolution at once "
      "%7.3f, in parts %7.3f; to hide %+.3f, its cost %+.3f\n",
      channels, multiple, 1e3 * on_blocks_s, 1e3 * alone_s, 1e3 * once_s, 1e3 * parts_s,
      1e3 * (on_blocks_s - alone_s), 1e3 * (parts_s - once_s));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  set_up_torch();
  const Options o = options_of(argc, argv,
                               {{"network", "unet,correction,conv_autoencoder"},
                                {"cells", "256,128"},
                                {"width", "24"},
                                {"levels", "3"},
                                {"patch", "2"},
                                {"layers", "4"},
                                {"repeats", "15"}});
  const auto cells = numbers(o.at("cells"));
  const int repeats = std::stoi(o.at("repeats"));
  NetworkParams params;
  params.width = std::stoi(o.at("width"));
  params.levels = std::stoi(o.at("levels"));
  params.patch = std::stoi(o.at("patch"));
  params.layers = std::stoi(o.at("layers"));
  params.latent_size = 2;
  for (const std::string& kind : words(o.at("network"))) {
    params.kind = kind;
    measure_call(params, cells, repeats);
  }
  for (int level = 0; level < params.levels; ++level) {
    const int channels = std::min(params.width << level, params.max_width);
    measure_convolution(channels, cells, static_cast<long long>(params.patch) << level, repeats);
  }
  return 0;
}
