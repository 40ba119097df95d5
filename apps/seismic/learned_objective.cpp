#include "apps/seismic/learned_objective.hpp"

#include "apps/seismic/seismic_learned.hpp"

namespace understudy::apps::seismic {

namespace ss = solvers::seismic;

LearnedForwardObjective::LearnedForwardObjective(
    std::shared_ptr<const surrogates::ArrayMap> forward, const ss::SurveyPlan& plan,
    const SeismicDeck& deck, std::vector<ss::Gather> observed)
    : forward_(std::move(forward)),
      plan_(plan),
      deck_(deck),
      observed_(std::move(observed)),
      filtered_(observed_),
      misfit_(deck.inversion.misfit, plan.record_every_s, plan.samples) {}

void LearnedForwardObjective::set_stage(double max_frequency_hz) {
  max_frequency_hz_ = max_frequency_hz;
  filtered_ = observed_;
  if (max_frequency_hz <= 0) return;
  for (auto& gather : filtered_)
    ss::low_pass(gather.values, gather.receivers, plan_.record_every_s, max_frequency_hz);
}

ss::Evaluation LearnedForwardObjective::evaluate(std::span<const double> speed_m_s) {
  const auto image = speed_to_image(deck_.grid, speed_m_s);
  auto traces = array_to_traces(forward_->predict(image), plan_);
  ss::Evaluation result;
  std::vector<ss::Gather> slopes;
  for (std::size_t s = 0; s < traces.size(); ++s) {
    auto& gather = traces[s];
    if (max_frequency_hz_ > 0)
      ss::low_pass(gather.values, gather.receivers, plan_.record_every_s, max_frequency_hz_);
    ss::TraceMisfit one = misfit_(gather, filtered_[s]);
    result.misfit += one.value;
    if (max_frequency_hz_ > 0)
      ss::low_pass_transposed(one.derivative.values, gather.receivers, plan_.record_every_s,
                              max_frequency_hz_);
    slopes.push_back(std::move(one.derivative));
  }
  const auto slope = forward_->vjp(image, traces_to_array(slopes));
  result.gradient = image_to_speed(deck_.grid, slope);
  return result;
}

}  // namespace understudy::apps::seismic
