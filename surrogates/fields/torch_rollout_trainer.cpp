#include "surrogates/fields/torch_rollout_trainer.hpp"

namespace understudy::surrogates {

double RolloutErrors::score() const {
  double sum = 0;
  for (const double e : rollout) sum += bounded_error(e);
  return sum / static_cast<double>(rollout.size());
}

void RolloutTrainer::finish(const at::Tensor& best) {
  const RolloutErrors errors = validate(best);
  card.rollout_windows = errors.windows;
  card.validation.clear();
  for (std::size_t c = 0; c < card.fields.size(); ++c)
    card.validation.push_back(
        {card.fields[c].name, errors.one_window[c], errors.rollout[c], errors.persistence[c]});
  card.precisions = precision_errors(best);
  card.reconstruction = reconstruction_errors(best);
}

}  // namespace understudy::surrogates
