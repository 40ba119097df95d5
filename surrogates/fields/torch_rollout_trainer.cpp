#include "surrogates/fields/torch_rollout_trainer.hpp"

#include <algorithm>

namespace understudy::surrogates {

double RolloutErrors::score() const {
  const bool all = std::ranges::find(constant, false) == constant.end();
  double sum = 0, count = 0;
  for (std::size_t c = 0; c < rollout.size(); ++c) {
    if (!all && constant[c]) continue;
    sum += bounded_error(rollout[c]);
    count += 1;
  }
  return sum / count;
}

void RolloutTrainer::finish(const at::Tensor& best) {
  const RolloutErrors errors = validate(best);
  card.rollout_windows = errors.windows;
  card.validation.clear();
  for (std::size_t c = 0; c < card.fields.size(); ++c)
    card.validation.push_back(
        {card.fields[c].name, errors.one_window[c], errors.rollout[c], errors.persistence[c]});
  card.verdict = model_verdict(card);
  card.precisions = precision_errors(best);
  card.reconstruction = reconstruction_errors(best);
}

}  // namespace understudy::surrogates
