// Studies of waves, `app: seismic`: their verbs, one file each. All are collective.
#pragma once

#include "apps/seismic/seismic_deck.hpp"
#include "apps/study/study.hpp"

namespace understudy::apps {

class SeismicStudy : public Study {
 public:
  void prepare(DeckTree& tree) override;
  void describe(core::ParamVisitor& v) override { deck_.describe(v); }
  std::vector<Verb> verbs() override;
  std::vector<std::string> check(const Job& job) override;
  std::string precision() const override { return deck_.precision; }
  long long seed() const override { return deck_.seed; }
  PublicationParams publication() const override { return deck_.publication; }

  /// The job with this study's deck.
  SeismicJob job(const Job& job) const { return {job, deck_}; }

 private:
  SeismicDeck deck_;
};

/// The catalogue's line.
App seismic_app();

}  // namespace understudy::apps

namespace understudy::apps::seismic {

/// All shots of the survey: gathers.h5, waves of chosen shots for ParaView.
void run(SeismicJob& job, Summary& summary);
/// Random models and their gathers: <out>/dataset.
void generate(SeismicJob& job, Summary& summary);
/// The learned inversion and the learned forward operator: <out>/model, <out>/forward_model.
void train(SeismicJob& job, Summary& summary);
/// Full-waveform inversion: the model by iterations. Needs PETSc.
void invert(SeismicJob& job, Summary& summary);
/// The ways to a model side by side on test models: report.html. Needs PETSc.
void compare(SeismicJob& job, Summary& summary);

}  // namespace understudy::apps::seismic
