// The verbs of a simulation study, one file each. Every verb fills the summary that it is given; its caller
// writes it as <out>/summary.json. All are collective.
#pragma once

#include "apps/simulation/simulation_job.hpp"

namespace understudy::apps {
class Summary;
}

namespace understudy::apps::verbs {

/// Advances in time: simulation, surrogate or swap, as swap.policy says.
void run(SimulationJob& job, Summary& summary);
/// The ensemble's simulations into <out>/dataset. Writes the summary before it throws for failed members.
void generate(SimulationJob& job, Summary& summary);
/// <out>/dataset into the model folder.
void train(SimulationJob& job, Summary& summary);
/// Thresholds of the gates of the model in the model folder, anew (train calibrates, too).
void calibrate(SimulationJob& job, Summary& summary);
/// Numbers and initial state from samples in space and time: assimilation.csv, invert.html. Of a physics that has
/// unknown_kinds(). Needs PETSc.
void invert(SimulationJob& job, Summary& summary);
/// Simulation against its replacement: comparison.csv, report.html.
void compare(SimulationJob& job, Summary& summary);
/// generate, train, compare: one summary holds what each of them measured, written after each.
void study(SimulationJob& job, Summary& summary);

}  // namespace understudy::apps::verbs
