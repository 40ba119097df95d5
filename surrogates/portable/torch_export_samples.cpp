#include "surrogates/portable/torch_export_samples.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "mesh/box_grid.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_view.hpp"
#include "surrogates/portable/torch_model_graph.hpp"

namespace understudy::surrogates {

namespace {

constexpr std::int64_t states = 2, points = 16;
constexpr std::uint64_t seed = 20;

// In place of the deck's solver, which an exported model does not have.
class NoSolver : public solvers::Stepper<double> {
 public:
  NoSolver(std::shared_ptr<const mesh::Grid> grid, std::vector<mesh::FieldInfo> fields)
      : grid_(std::move(grid)), fields_(std::move(fields)) {}
  std::string name() const override { return "no solver"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return grid_; }
  std::vector<mesh::FieldInfo> fields() const override { return fields_; }
  double stable_dt(const mesh::State<double>&) override { return 1; }
  solvers::AdvanceReport advance(mesh::State<double>&, double) override { return {}; }
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<double>&) override { return {}; }
  void constrain(mesh::State<double>&) override {}

 private:
  std::shared_ptr<const mesh::Grid> grid_;
  std::vector<mesh::FieldInfo> fields_;
};

std::shared_ptr<const mesh::Grid> grid_of(const ModelCard& card, const SideKinds& sides) {
  const core::Comm self = core::Comm::self();
  if (card.grid.is_sphere())
    return std::make_shared<mesh::CubedSphereGrid>(mesh::cubed_sphere_params(card.grid), self);
  std::array<bool, 3> periodic{true, true, true};
  for (std::size_t axis = 0; axis < sides.size() / 2; ++axis)
    periodic[axis] = sides[2 * axis] == SideKind::periodic;
  mesh::GridParams params = card.grid;
  params.ranks.clear();
  return std::make_shared<mesh::BoxGrid>(params, periodic, self);
}

std::vector<mesh::FieldInfo> infos_of(const ModelCard& card) {
  std::vector<mesh::FieldInfo> infos;
  for (const auto* cards : {&card.fields, &card.fixed})
    for (const FieldCard& field : *cards) {
      if (field.component > 0) {
        ++infos.back().components;
        continue;
      }
      using enum mesh::Location;
      mesh::FieldInfo info{.name = field.name, .unit = field.unit};
      for (const auto location : {cell, face_x, face_y, face_z})
        if (mesh::to_string(location) == field.location) info.location = location;
      info.role = cards == &card.fields ? mesh::Role::prognostic : mesh::Role::fixed;
      infos.push_back(info);
    }
  return infos;
}

// Random numbers as float32, the type of the files' inputs.
class Random {
 public:
  at::Tensor normal(const std::vector<std::int64_t>& shape) {
    return at::randn(shape, random_, at::TensorOptions(at::kDouble));
  }
  at::Tensor uniform(const std::vector<std::int64_t>& shape) {
    return at::rand(shape, random_, at::TensorOptions(at::kDouble));
  }

 private:
  at::Generator random_ = generator(seed);
};

class FieldSamples {
 public:
  explicit FieldSamples(const FieldModel& model)
      : model_(model), faces_(closing_faces(model.card)) {
    // Exported models compute in float32, whatever the card asks of runs.
    model_.card.network.precision = "float32";
    const NetworkShape shape = model.card.shape();
    sides_ = shape.boundaries;
    cells_.assign(shape.cells.rbegin(), shape.cells.rend());
  }

  NamedTensors made() {
    draw();
    std::vector<at::Tensor> after, faces_after;
    for (std::int64_t n = 0; n < states; ++n) {
      advance(n);
      after.push_back(state_after_);
      faces_after.push_back(faces_after_);
    }
    NamedTensors samples;
    const auto keep = [&](const char* name, const at::Tensor& t) {
      if (t.defined() && t.numel() > 0) samples.tensors.emplace_back(name, t.contiguous());
    };
    keep(state_name, state_);
    keep(faces_name, face_values_);
    keep(fixed_name, fixed_);
    keep(parameters_name, parameters_);
    keep(state_after_name, at::stack(after));
    keep(faces_after_name, at::stack(faces_after));
    return samples;
  }

 private:
  std::vector<std::int64_t> shape(std::size_t channels) const {
    std::vector<std::int64_t> all{states, static_cast<std::int64_t>(channels)};
    all.insert(all.end(), cells_.begin(), cells_.end());
    return all;
  }

  template <class Card>
  at::Tensor within_ranges(const std::vector<Card>& cards, at::Tensor values) const {
    for (std::size_t c = 0; c < cards.size(); ++c) {
      at::Tensor one = values.select(1, static_cast<std::int64_t>(c));
      one.mul_(cards[c].highest - cards[c].lowest).add_(cards[c].lowest);
    }
    return values.to(at::kFloat);
  }

