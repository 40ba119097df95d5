#include "surrogates/fields/training.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/memory.hpp"
#include "core/params_text.hpp"
#include "core/timers.hpp"
#include "surrogates/fields/sample_blocks.hpp"
#include "surrogates/fields/torch_autoencoder_trainer.hpp"
#include "surrogates/fields/torch_channel_moments.hpp"
#include "surrogates/fields/torch_correction_trainer.hpp"
#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/fields/torch_latent_trainer.hpp"
#include "surrogates/fields/torch_streamed_basis.hpp"
#include "surrogates/network/flat_layout.hpp"
#include "surrogates/training/prepare_together.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy::surrogates {

namespace {

// What a rank has of the samples.
struct Held {
  SampleMemory memory;
  std::optional<NetworkBlocks> blocks;
};

std::unique_ptr<RolloutTrainer> make_trainer(const DatasetReader& reader, TrainingData data,
                                             const TrainingSetup& setup, const core::Comm& comm,
                                             const MakeCoarseSolver& coarse) {
  const NetworkParams& network = setup.network;
  if (is_latent(network))
    return std::make_unique<LatentTrainer>(reader, std::move(data), network, setup.training, comm);
  if (network.kind == "conv_autoencoder")
    return std::make_unique<AutoencoderTrainer>(std::move(data), network, setup.training, comm);
  if (corrects(network))
    return make_correction_trainer(reader, std::move(data), setup, comm, coarse);
  return std::make_unique<FieldTrainer>(std::move(data), network, setup.training, comm);
}

// The trained model, which leaves the trainer. Host and time are rank 0's.
TrainingReport report_of(RolloutTrainer& trainer, TrainingRecord record,
                         const TrainingSetup& setup) {
  ModelCard card = trainer.card;
  card.network = trainer.network.params();
  card.seed = setup.training.seed;
  card.ranks_per_sample = setup.training.ranks_per_sample;
  card.epochs = record.epochs;
  card.steps = record.steps;
  card.weight_count = trainer.network.weight_count();
  card.git = record.git;
  card.cost.training_core_s = record.core_s;
  card.set_maker(setup.provenance);
  const std::string text = trainer.comm().broadcast(params_text(card));
  if (!trainer.comm().is_root()) {
    card = {};
    read_params_text(text, card);
  }
  TrainingReport report{std::move(record),
                        {std::move(card), std::make_shared<Network>(std::move(trainer.network))}};
  report.streamed = trainer.streams();
  report.bytes_read = trainer.comm().sum(trainer.bytes_read());
  return report;
}

double product(const std::vector<long long>& cells) {
  double all = 1;
  for (const long long n : cells) all *= static_cast<double>(n);
  return all;
}

// What samples take at least where they are streamed: what each has once, and the most of what normalisation, a
// training sequence (of pod and dmd a block of frames, beside the passes' sketches) want at a time. `cells`: of them
// this rank's.
void add_streamed(TrainingNeeds& needs, const TrainingExtent& extent, const TrainingSetup& setup,
                  const std::vector<long long>& cells) {
  const NetworkShape& shape = extent.shape;
  needs.limit = 1e9 * setup.training.memory_gb;
  if (setup.network.kind == "conv_autoencoder") {
    needs.why_streamed = "network.kind conv_autoencoder goes over all frames at once";
    return;
  }
  double fine = 1;
  const double points = product(cells);
  if (corrects(setup.network))
    for (std::size_t axis = 0; axis < shape.cells.size(); ++axis)
      fine *= static_cast<double>(coarsening(setup.network)[axis]);
  double frame = sizeof(float) * shape.prognostic * points * fine;
  const double held = sizeof(float) * extent.samples * (shape.fixed + 1) * points;
  const double moments =
      ChannelMoments::bytes(extent.longest, points) + 4 * sizeof(float) * points * fine;
  // Of the whole grid, before there are frames.
  const double measures =
      extent.measured ? DatasetReader::measures_bytes(product(shape.cells) * fine, points * fine)
                      : 0;
  double frames = *std::ranges::max_element(setup.training.unroll) + 1.0, sketches = 0;
  if (is_latent(setup.network)) {
    frames = static_cast<double>(StreamedBasis::sketched(setup.network.latent_size));
    // Closing faces are values, too.
    const auto values =
        static_cast<double>(FlatLayout(cells, shape.boundaries, shape.locations).count);
    frame = sizeof(float) * values;
    needs.samples = extent.frames * frame;
    sketches = StreamedBasis::bytes(setup.network.latent_size, values);
    needs.limit_decides = true;
  }
  needs.streamed =
      held + std::max({moments, measures, (frames + frames_under_way) * frame + sketches});
  needs.why_streamed =
      core::format("{} frames at a time, what {} sample{} once, and the sums of the longest one",
                   frames, extent.samples, extent.samples == 1 ? " has" : "s have");
}

}  // namespace

