// The verbs of a deck with app: pinn. All are collective.
#pragma once

#include "apps/pinn/pinn_deck.hpp"

namespace understudy::apps {
class Summary;
}

namespace understudy::apps::pinn_verbs {

/// Picks the verb. UserError for one that such a deck does not take.
void act(const JobOptions& options);

/// Trains and evaluates: fields.pvd, history.csv, pictures, model, report.html.
void solve(PinnJob& job, Summary& summary);
/// The same (what <out>/model has of this deck is not trained again) beside the classical method.
void compare(PinnJob& job, Summary& summary);
/// Prints the resolved deck after every check that needs no training.
void check(PinnJob& job, Summary& summary);

}  // namespace understudy::apps::pinn_verbs
