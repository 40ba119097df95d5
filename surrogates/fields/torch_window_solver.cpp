#include "surrogates/fields/torch_window_solver.hpp"

// False alarms of GCC 13 to 15 about the vector<bool> inside torch::autograd::Function.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"

namespace understudy::surrogates {

struct WindowSolver::Solver {
  CoarseSolver made;
  solvers::DifferentiableStepper<double>* differentiable = nullptr;  ///< null: it has no adjoint
  std::string why_not;                                               ///< then
  std::vector<std::unique_ptr<solvers::AdvanceTape<double>>> spare;  ///< to be recorded anew
};

struct WindowSolver::Call {
  WindowSolver* owner = nullptr;
  std::vector<Place> places;
  double duration_s = -1;                                            ///< < 0: constrain()
  std::vector<std::unique_ptr<solvers::AdvanceTape<double>>> tapes;  ///< [row]
};

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct WindowFunction : torch::autograd::Function<WindowFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& channels, std::int64_t call) {
    context->saved_data["call"] = call;
    auto& record = *reinterpret_cast<WindowSolver::Call*>(call);
    return record.owner->apply(record, channels, true);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    auto& record = *reinterpret_cast<WindowSolver::Call*>(context->saved_data["call"].toInt());
    return {record.owner->backward(record, gradients[0]), Tensor()};
  }
};

WindowSolver::WindowSolver(MakeCoarseSolver make, std::vector<FieldCard> fields, double memory_mb)
    : make_(std::move(make)), fields_(std::move(fields)), memory_mb_(memory_mb) {}

WindowSolver::~WindowSolver() = default;

int WindowSolver::solver_of(const SampleInfo& sample) {
  std::string key;
  for (const auto& p : sample.parameters) key += core::format("{}={:.17g};", p.name, p.value);
  const auto [at, is_new] = known_.try_emplace(key, static_cast<int>(solvers_.size()));
  if (is_new) {
    auto solver = std::make_unique<Solver>();
    solver->made = make_(sample);
    try {
      solver->differentiable = solvers::differentiable(*solver->made.stepper);
      solver->why_not =
          core::format("the solver '{}' has no adjoint", solver->made.stepper->name());
    } catch (const core::UserError& error) {
      solver->why_not = error.what();
    }
    solvers_.push_back(std::move(solver));
  }
  return at->second;
}

void WindowSolver::require_differentiable(int solver) {
  Solver& s = *solvers_.at(solver);
  if (!s.differentiable)
    throw core::UserError(core::format(
        "training.through_solver: {}; training.through_solver: false trains the correction without "
        "the solver's gradient",
        s.why_not));
  if (s.spare.empty()) s.spare.push_back(make_tape(s));
}

std::unique_ptr<solvers::AdvanceTape<double>> WindowSolver::make_tape(Solver& solver) const {
  return solver.differentiable->make_tape(memory_mb_, "training.solver_memory_mb");
}

// The interior of every channel.
void WindowSolver::write_interior(const Tensor& row, mesh::State<double>& state) const {
  const mesh::Range3 r = state.grid().interior();
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    const auto target = state[fields_[c].name].component(fields_[c].component);
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), target);
    const double* next = row.select(0, static_cast<std::int64_t>(c)).const_data_ptr<double>();
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) host(k, j, i) = *next++;
    Kokkos::deep_copy(target, host);
  }
}

Tensor WindowSolver::read_interior(const mesh::State<double>& state, const Tensor& like) const {
  Tensor row = at::empty(like.sizes(), like.options());
  const mesh::Range3 r = state.grid().interior();
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    const auto host = Kokkos::create_mirror_view_and_copy(
        Kokkos::HostSpace(), state[fields_[c].name].component(fields_[c].component));
    double* next = row.select(0, static_cast<std::int64_t>(c)).data_ptr<double>();
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) *next++ = host(k, j, i);
  }
  return row;
}

// Closing faces, which channels do not have, are the faces before them (the solver's boundary values replace them
// where there are any); the transpose adds their derivatives to those faces'.
void WindowSolver::close_faces(mesh::State<double>& state, bool transposed) const {
  const mesh::Range3 r = state.grid().interior();
  for (const FieldCard& card : fields_) {
    const auto& field = state[card.name];
    const mesh::Range3 all = state.grid().points(field.info.location);
    if (all.count() == r.count()) continue;
    const auto target = field.component(card.component);
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), target);
    for (int k = r.begin[2]; k < all.end[2]; ++k)
      for (int j = r.begin[1]; j < all.end[1]; ++j)
        for (int i = r.begin[0]; i < all.end[0]; ++i) {
          const int kk = std::min(k, r.end[2] - 1), jj = std::min(j, r.end[1] - 1),
                    ii = std::min(i, r.end[0] - 1);
          if (kk == k && jj == j && ii == i) continue;
          if (transposed)
            host(kk, jj, ii) += host(k, j, i);
          else
            host(k, j, i) = host(kk, jj, ii);
        }
    Kokkos::deep_copy(target, host);
  }
}