  void draw() {
    Random random;
    const auto& card = model_.card;
    at::Tensor state = random.normal(shape(card.fields.size()));
    for (std::size_t c = 0; c < card.fields.size(); ++c)
      state.select(1, static_cast<std::int64_t>(c))
          .mul_(card.fields[c].std)
          .add_(card.fields[c].mean);
    state_ = state.to(at::kFloat);
    fixed_ = within_ranges(card.fixed, random.uniform(shape(card.fixed.size())));
    const auto told = static_cast<std::int64_t>(card.parameters.size());
    parameters_ = within_ranges(card.parameters, random.uniform({states, told}));
    if (faces_.empty()) return;
    at::Tensor faces = random.normal({states, faces_.back().offset + faces_.back().count});
    for (const ClosingFaces& f : faces_)
      faces.narrow(1, f.offset, f.count)
          .mul_(card.fields[f.channel].std)
          .add_(card.fields[f.channel].mean);
    face_values_ = faces.to(at::kFloat);
  }

  // A channel's cells in a state, or the closing plane across `axis`, as a tensor over the state's memory on the host.
  static at::Tensor part(const mesh::State<double>& state, const FieldCard& card, int axis = -1) {
    const mesh::Grid& grid = state.grid();
    at::Tensor all = tensor_of(state[card.name].data).select(0, card.component);
    const mesh::Range3 r = grid.interior();
    for (int a = 0; a < 3; ++a)
      all = a == axis ? all.narrow(2 - a, r.end[a], 1) : all.narrow(2 - a, r.begin[a], r.size(a));
    return all;
  }

  at::Tensor in_plane(const at::Tensor& values) const {
    std::vector<std::int64_t> shape = cells_;
    if (shape.size() == 2) shape.insert(shape.begin(), 1);
    return values.view(shape);
  }

  void advance(std::int64_t n) {
    const ModelCard& card = model_.card;
    const auto grid = grid_of(card, sides_);
    const auto solver = std::make_shared<NoSolver>(grid, infos_of(card));
    RunDescription run{solver->fields(), card.grid, sides_, card.window_s, {}};
    for (std::size_t p = 0; p < card.parameters.size(); ++p)
      run.parameters.push_back({card.parameters[p].name, card.parameters[p].unit,
                                parameters_[n][static_cast<std::int64_t>(p)].item<double>()});
    mesh::State<double> state(grid, solver->fields());
    for (std::size_t c = 0; c < card.fields.size(); ++c)
      part(state, card.fields[c]).copy_(in_plane(state_[n][std::int64_t(c)]));
    for (std::size_t c = 0; c < card.fixed.size(); ++c)
      part(state, card.fixed[c]).copy_(in_plane(fixed_[n][std::int64_t(c)]));
    for (const ClosingFaces& f : faces_) {
      at::Tensor plane = part(state, card.fields[f.channel], f.axis);
      plane.copy_(face_values_[n].narrow(0, f.offset, f.count).view(plane.sizes()));
    }
    SurrogateStepper<double>(solver, model_, run).advance(state, card.window_s);
    keep_after(state);
  }

  void keep_after(const mesh::State<double>& state) {
    const ModelCard& card = model_.card;
    std::vector<at::Tensor> channels, planes;
    for (const FieldCard& field : card.fields)
      channels.push_back(part(state, field).to(at::kCPU, at::kFloat).reshape(cells_));
    for (const ClosingFaces& f : faces_)
      planes.push_back(
          part(state, card.fields[f.channel], f.axis).to(at::kCPU, at::kFloat).flatten());
    state_after_ = at::stack(channels);
    faces_after_ = planes.empty() ? at::empty({0}) : at::cat(planes);
  }

  FieldModel model_;
  std::vector<ClosingFaces> faces_;
  SideKinds sides_;
  std::vector<std::int64_t> cells_;
  at::Tensor state_, face_values_, fixed_, parameters_;
  at::Tensor state_after_, faces_after_;
};

}  // namespace

NamedTensors field_samples(const FieldModel& model) { return FieldSamples(model).made(); }

NamedTensors point_samples(PointModel& model) {
  const PointCard& card = model.card;
  at::Tensor x = Random().normal({points, static_cast<std::int64_t>(card.inputs.size())});
  for (std::size_t c = 0; c < card.inputs.size(); ++c)
    x.select(1, static_cast<std::int64_t>(c)).mul_(card.inputs[c].std).add_(card.inputs[c].mean);
  x = x.to(at::kFloat);
  at::Tensor y =
      model.engine->predict(normalised(card.inputs, x.to(at::kDouble))).mean(0).to(at::kDouble);
  // What the engine gives belongs to inference alone.
  y = y.clone();
  for (std::size_t c = 0; c < card.outputs.size(); ++c)
    y.select(1, static_cast<std::int64_t>(c)).mul_(card.outputs[c].std).add_(card.outputs[c].mean);
  NamedTensors samples;
  samples.tensors.emplace_back(features_name, x);
  samples.tensors.emplace_back(outputs_name, y.to(at::kFloat));
  return samples;
}

}  // namespace understudy::surrogates
