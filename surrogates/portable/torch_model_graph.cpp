#include "surrogates/portable/torch_model_graph.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "mesh/cell_measure.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "surrogates/network/torch_pod.hpp"
#include "surrogates/portable/torch_network_graphs.hpp"

namespace understudy::surrogates {

namespace {

using Numbers = std::vector<double>;

template <class Card, class Of>
Numbers of_each(const std::vector<Card>& cards, const Of& of) {
  Numbers all;
  for (const Card& card : cards) all.push_back(of(card));
  return all;
}

// A number for each place of the axis 1 of `x`.
Value along_channels(const Value& x, const std::string& name, const Numbers& numbers) {
  std::vector<std::int64_t> shape(x.shape().size(), 1);
  shape[1] = static_cast<std::int64_t>(numbers.size());
  return x.graph->constant(name, at::tensor(numbers, at::kDouble).view(shape));
}

Value minus(const Value& x, const std::string& name, const Numbers& means) {
  Numbers rest;
  for (const double value : means) rest.push_back(value - double(static_cast<float>(value)));
  const Value centred = x - along_channels(x, name, means);
  if (std::ranges::all_of(rest, [](double r) { return r == 0; })) return centred;
  return centred - along_channels(x, name + "_rest", rest);
}

template <class Card>
Value normalised(const Value& x, const std::string& name, const std::vector<Card>& cards) {
  const Value centred = minus(x, name + "_mean", of_each(cards, [](auto& c) { return c.mean; }));
  return centred *
         along_channels(x, name + "_scale", of_each(cards, [](auto& c) { return 1 / c.std; }));
}

// Of every cell, [(z,) y, x], mean 1; undefined where all are alike.
at::Tensor cell_weights(const ModelCard& card) {
  if (!card.grid.is_sphere()) return {};
  const mesh::CubedSphereGrid grid(mesh::cubed_sphere_params(card.grid), core::Comm::self());
  const auto measure =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), grid.cell_measure().of_each);
  const mesh::Range3 r = grid.interior();
  at::Tensor weights = at::empty({r.size(2), r.size(1), r.size(0)}, at::kDouble);
  auto to = weights.accessor<double, 3>();
  for (int k = 0; k < r.size(2); ++k)
    for (int j = 0; j < r.size(1); ++j)
      for (int i = 0; i < r.size(0); ++i)
        to[k][j][i] = measure(r.begin[2] + k, r.begin[1] + j, r.begin[0] + i);
  return weights / weights.mean();
}

// How a model that has been read is laid out in its graph.
class FieldGraph {
 public:
  explicit FieldGraph(const FieldModel& model)
      : card_(model.card), network_(graph_, *model.network), faces_(closing_faces(card_)) {
    std::vector<std::int64_t> cells(network_.shape.cells.rbegin(), network_.shape.cells.rend());
    const auto shape = [&](std::size_t channels) {
      std::vector<std::int64_t> all{-1, static_cast<std::int64_t>(channels)};
      all.insert(all.end(), cells.begin(), cells.end());
      return all;
    };
    state_ = graph_.input(state_name, shape(card_.fields.size()));
    if (!faces_.empty())
      face_values_ = graph_.input(faces_name, {-1, faces_.back().offset + faces_.back().count});
    if (!card_.fixed.empty()) fixed_ = graph_.input(fixed_name, shape(card_.fixed.size()));
    if (!card_.parameters.empty())
      parameters_ =
          graph_.input(parameters_name, {-1, static_cast<std::int64_t>(card_.parameters.size())});
  }

  Graph made() {
    if (is_latent(card_.network))
      write_reduced();
    else
      write_channels();
    graph_.prune();
    if (graph_.inputs().empty()) throw std::logic_error("a model that looks at nothing");
    return std::move(graph_);
  }

 private:
  Value told() const {
    return parameters_.exists() ? normalised(parameters_, "parameter", card_.parameters) : Value();
  }

  void write_channels() {
    const auto& fields = card_.fields;
    const bool any_constant = std::ranges::any_of(fields, &FieldCard::constant);
    const auto varying = [&](auto of) {
      return of_each(fields, [&](const FieldCard& f) { return f.constant ? 0 : of(f); });
    };
    GraphInputs inputs;
    inputs.state =
        minus(state_, "state_mean", of_each(fields, [](auto& f) { return f.mean; })) *
        along_channels(state_, "state_scale", varying([](auto& f) { return 1 / f.std; }));
    if (fixed_.exists()) inputs.fixed = normalised(fixed_, "fixed", card_.fixed);
    inputs.parameters = told();
    const Value found = called(inputs);
    Value after;
    if (predicts_state(card_.network)) {
      after = found * along_channels(found, "state_std", varying([](auto& f) { return f.std; })) +
              along_channels(found, "state_mean", of_each(fields, [](auto& f) { return f.mean; }));
    } else {
      after = found * along_channels(found, "increment_std",
                                     varying([](auto& f) { return f.increment_std; }));
      if (!any_constant) {
        after = state_ + after;
      } else {
        const auto constant = [](auto& f) { return f.constant ? f.mean : 0; };
        after = state_ * along_channels(state_, "varies", varying([](auto&) { return 1.0; })) +
                after + along_channels(state_, "constants", of_each(fields, constant));
      }
    }
    graph_.output(state_after_name, conserved(after));
  }

