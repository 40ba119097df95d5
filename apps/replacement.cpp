#include "apps/replacement.hpp"

#include "apps/model_folder.hpp"

namespace understudy::apps {

template <class Real>
Replacement<Real> make_replacement(const Job& job, StudyDeck& deck,
                                   std::shared_ptr<solvers::Stepper<Real>> truth) {
  Replacement<Real> result;
  if (deck.swap.policy != "never") {
    const surrogates::Model model = read_model(job.model());
    result.card = model.card;
    surrogates::RunDescription description;
    description.fields = truth->fields();
    description.grid = deck.grid;
    description.boundaries = deck.domain->boundary_kinds(deck.grid.dimension());
    description.window_s = deck.time.window_s;
    description.parameters = network_parameters(deck);
    result.warnings = surrogates::check_card(model.card, description);
    result.surrogate =
        std::make_shared<surrogates::SurrogateStepper<Real>>(truth, model, description);
  }
  result.swap = std::make_shared<surrogates::Swap<Real>>(deck.swap, truth, result.surrogate,
                                                         deck.time.window_s);
  return result;
}

template Replacement<float> make_replacement(const Job&, StudyDeck&,
                                             std::shared_ptr<solvers::Stepper<float>>);
template Replacement<double> make_replacement(const Job&, StudyDeck&,
                                              std::shared_ptr<solvers::Stepper<double>>);

}  // namespace understudy::apps
