#include "surrogates/arrays/array_map_training.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/format.hpp"
#include "core/log.hpp"
#include "core/params_text.hpp"
#include "core/timers.hpp"
#include "surrogates/arrays/image_measures.hpp"
#include "surrogates/arrays/pair_file.hpp"
#include "surrogates/arrays/torch_array_map.hpp"
#include "surrogates/arrays/torch_array_map_trainer.hpp"
#include "surrogates/arrays/torch_array_scale.hpp"
#include "surrogates/arrays/torch_encoder_decoder.hpp"
#include "surrogates/training/prepare_together.hpp"
#include "surrogates/training/training_loop.hpp"
#include "surrogates/training/training_memory.hpp"

namespace understudy::surrogates {

namespace {

// The samples of one split, cut to the first `most` (0: all).
std::vector<long long> positions_of(const PairDataset& data, Split split, long long most) {
  auto positions = data.of(split);
  if (most > 0 && static_cast<long long>(positions.size()) > most)
    positions.resize(static_cast<std::size_t>(most));
  return positions;
}

// Where the maker states no range, that of the training samples.
void find_range(ArrayInfo& side, const std::vector<float>& values,
                const std::vector<long long>& samples) {
  if (side.lowest != 0 || side.highest != 0) return;
  const auto count = static_cast<std::size_t>(side.count());
  side.lowest = side.highest = values[static_cast<std::size_t>(samples.front()) * count];
  for (const long long n : samples) {
    const auto first =
        values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(n) * count);
    const auto [low, high] = std::minmax_element(first, first + static_cast<std::ptrdiff_t>(count));
    side.lowest = std::min<double>(side.lowest, *low);
    side.highest = std::max<double>(side.highest, *high);
  }
}

double root_mean_square(const ArrayInfo& side, const std::vector<float>& values,
                        const std::vector<long long>& samples) {
  const auto count = static_cast<std::size_t>(side.count());
  double sum = 0;
  for (const long long n : samples)
    for (std::size_t k = 0; k < count; ++k) {
      const double value = values[static_cast<std::size_t>(n) * count + k];
      sum += value * value;
    }
  return std::sqrt(sum / static_cast<double>(count * samples.size()));
}

at::Tensor scaled_rows(const ArrayScale& scale, const ArrayInfo& side,
                       const std::vector<float>& values, const std::vector<long long>& samples,
                       at::ScalarType type) {
  std::vector<std::int64_t> shape{static_cast<std::int64_t>(samples.size())};
  shape.insert(shape.end(), side.shape.begin(), side.shape.end());
  const at::Tensor rows = at::empty(shape, type);
  const auto count = static_cast<std::size_t>(side.count());
  for (std::size_t n = 0; n < samples.size(); ++n)
    at::Tensor(rows[static_cast<std::int64_t>(n)])
        .copy_(scaled(
            scale, rows_over(&values[static_cast<std::size_t>(samples[n]) * count], 1, side))[0]);
  return rows;
}

ArrayMapCard card_of(const PairDataset& data, const ArrayMapTrainingSetup& setup,
                     const std::vector<long long>& train) {
  ArrayMapCard card;
  card.name = data.info.name;
  card.network = setup.network;
  card.input = data.info.input;
  card.output = data.info.output;
  find_range(card.input, data.inputs, train);
  find_range(card.output, data.outputs, train);
  card.input_scale = make_scale(setup.training.input_scale, card.input,
                                root_mean_square(card.input, data.inputs, train));
  card.output_scale = make_scale(setup.training.output_scale, card.output,
                                 root_mean_square(card.output, data.outputs, train));
  card.precision = setup.training.precision;
  card.loss = setup.training.loss;
  card.mirror = setup.training.mirror;
  card.dataset_hash = data.hash;
  card.seed = setup.training.seed;
  card.training_samples = static_cast<long long>(train.size());
  card.cost.data_core_s = data.cost_core_s;
  return card;
}

// The scaled values of training and validation; those that were read are there already.
TrainingNeeds needs_of(const PairDataset& data, const ArrayMapTrainingSetup& setup, int ranks) {
  const double in = double(data.info.input.count()), out = double(data.info.output.count());
  const double learned =
      double(positions_of(data, Split::train, setup.training.training_samples).size() +
             data.of(Split::validation).size());
  const double input_bytes = setup.training.precision == "bfloat16" ? 2 : sizeof(float);
  TrainingNeeds needs;
  needs.samples = learned * (input_bytes * in + sizeof(float) * out);
  needs.fewer_samples = "fewer samples (training.training_samples, dataset.training)";
  needs.smaller_network = "a smaller network (network.width, max_width, latent)";
  needs.weights = training_bytes_of_weights(
      *make_encoder_decoder(setup.network, data.info.input, data.info.output));
  needs.batch = std::ceil(std::min(double(setup.training.batch), learned) / ranks) *
                (input_bytes * in + sizeof(float) * out);
  return needs;
}

// Only these samples' values are kept.
PairDataset subset(const PairDataset& data, const std::vector<long long>& samples) {
  PairDataset kept;
  kept.info = data.info;
  for (const long long n : samples) {
    kept.index.push_back(data.index[n]);
    kept.split.push_back(data.split[n]);
    kept.inputs.insert(kept.inputs.end(), data.input(n).begin(), data.input(n).end());
    kept.outputs.insert(kept.outputs.end(), data.output(n).begin(), data.output(n).end());
  }
  return kept;
}

// Of the mean of the training outputs, held for the output of every unseen sample.
double mean_rel_l2(const PairDataset& data, const std::vector<long long>& train,
                   const PairDataset& unseen) {
  std::vector<double> sum(static_cast<std::size_t>(data.info.output.count()), 0);
  for (const long long n : train) {
    const auto output = data.output(n);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += output[k];
  }
  std::vector<float> mean(sum.size());
  for (std::size_t k = 0; k < sum.size(); ++k)
    mean[k] = static_cast<float>(sum[k] / static_cast<double>(train.size()));
  double error = 0;
  for (long long n = 0; n < unseen.samples(); ++n) error += relative_l2(mean, unseen.output(n));
  return error / static_cast<double>(unseen.samples());
}

struct Prepared {
  ArrayMapCard card;
  ScaledPairs train, valid;
  PairDataset unseen;  ///< for the card's errors
  std::string unseen_split;
  double mean_rel_l2 = 0;
};

Prepared prepare(PairDataset data, const ArrayMapTrainingSetup& setup) {
  const auto train = positions_of(data, Split::train, setup.training.training_samples);
  const auto valid = positions_of(data, Split::validation, 0);
  auto unseen = positions_of(data, Split::test, 0);
  if (train.empty() || valid.empty())
    throw core::UserError(core::format(
        "dataset {} has {} samples to train and {} to validate; at least one of each is wanted",
        data.info.name, train.size(), valid.size()));
  if (setup.training.mirror && data.info.input.mirrored.empty() &&
      data.info.output.mirrored.empty())
    throw core::UserError(
        core::format("dataset {} names no axes that a mirror image reverses; set mirror to false",
                     data.info.name));
  Prepared p;
  p.card = card_of(data, setup, train);
  p.card.validation_samples = static_cast<long long>(valid.size());
  const auto type = setup.training.precision == "bfloat16" ? at::kBFloat16 : at::kFloat;
  const auto pairs = [&](const std::vector<long long>& samples) {
    return ScaledPairs{
        scaled_rows(p.card.input_scale, p.card.input, data.inputs, samples, type),
        scaled_rows(p.card.output_scale, p.card.output, data.outputs, samples, at::kFloat)};
  };
  p.train = pairs(train);
  p.valid = pairs(valid);
  p.unseen_split = unseen.empty() ? "validation" : "test";
  p.unseen = subset(data, unseen.empty() ? valid : unseen);
  p.mean_rel_l2 = mean_rel_l2(data, train, p.unseen);
  return p;
}

// Each rank measures its part.
ArrayMapErrors measure(const ArrayMap& model, const PairDataset& data, const core::Comm& comm) {
  std::vector<long long> mine;
  for (long long n = comm.rank(); n < data.samples(); n += comm.size()) mine.push_back(n);
  ArrayMapErrors errors = model.measure(data, mine);
  const auto own = static_cast<double>(mine.size()), all = static_cast<double>(data.samples());
  errors.samples = data.samples();
  errors.mae = comm.sum(errors.mae * own) / all;
  errors.rel_l2 = comm.sum(errors.rel_l2 * own) / all;
  errors.ssim = comm.sum((mine.empty() ? 0 : errors.ssim) * own) / all;
  return errors;
}

// Host and time are rank 0's.
void complete(ArrayMapCard& card, const ArrayMapTrainingSetup& setup, const core::Comm& comm) {
  card.set_maker(setup.provenance);
  const std::string text = comm.broadcast(params_text(card));
  if (comm.is_root()) return;
  card = {};
  read_params_text(text, card);
}

}  // namespace

