// A deck's assimilation: the problem, what is known of the truth, restart files. Used by the verb invert.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/simulation/assimilation/assimilation_samples.hpp"
#include "apps/simulation/simulation_job.hpp"
#include "solvers/assimilation/assimilation.hpp"

namespace understudy::apps {

template <class Real>
struct DeckAssimilation {
  SampleWish wish;
  std::shared_ptr<solvers::assimilation::AssimilationObjective<Real>> objective;
  bool twin = false;          ///< the samples are computed: the deck's own flow is the truth
  std::vector<double> truth;  ///< numbers of a twin
  std::string samples_hash;   ///< of the file or dataset; empty: a twin
  Simulation<Real> own;       ///< the deck's own flow
  /// The course with the samples that are compared and not fitted; a twin's are without noise.
  std::optional<solvers::assimilation::TrajectorySetup> held_out;
};

/// UserError naming the key, or the sample. Collective.
template <class Real>
DeckAssimilation<Real> make_assimilation(const SimulationJob& job);

/// UserError where what the deck asks to be found cannot be, or samples that it names are not there; nothing where it
/// asks for nothing.
void check_assimilation(const SimulationJob& job);

/// The hash of what a resumed assimilation must have in common with the one that it goes on from.
std::string assimilation_hash(const SimulationJob& job);

/// <out>/assimilation.h5: the unknown fields as a state, numbers and history as attributes, the deck. Collective.
template <class Real>
void write_assimilation(const SimulationJob& job, const std::filesystem::path& path,
                        const DeckAssimilation<Real>& run,
                        const solvers::assimilation::AssimilationState& state);
/// UserError where it is damaged, or another deck's. Collective.
template <class Real>
solvers::assimilation::AssimilationState read_assimilation(const SimulationJob& job,
                                                           const std::filesystem::path& path,
                                                           const DeckAssimilation<Real>& run);

}  // namespace understudy::apps