  Value called(const GraphInputs& inputs) const {
    const std::string& kind = card_.network.kind;
    if (kind == "unet") return unet_graph(network_, inputs);
    return kind == "fno" ? fno_graph(network_, inputs) : autoencoder_graph(network_, inputs);
  }

  // The integral of such fields over the cells stays what it was.
  Value conserved(const Value& after) const {
    Numbers kept;
    for (const FieldCard& field : card_.fields)
      kept.push_back(std::ranges::count(card_.network.conserve, field.name) > 0 ? 1 : 0);
    if (std::ranges::count(kept, 1) == 0) return after;
    std::vector<std::int64_t> axes(after.shape().size() - 2);
    std::iota(axes.begin(), axes.end(), 2);
    Value lost = (state_ - after) * along_channels(after, "conserved", kept);
    if (const at::Tensor weights = cell_weights(card_); weights.defined())
      lost = lost * after.graph->constant("cell_weights", weights);
    return after + mean(lost, axes);
  }

  // All that the modes have, as one row: the channels' values with their closing faces, normalised.
  Value flat() const {
    const Value cells = normalised(state_, "state", card_.fields);
    const Value faces =
        face_values_.exists() ? normalised(face_values_, "face", cards_of_faces()) : Value();
    std::vector<Value> rows;
    for (std::size_t c = 0; c < card_.fields.size(); ++c) {
      Value channel = slice(cells, 1, std::int64_t(c), std::int64_t(c) + 1);
      for (const ClosingFaces& f : faces_) {
        if (f.channel != c) continue;
        std::vector<std::int64_t> plane{-1, 1};
        plane.insert(plane.end(), f.plane.begin(), f.plane.end());
        channel = concat({channel, reshape(slice(faces, 1, f.offset, f.offset + f.count), plane)},
                         place(f.axis));
      }
      rows.push_back(reshape(channel, {-1, count_of(channel)}));
    }
    return concat(rows, 1);
  }

  std::vector<FieldCard> cards_of_faces() const {
    std::vector<FieldCard> cards;
    for (const ClosingFaces& f : faces_)
      cards.insert(cards.end(), static_cast<std::size_t>(f.count), card_.fields[f.channel]);
    return cards;
  }

  std::int64_t place(int axis) const {
    return static_cast<std::int64_t>(state_.shape().size()) - 1 - axis;
  }
  static std::int64_t count_of(const Value& x) {
    std::int64_t count = 1;
    for (std::size_t axis = 1; axis < x.shape().size(); ++axis) count *= x.size(axis);
    return count;
  }

  // Modes as the program uses them, rounded (latent_kernels.hpp).
  at::Tensor modes() const {
    const auto& shape = network_.shape;
    const FlatLayout layout(shape.cells, shape.boundaries, shape.locations);
    constexpr double weak = 1.0 / 16;
    const auto strong = (network_.values("latent.scale") >= weak).sum().item<std::int64_t>();
    return round_modes(network_.values("pod.modes"), layout, strong).values();
  }

  // What gives the coordinates of a state [mode, point]: the modes themselves where all cells are alike.
  at::Tensor encoder(const at::Tensor& modes) const {
    const at::Tensor weights = cell_weights(card_);
    if (!weights.defined()) return modes;
    const auto channels = static_cast<std::int64_t>(card_.fields.size());
    const at::Tensor weighed = modes.to(at::kDouble) * weights.flatten().repeat({channels});
    return at::linalg_solve(at::mm(weighed, modes.to(at::kDouble).t()), weighed);
  }

  void write_reduced() {
    const at::Tensor phi = modes();
    const at::Tensor unit = network_.values("pod.unit");
    const Value mean_field =
        network_.constant("pod.mean", network_.values("pod.mean").view({1, -1}));
    const Value encoding = network_.constant("pod.encoder", encoder(phi).t() / unit);
    Value z = matmul(flat() - mean_field, encoding);
    const Value q = card_.network.kind == "dmd" ? Value() : told();
    z = latent_graph(network_, z, q);
    write_state(mean_field + matmul(z, network_.constant("pod.modes", phi * unit)));
  }

