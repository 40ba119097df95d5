// Climatology for a comparison, from the deck's own training samples.
#pragma once

#include <memory>
#include <string>

#include "apps/simulation/simulation_job.hpp"
#include "surrogates/fields/climatology.hpp"

namespace understudy::apps {

template <class Real>
struct TrainingClimatology {
  std::unique_ptr<surrogates::DatasetReader> data;
  std::unique_ptr<surrogates::Climatology<Real>> mean;  ///< null: there is none
  std::string reason;                                   ///< why
};

/// From the job's dataset, for windows from `initial` on. No dataset, or one that does not fit the run, is a reason and
/// no error. Collective; the same on all ranks.
template <class Real>
TrainingClimatology<Real> training_climatology(const SimulationJob& job, const SimulationDeck& deck,
                                               const mesh::State<Real>& initial);

}  // namespace understudy::apps
