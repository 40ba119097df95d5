// How many windows a second training takes, on synthetic data in memory: unet and fno, float32 and
// bfloat16, beside the matrix product's peak measured in the same run, and the process's peak memory so
// far (it only rises from line to line; give one network and one precision for its own). A step is what
// training does: batch from memory, noise, forward, backward, clipping, AdamW, moving average.
//
//   bench_surrogates_training [key=value]...   with
//     network=unet,fno precision=float32,bfloat16 cells=256,128 batch=8 width=24 levels=3 patch=2
//     modes=12 layers=4 unroll=1 steps=20 sides=periodic (or mixed: inflow, open, walls)
//
// With dataset=FOLDER (of `understudy generate`) it trains on these samples instead, whole epochs in memory and with
// memory_gb=0.1 of memory for samples, which are then read from the files, in turns; `steps` epochs each, and the ratio
// of their times. The first epoch of each is left out.
//
// Threads: OMP_NUM_THREADS. benchmarks/training/run sets this beside PyTorch.
#include <ATen/ATen.h>

#include <cstdio>
#include <span>

#include "benchmarks/torch_bench.hpp"
#include "core/memory.hpp"
#include "core/runtime.hpp"
#include "core/sampling.hpp"
#include "core/timers.hpp"
#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/fields/training.hpp"

using namespace understudy;
using namespace understudy::bench;
using namespace understudy::surrogates;

