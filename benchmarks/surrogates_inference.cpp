// What one network call costs, by network, precision and memory layout, beside the peak of a matrix
// product measured here: time, achieved GFLOP/s, share of that peak; and what SurrogateStepper::advance
// adds to a bare forward pass (packing, conversion, ghosts, bookkeeping), as a ratio of medians of calls
// that take turns. The truth's constrain() is physics and left out.
//
//   OMP_NUM_THREADS=1 bench_surrogates_inference [key=value]...   with
//     network=unet,fno cells=256,128 width=24 levels=3 patch=2 modes=12 layers=4 repeats=15
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cstdio>
#include <functional>

#include "benchmarks/torch_bench.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/box_grid.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/network/torch_network.hpp"

using namespace understudy;
using namespace understudy::bench;
using namespace understudy::surrogates;

namespace {

// Medians of timings of calls that take turns, after two rounds of warm-up.
std::vector<double> seconds(const std::vector<std::function<void()>>& calls, int repeats) {
  std::vector<std::vector<double>> times(calls.size());
  for (int n = 0; n < repeats + 2; ++n)
    for (std::size_t c = 0; c < calls.size(); ++c) {
      wait_for_device();
      const core::Stopwatch stopwatch;
      calls[c]();
      wait_for_device();
      if (n >= 2) times[c].push_back(stopwatch.seconds());
    }
  std::vector<double> medians;
  for (const auto& list : times) medians.push_back(median(list));
  return medians;
}

// A truth without physics: three cell fields and a mask.
class Still : public solvers::Stepper<float> {
 public:
  explicit Still(std::shared_ptr<const mesh::Grid> grid) : grid_(std::move(grid)) {}
  std::string name() const override { return "still"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return grid_; }
  std::vector<mesh::FieldInfo> fields() const override {
    using mesh::Location, mesh::Role;
    return {{.name = "u", .unit = "m/s", .location = Location::cell, .role = Role::prognostic},
            {.name = "v", .unit = "m/s", .location = Location::cell, .role = Role::prognostic},
            {.name = "p", .unit = "Pa", .location = Location::cell, .role = Role::prognostic},
            {.name = "mask", .unit = "1", .location = Location::cell, .role = Role::fixed}};
  }
  double stable_dt(const mesh::State<float>&) override { return 1; }
  solvers::AdvanceReport advance(mesh::State<float>&, double) override { return {}; }
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<float>&) override { return {}; }
  void constrain(mesh::State<float>&) override {}

 private:
  std::shared_ptr<const mesh::Grid> grid_;
};

FieldModel model_of(const NetworkParams& params, const mesh::GridParams& grid, const Still& truth) {
  FieldModel model;
  ModelCard& card = model.card;
  card.name = "benchmark";
  card.network = params;
  for (const mesh::FieldInfo& field : truth.fields()) {
    FieldCard channel;
    channel.name = field.name;
    channel.unit = field.unit;
    (field.role == mesh::Role::fixed ? card.fixed : card.fields).push_back(channel);
  }
  card.parameters.resize(1);
  card.parameters[0].name = "number";
  card.window_s = 1;
  card.grid = grid;
  card.boundaries.assign(2 * grid.cells.size(), "periodic");
  model.network = std::make_shared<Network>(params, card.shape(), 1);
  return model;
}

struct Peaks {
  double float32, bfloat16;
};

void measure(const NetworkParams& params, const Options& o, const Peaks& peaks) {
  mesh::GridParams grid_params;
  grid_params.cells = numbers(o.at("cells"));
  grid_params.lower_m.assign(grid_params.cells.size(), 0);
  grid_params.upper_m.assign(grid_params.cells.size(), 1);
  const auto truth = std::make_shared<Still>(std::make_shared<const mesh::BoxGrid>(
      grid_params, std::array{true, true, true}, core::Comm::self()));
  const FieldModel model = model_of(params, grid_params, *truth);
  RunDescription run{
      truth->fields(), grid_params, model.card.shape().boundaries, 1, {{"number", "", 0.0}}};
  SurrogateStepper<float> surrogate(truth, model, run);
  mesh::State<float> state(truth->grid(), truth->fields());

  auto& impl = model.network->impl();
  const at::ScalarType type = params.precision == "bfloat16" ? at::kBFloat16 : at::kFloat;
  const double peak = type == at::kFloat ? peaks.float32 : peaks.bfloat16;
  std::vector<std::int64_t> shape{1, model.network->shape().inputs()};
  shape.insert(shape.end(), grid_params.cells.rbegin(), grid_params.cells.rend());
  for (const auto layout : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
    const bool last = layout == at::MemoryFormat::ChannelsLast;
    if (last && (params.kind == "fno" || grid_params.cells.size() != 2)) continue;
    impl.layout = layout;
    impl.forget_inference_copies();
    const at::Tensor input =
        at::randn(shape, where_fields_are(at::kFloat)).to(type).contiguous(layout);
    impl.infer(input.to(at::kFloat));  // makes the weights of the bare call, too
    auto bare = [&] {
      const c10::InferenceMode no_autograd;
      impl.architecture->forward(input, impl.inference);
    };
    const auto times =
        seconds({bare, [&] { surrogate.advance(state, 1); }}, std::stoi(o.at("repeats")));
    const double rate = model.network->operations(grid_params.cells) / times[0];
    std::printf(
        "%-5s %-9s %-14s forward %8.2f ms/window %8.1f GFLOP/s %5.1f%% of the matrix product; advance "
        "%8.2f ms, %+.1f%%\n",
        params.kind.c_str(), params.precision.c_str(), last ? "channels-last" : "contiguous",
        1e3 * times[0], 1e-9 * rate, 100 * rate / peak, 1e3 * times[1],
        100 * (times[1] / times[0] - 1));
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  set_up_torch();
  const Options o = options_of(argc, argv,
                               {{"network", "unet,fno"},
                                {"cells", "256,128"},
                                {"width", "24"},
                                {"levels", "3"},
                                {"patch", "2"},
                                {"modes", "12"},
                                {"layers", "4"},
                                {"repeats", "15"}});
  const Peaks peaks{matrix_peak(where_fields_are(at::kFloat)),
                    matrix_peak(where_fields_are(at::kBFloat16))};
  std::printf("%d threads; matrix product 2048^3: float32 %.0f, bfloat16 %.0f GFLOP/s\n",
              core::Runtime::threads(), 1e-9 * peaks.float32, 1e-9 * peaks.bfloat16);
  for (const std::string& kind : words(o.at("network")))
    for (const std::string precision : {"float32", "bfloat16"}) {
      NetworkParams params;
      params.kind = kind;
      params.precision = precision;
      params.constrain = false;
      params.width = std::stoi(o.at("width"));
      params.levels = std::stoi(o.at("levels"));
      params.patch = std::stoi(o.at("patch"));
      params.modes = numbers(o.at("modes"));
      params.layers = std::stoi(o.at("layers"));
      measure(params, o, peaks);
    }
  return 0;
}
