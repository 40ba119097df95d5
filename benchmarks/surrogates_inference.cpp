// What one network call and one training step cost on a grid of 256 x 128 cells, beside the peak of
// a matrix product measured here: time, achieved GFLOP/s, share of that peak. Contiguous against
// channels-last, float32 against bfloat16.
//
//   OMP_NUM_THREADS=1 bench_surrogates_inference [width] [levels] [patch]
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "surrogates/torch_network.hpp"

using namespace understudy;
using namespace understudy::surrogates;

namespace {

constexpr int grid_width = 256, grid_height = 128;

// The median of `repeats` timings, after two warm-up calls.
double seconds(const std::function<void()>& call, int repeats = 9) {
  call();
  call();
  std::vector<double> times;
  for (int n = 0; n < repeats; ++n) {
    const core::Stopwatch stopwatch;
    call();
    times.push_back(stopwatch.seconds());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

double matrix_peak(at::ScalarType type) {
  const c10::InferenceMode no_autograd;
  constexpr std::int64_t n = 2048;
  const at::Tensor a = at::randn({n, n}).to(type), b = at::randn({n, n}).to(type);
  return 2.0 * n * n * n / seconds([&] { at::mm(a, b); }, 5);
}

void inference(const NetworkParams& params, const NetworkShape& shape, double peak,
               at::MemoryFormat layout, const char* name) {
  const c10::InferenceMode no_autograd;
  Network network(params, shape, 1);
  auto& impl = network.impl();
  const at::ScalarType type = params.precision == "bfloat16" ? at::kBFloat16 : at::kFloat;
  const at::Tensor input =
      at::randn({1, shape.inputs(), grid_height, grid_width}).to(type).contiguous(layout);
  std::vector<at::Tensor> weights;
  for (const at::Tensor& w : slices(impl.flat, impl.specs))
    weights.push_back(w.dim() == 4 ? w.to(type).contiguous(layout) : w.to(type));
  const double time = seconds([&] { impl.architecture->forward(input, weights); });
  const double rate = network.operations(grid_width, grid_height) / time;
  std::printf("%-10s %-14s %9.2f ms/window %9.1f GFLOP/s %6.1f%% of the matrix product\n",
              params.precision.c_str(), name, 1e3 * time, 1e-9 * rate, 100 * rate / peak);
}

void training(const NetworkParams& params, const NetworkShape& shape, double peak,
              at::MemoryFormat layout, const char* name) {
  constexpr int batch = 8;
  Network network(params, shape, 1);
  auto& impl = network.impl();
  const at::ScalarType type = params.precision == "bfloat16" ? at::kBFloat16 : at::kFloat;
  const at::Tensor input =
      at::randn({batch, shape.inputs(), grid_height, grid_width}).to(type).contiguous(layout);
  auto weights = slices(impl.flat, impl.specs);
  for (auto& w : weights) w = w.detach().requires_grad_(true);
  auto step = [&] {
    auto cast = weights;
    for (auto& w : cast) w = w.to(type);
    impl.architecture->forward(input, cast).to(at::kFloat).square().mean().backward();
  };
  const double time = seconds(step, 5);
  const double rate = 3 * batch * network.operations(grid_width, grid_height) / time;
  std::printf("%-10s %-14s %9.2f ms/window %9.1f GFLOP/s %6.1f%% of the matrix product, training\n",
              params.precision.c_str(), name, 1e3 * time / batch, 1e-9 * rate, 100 * rate / peak);
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  set_up_torch();
  NetworkParams params;
  if (argc > 1) params.width = std::atoi(argv[1]);
  if (argc > 2) params.levels = std::atoi(argv[2]);
  if (argc > 3) params.patch = std::atoi(argv[3]);
  NetworkShape shape;
  shape.prognostic = 3;
  shape.fixed = 1;
  shape.parameters = 1;
  shape.boundaries = {BoundaryKind::inflow, BoundaryKind::open, BoundaryKind::wall,
                      BoundaryKind::wall};
  const Network network(params, shape, 1);
  std::printf("unet width %d, levels %d, patch %d: %lld weights, %.2f GFLOP a window; %d threads\n",
              params.width, params.levels, params.patch, network.weight_count(),
              1e-9 * network.operations(grid_width, grid_height), core::Runtime::threads());
  const double peak32 = matrix_peak(at::kFloat), peak16 = matrix_peak(at::kBFloat16);
  std::printf("matrix product 2048^3: float32 %.0f, bfloat16 %.0f GFLOP/s\n", 1e-9 * peak32,
              1e-9 * peak16);
  const auto contiguous = at::MemoryFormat::Contiguous, last = at::MemoryFormat::ChannelsLast;
  inference(params, shape, peak32, contiguous, "contiguous");
  inference(params, shape, peak32, last, "channels-last");
  params.precision = "bfloat16";
  inference(params, shape, peak16, contiguous, "contiguous");
  inference(params, shape, peak16, last, "channels-last");
  training(params, shape, peak16, last, "channels-last");
  params.precision = "float32";
  training(params, shape, peak32, contiguous, "contiguous");
  training(params, shape, peak32, last, "channels-last");
  return 0;
}
