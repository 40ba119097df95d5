// A Stepper on the truth's grid whose work is done on a coarser one: a window of `inner`, which advances a state
// on the coarse grid (the deck's own solver with a network's correction: network.kind correction), between
// restriction and prolongation (mesh/nested_grids.hpp). The state that it is given is all that it knows: each
// window begins anew from the restricted state, whose prolongation it is where the window before was its own,
// so that restart, rollback and hand-over need no memory of it.
//
// What the coarse grid cannot hold is lost in the first window after the simulation. Fields that are derived and
// diagnostics are the truth's, of the fine state.
#pragma once

#include <memory>

#include "mesh/halo.hpp"
#include "mesh/nested_grids.hpp"
#include "solvers/stepper.hpp"

namespace understudy::surrogates {

template <class Real>
class CoarseStepper : public solvers::Stepper<Real> {
 public:
  /// `constrain`: the truth's constraints are restored after every window (boundary values, bodies); without,
  /// ghosts are filled by halo exchange and replication. UserError where the grids are not nested boxes.
  /// Collective.
  CoarseStepper(std::shared_ptr<solvers::Stepper<Real>> truth,
                std::shared_ptr<solvers::Stepper<Real>> inner, bool constrain);

  std::string name() const override { return "surrogate"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return truth_->grid(); }
  std::vector<mesh::FieldInfo> fields() const override { return truth_->fields(); }
  double stable_dt(const mesh::State<Real>& state) override;
  solvers::AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<Real>& state) override {
    return truth_->diagnostics(state);
  }
  void constrain(mesh::State<Real>& state) override { truth_->constrain(state); }
  std::vector<std::string> derived_names() const override { return truth_->derived_names(); }
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override {
    return truth_->derive(state, name);
  }

 private:
  void fill_ghosts(mesh::State<Real>& state);

  std::shared_ptr<solvers::Stepper<Real>> truth_, inner_;
  mesh::NestedGrids<Real> nested_;
  mesh::State<Real> coarse_;
  mesh::Halo<Real> halo_;
  bool constrain_;
};

extern template class CoarseStepper<float>;
extern template class CoarseStepper<double>;

}  // namespace understudy::surrogates
