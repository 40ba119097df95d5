// The verbs of a deck with app: seismic, one file each. All are collective.
#pragma once

#include "apps/seismic/seismic_deck.hpp"

namespace understudy::apps {
class Summary;
}

namespace understudy::apps::seismic {

/// Picks the verb. UserError for one that a seismic deck does not take.
void act(const JobOptions& options);

/// All shots of the survey: gathers.h5, waves of chosen shots for ParaView.
void run(SeismicJob& job, Summary& summary);
/// Random models and their gathers: <out>/dataset.
void generate(SeismicJob& job, Summary& summary);
/// The learned inversion and the learned forward operator: <out>/model, <out>/forward_model.
void train(SeismicJob& job, Summary& summary);
/// Full-waveform inversion: the model by iterations.
void invert(SeismicJob& job, Summary& summary);
/// The ways to a model side by side on test models: report.html.
void compare(SeismicJob& job, Summary& summary);
/// generate, train, compare.
void study(SeismicJob& job, Summary& summary);
/// Prints the resolved deck after every check that needs no computing.
void check(SeismicJob& job, Summary& summary);

}  // namespace understudy::apps::seismic
