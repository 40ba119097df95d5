// Contenders: more models on the same data, each trained into a folder of its own and compared on the same
// case, so that a report can show networks side by side.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/simulation_job.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::apps {

/// The job of each contender: the deck with its settings, its own folder (<out>/contenders/<name>) and the
/// study's dataset. UserError, naming the contender, where a setting is wrong or the network does not suit
/// the grid.
std::vector<SimulationJob> contender_jobs(const SimulationJob& job);

/// UserError, naming the contender, where the ranks cannot share out its training samples as it says.
void require_contender_blocks(const SimulationJob& job);

/// UserError, naming the contender, where the deck's members will be too short for its training.
void require_contender_frames(const SimulationJob& job);

/// Every contender has a model that fits the compared case. UserError, naming the contender; touches
/// nothing else. Collective.
template <class Real>
void require_contender_models(const SimulationJob& job, solvers::Stepper<Real>& truth);

/// What a contender came to. `result` has its speed-ups.
struct ContenderResult {
  std::string name;
  surrogates::ModelCard card;
  surrogates::ComparisonResult result;
};

/// Each contender's model in the replacement's place, from the same initial state: its errors. A side for
/// timing is added to `sides` for each that lasted. Collective. UserError where a model is missing or does
/// not fit.
template <class Real>
std::vector<ContenderResult> run_contenders(const SimulationJob& job,
                                            const surrogates::ComparisonSetup<Real>& main,
                                            std::vector<surrogates::TimedSide>& sides);

}  // namespace understudy::apps