// A solver that fails fails on the ranks that have its row, and all ranks have to know: its row is NaN, which makes
// the loss, the gradient or the validation's error not finite everywhere.
template <class Work>
Tensor WindowSolver::row_or_nan(const Tensor& like, const Work& work) {
  try {
    return work();
  } catch (const core::RunError& error) {
    if (!warned_) core::log::warn("training: the coarse solver failed: {}", error.what());
    warned_ = true;
    return at::full_like(like, std::numeric_limits<double>::quiet_NaN());
  }
}

Tensor WindowSolver::apply(Call& call, const Tensor& channels, bool record) {
  const Tensor in = channels.detach().to(at::kDouble).contiguous();
  if (record && call.duration_s >= 0) call.tapes.resize(static_cast<std::size_t>(in.size(0)));
  std::vector<Tensor> rows;
  for (std::int64_t n = 0; n < in.size(0); ++n) {
    rows.push_back(row_or_nan(in[n], [&] { return apply_to_row(call, in[n], n); }));
    // What was recorded of a failure has no derivative.
    if (!call.tapes.empty() && !at::isfinite(rows.back()).all().item<bool>()) give_back(call, n);
  }
  return at::stack(rows);
}

void WindowSolver::give_back(Call& call, std::int64_t n) {
  auto& tape = call.tapes.at(n);
  if (tape) solvers_.at(call.places.at(n).solver)->spare.push_back(std::move(tape));
}

// The scheme's memory is empty.
Tensor WindowSolver::apply_to_row(Call& call, const Tensor& row, std::int64_t n) {
  Solver& solver = *solvers_.at(call.places.at(n).solver);
  mesh::State<double>& state = *solver.made.state;
  for (auto& field : state.fields())
    if (field.info.role == mesh::Role::history) Kokkos::deep_copy(field.data, 0.0);
  state.scalars.clear();
  state.step = 0;
  state.time_s = call.places[n].time_s;
  write_interior(row, state);
  close_faces(state, false);
  if (call.duration_s < 0) {
    solver.made.stepper->constrain(state);
  } else if (call.tapes.empty()) {
    solver.made.stepper->advance(state, call.duration_s);
  } else {
    if (solver.spare.empty()) solver.spare.push_back(make_tape(solver));
    call.tapes[n] = std::move(solver.spare.back());
    solver.spare.pop_back();
    solver.differentiable->advance_recorded(state, call.duration_s, *call.tapes[n]);
  }
  return read_interior(state, row);
}

Tensor WindowSolver::backward(Call& call, const Tensor& gradient) {
  const Tensor in = gradient.to(at::kDouble).contiguous();
  std::vector<Tensor> rows;
  for (std::int64_t n = 0; n < in.size(0); ++n)
    rows.push_back(row_or_nan(in[n], [&] { return transpose_row(call, in[n], n); }));
  return at::stack(rows);
}

Tensor WindowSolver::transpose_row(Call& call, const Tensor& row, std::int64_t n) {
  Solver& solver = *solvers_.at(call.places.at(n).solver);
  if (!solver.differentiable) return row;  // of constrain() only: as if it changed nothing
  auto adjoint = solver.differentiable->make_adjoint();
  auto controls = solver.differentiable->make_controls();
  write_interior(row, adjoint);
  if (call.duration_s < 0) {
    solver.differentiable->constrain_adjoint(call.places[n].time_s, adjoint, controls);
  } else {
    if (!call.tapes.at(n)) return at::full_like(row, std::numeric_limits<double>::quiet_NaN());
    solver.differentiable->advance_adjoint(*call.tapes[n], adjoint, controls);
    give_back(call, n);
  }
  close_faces(adjoint, true);
  return read_interior(adjoint, row);
}

Tensor WindowSolver::call(const Tensor& channels, const std::vector<Place>& places,
                          double duration_s) {
  auto made = std::make_unique<Call>();
  made->owner = this;
  made->places = places;
  made->duration_s = duration_s;
  if (!channels.requires_grad() || !at::GradMode::is_enabled())
    return apply(*made, channels, false);
  Call& kept = *made;
  calls_.push_back(std::move(made));
  return WindowFunction::apply(channels, reinterpret_cast<std::int64_t>(&kept));
}

Tensor WindowSolver::advance(const Tensor& channels, const std::vector<Place>& places,
                             double duration_s) {
  return call(channels, places, duration_s);
}

Tensor WindowSolver::constrain(const Tensor& channels, const std::vector<Place>& places) {
  return call(channels, places, -1);
}

void WindowSolver::forget() {
  for (auto& made : calls_)
    for (std::size_t n = 0; n < made->tapes.size(); ++n)
      give_back(*made, static_cast<std::int64_t>(n));
  calls_.clear();
}

}  // namespace understudy::surrogates
