// A trained model behind a Stepper on the deck's grid, and the deck's solver on a coarser one, as a network that
// corrects it (network.kind: correction) wants it.
#pragma once

#include <memory>

#include "apps/simulation/simulation_deck.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"

namespace understudy::apps {

/// Solver and state of `deck` on the grid that `network` corrects; `ranks` along each axis, empty: chosen.
/// UserError where the factors do not divide the cells, or the deck's grid is no box. Collective.
template <class Real>
Simulation<Real> make_coarse_simulation(const SimulationDeck& deck,
                                        const surrogates::NetworkParams& network,
                                        const core::Comm& comm,
                                        const std::vector<long long>& ranks);

/// What a model must fit, told of a deck with its settings: on the coarse grid where it corrects.
template <class Real>
surrogates::RunDescription describe_run(SimulationDeck& deck, const solvers::Stepper<Real>& truth,
                                        const surrogates::NetworkParams& network);

/// A trained model behind a Stepper on the truth's grid.
template <class Real>
struct StandIn {
  std::shared_ptr<solvers::Stepper<Real>> stepper;
  std::shared_ptr<surrogates::SurrogateStepper<Real>>
      network;  ///< the same, or what works on the coarse grid

  /// Advances a copy of a state of the truth's grid by two windows: lazy allocations are made before anything
  /// is timed.
  void warm_up(const mesh::State<Real>& state) const;
};

/// UserError where the model does not fit deck and truth. Collective.
template <class Real>
StandIn<Real> make_stand_in(SimulationDeck& deck, std::shared_ptr<solvers::Stepper<Real>> truth,
                            const surrogates::FieldModel& model);

}  // namespace understudy::apps
