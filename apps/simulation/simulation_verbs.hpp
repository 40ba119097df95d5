// The verbs of the command line, one file each. Every verb fills the summary that it is
// given and writes it as <out>/summary.json; `study` hands one through the others in turn. All but check and list are collective.
#pragma once

#include "apps/study/job.hpp"

namespace understudy::apps {
class Summary;
}

namespace understudy::apps::verbs {

using Act = void (*)(Job& job, Summary& summary);
/// Calls one of the verbs below with a summary of its own.
void act(Act verb, Job& job);

/// Advances in time: simulation, surrogate or swap, as swap.policy says.
void run(Job& job, Summary& summary);
/// The ensemble's simulations into <out>/dataset.
void generate(Job& job, Summary& summary);
/// <out>/dataset into the model folder.
void train(Job& job, Summary& summary);
/// Thresholds of the gates of the model in the model folder, anew (train calibrates, too).
void calibrate(Job& job, Summary& summary);
/// Simulation against its replacement: summary.json, comparison.csv, report.html.
void compare(Job& job, Summary& summary);
/// generate, train, compare: one summary holds what each of them measured.
void study(Job& job, Summary& summary);
/// Prints the resolved deck, after everything that can be checked without advancing.
void check(Job& job, Summary& summary);
/// train or check of a deck with app: points (apps/points/points_deck.hpp). Collective.
void points(const JobOptions& options);
/// A model of points trained elsewhere, with a card, into a model folder. Collective.
struct ImportOptions {
  std::string file, card, out;
  std::string command;  ///< the command line, for provenance
};
void import_model(const ImportOptions& options);
/// What this build has.
void list();
/// docs/deck_reference.md, to standard output.
void deck_reference();

}  // namespace understudy::apps::verbs