TrainingExtent training_extent(const DatasetReader& data, const TrainingSetup& setup) {
  TrainingExtent extent{network_shape(data, setup.network)};
  for (const char* split : {"train", "valid"})
    for (const int sample : data.samples_of(split)) {
      const auto frames = static_cast<double>(std::max<long long>(
          0,
          data.samples()[static_cast<std::size_t>(sample)].frames - setup.training.skip_windows));
      if (extent.samples == 0) extent.measured = data.has_measures(sample);
      extent.frames += frames;
      extent.longest = std::max(extent.longest, frames);
      ++extent.samples;
    }
  return extent;
}

TrainingNeeds training_needs(const TrainingExtent& extent, const TrainingSetup& setup, int ranks) {
  const NetworkShape& shape = extent.shape;
  const auto cells = largest_block(sample_starts(setup, shape, ranks));
  TrainingNeeds needs;
  needs.samples = sizeof(float) * extent.frames * shape.prognostic * product(cells);
  needs.fewer_samples =
      "fewer samples or windows (ensemble.parameters, ensemble.windows, training.skip_windows)";
  needs.smaller_network = "a smaller network (network.width, levels, modes, latent_size...)";
  needs.smaller_share = more_ranks_a_sample(setup, shape, ranks);
  add_streamed(needs, extent, setup, cells);
  needs.weights = training_bytes_of_weights(*make_architecture(setup.network, shape));
  if (is_latent(setup.network)) return needs;  // steps coordinates, which are few
  // No batch is larger than the sequences, of which there are fewer than frames.
  const double groups = ranks / setup.training.ranks_per_sample;
  const double share = std::ceil(std::min(double(setup.training.batch), extent.frames) / groups);
  const auto windows = double(*std::ranges::max_element(setup.training.unroll));
  const double value_bytes = setup.training.precision == "float32" ? 4 : 2;
  needs.batch = value_bytes * share * windows * values_kept(setup.network, shape, cells);
  return needs;
}

TrainingReport train(const DatasetReader& data, const TrainingSetup& asked, const core::Comm& comm,
                     const MakeCoarseSolver& coarse) {
  const core::ScopedTimer region("train");
  set_up_torch();
  TrainingSetup setup = asked;
  setup.training.precision = training_precision(setup.training.precision, comm);
  const SampleMemory memory =
      require_training_fits(training_needs(training_extent(data, setup), setup, comm.size()), comm);
  if (memory.streamed)
    core::log::info(
        "training: samples are read from {} as training goes on, in {} of each rank's memory",
        data.directory().string(), core::bytes_text(memory.bytes));
  const TrainingThreads threads(setup.training.threads);
  const core::Stopwatch stopwatch;
  const Held held{memory, sample_blocks(setup, network_shape(data, setup.network), comm)};
  // One after the other: what a trainer does with all ranks must not meet a group that could not read.
  TrainingData samples = prepare_together(comm, [&] {
    return load_training_data(data, setup.training, setup.network, held.memory, held.blocks);
  });
  const auto trainer = prepare_together(
      comm, [&] { return make_trainer(data, std::move(samples), setup, comm, coarse); });
  double prepared_s = stopwatch.seconds();
  comm.broadcast(&prepared_s, sizeof prepared_s);
  try {
    TrainingRecord record = run_training(*trainer, setup, prepared_s);
    return report_of(*trainer, std::move(record), setup);
  } catch (const TrainingStopped& stop) {
    throw TrainingInterrupted(stop, report_of(*trainer, stop.record, setup));
  }
}

}  // namespace understudy::surrogates
