#include "apps/simulation/replacement.hpp"

#include "apps/simulation/calibration.hpp"
#include "apps/study/model_folder.hpp"

namespace understudy::apps {

template <class Real>
Replacement<Real> make_replacement(const SimulationJob& job, SimulationDeck& deck,
                                   std::shared_ptr<solvers::Stepper<Real>> truth) {
  Replacement<Real> result;
  if (deck.swap.policy != "never") {
    surrogates::FieldModel model = read_model(job.model());
    require_same_model(job.model(), model.card, job.comm);
    // The run may leave the choice to the machine; a precision by name is the model's own, and so is
    // the one that its gates were calibrated in.
    if (deck.network.precision == "auto" && deck.swap.policy != "gate") {
      model.card.network.precision = deck.network.precision;
      model.card.network.precision_slack = deck.network.precision_slack;
    }
    result.card = model.card;
    const auto description = describe_run(deck, *truth);
    result.warnings = surrogates::check_card(model.card, description);
    result.surrogate =
        std::make_shared<surrogates::SurrogateStepper<Real>>(truth, model, description);
    result.card.network.precision = result.surrogate->inference().precision;
  }
  const auto guard = deck.swap.policy == "gate" ? make_guard(job, deck, truth) : nullptr;
  result.swap = std::make_shared<surrogates::Swap<Real>>(deck.swap, truth, result.surrogate,
                                                         deck.time.window_s, guard);
  return result;
}

void summarise(const surrogates::InferenceChoice& choice, Summary& summary) {
  summary.metric("inference.precision", choice.precision);
  summary.metric("inference.layout", choice.layout);
  summary.metric("inference.reason", choice.reason);
}

template Replacement<float> make_replacement(const SimulationJob&, SimulationDeck&,
                                             std::shared_ptr<solvers::Stepper<float>>);
template Replacement<double> make_replacement(const SimulationJob&, SimulationDeck&,
                                              std::shared_ptr<solvers::Stepper<double>>);

}  // namespace understudy::apps
