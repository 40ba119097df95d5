#include "surrogates/fields/torch_training_frames.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/grid_shape.hpp"

namespace understudy::surrogates {

namespace {

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

// [leading..., (z,) (y,) x] of what is read.
std::vector<std::int64_t> shape_after(const FrameSource& from, std::vector<std::int64_t> leading) {
  for (int axis = static_cast<int>(mesh::shape_of(from.reader.info().grid).size()); axis-- > 0;)
    leading.push_back(from.cells.size(axis));
  return leading;
}

at::Tensor tensor_of(const std::vector<float>& values, const std::vector<std::int64_t>& shape) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
  return tensor;
}

// `values` have the channel at `axis`. Of a constant channel held-out samples keep what they have, so that it
// counts as an error.
void normalise(const at::Tensor& values, std::int64_t axis, const std::vector<FieldCard>& fields,
               bool training) {
  for (std::size_t c = 0; c < fields.size(); ++c) {
    at::Tensor channel = values.select(axis, static_cast<std::int64_t>(c));
    channel.sub_(fields[c].mean).div_(fields[c].std);
    if (fields[c].constant && training) channel.zero_();
  }
}

// A frame's values as they lie in the file.
std::vector<float> read_frame(const DatasetReader& reader, int sample, std::int64_t frame,
                              const mesh::Range3& cells) {
  auto values =
      read_unchanged(reader, sample, [&] { return reader.prognostic(sample, frame, 1, cells); });
  require_finite(reader, sample, values);
  return values;
}

// Where the frames of the numbered trajectories lie; training ones come first.
struct Places {
  struct Place {
    int sample = 0;
    std::int64_t first = 0;
  };
  std::vector<Place> of;
  int training = 0;
};

double bytes_of(const std::vector<float>& values) {
  return static_cast<double>(values.size() * sizeof(float));
}
double bytes_of(const at::Tensor& tensor) {
  return tensor.defined() ? static_cast<double>(tensor.nbytes()) : 0;
}

}  // namespace

std::vector<float> read_unchanged(const DatasetReader& reader, int sample,
                                  const std::function<std::vector<float>()>& read) {
  std::vector<float> values;
  try {
    values = read();
  } catch (const core::UserError&) {
    reader.require_unchanged(sample);  // says more than a file that is cut short
    throw;
  }
  reader.require_unchanged(sample);
  return values;
}

void require_finite(const DatasetReader& reader, int sample, const std::vector<float>& values) {
  if (std::ranges::all_of(values, [](float v) { return std::isfinite(v); })) return;
  throw core::UserError(core::format("dataset {}: sample {} has values that are not finite",
                                     reader.directory().string(), reader.samples()[sample].name));
}

at::Tensor Trajectory::frame(std::int64_t n) const {
  return stream ? stream->frame(key(n)) : values.select(0, n);
}

Trajectory open_trajectory(const FrameSource& from, int sample, int skip, const ModelCard& card) {
  const DatasetReader& reader = from.reader;
  Trajectory t;
  t.sample = sample;
  t.first = skip;
  t.count = reader.samples()[sample].frames - skip;
  t.fixed = tensor_of(reader.fixed(sample, from.cells),
                      shape_after(from, {reader.channels(mesh::Role::fixed)}));
  const auto weights = reader.cell_weights(sample, from.cells);
  if (!weights.empty()) t.weights = tensor_of(weights, shape_after(from, {}));
  t.start_s = reader.time_s(sample, skip);
  t.fixed = coarsened(t.fixed, card.fixed, from.network, from.axes);
  if (t.weights.defined())
    t.weights =
        coarsened(t.weights.unsqueeze(0), {FieldCard{}}, from.network, from.axes).squeeze(0);
  return t;
}

void read_values(const FrameSource& from, const ModelCard& card, Trajectory& t) {
  const DatasetReader& reader = from.reader;
  const auto values = reader.prognostic(t.sample, t.first, t.count, from.cells);
  require_finite(reader, t.sample, values);
  from.bytes_read += bytes_of(values);
  t.values =
      tensor_of(values, shape_after(from, {t.count, reader.channels(mesh::Role::prognostic)}));
  t.values = coarsened(t.values, card.fields, from.network, from.axes);
}

at::Tensor read_channel(const FrameSource& from, const Trajectory& t, std::int64_t frame,
                        const std::vector<FieldCard>& cards, std::size_t channel) {
  const auto values = read_unchanged(from.reader, t.sample, [&] {
    return from.reader.prognostic_channel(t.sample, static_cast<int>(channel), t.first + frame, 1,
                                          from.cells);
  });
  require_finite(from.reader, t.sample, values);
  from.bytes_read += bytes_of(values);
  const at::Tensor one = tensor_of(values, shape_after(from, {1}));
  return coarsened(one, {cards[channel]}, from.network, from.axes).squeeze(0);
}

void look_through(const FrameSource& from, const std::vector<Trajectory>& trajectories) {
  for (const Trajectory& t : trajectories)
    for (std::int64_t n = 0; n < t.count; ++n)
      from.bytes_read += bytes_of(read_frame(from.reader, t.sample, t.first + n, from.cells));
}

void normalise(TrainingData& data) {
  for (Trajectory& t : data.train) normalise(t.values, 1, data.card.fields, true);
  for (Trajectory& t : data.valid) normalise(t.values, 1, data.card.fields, false);
}

void stream_frames(const FrameSource& from, TrainingData& data) {
  Places places;
  places.training = static_cast<int>(data.train.size());
  double held = 0;
  for (auto* set : {&data.train, &data.valid})
    for (Trajectory& t : *set) {
      t.number = static_cast<int>(places.of.size());
      places.of.push_back({t.sample, t.first});
      held += bytes_of(t.fixed) + bytes_of(t.weights);
    }
  const auto shape = shape_after(from, {static_cast<std::int64_t>(data.card.fields.size())});
  const double frame_bytes =
      sizeof(float) * static_cast<double>(std::accumulate(shape.begin(), shape.end(), 1LL,
                                                          std::multiplies<long long>()));
  const auto read = [reader = from.reader.keeping_open(), places,
                     cells = from.cells](const FrameStream::Key& key) {
    const Places::Place& place = places.of[key.trajectory];
    return read_frame(reader, place.sample, place.first + key.frame, cells);
  };
  const auto prepare = [places, shape, network = from.network, axes = from.axes,
                        fields = data.card.fields](const FrameStream::Key& key,
                                                   const std::vector<float>& values) {
    const at::Tensor frame = coarsened(tensor_of(values, shape), fields, network, axes);
    normalise(frame, 0, fields, key.trajectory < places.training);
    return frame;
  };
  data.stream =
      std::make_shared<FrameStream>(read, prepare, frames_that_fit(data.memory, held, frame_bytes));
  for (auto* set : {&data.train, &data.valid})
    for (Trajectory& t : *set) t.stream = data.stream;
}

}  // namespace understudy::surrogates
