#include "surrogates/fields/surrogate_stepper.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/fields/latent_advance.hpp"
#include "surrogates/fields/network_call.hpp"
#include "surrogates/fields/state_packing.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy::surrogates {

template <class Real>
struct SurrogateStepper<Real>::Impl {
  std::shared_ptr<solvers::Stepper<Real>> truth;
  FieldModel model;
  std::shared_ptr<const mesh::Grid> grid;
  SideKinds boundaries;
  mesh::Halo<Real> halo;
  std::unique_ptr<NetworkCall> network;
  InferenceChoice choice;
  std::unique_ptr<LatentAdvance<Real>> latent;  ///< in place of the network, for a reduced model

  Impl(std::shared_ptr<solvers::Stepper<Real>> truth_stepper, const FieldModel& m,
       const std::string& place)
      : truth(std::move(truth_stepper)),
        model(m),
        grid(truth->grid()),
        boundaries(m.card.shape().boundaries),
        halo(grid) {
    if (is_latent(model.card.network)) return;
    network = std::make_unique<NetworkCall>(grid, model.network, boundaries, place);
  }

  void set_parameters(const RunDescription& run) {
    std::vector<double> values;
    for (const ParameterCard& p : model.card.parameters)
      values.push_back((value_of(run.parameters, p.name, "the run") - p.mean) / p.std);
    if (is_latent(model.card.network)) {
      latent = std::make_unique<LatentAdvance<Real>>(model, grid, values);
      return;
    }
    const int first = model.network->shape().prognostic + model.network->shape().fixed;
    for (std::size_t n = 0; n < values.size(); ++n) {
      const auto channel = Kokkos::subview(network->input(), first + static_cast<int>(n),
                                           Kokkos::ALL, Kokkos::ALL, Kokkos::ALL);
      Kokkos::deep_copy(channel, static_cast<float>(values[n]));
    }
  }

  void pack(const mesh::State<Real>& state) {
    const core::ScopedTimer region("pack");
    int channel = 0;
    for (const auto* cards : {&model.card.fields, &model.card.fixed})
      for (const FieldCard& card : *cards)
        pack_channel(state[card.name].component(card.component),
                     {network->input(), channel++, card, *grid});
    network->bring_input();
  }

  void call_network() {
    const core::ScopedTimer region("network");
    network->call();
  }

  void unpack(mesh::State<Real>& state) {
    const core::ScopedTimer region("unpack");
    network->bring_output();
    const Channels& output = network->output();
    int channel = 0;
    for (const FieldCard& card : model.card.fields) {
      const auto& field = state[card.name];
      const auto component = field.component(card.component);
      if (predicts_state(model.card.network))
        state_to_increment<Real>({output, channel, card, *grid}, component);
      add_channel<Real>({output, channel, card, *grid}, component);
      add_closing_faces({output, channel, card, *grid}, boundaries, field.info.location, component);
      ++channel;
    }
  }

  void fill_ghosts(mesh::State<Real>& state) {
    std::vector<mesh::Array3<Real>> arrays;
    for (const FieldCard& card : model.card.fields)
      arrays.push_back(state[card.name].component(card.component));
    halo.exchange(arrays);
    for (const FieldCard& card : model.card.fields)
      replicate_ghosts(*grid, state[card.name].info.location,
                       state[card.name].component(card.component));
    Kokkos::fence("ghosts");
  }

  void require_conserved() const {
    for (const std::string& name : model.card.network.conserve) {
      const auto fits = [&](const FieldCard& f) { return f.name == name && f.location == "cell"; };
      if (std::ranges::any_of(model.card.fields, fits)) continue;
      std::vector<std::string> names;
      for (const FieldCard& f : model.card.fields)
        if (f.location == "cell" && (names.empty() || names.back() != f.name))
          names.push_back(f.name);
      throw core::UserError(core::format(
          "network.conserve: '{}' is no field at cells that the model predicts; there are {}", name,
          names.empty() ? "none" : core::joined(names)));
    }
  }

  // Gathered, rank 0 alone calls the network: its choice is everyone's.
  void choose() {
    const ModelCard& card = model.card;
    const core::Comm& comm = grid->comm();
    const bool gathered = network->place().on == "gathered";
    NetworkParams asked = card.network;
    if (gathered && !comm.is_root()) asked.precision = "float32";
    choice = choose_inference(
        *model.network, asked, card.precisions, network->cells(),
        torch_serves<Channels::memory_space>() && torch_device<Channels::memory_space>().is_cuda(),
        network->blocks());
    if (gathered)
      for (std::string* text : {&choice.precision, &choice.layout, &choice.reason})
        *text = comm.broadcast(*text);
    choice.on = network->place().on;
    choice.on_reason = network->place().reason;
    if (card.network.precision == "auto")
      core::log::info("surrogate: {} {}, {}", choice.precision, choice.layout, choice.reason);
  }

  // Calls act(component) for every component of the fields whose integral is kept.
  template <class Act>
  void for_conserved(mesh::State<Real>& state, const Act& act) const {
    for (const std::string& name : model.card.network.conserve)
      for (int c = 0; c < state[name].info.components; ++c) act(state[name].component(c));
  }

  // The truth, on its coarse grid, in equal parts, each followed by the network.
  void correct_window(mesh::State<Real>& state, double end_s) {
    const int calls = model.card.network.calls;
    const double start_s = state.time_s;
    const long long step = state.step;
    for (int n = 1; n <= calls; ++n) {
      const double part_end_s = n == calls ? end_s : start_s + (end_s - start_s) * n / calls;
      {
        const core::ScopedTimer region("coarse solver");
        truth->advance(state, part_end_s - state.time_s);
      }
      state.time_s = part_end_s;
      pack(state);
      call_network();
      unpack(state);
      const core::ScopedTimer region("constrain");
      truth->constrain(state);
    }
    state.step = step;
  }

