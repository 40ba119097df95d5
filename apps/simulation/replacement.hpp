// What stands in for the simulation, as the deck's swap section says: the truth, the trained surrogate
// and the policy between them, all behind one Stepper.
#pragma once

#include <memory>

#include "apps/simulation/simulation_job.hpp"
#include "apps/simulation/stand_in.hpp"
#include "apps/study/summary.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/swap/swap.hpp"

namespace understudy::apps {

template <class Real>
struct Replacement {
  std::shared_ptr<surrogates::Swap<Real>> swap;
  StandIn<Real> stand_in;                                         ///< empty for policy never
  std::shared_ptr<surrogates::SurrogateStepper<Real>> surrogate;  ///< its network
  surrogates::ModelCard card;                                     ///< empty for policy never
  std::vector<std::string> warnings;  ///< outside the training envelope...
};

/// `deck` may be the job's deck with other settings. Loads and checks the model. Collective.
template <class Real>
Replacement<Real> make_replacement(const SimulationJob& job, SimulationDeck& deck,
                                   std::shared_ptr<solvers::Stepper<Real>> truth);

/// What leaves the model's training envelope though the parameters do not: values that the simulation's
/// own constraints bring into `state` within [from_s, to_s] (boundary formulas of time), and values of the
/// state itself, a sentence each. Collective.
template <class Real>
std::vector<std::string> outside_envelope(const surrogates::ModelCard& card,
                                          solvers::Stepper<Real>& truth,
                                          const mesh::State<Real>& state, double from_s,
                                          double to_s);
/// The same of the ranges that a comparison's simulation took.
std::vector<std::string> outside_envelope(const surrogates::ModelCard& card,
                                          const std::vector<surrogates::FieldRange>& ranges);

/// metrics.inference: precision and layout in which the network is called and where, and why; what rank 0
/// sends in a call on blocks.
void summarise(const surrogates::InferenceChoice& choice, const surrogates::BlockTraffic& traffic,
               Summary& summary);

}  // namespace understudy::apps
