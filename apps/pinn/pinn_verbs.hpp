// Studies of physics-informed networks, `app: pinn`, and their verbs. All are collective.
#pragma once

#include <span>

#include "apps/pinn/pinn_deck.hpp"
#include "apps/study/study.hpp"
#include "pinn/solver.hpp"

namespace understudy::apps {

class PinnStudy : public Study {
 public:
  explicit PinnStudy(std::span<const pinn::ProblemEntry> problems) : deck_(problems) {}
  void prepare(DeckTree& tree) override { deck_.prepare(tree); }
  void describe(core::ParamVisitor& v) override { deck_.describe(v); }
  std::vector<Verb> verbs() override;
  std::vector<std::string> check(const Job& job) override;
  std::string precision() const override { return deck_.settings.precision; }
  long long seed() const override { return deck_.seed; }
  PublicationParams publication() const override { return deck_.publication; }

  /// The job with this study's deck.
  PinnJob job(const Job& job) const;

 private:
  PinnDeck deck_;
};

/// UserError where weights, their optimiser and the points of a step would not fit into memory.
void require_training_fits(const PinnJob& job, const pinn::Problem& problem);

/// The catalogue's line. `problems` outlive the program's work.
App pinn_app(std::span<const pinn::ProblemEntry> problems);

}  // namespace understudy::apps

namespace understudy::apps::pinn_verbs {

/// Trains and evaluates: fields.pvd, history.csv, pictures, model, report.html.
void solve(PinnJob& job, Summary& summary);
/// The same (what <out>/model has of this deck is not trained again) beside the classical method.
void compare(PinnJob& job, Summary& summary);

}  // namespace understudy::apps::pinn_verbs
