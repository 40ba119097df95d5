// The verbs of the command line, one file each. Every verb writes <out>/summary.json; `study` calls the
// others in turn. All but check and list are collective.
#pragma once

#include "apps/job.hpp"

namespace understudy::apps::verbs {

/// Advances in time: simulation, surrogate or swap, as swap.policy says.
void run(Job& job);
/// The ensemble's simulations into <out>/dataset.
void generate(Job& job);
/// <out>/dataset into the model folder.
void train(Job& job);
/// Simulation against its replacement: summary.json, comparison.csv, report.html.
void compare(Job& job);
/// generate, train, compare.
void study(Job& job);
/// Prints the resolved deck, after everything that can be checked without advancing.
void check(Job& job);
/// What this build has.
void list();
/// docs/deck_reference.md, to standard output.
void deck_reference();

}  // namespace understudy::apps::verbs
