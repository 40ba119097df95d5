// Studies of simulations: one class for every physics. `simulation_app(make_flow)` is a line of the
// catalogue; a program outside brings its own physics by the same line (examples/).
#pragma once

#include <memory>

#include "apps/simulation/simulation_job.hpp"
#include "apps/study/study.hpp"

namespace understudy::apps {

/// run, generate, train, calibrate, compare, study of a physics.
class SimulationStudy : public Study {
 public:
  explicit SimulationStudy(MakePhysics make);
  void prepare(DeckTree& tree) override;
  void describe(core::ParamVisitor& v) override { deck_.describe(v); }
  std::vector<Verb> verbs() override;
  std::vector<std::string> check(const Job& job) override;
  std::string precision() const override { return deck_.precision; }
  long long seed() const override { return deck_.seed; }
  PublicationParams publication() const override { return deck_.publication; }

  /// The job with this study's deck.
  SimulationJob job(const Job& job) const;

 private:
  MakePhysics make_;
  SimulationDeck deck_;
};

/// The catalogue's line of a physics.
App simulation_app(const MakePhysics& make);

/// The job of a deck of that physics, for programs that call the verbs' parts themselves. UserError.
/// Collective.
SimulationJob simulation_job(const JobOptions& options, const MakePhysics& make);

}  // namespace understudy::apps