ArrayMapTrainingReport train_operator(PairDataset data, const ArrayMapTrainingSetup& asked,
                                      const core::Comm& comm) {
  const core::ScopedTimer region("train");
  set_up_torch();
  ArrayMapTrainingSetup setup = asked;
  setup.training.precision = training_precision(setup.training.precision, comm);
  const TrainingThreads threads(setup.training.threads);
  const core::Stopwatch stopwatch;
  require_valid(data.info);
  require_training_fits(needs_of(data, setup, comm.size()), comm);
  // Every rank has read the data for itself.
  Prepared prepared = prepare_together(comm, [&] { return prepare(std::move(data), setup); });
  auto trainer = prepare_together(comm, [&] {
    return std::make_unique<ArrayMapTrainer>(prepared.card, std::move(prepared.train),
                                             std::move(prepared.valid), setup.training, comm);
  });
  TrainingSetup loop;
  loop.training = setup.training.training();
  loop.files = setup.files;
  loop.provenance = setup.provenance;
  double prepared_s = stopwatch.seconds();
  comm.broadcast(&prepared_s, sizeof prepared_s);
  TrainingRecord record = run_training(*trainer, loop, prepared_s);
  const auto network = std::make_shared<Network>(std::move(trainer->network));
  trainer.reset();  // with the samples

  ArrayMapCard card = prepared.card;
  card.epochs = record.epochs;
  card.steps = record.steps;
  card.weight_count = network->weight_count();
  card.git = record.git;
  card.cost.training_core_s = record.core_s;
  card.errors = measure(make_operator_model(card, network), prepared.unseen, comm);
  card.errors.split = prepared.unseen_split;
  card.errors.mean_rel_l2 = prepared.mean_rel_l2;
  card.verdict = array_map_verdict(card);
  complete(card, setup, comm);
  return {std::move(record), make_operator_model(card, network)};
}

}  // namespace understudy::surrogates
