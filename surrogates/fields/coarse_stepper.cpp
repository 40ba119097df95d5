#include "surrogates/fields/coarse_stepper.hpp"

#include "core/timers.hpp"
#include "surrogates/fields/state_packing.hpp"

namespace understudy::surrogates {

namespace {

std::shared_ptr<const mesh::BoxGrid> box_of(const std::shared_ptr<const mesh::Grid>& grid) {
  return mesh::as_box(grid, "network.kind: correction");
}

}  // namespace

template <class Real>
CoarseStepper<Real>::CoarseStepper(std::shared_ptr<solvers::Stepper<Real>> truth,
                                   std::shared_ptr<solvers::Stepper<Real>> inner, bool constrain)
    : truth_(std::move(truth)),
      inner_(std::move(inner)),
      nested_(box_of(truth_->grid()), box_of(inner_->grid())),
      coarse_(inner_->grid(), inner_->fields()),
      halo_(truth_->grid()),
      constrain_(constrain) {}

template <class Real>
double CoarseStepper<Real>::stable_dt(const mesh::State<Real>&) {
  return inner_->stable_dt(coarse_);
}

template <class Real>
void CoarseStepper<Real>::fill_ghosts(mesh::State<Real>& state) {
  std::vector<mesh::Array3<Real>> arrays;
  for (const auto& field : state.fields())
    if (field.info.role == mesh::Role::prognostic)
      for (int c = 0; c < field.info.components; ++c) arrays.push_back(field.component(c));
  halo_.exchange(arrays);
  for (const auto& field : state.fields())
    if (field.info.role == mesh::Role::prognostic)
      for (int c = 0; c < field.info.components; ++c)
        replicate_ghosts(state.grid(), field.info.location, field.component(c));
  Kokkos::fence("ghosts");
}

template <class Real>
solvers::AdvanceReport CoarseStepper<Real>::advance(mesh::State<Real>& state, double duration_s) {
  const core::ScopedTimer region("surrogate");
  {
    const core::ScopedTimer restriction("restrict");
    coarse_.time_s = state.time_s;
    coarse_.step = state.step;
    nested_.restrict(state, coarse_);
    inner_->constrain(coarse_);
  }
  const solvers::AdvanceReport report = inner_->advance(coarse_, duration_s);
  const core::ScopedTimer prolongation("prolong");
  nested_.prolong(coarse_, state);
  state.time_s = coarse_.time_s;
  state.step = coarse_.step;
  if (constrain_)
    truth_->constrain(state);
  else
    fill_ghosts(state);
  return report;
}

template class CoarseStepper<float>;
template class CoarseStepper<double>;

}  // namespace understudy::surrogates
