// The misfit of an inversion by the acoustic wave equation.
#include "solvers/seismic/inversion/inversion.hpp"

namespace understudy::solvers::seismic {

template <class Real>
WaveformObjective<Real>::WaveformObjective(std::shared_ptr<SurveyModelling<Real>> modelling,
                                           std::vector<Gather> observed, const Setup& setup)
    : modelling_(std::move(modelling)),
      observed_(std::move(observed)),
      filtered_(observed_),
      setup_(setup),
      misfit_(setup.misfit, modelling_->plan().record_every_s, modelling_->plan().samples),
      wavelet_(modelling_->plan().wavelet) {}

template <class Real>
void WaveformObjective<Real>::set_stage(double max_frequency_hz) {
  filtered_ = observed_;
  std::vector<double> wavelet = wavelet_;
  if (max_frequency_hz > 0) {
    const SurveyPlan& plan = modelling_->plan();
    low_pass(wavelet, 1, plan.dt_s, max_frequency_hz);
    for (auto& gather : filtered_)
      low_pass(gather.values, gather.receivers, plan.record_every_s, max_frequency_hz);
  }
  modelling_->set_wavelet(wavelet);
}

template <class Real>
Evaluation WaveformObjective<Real>::evaluate(std::span<const double> speed_m_s) {
  modelling_->set_model(speed_m_s, setup_.density);
  auto sum = modelling_->gradient(
      [&](int shot, const Gather& traces) { return misfit_(traces, filtered_[shot]); },
      setup_.memory_bytes);
  simulations_ += 2.0 * modelling_->plan().shots();
  return {sum.misfit, std::move(sum.speed), std::move(sum.illumination)};
}

template <class Real>
double WaveformObjective<Real>::whole_misfit(std::span<const double> speed_m_s) {
  modelling_->set_model(speed_m_s, setup_.density);
  simulations_ += modelling_->plan().shots();
  return modelling_->misfit(
      [&](int shot, const Gather& traces) { return misfit_(traces, filtered_[shot]); });
}

template class WaveformObjective<float>;
template class WaveformObjective<double>;

}  // namespace understudy::solvers::seismic
