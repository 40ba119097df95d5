#include "surrogates/fields/torch_training_data.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "mesh/cell_weights.hpp"
#include "mesh/grid_shape.hpp"

namespace understudy::surrogates {

namespace {

// Sums over the training samples of one channel.
struct Moments {
  double count = 0, sum = 0, squares = 0, increment_count = 0, increment_squares = 0;
  double lowest = INFINITY, highest = -INFINITY;

  // [frames, (z,) (y,) x], [(z,) (y,) x]
  void add(const at::Tensor& channel, const at::Tensor& weights) {
    const auto total = [&](const at::Tensor& t) {
      return (weights.defined() ? t * weights : t).sum().item<double>();
    };
    const at::Tensor values = channel.to(at::kDouble);
    count += static_cast<double>(values.numel());
    sum += total(values);
    squares += total(values.square());
    lowest = std::min(lowest, values.min().item<double>());
    highest = std::max(highest, values.max().item<double>());
    const std::int64_t steps = values.size(0) - 1;
    const at::Tensor change = values.narrow(0, 1, steps) - values.narrow(0, 0, steps);
    increment_count += static_cast<double>(change.numel());
    increment_squares += total(change.square());
  }

  void fill(FieldCard& card) const {
    card.mean = sum / count;
    const double variance = squares / count - card.mean * card.mean;
    card.std = variance > 0 ? std::sqrt(variance) : 1;
    const double increment = increment_squares / increment_count;
    card.increment_std = increment > 0 ? std::sqrt(increment) : card.std;
    card.lowest = lowest;
    card.highest = highest;
  }
};

std::vector<FieldCard> channel_cards(const DatasetInfo& info, mesh::Role role) {
  std::vector<FieldCard> cards;
  for (const mesh::FieldInfo& field : info.fields)
    for (int c = 0; c < field.components && field.role == role; ++c) {
      FieldCard card;
      card.name = field.name;
      card.unit = field.unit;
      card.location = mesh::to_string(field.location);
      card.component = c;
      cards.push_back(card);
    }
  return cards;
}

// [..., channel, (z,) y, x] of the deck's grid as means over the cells of one of the coarse grid, or over its face.
at::Tensor coarsened(const at::Tensor& fine, const std::vector<FieldCard>& cards,
                     const NetworkParams& network, int axes) {
  if (!corrects(network)) return fine;
  const auto factors = coarsening(network);
  if (cards.empty()) {
    std::vector<std::int64_t> shape = fine.sizes().vec();
    for (int axis = 0; axis < axes; ++axis) shape[shape.size() - 1 - axis] /= factors[axis];
    return at::empty(shape, fine.options());
  }
  std::vector<at::Tensor> channels;
  for (std::size_t c = 0; c < cards.size(); ++c) {
    at::Tensor one = fine.select(fine.dim() - axes - 1, static_cast<std::int64_t>(c));
    for (int axis = 0; axis < axes; ++axis) {
      const std::int64_t along = one.dim() - 1 - axis, f = factors[axis];
      if (cards[c].location == mesh::to_string(static_cast<mesh::Location>(axis + 1)))
        one = one.slice(along, 0, std::nullopt, f);
      else
        one = one.unflatten(along, {one.size(along) / f, f}).mean(along + 1);
    }
    channels.push_back(one);
  }
  return at::stack(channels, fine.dim() - axes - 1).contiguous();
}

Trajectory read_trajectory(const DatasetReader& reader, int sample, int skip,
                           const NetworkParams& network, const ModelCard& card) {
  const DatasetInfo& info = reader.info();
  const std::int64_t frames = reader.samples()[sample].frames - skip;
  auto shape_after = [&](std::vector<std::int64_t> leading) {  // [leading..., (z,) (y,) x]
    const auto cells = mesh::shape_of(info.grid);
    leading.insert(leading.end(), cells.rbegin(), cells.rend());
    return leading;
  };
  Trajectory t;
  t.sample = sample;
  t.first = skip;
  const auto values = reader.prognostic(sample, skip, frames);
  t.values = at::empty(shape_after({frames, reader.channels(mesh::Role::prognostic)}), at::kFloat);
  std::copy(values.begin(), values.end(), t.values.data_ptr<float>());
  const auto fixed = reader.fixed(sample);
  t.fixed = at::empty(shape_after({reader.channels(mesh::Role::fixed)}), at::kFloat);
  std::copy(fixed.begin(), fixed.end(), t.fixed.data_ptr<float>());
  const auto weights = mesh::cell_weights(reader.cell_measures(sample));
  if (!weights.empty()) {
    t.weights = at::empty(shape_after({}), at::kFloat);
    std::copy(weights.begin(), weights.end(), t.weights.data_ptr<float>());
  }
  if (!at::isfinite(t.values).all().item<bool>())
    throw core::UserError(core::format("dataset {}: sample {} has values that are not finite",
                                       reader.directory().string(), reader.samples()[sample].name));
  t.start_s = reader.time_s(sample, skip);
  const int axes = info.grid.dimension();
  t.values = coarsened(t.values, card.fields, network, axes);
  t.fixed = coarsened(t.fixed, card.fixed, network, axes);
  if (t.weights.defined())
    t.weights = coarsened(t.weights.unsqueeze(0), {FieldCard{}}, network, axes).squeeze(0);
  return t;
}

// Samples on uniform grids have no weights; beside others that have, they weigh alike.
void give_all_weights(TrainingData& data) {
  at::Tensor some;
  for (const auto* set : {&data.train, &data.valid})
    for (const Trajectory& t : *set)
      if (t.weights.defined()) some = t.weights;
  if (!some.defined()) return;
  for (auto* set : {&data.train, &data.valid})
    for (Trajectory& t : *set)
      if (!t.weights.defined()) t.weights = at::ones_like(some);
}

void fit_parameters(const DatasetReader& reader, const std::vector<int>& train, ModelCard& card) {
  for (const NamedValue& first : reader.samples().at(train.front()).parameters) {
    ParameterCard p;
    p.name = first.name;
    p.unit = first.unit;
    double sum = 0, squares = 0;
    p.lowest = p.highest = first.value;
    for (const int sample : train) {
      const double value = value_of(reader.samples()[sample].parameters, p.name,
                                    "sample " + reader.samples()[sample].name);
      sum += value;
      p.lowest = std::min(p.lowest, value);
      p.highest = std::max(p.highest, value);
    }
    p.mean = sum / static_cast<double>(train.size());
    for (const int sample : train)
      squares += std::pow(value_of(reader.samples()[sample].parameters, p.name, "") - p.mean, 2);
    p.std = squares > 0 ? std::sqrt(squares / static_cast<double>(train.size())) : 1;
    card.parameters.push_back(p);
  }
}

void note_cases(const DatasetReader& reader, const std::vector<int>& samples,
                const std::string& split, ModelCard& card) {
  for (const int n : samples) {
    const SampleInfo& sample = reader.samples()[n];
    CaseCard seen{sample.name, split, {}};
    for (const ParameterCard& p : card.parameters)
      seen.values.push_back(value_of(sample.parameters, p.name, "sample " + sample.name));
    card.cases.push_back(seen);
  }
}

at::Tensor normalised_parameters(const ModelCard& card, const SampleInfo& sample) {
  at::Tensor values = at::zeros({static_cast<std::int64_t>(card.parameters.size())}, at::kFloat);
  for (std::size_t n = 0; n < card.parameters.size(); ++n) {
    const ParameterCard& p = card.parameters[n];
    const double value = value_of(sample.parameters, p.name, "sample " + sample.name);
    values.data_ptr<float>()[n] = static_cast<float>((value - p.mean) / p.std);
  }
  return values;
}

// The Cartesian components of a vector in one scale and about zero, so that it can be turned as it is normalised.
void share_scale(std::vector<FieldCard>& fields, int first) {
  double square = 0, increment = 0;
  bool constant = true;
  for (int c = first; c < first + 3; ++c) {
    const FieldCard& f = fields[c];
    constant &= f.constant;
    if (f.constant) continue;
    square += f.std * f.std + f.mean * f.mean;
    increment += f.increment_std * f.increment_std;
  }
  if (constant) return;
  for (int c = first; c < first + 3; ++c) {
    fields[c].constant = false;
    fields[c].mean = 0;
    fields[c].std = std::sqrt(square / 3);
    fields[c].increment_std = std::sqrt(increment / 3);
  }
}

// Without a held-out sample the end of the only one is held out.
void split_in_time(TrainingData& data) {
  Trajectory& whole = data.train.front();
  const std::int64_t kept = whole.frames() * 4 / 5;
  if (kept < 4)
    throw core::UserError(core::format(
        "training: one sample of {} frames is too little to learn from and to validate on",
        whole.frames()));
  core::log::warn("training: no held-out sample; the last fifth of the only one validates");
  Trajectory rest = whole;
  rest.first += kept;
  rest.start_s += static_cast<double>(kept) * data.card.window_s;
  rest.values = whole.values.narrow(0, kept, whole.frames() - kept).clone();
  whole.values = whole.values.narrow(0, 0, kept).clone();
  data.valid.push_back(rest);
}

// Fields, window, grid and sides.
ModelCard card_of(const DatasetInfo& info, const NetworkParams& network) {
  ModelCard card;
  card.name = info.name;
  card.fields = channel_cards(info, mesh::Role::prognostic);
  card.fixed = channel_cards(info, mesh::Role::fixed);
  card.window_s = info.window_s;
  card.grid = info.grid;
  if (corrects(network)) card.grid.cells = coarse_cells(network, mesh::shape_of(card.grid));
  for (const SideKind kind : info.boundaries) card.boundaries.push_back(to_string(kind));
  return card;
}

}  // namespace

NetworkShape network_shape(const DatasetReader& reader, const NetworkParams& network) {
  NetworkShape shape = card_of(reader.info(), network).shape();
  if (!reader.samples().empty())
    shape.parameters = static_cast<int>(reader.samples().front().parameters.size());
  return shape;
}

TrainingData load_training_data(const DatasetReader& reader, const TrainingParams& params,
                                const NetworkParams& network) {
  std::vector<int> train = reader.samples_of("train"), valid = reader.samples_of("valid");
  if (train.empty())
    throw core::UserError(
        core::format("dataset {}: no sample in the split train", reader.directory().string()));
  if (valid.empty() && train.size() > 1) {
    valid.push_back(train.back());
    train.pop_back();
  }
  const long long longest_unroll = *std::max_element(params.unroll.begin(), params.unroll.end());
  for (const int sample : train)
    if (reader.samples()[sample].frames - params.skip_windows < longest_unroll + 2)
      throw core::UserError(core::format(
          "dataset {}: sample {} has {} frames; training.skip_windows {} and unroll {} want at "
          "least {}",
          reader.directory().string(), reader.samples()[sample].name,
          reader.samples()[sample].frames, params.skip_windows, longest_unroll,
          params.skip_windows + longest_unroll + 2));

  TrainingData data;
  ModelCard& card = data.card;
  card = card_of(reader.info(), network);
  card.skip_windows = params.skip_windows;
  card.dataset_hash = reader.hash();
  card.cost.data_core_s = reader.cost_core_s();
  fit_parameters(reader, train, card);
  card.card_version = ModelCard::newest;
  note_cases(reader, train, "train", card);
  note_cases(reader, valid, "valid", card);

  for (const int n : train)
    data.train.push_back(read_trajectory(reader, n, params.skip_windows, network, card));
  for (const int n : valid)
    data.valid.push_back(read_trajectory(reader, n, params.skip_windows, network, card));
  give_all_weights(data);
  if (valid.empty()) split_in_time(data);
  const auto channels = static_cast<std::int64_t>(card.fields.size());
  std::vector<std::int64_t> scale_shape(2 + mesh::shape_of(card.grid).size(), 1);
  scale_shape[1] = channels;
  data.scale = at::empty(scale_shape, at::kFloat);
  for (std::int64_t c = 0; c < channels; ++c) {
    Moments moments;
    for (const Trajectory& t : data.train) moments.add(t.values.select(1, c), t.weights);
    moments.fill(card.fields[c]);
  }
  mark_constants(card.fields);
  for (const int first : card.vector_channels()) share_scale(card.fields, first);
  for (std::int64_t c = 0; c < channels; ++c) {
    const FieldCard& field = card.fields[c];
    if (field.constant)
      core::log::info(
          "training: {} does not vary in the training samples; the model predicts {} {}",
          field.name, field.mean, field.unit);
    // Of a constant channel held-out samples keep what they have, so that it counts as an error.
    data.scale.data_ptr<float>()[c] =
        field.constant ? 0 : static_cast<float>(field.increment_std / field.std);
    for (auto* set : {&data.train, &data.valid})
      for (Trajectory& t : *set) t.values.select(1, c).sub_(field.mean).div_(field.std);
    if (field.constant)
      for (Trajectory& t : data.train) t.values.select(1, c).zero_();
  }
  for (std::size_t n = 0; n < data.train.size(); ++n)
    data.train[n].parameters = normalised_parameters(card, reader.samples()[train[n]]);
  for (std::size_t n = 0; n < data.valid.size(); ++n)
    data.valid[n].parameters =
        normalised_parameters(card, reader.samples()[valid.empty() ? train[0] : valid[n]]);
  return data;
}

at::Tensor conditions(const std::vector<const Trajectory*>& of) {
  std::vector<at::Tensor> rows;
  for (const Trajectory* t : of) {
    std::vector<std::int64_t> one(t->values.dim() - 1, 1), whole = t->values.sizes().slice(1).vec();
    one[0] = whole[0] = t->parameters.numel();
    rows.push_back(at::cat({t->fixed, t->parameters.view(one).expand(whole)}, 0));
  }
  return at::stack(rows);
}

}  // namespace understudy::surrogates
