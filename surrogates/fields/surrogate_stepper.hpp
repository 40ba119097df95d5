// The surrogate as a Stepper: one network call advances the state by one window. It works in the
// truth's fields and grid and asks the truth for diagnostics, derived fields and constrain().
// A correction (network.kind) lets the truth advance the state first, `network.calls` times a window, and adds
// what the network says; its truth is the deck's solver on a coarser grid (coarse_stepper.hpp).
//
// The prognostic fields are read as strided tensors over the State's own memory, without a copy
// where precision allows, normalised into the network's input (one packing pass), and the increment
// is added in place. The network computes in float32 (or bfloat16) whatever the State's precision.
//
// The closing face of a staggered field (upper side of an axis that is not periodic) is not seen by
// the network: where values are given (wall, inflow) it stays, at an open side it takes its
// neighbour's increment. Ghosts are filled by the truth's constrain() or, with `constrain` off, by
// halo exchange and replication. On several ranks each calls the network on its own block, together with the
// others (network_call.hpp); networks that do not serve blocks are called by rank 0 on the gathered field.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "solvers/stepper.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/network/network_blocks.hpp"

namespace understudy::surrogates {

template <class Real>
class SurrogateStepper : public solvers::Stepper<Real> {
 public:
  /// `run`: what check_card() is asked. Warns in the log where it warns. UserError on a mismatch.
  /// Collective.
  SurrogateStepper(std::shared_ptr<solvers::Stepper<Real>> truth, const FieldModel& model,
                   const RunDescription& run);
  ~SurrogateStepper() override;

  std::string name() const override { return "surrogate"; }
  std::shared_ptr<const mesh::Grid> grid() const override;
  std::vector<mesh::FieldInfo> fields() const override;
  double stable_dt(const mesh::State<Real>& state) override;  ///< the window
  /// UserError unless duration_s is a whole number of windows.
  solvers::AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<Real>& state) override;
  void constrain(mesh::State<Real>& state) override;
  std::vector<std::string> derived_names() const override;
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override;

  /// Calls the network `calls` times on a copy: lazy allocations are made before anything is timed.
  void warm_up(const mesh::State<Real>& state, int calls = 2);
  const ModelCard& card() const;
  /// In which precision and layout the network is called, and where, and why.
  const InferenceChoice& inference() const;
  /// What this rank sent in the last call of the network, where it is called on blocks; zeros elsewhere.
  BlockTraffic traffic() const;
  /// Of the network in a call, all ranks together: multiply-adds, times two; 0: not known (an imported
  /// program).
  double operations() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

extern template class SurrogateStepper<float>;
extern template class SurrogateStepper<double>;

}  // namespace understudy::surrogates