  // A row of normalised values as the state and its closing faces.
  void write_state(const Value& row) {
    std::vector<Value> channels, planes;
    std::int64_t begin = 0;
    for (std::size_t c = 0; c < card_.fields.size(); ++c) {
      std::vector<std::int64_t> points = state_.shape();
      points[1] = 1;
      const auto mine = std::ranges::find(faces_, c, &ClosingFaces::channel);
      const bool closed = mine != faces_.end();
      if (closed) ++points[place(mine->axis)];
      std::int64_t count = 1;
      for (std::size_t axis = 2; axis < points.size(); ++axis) count *= points[axis];
      Value channel = reshape(slice(row, 1, begin, begin + count), points);
      begin += count;
      if (closed) {
        const std::int64_t axis = place(mine->axis), cells = points[axis] - 1;
        planes.push_back(reshape(slice(channel, axis, cells, cells + 1), {-1, mine->count}));
        channel = slice(channel, axis, 0, cells);
      }
      channels.push_back(channel);
    }
    graph_.output(state_after_name,
                  conserved(physical(concat(channels, 1), "state", card_.fields)));
    if (!planes.empty())
      graph_.output(faces_after_name, physical(concat(planes, 1), "face", cards_of_faces()));
  }

  static Value physical(const Value& x, const std::string& name,
                        const std::vector<FieldCard>& cards) {
    return x * along_channels(x, name + "_std", of_each(cards, [](auto& f) { return f.std; })) +
           along_channels(x, name + "_mean", of_each(cards, [](auto& f) { return f.mean; }));
  }

  const ModelCard& card_;
  Graph graph_;
  NetworkToGraph network_;
  std::vector<ClosingFaces> faces_;
  Value state_, face_values_, fixed_, parameters_;
};

void require_portable(const ModelCard& card) {
  const std::string& kind = card.network.kind;
  const std::vector<std::string> known{"unet", "fno", "conv_autoencoder", "pod", "dmd"};
  if (corrects(card.network))
    throw core::UserError(core::format(
        "the model '{}' cannot be exported as a function: a correction is one half of a method, whose other "
        "half is the deck's solver on a coarser grid. `--to safetensors` writes its weights",
        card.name));
  if (std::ranges::count(known, kind) == 0)
    throw core::UserError(core::format(
        "the model '{}' cannot be exported as a function: its network.kind '{}' is added by a program; "
        "there are {}. `--to safetensors` writes its weights",
        card.name, kind, core::joined(known)));
  if (kind == "unet" && card.grid.is_sphere())
    throw core::UserError(core::format(
        "the model '{}' cannot be exported as a function: a U-Net on a cubed sphere is padded across "
        "panels, which exported models do not do; pod and dmd on a cubed sphere can be, and "
        "`--to safetensors` writes this one's weights",
        card.name));
}

}  // namespace

std::vector<ClosingFaces> closing_faces(const ModelCard& card) {
  std::vector<ClosingFaces> all;
  if (!is_latent(card.network)) return all;
  const NetworkShape shape = card.shape();
  const FlatLayout layout(shape.cells, shape.boundaries, shape.locations);
  std::int64_t offset = 0;
  for (std::size_t c = 0; c < layout.channels.size(); ++c)
    for (std::size_t axis = 0; axis < shape.cells.size(); ++axis) {
      if (layout.channels[c].points[axis] == shape.cells[axis]) continue;
      ClosingFaces faces{
          .channel = c, .axis = static_cast<int>(axis), .plane = {}, .offset = offset};
      faces.plane.assign(shape.cells.rbegin(), shape.cells.rend());
      faces.plane[shape.cells.size() - 1 - axis] = 1;
      faces.count = layout.channels[c].count() / layout.channels[c].points[axis];
      offset += faces.count;
      all.push_back(faces);
    }
  return all;
}

Graph field_graph(const FieldModel& model) {
  require_portable(model.card);
  return FieldGraph(model).made();
}

Graph point_graph(const PointCard& card, const NamedTensors& content) {
  if (card.engine != "mlp")
    throw core::UserError(core::format(
        "the model '{}' was imported ({} of engine {}): it is a program already, and lies in the model folder",
        card.name, card.imported, card.engine));
  Graph graph;
  const Value inputs =
      graph.input(features_name, {-1, static_cast<std::int64_t>(card.inputs.size())});
  const Value x = normalised(inputs, "input", card.inputs);
  Value sum;
  for (int member = 0; member < card.members; ++member) {
    const auto dense = [&](const Value& in, const std::string& layer) {
      const std::string name = core::format("{}.{}", member, layer);
      return linear(in, graph.constant(name + ".weight", content.at(name + ".weight")),
                    graph.constant(name + ".bias", content.at(name + ".bias")));
    };
    Value y = x;
    for (int layer = 0; layer < card.network.depth; ++layer)
      y = activate(card.network.activation, dense(y, core::format("hidden{}", layer)));
    y = dense(y, "out");
    sum = sum.exists() ? sum + y : y;
  }
  const Value middle = sum * graph.number(1.0 / card.members);
  const auto& out = card.outputs;
  graph.output(
      outputs_name,
      middle * along_channels(sum, "output_std", of_each(out, [](auto& c) { return c.std; })) +
          along_channels(sum, "output_mean", of_each(out, [](auto& c) { return c.mean; })));
  return graph;
}

}  // namespace understudy::surrogates
