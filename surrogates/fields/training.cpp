#include "surrogates/fields/training.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/params_text.hpp"
#include "core/timers.hpp"
#include "surrogates/fields/torch_autoencoder_trainer.hpp"
#include "surrogates/fields/torch_correction_trainer.hpp"
#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/fields/torch_latent_trainer.hpp"
#include "surrogates/training/prepare_together.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy::surrogates {

namespace {

std::unique_ptr<RolloutTrainer> make_trainer(const DatasetReader& reader,
                                             const TrainingSetup& setup, const core::Comm& comm,
                                             const MakeCoarseSolver& coarse) {
  const NetworkParams& network = setup.network;
  TrainingData data = load_training_data(reader, setup.training, network);
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
  return {std::move(record),
          {std::move(card), std::make_shared<Network>(std::move(trainer.network))}};
}

}  // namespace

TrainingExtent training_extent(const DatasetReader& data, const TrainingSetup& setup) {
  TrainingExtent extent{network_shape(data, setup.network)};
  for (const char* split : {"train", "valid"})
    for (const int sample : data.samples_of(split))
      extent.frames += static_cast<double>(std::max<long long>(
          0,
          data.samples()[static_cast<std::size_t>(sample)].frames - setup.training.skip_windows));
  return extent;
}

TrainingNeeds training_needs(const TrainingExtent& extent, const TrainingSetup& setup, int ranks) {
  const NetworkShape& shape = extent.shape;
  double points = 1;
  for (const long long n : shape.cells) points *= static_cast<double>(n);
  TrainingNeeds needs;
  needs.samples = sizeof(float) * extent.frames * shape.prognostic * points;
  needs.fewer_samples =
      "fewer samples or windows (ensemble.parameters, ensemble.windows, training.skip_windows)";
  needs.smaller_network = "a smaller network (network.width, levels, modes, latent_size...)";
  needs.weights = training_bytes_of_weights(*make_architecture(setup.network, shape));
  if (is_latent(setup.network)) return needs;  // steps coordinates, which are few
  // No batch is larger than the sequences, of which there are fewer than frames.
  const double share = std::ceil(std::min(double(setup.training.batch), extent.frames) / ranks);
  const auto windows = double(*std::ranges::max_element(setup.training.unroll));
  const double value_bytes = setup.training.precision == "float32" ? 4 : 2;
  needs.batch = value_bytes * share * windows * values_kept(setup.network, shape, shape.cells);
  return needs;
}

TrainingReport train(const DatasetReader& data, const TrainingSetup& asked, const core::Comm& comm,
                     const MakeCoarseSolver& coarse) {
  const core::ScopedTimer region("train");
  set_up_torch();
  TrainingSetup setup = asked;
  setup.training.precision = training_precision(setup.training.precision, comm);
  require_training_fits(training_needs(training_extent(data, setup), setup, comm.size()), comm);
  const TrainingThreads threads(setup.training.threads);
  const core::Stopwatch stopwatch;
  const auto trainer =
      prepare_together(comm, [&] { return make_trainer(data, setup, comm, coarse); });
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