  // The time moves before constrain(), which fills in the sides of that time.
  void advance_window(mesh::State<Real>& state, double end_s) {
    if (corrects(model.card.network)) {
      correct_window(state, end_s);
      return;
    }
    std::vector<double> integrals;
    for_conserved(state, [&](const auto& field) { integrals.push_back(integral(*grid, field)); });
    if (latent) {
      latent->advance(state);
    } else {
      pack(state);
      call_network();
      unpack(state);
    }
    std::size_t n = 0;
    for_conserved(state, [&](const auto& field) { set_integral(*grid, field, integrals[n++]); });
    state.time_s = end_s;
    if (model.card.network.constrain) {
      const core::ScopedTimer region("constrain");
      truth->constrain(state);
    } else {
      fill_ghosts(state);
    }
  }
};

template <class Real>
SurrogateStepper<Real>::SurrogateStepper(std::shared_ptr<solvers::Stepper<Real>> truth,
                                         const FieldModel& model, const RunDescription& run) {
  const auto warnings = check_card(model.card, run);
  for (const std::string& warning : warnings) core::log::warn("surrogate: {}", warning);
  set_up_torch();
  const mesh::Grid& whole = *truth->grid();
  const std::vector<long long> cells = mesh::shape_of(whole);
  require_size(model.card.network, run.boundaries, cells);
  for (int axis = 0; axis < whole.dimension() && has_one_grid(model.card.network); ++axis)
    if (whole.global_cells(axis) != model.card.grid.cells.at(axis))
      throw core::UserError(core::format(
          "the model '{}' is {} on {} cells along {}; this run has {}. {}", model.card.name,
          is_imported(model.card.network) ? "a program" : "a decomposition",
          model.card.grid.cells[axis], "xyz"[axis], whole.global_cells(axis),
          is_imported(model.card.network)
              ? "It was imported for that grid and is called on no other: import one for this deck."
              : "Its modes are fields on that grid and no other: train one for this deck."));
  impl_ = std::make_unique<Impl>(std::move(truth), model, run.inference);
  impl_->require_conserved();
  impl_->set_parameters(run);
  if (impl_->latent) {
    if (whole.comm().size() > 1) {
      impl_->choice.on = "blocks";
      impl_->choice.on_reason = "of the modes";
    }
    return;
  }
  impl_->choose();
}

template <class Real>
const InferenceChoice& SurrogateStepper<Real>::inference() const {
  return impl_->choice;
}

template <class Real>
BlockTraffic SurrogateStepper<Real>::traffic() const {
  return impl_->network ? impl_->network->traffic() : BlockTraffic{};
}

template <class Real>
double SurrogateStepper<Real>::operations() const {
  return impl_->model.network->operations(mesh::shape_of(*impl_->grid));
}

template <class Real>
SurrogateStepper<Real>::~SurrogateStepper() = default;

template <class Real>
std::shared_ptr<const mesh::Grid> SurrogateStepper<Real>::grid() const {
  return impl_->grid;
}

template <class Real>
std::vector<mesh::FieldInfo> SurrogateStepper<Real>::fields() const {
  return impl_->truth->fields();
}

template <class Real>
double SurrogateStepper<Real>::stable_dt(const mesh::State<Real>&) {
  return impl_->model.card.window_s;
}

template <class Real>
solvers::AdvanceReport SurrogateStepper<Real>::advance(mesh::State<Real>& state,
                                                       double duration_s) {
  const core::ScopedTimer region("surrogate");
  const double window_s = impl_->model.card.window_s;
  const long long windows = std::llround(duration_s / window_s);
  if (windows < 1 || std::abs(windows * window_s - duration_s) > 1e-6 * window_s)
    throw core::UserError(core::format(
        "surrogate: asked to advance by {} s; one call advances {} s, and only whole calls can be "
        "made",
        duration_s, window_s));
  const double start_s = state.time_s;
  for (long long n = 1; n <= windows; ++n) {
    impl_->advance_window(state, start_s + static_cast<double>(n) * window_s);
    ++state.step;
  }
  solvers::AdvanceReport report;
  report.steps = windows;
  report.cell_updates = static_cast<double>(windows * impl_->grid->global_cell_count());
  report.who = "surrogate";
  return report;
}

template <class Real>
std::vector<solvers::Diagnostic> SurrogateStepper<Real>::diagnostics(
    const mesh::State<Real>& state) {
  return impl_->truth->diagnostics(state);
}

template <class Real>
void SurrogateStepper<Real>::constrain(mesh::State<Real>& state) {
  impl_->truth->constrain(state);
}

template <class Real>
std::vector<std::string> SurrogateStepper<Real>::derived_names() const {
  return impl_->truth->derived_names();
}

template <class Real>
mesh::CellField<Real> SurrogateStepper<Real>::derive(const mesh::State<Real>& state,
                                                     const std::string& name) {
  return impl_->truth->derive(state, name);
}

template <class Real>
void SurrogateStepper<Real>::warm_up(const mesh::State<Real>& state, int calls) {
  auto copy = state.clone();
  const double window_s = impl_->model.card.window_s;
  for (int n = 0; n < calls; ++n) impl_->advance_window(copy, copy.time_s + window_s);
}

template <class Real>
const ModelCard& SurrogateStepper<Real>::card() const {
  return impl_->model.card;
}

template class SurrogateStepper<float>;
template class SurrogateStepper<double>;

}  // namespace understudy::surrogates