namespace {

TrainingData synthetic(const Options& o) {
  const auto cells = numbers(o.at("cells"));
  TrainingData data;
  ModelCard& card = data.card;
  card.grid.cells = cells;
  card.grid.lower_m.assign(cells.size(), 0);
  card.grid.upper_m.assign(cells.size(), 1);
  card.fields.resize(3);
  card.fixed.resize(1);
  card.parameters.resize(1);
  const bool mixed = o.at("sides") == "mixed";
  for (std::size_t side = 0; side < 2 * cells.size(); ++side)
    card.boundaries.push_back(!mixed      ? "periodic"
                              : side == 0 ? "inflow"
                              : side == 1 ? "open"
                                          : "wall");
  std::vector<std::int64_t> shape{20, 3};
  shape.insert(shape.end(), cells.rbegin(), cells.rend());
  for (auto* set : {&data.train, &data.valid}) {
    Trajectory t;
    t.values = at::randn(shape, generator(set == &data.train), at::TensorOptions(at::kFloat));
    auto fixed = shape;
    fixed.erase(fixed.begin());
    fixed[0] = 1;
    t.fixed = at::ones(fixed);
    t.parameters = at::ones({1});
    set->push_back(t);
  }
  std::vector<std::int64_t> scale(2 + cells.size(), 1);
  scale[1] = 3;
  data.scale = at::full(scale, 0.1F);
  return data;
}

struct Case {
  std::string kind, precision;
};

NetworkParams network_of(const std::string& kind, const Options& o) {
  NetworkParams network;
  network.kind = kind;
  network.width = std::stoi(o.at("width"));
  network.levels = std::stoi(o.at("levels"));
  network.patch = std::stoi(o.at("patch"));
  network.modes = numbers(o.at("modes"));
  network.layers = std::stoi(o.at("layers"));
  return network;
}

void measure(const Case& of, const Options& o, double peak) {
  const NetworkParams network = network_of(of.kind, o);
  TrainingParams training;
  training.precision = of.precision;
  const int unroll = std::stoi(o.at("unroll"));
  FieldTrainer trainer(synthetic(o), network, training);
  const std::size_t batch = std::stoul(o.at("batch"));
  const std::int64_t sequences = trainer.sequences(unroll);
  std::vector<double> times;
  const int steps = std::stoi(o.at("steps"));
  for (int n = 0; n < steps + 2; ++n) {
    std::vector<std::int64_t> picked;
    for (std::size_t b = 0; b < batch; ++b)
      picked.push_back(static_cast<std::int64_t>(7 * b + n) % sequences);
    wait_for_device();
    const core::Stopwatch stopwatch;
    trainer.step(picked, {unroll, 1e-4, 0.5});
    wait_for_device();
    if (n >= 2) times.push_back(stopwatch.seconds());
  }
  const double windows = static_cast<double>(batch) * unroll;
  const double rate = windows / median(times);
  const double operations = 3 * trainer.network.operations(trainer.card.grid.cells) * rate;
  std::printf(
      "%-5s %-9s %8lld weights %9.2f windows/s %8.1f GFLOP/s %5.1f%% of the matrix product, peak "
      "memory so far %.0f MB\n",
      of.kind.c_str(), of.precision.c_str(), trainer.network.weight_count(), rate,
      1e-9 * operations, 100 * operations / peak, 1e-6 * core::peak_memory_bytes());
  std::fflush(stdout);
}

double epoch_seconds(FieldTrainer& trainer, std::uint64_t epoch, std::size_t batch, int unroll) {
  const core::Stopwatch stopwatch;
  const auto order = core::epoch_order(trainer.sequences(unroll), 1, epoch);
  const std::size_t whole = order.size() - order.size() % batch;
  trainer.expect(std::span(order).first(whole), batch, unroll);
  for (std::size_t first = 0; first < whole; first += batch) {
    const auto begin = order.begin() + static_cast<std::ptrdiff_t>(first);
    trainer.step({begin, begin + static_cast<std::ptrdiff_t>(batch)}, {unroll, 1e-4, 0.5});
  }
  wait_for_device();
  return stopwatch.seconds();
}

void measure_streamed(const Case& of, const Options& o) {
  const DatasetReader data(o.at("dataset"));
  TrainingSetup setup{network_of(of.kind, o), {}};
  setup.training.precision = of.precision;
  setup.training.unroll = {std::stoll(o.at("unroll"))};
  setup.training.unroll_fractions = {};
  setup.training.memory_gb = std::stod(o.at("memory_gb"));
  const auto memory = require_training_fits(training_needs(training_extent(data, setup), setup, 1),
                                            core::Comm::self());
  if (!memory.streamed) {
    std::printf("%g GB hold all samples: nothing is read in training\n", setup.training.memory_gb);
    return;
  }
  FieldTrainer held(load_training_data(data, setup.training, setup.network), setup.network,
                    setup.training),
      streamed(load_training_data(data, setup.training, setup.network, memory), setup.network,
               setup.training);
  std::vector<double> a, b;
  const double before = streamed.bytes_read();
  const int epochs = std::stoi(o.at("steps")), unroll = std::stoi(o.at("unroll"));
  for (int n = 0; n <= epochs; ++n) {
    a.push_back(epoch_seconds(held, n, std::stoul(o.at("batch")), unroll));
    b.push_back(epoch_seconds(streamed, n, std::stoul(o.at("batch")), unroll));
  }
  a.erase(a.begin());
  b.erase(b.begin());
  std::printf(
      "%-5s %-9s %.3f s an epoch in memory, %.3f s streamed in %g GB: ratio %.3f; %.1f MB read an epoch\n",
      of.kind.c_str(), of.precision.c_str(), median(a), median(b), setup.training.memory_gb,
      median(b) / median(a), 1e-6 * (streamed.bytes_read() - before) / (epochs + 1));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  set_up_torch();
  const Options o = options_of(argc, argv,
                               {{"network", "unet,fno"},
                                {"precision", "float32,bfloat16"},
                                {"cells", "256,128"},
                                {"batch", "8"},
                                {"width", "24"},
                                {"levels", "3"},
                                {"patch", "2"},
                                {"modes", "12"},
                                {"layers", "4"},
                                {"unroll", "1"},
                                {"steps", "20"},
                                {"dataset", ""},
                                {"memory_gb", "0.1"},
                                {"sides", "periodic"}});
  if (!o.at("dataset").empty()) {
    for (const std::string& kind : words(o.at("network")))
      for (const std::string& precision : words(o.at("precision")))
        measure_streamed({kind, precision}, o);
    return 0;
  }
  const double peak32 = matrix_peak(where_fields_are(at::kFloat)),
               peak16 = matrix_peak(where_fields_are(at::kBFloat16));
  std::printf("%d threads; matrix product 2048^3: float32 %.0f, bfloat16 %.0f GFLOP/s\n",
              core::Runtime::threads(), 1e-9 * peak32, 1e-9 * peak16);
  for (const std::string& kind : words(o.at("network")))
    for (const std::string& precision : words(o.at("precision")))
      measure({kind, precision}, o, precision == "bfloat16" ? peak16 : peak32);
  return 0;
}
