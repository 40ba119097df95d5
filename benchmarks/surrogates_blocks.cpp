// Would computing the interior while activations travel pay? For every network on blocks of one field, cut along its
// last axis: the time of a call, and the part of it that goes into exchanges with the neighbours, which is the most
// that there is to hide; and what it would cost to hide it: the convolutions of the network's levels at once, and as
// interior and one row at each end of the axis, put together.
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

NetworkBlocks blocks_of(const std::vector<long long>& cells, long long multiple) {
  const auto world = core::Comm::world();
  std::vector<std::vector<long long>> starts;
  std::vector<int> cut(cells.size(), 1);
  cut.back() = world.size();
  const std::string reason = why_not_aligned(cells, cut, multiple);
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

struct Times {
  std::vector<double> call, exchange;
};

// Of calls that all ranks begin together; the slowest rank's.
template <class Call>
Times timed(const Call& call, const NetworkBlocks& blocks, int repeats) {
  const c10::InferenceMode no_autograd;
  Times times;
  for (int n = 0; n < repeats + 2; ++n) {
    blocks.comm().barrier();
    const double before_s = blocks.traffic().exchange_s;
    const core::Stopwatch stopwatch;
    call();
    const double call_s = blocks.comm().max(stopwatch.seconds());
    const double exchange_s = blocks.comm().max(blocks.traffic().exchange_s - before_s);
    if (n < 2) continue;
    times.call.push_back(call_s);
    times.exchange.push_back(exchange_s);
  }
  return times;
}

void measure_call(const NetworkParams& params, const std::vector<long long>& cells, int repeats) {
  NetworkShape shape;
  shape.prognostic = 3;
  shape.fixed = shape.parameters = 1;
  shape.boundaries.assign(2 * cells.size(), SideKind::periodic);
  shape.cells = cells;
  const Network network(params, shape, 1);
  const NetworkBlocks blocks = blocks_of(cells, network.impl().architecture->block_multiple());
  const at::Tensor input = field(shape.inputs(), blocks, 1);
  const Times t = timed([&] { network.impl().infer(input, &blocks); }, blocks, repeats);
  if (!blocks.comm().is_root()) return;
  const double call_s = median(t.call), exchange_s = median(t.exchange);
  std::printf("%-16s call %8.3f ms, exchanges %8.3f ms (%.1f%%)\n", params.kind.c_str(),
              1e3 * call_s, 1e3 * exchange_s, 100 * exchange_s / call_s);
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
  const NetworkBlocks blocks = blocks_of(cells, multiple);
  const int axes = blocks.dimension();
  const auto layout = channels_last(axes);
  const at::Tensor wide = pad_sides(field(channels, blocks, multiple).contiguous(layout),
                                    SideKinds(2 * cells.size(), SideKind::periodic), &blocks);
  std::vector<std::int64_t> shape{channels, channels};
  shape.insert(shape.end(), axes, 3);
  const at::Tensor weight = at::randn(shape).contiguous(layout), bias = at::randn({channels});
  const auto at_once = [&] { convolve(wide, weight, bias); };
  const auto parts = [&] { in_parts(wide, weight, bias); };
  const double once_s = median(timed(at_once, blocks, repeats).call);
  const double parts_s = median(timed(parts, blocks, repeats).call);
  if (!blocks.comm().is_root()) return;
  std::printf(
      "convolution of %3d channels, a point for %2lld cells: at once %8.3f ms, in parts "
      "%8.3f ms (%+.3f ms)\n",
      channels, multiple, 1e3 * once_s, 1e3 * parts_s, 1e3 * (parts_s - once_s));
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
