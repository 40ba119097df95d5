#include "surrogates/fields/torch_window_solver.hpp"

// False alarms of GCC 13 to 15 about the vector<bool> inside torch::autograd::Function.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/error.hpp"
#include "core/format.hpp"

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
  const Solver& s = *solvers_.at(solver);
  if (!s.differentiable)
    throw core::UserError(core::format(
        "training.through_solver: {}; training.through_solver: false trains the correction without "
        "the solver's gradient",
        s.why_not));
}

// Interior of every channel; closing faces, which datasets do not give, as the faces before them (the solver's
// boundary values replace them where there are any); the scheme's memory is empty.
void WindowSolver::put(const Tensor& row, mesh::State<double>& state) const {
  const mesh::Grid& grid = state.grid();
  for (auto& field : state.fields())
    if (field.info.role == mesh::Role::history) Kokkos::deep_copy(field.data, 0.0);
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    const auto& field = state[fields_[c].name];
    const auto target = field.component(fields_[c].component);
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), target);
    const mesh::Range3 r = grid.interior();
    const double* next = row.select(0, static_cast<std::int64_t>(c)).const_data_ptr<double>();
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) host(k, j, i) = *next++;
    const mesh::Range3 all = grid.points(field.info.location);
    for (int k = r.begin[2]; k < all.end[2]; ++k)
      for (int j = r.begin[1]; j < all.end[1]; ++j)
        for (int i = r.begin[0]; i < all.end[0]; ++i)
          host(k, j, i) =
              host(std::min(k, r.end[2] - 1), std::min(j, r.end[1] - 1), std::min(i, r.end[0] - 1));
    Kokkos::deep_copy(target, host);
  }
  state.scalars.clear();
  state.step = 0;
}

Tensor WindowSolver::take(const mesh::State<double>& state, const Tensor& like) const {
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

Tensor WindowSolver::apply(Call& call, const Tensor& channels, bool record) {
  const Tensor in = channels.detach().to(at::kDouble).contiguous();
  std::vector<Tensor> rows;
  for (std::int64_t n = 0; n < in.size(0); ++n) {
    const Place& place = call.places.at(n);
    Solver& solver = *solvers_.at(place.solver);
    mesh::State<double>& state = *solver.made.state;
    put(in[n], state);
    state.time_s = place.time_s;
    if (call.duration_s < 0) {
      solver.made.stepper->constrain(state);
    } else if (record) {
      if (solver.spare.empty())
        solver.spare.push_back(
            solver.differentiable->make_tape(memory_mb_, "training.solver_memory_mb"));
      call.tapes.push_back(std::move(solver.spare.back()));
      solver.spare.pop_back();
      solver.differentiable->advance_recorded(state, call.duration_s, *call.tapes.back());
    } else {
      solver.made.stepper->advance(state, call.duration_s);
    }
    rows.push_back(take(state, in[n]));
  }
  return at::stack(rows);
}

Tensor WindowSolver::backward(Call& call, const Tensor& gradient) {
  const Tensor in = gradient.to(at::kDouble).contiguous();
  std::vector<Tensor> rows;
  for (std::int64_t n = 0; n < in.size(0); ++n) {
    const Place& place = call.places.at(n);
    Solver& solver = *solvers_.at(place.solver);
    if (!solver.differentiable) {  // of constrain() only: as if it changed nothing
      rows.push_back(in[n]);
      continue;
    }
    auto adjoint = solver.differentiable->make_adjoint();
    auto controls = solver.differentiable->make_controls();
    for (std::size_t c = 0; c < fields_.size(); ++c) {
      const auto target = adjoint[fields_[c].name].component(fields_[c].component);
      const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), target);
      const mesh::Range3 r = adjoint.grid().interior();
      const double* next = in[n].select(0, static_cast<std::int64_t>(c)).const_data_ptr<double>();
      for (int k = r.begin[2]; k < r.end[2]; ++k)
        for (int j = r.begin[1]; j < r.end[1]; ++j)
          for (int i = r.begin[0]; i < r.end[0]; ++i) host(k, j, i) = *next++;
      Kokkos::deep_copy(target, host);
    }
    if (call.duration_s < 0) {
      solver.differentiable->constrain_adjoint(place.time_s, adjoint, controls);
    } else {
      solver.differentiable->advance_adjoint(*call.tapes.at(n), adjoint, controls);
      solver.spare.push_back(std::move(call.tapes.at(n)));
    }
    fold_closing_faces(adjoint);
    rows.push_back(take(adjoint, in[n]));
  }
  return at::stack(rows);
}

// The transpose of what put() does with closing faces.
void WindowSolver::fold_closing_faces(mesh::State<double>& adjoint) const {
  const mesh::Range3 r = adjoint.grid().interior();
  for (const FieldCard& card : fields_) {
    const auto& field = adjoint[card.name];
    const mesh::Range3 all = adjoint.grid().points(field.info.location);
    if (all.count() == r.count()) continue;
    const auto target = field.component(card.component);
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), target);
    for (int k = r.begin[2]; k < all.end[2]; ++k)
      for (int j = r.begin[1]; j < all.end[1]; ++j)
        for (int i = r.begin[0]; i < all.end[0]; ++i) {
          const int kk = std::min(k, r.end[2] - 1), jj = std::min(j, r.end[1] - 1),
                    ii = std::min(i, r.end[0] - 1);
          if (kk != k || jj != j || ii != i) host(kk, jj, ii) += host(k, j, i);
        }
    Kokkos::deep_copy(target, host);
  }
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
      if (made->tapes[n])
        solvers_.at(made->places[n].solver)->spare.push_back(std::move(made->tapes[n]));
  calls_.clear();
}

}  // namespace understudy::surrogates
