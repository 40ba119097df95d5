#include "surrogates/fields/torch_training_data.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/fields/torch_channel_moments.hpp"
#include "surrogates/fields/torch_training_frames.hpp"
#include "surrogates/training/prepare_together.hpp"

namespace understudy::surrogates {

namespace {

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

// UserError naming the sample that is too short for a sequence or, held out, for a rollout.
void require_frames(const DatasetReader& reader, const TrainingParams& params,
                    const std::vector<int>& train, const std::vector<int>& valid) {
  const bool only = valid.empty();
  const long long least = params.skip_windows + least_frames(params, only),
                  least_held_out = params.skip_windows + least_held_out_frames;
  for (const int n : train)
    if (const SampleInfo& sample = reader.samples()[n]; sample.frames < least)
      throw core::UserError(core::format(
          "dataset {}: sample {} has {} frames; training.skip_windows {} and unroll {} want at "
          "least {}{}",
          reader.directory().string(), sample.name, sample.frames, params.skip_windows,
          *std::ranges::max_element(params.unroll), least,
          only ? ", since it is the only one and its last fifth is held out (ensemble.windows says "
                 "how many it has)"
               : ""));
  for (const int n : valid)
    if (const SampleInfo& sample = reader.samples()[n]; sample.frames < least_held_out)
      throw core::UserError(core::format(
          "dataset {}: the held-out sample {} has {} frame{}; training.skip_windows {} and a "
          "rollout of one window want at least {}",
          reader.directory().string(), sample.name, sample.frames, sample.frames == 1 ? "" : "s",
          params.skip_windows, least_held_out));
}

// Without a held-out sample the end of the only one is held out.
void split_in_time(TrainingData& data) {
  Trajectory& whole = data.train.front();
  const std::int64_t kept = before_last_fifth(whole.count);
  core::log::warn("training: no held-out sample; the last fifth of the only one validates");
  Trajectory rest = whole;
  rest.first += kept;
  rest.start_s += static_cast<double>(kept) * data.card.window_s;
  rest.count = whole.count - kept;
  whole.count = kept;
  if (whole.values.defined()) {
    rest.values = whole.values.narrow(0, kept, rest.count).clone();
    whole.values = whole.values.narrow(0, 0, kept).clone();
  }
  data.valid.push_back(rest);
}

// Of each channel over what this rank has of the training samples.
std::vector<ChannelMoments> moments_of(const FrameSource& from, const TrainingData& data) {
  const ModelCard& card = data.card;
  const std::int64_t cells = c10::multiply_integers(data.train.front().fixed.sizes().slice(1));
  std::vector<ChannelMoments> moments(card.fields.size());
  for (std::size_t c = 0; c < card.fields.size(); ++c)
    for (const Trajectory& t : data.train)
      moments[c].add(
          [&](std::int64_t n) {
            return data.memory.streamed ? read_channel(from, t, n, card.fields, c)
                                        : t.values[n][static_cast<std::int64_t>(c)];
          },
          {t.count, cells}, t.weights);
  return moments;
}

// Mean and spread of each channel, and the scale of the changes.
void fit_channels(const std::vector<ChannelMoments>& moments, TrainingData& data) {
  ModelCard& card = data.card;
  for (std::size_t c = 0; c < card.fields.size(); ++c) moments[c].fill(card.fields[c]);
  mark_constants(card.fields);
  for (const int first : card.vector_channels()) share_scale(card.fields, first);
  std::vector<std::int64_t> scale_shape(2 + mesh::shape_of(card.grid).size(), 1);
  scale_shape[1] = static_cast<std::int64_t>(card.fields.size());
  data.scale = at::empty(scale_shape, at::kFloat);
  for (std::size_t c = 0; c < card.fields.size(); ++c) {
    const FieldCard& field = card.fields[c];
    if (field.constant)
      core::log::info(
          "training: {} does not vary in the training samples; the model predicts {} {}",
          field.name, field.mean, field.unit);
    data.scale.data_ptr<float>()[c] =
        field.constant ? 0 : static_cast<float>(field.increment_std / field.std);
  }
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
                                const NetworkParams& network, const SampleMemory& memory,
                                const std::optional<NetworkBlocks>& blocks) {
  std::vector<int> train = reader.samples_of("train"), valid = reader.samples_of("valid");
  if (train.empty())
    throw core::UserError(
        core::format("dataset {}: no sample in the split train", reader.directory().string()));
  if (valid.empty() && train.size() > 1) {
    valid.push_back(train.back());
    train.pop_back();
  }
  require_frames(reader, params, train, valid);

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

  const DatasetReader kept = reader.keeping_open();
  const FrameSource from{kept, network, reader.info().grid.dimension(),
                         blocks ? blocks->box(blocks->comm().rank()) : reader.all_cells()};
  data.memory = memory;
  data.blocks = blocks;
  const auto read = [&] {
    for (const auto& [samples, set] : {std::pair{&train, &data.train}, {&valid, &data.valid}})
      for (const int n : *samples) {
        set->push_back(open_trajectory(from, n, params.skip_windows, card));
        if (!memory.streamed) read_values(from, card, set->back());
      }
    give_all_weights(data);
    if (valid.empty()) split_in_time(data);
    if (memory.streamed) look_through(from, data.valid);
    return moments_of(from, data);
  };
  if (blocks) {
    auto moments = prepare_together(blocks->comm(), read);
    ChannelMoments::add_ranks(moments, blocks->comm());
    fit_channels(moments, data);
  } else {
    fit_channels(read(), data);
  }
  if (memory.streamed)
    stream_frames(from, data);
  else
    normalise(data);
  data.prepared_bytes = from.bytes_read;
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
    std::vector<std::int64_t> one(t->fixed.dim(), 1), whole = t->fixed.sizes().vec();
    one[0] = whole[0] = t->parameters.numel();
    rows.push_back(at::cat({t->fixed, t->parameters.view(one).expand(whole)}, 0));
  }
  return at::stack(rows);
}

}  // namespace understudy::surrogates
