#include "surrogates/points/point_training.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/sampling.hpp"
#include "core/timers.hpp"
#include "surrogates/points/torch_point_model.hpp"
#include "surrogates/points/torch_point_trainer.hpp"
#include "surrogates/training/training_loop.hpp"
#include "surrogates/training/training_memory.hpp"

namespace understudy::surrogates {

namespace {

struct PointSplit {
  PointSet train, valid, calibration;
};

at::Tensor rows_of(const std::vector<double>& values, long long rows) {
  const auto columns = static_cast<std::int64_t>(values.size()) / rows;
  return at::from_blob(const_cast<double*>(values.data()), {rows, columns}, at::kDouble);
}

// Sets the card's columns from the training points.
PointSplit split(const PointDataset& data, const PointTrainingSetup& setup, PointCard& card) {
  const auto n = data.points;
  const auto part = [&](double fraction) { return std::llround(fraction * double(n)); };
  const long long valid = part(setup.training.validation_fraction);
  const long long calibration = part(setup.gate.calibration_fraction);
  if (valid < 1 || n - valid - calibration < 2)
    throw core::UserError(core::format(
        "{} points cannot be split into {} for validation, {} for calibration and the rest for "
        "training; collect more, or change training.validation_fraction and "
        "gate.calibration_fraction",
        n, valid, calibration));
  if (calibration > 0) require_enough(calibration, setup.gate.quantile);  // before the long part
  const at::Tensor order = at::tensor(
      core::epoch_order(n, static_cast<std::uint64_t>(setup.training.seed), 0x5eed), at::kLong);
  const at::Tensor inputs = rows_of(data.inputs, n).index_select(0, order);
  const at::Tensor outputs = rows_of(data.outputs, n).index_select(0, order);
  const long long train = n - valid - calibration;
  fit_columns(card.inputs, inputs.narrow(0, 0, train));
  fit_columns(card.outputs, outputs.narrow(0, 0, train));
  const at::Tensor x = normalised(card.inputs, inputs), y = normalised(card.outputs, outputs);
  const auto set = [&](long long first, long long count) {
    return PointSet{x.narrow(0, first, count), y.narrow(0, first, count)};
  };
  card.training_points = train;
  card.validation_points = valid;
  return {set(0, train), set(train, valid), set(train + valid, calibration)};
}

struct TrainedMember {
  TrainingRecord record;
  Network network;
};

TrainedMember train_member(const PointTrainingSetup& setup, const PointCard& card,
                           const PointSplit& points, int member, int ranks) {
  TrainingSetup one;
  one.network = setup.network.network();
  one.training = setup.training.training(member);
  one.provenance = setup.provenance;
  if (!setup.out.empty()) {
    one.files.checkpoint = setup.out / core::format("training_checkpoint_{}.safetensors", member);
    one.files.curve = setup.out / core::format("training_{}.csv", member);
    one.files.resume = setup.resume;
    one.files.pause_after_steps = setup.pause_after_steps;
  }
  PointTrainer trainer(card, points.train, points.valid, one.training);
  TrainingRecord record = run_training(trainer, one);
  record.core_s *= ranks;  // the others are held, too, while this one trains
  return {std::move(record), std::move(trainer.network)};
}

// The values as they were read, in double, and normalised, in single precision.
TrainingNeeds needs_of(const PointCard& card, double points, long long batch) {
  const double columns = double(card.inputs.size() + card.outputs.size());
  TrainingNeeds needs;
  needs.samples = (sizeof(double) + sizeof(float)) * points * columns;
  needs.fewer_samples = "fewer points (points.dataset)";
  needs.smaller_network = "a smaller network (network.width, network.depth)";
  const NetworkParams network = card.network.network();
  needs.weights = training_bytes_of_weights(*make_architecture(network, card.shape()));
  needs.batch =
      sizeof(float) * std::min(double(batch), points) * card.network.width * card.network.depth;
  needs.alone = true;
  return needs;
}

PointTrainingReport train_here(const PointDataset& data, const PointTrainingSetup& setup,
                               int ranks) {
  const TrainingThreads threads(setup.training.threads);
  PointTrainingReport report;
  PointCard& card = report.card;
  card.name = data.info.name;
  card.network = setup.network;
  card.members = setup.training.members;
  card.seed = setup.training.seed;
  card.dataset_hash = data.hash;
  for (const Column& c : data.info.inputs) card.inputs.push_back({c.name, c.unit});
  for (const Column& c : data.info.outputs) card.outputs.push_back({c.name, c.unit});
  require_training_fits(needs_of(card, double(data.points), setup.training.batch),
                        core::Comm::self());
  const PointSplit points = split(data, setup, card);
  const PointCard untrained = card;
  std::vector<at::Tensor> flats;
  double trained_points = 0;
  for (int member = 0; member < card.members; ++member) {
    const auto [one, network] = train_member(setup, untrained, points, member, ranks);
    flats.push_back(network.impl().flat.clone());
    card.weight_count = network.weight_count();
    card.epochs += one.epochs;
    card.steps += one.steps;
    report.wall_s += one.wall_s;
    report.core_s += one.core_s;
    trained_points += one.samples_per_s * one.wall_s;
  }
  report.points_per_s = report.wall_s > 0 ? trained_points / report.wall_s : 0;
  card.cost = {data.cost_core_s, report.core_s};
  card.set_maker(setup.provenance);
  card.git = setup.provenance.git;
  const auto engine = make_mlp_engine(card, flats);
  // Errors are those of points that chose nothing, where there are such.
  const PointSet& unseen = points.calibration.size() > 0 ? points.calibration : points.valid;
  measure_errors(card, *engine, unseen.inputs, unseen.outputs);
  const at::Tensor reference = calibrate(card, *engine,
                                         {points.train.inputs, points.calibration.inputs,
                                          points.calibration.outputs, setup.gate, card.seed});
  core::make_folder(setup.model, "model folder");
  save_point_weights(setup.model, card, flats, reference);
  core::write_file(setup.model / "README.md", point_readme(card));
  return report;
}

}  // namespace

void require_network_fits(const PointNetworkParams& network, long long batch) {
  PointCard card;
  card.network = network;
  card.inputs.resize(1);
  card.outputs.resize(1);
  require_training_fits(needs_of(card, 0, batch), core::Comm::self());
}

PointTrainingReport train_points(const PointDataset& data, const PointTrainingSetup& setup,
                                 const core::Comm& comm) {
  const core::ScopedTimer region("train");
  set_up_torch();
  PointTrainingReport report;
  int signal = 0;
  std::string interrupted, failed;
  comm.on_root<core::UserError>([&] {
    try {
      report = train_here(data, setup, comm.size());
    } catch (const core::Interrupted& error) {
      signal = error.exit_code() - 128;
      interrupted = error.what();
    } catch (const core::RunError& error) {
      failed = error.what();
    }
  });
  comm.throw_on_all_ranks<core::RunError>(failed);
  comm.broadcast(&signal, sizeof signal);
  if (signal != 0) throw core::Interrupted(comm.broadcast(interrupted), signal);
  return report;
}

}  // namespace understudy::surrogates
