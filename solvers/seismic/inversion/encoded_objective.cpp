#include "solvers/seismic/inversion/encoded_objective.hpp"

#include <stdexcept>

namespace understudy::solvers::seismic {

namespace {

constexpr const char* misfit_kind = "least_squares";

// Groups of ranks follow from the number of supershots; the draw itself is replaced by each renewal.
SurveyPlan plan_of(const SurveyPlan& whole, int supershots, std::uint64_t seed) {
  require_encoding(supershots, whole.shots());
  SurveyPlan plan = whole;
  plan.encoding = draw_encoding({.shots = whole.shots(), .supershots = supershots, .seed = seed});
  return plan;
}

}  // namespace

template <class Real>
EncodedObjective<Real>::EncodedObjective(std::shared_ptr<WaveformObjective<Real>> whole,
                                         const ModellingSetup& modelling, const Encoding& encoding,
                                         const core::Comm& world)
    : whole_(std::move(whole)),
      encoding_(encoding),
      modelling_(modelling, plan_of(whole_->plan(), encoding.supershots, encoding.seed), world),
      misfit_(misfit_kind, whole_->plan().record_every_s, whole_->plan().samples) {
  if (whole_->setup().misfit != misfit_kind)
    throw std::invalid_argument("records of a misfit '" + whole_->setup().misfit +
                                "' cannot be superposed");
}

template <class Real>
void EncodedObjective<Real>::set_stage(double max_frequency_hz) {
  whole_->set_stage(max_frequency_hz);
  modelling_.set_wavelet(whole_->plan().wavelet);
  data_.clear();
}

template <class Real>
void EncodedObjective<Real>::renew(int stage, int renewal) {
  modelling_.set_encoding(draw_encoding({.shots = whole_->plan().shots(),
                                         .supershots = encoding_.supershots,
                                         .seed = encoding_.seed,
                                         .stage = stage,
                                         .renewal = renewal}));
  data_ = superpose(whole_->data(), drawn());
}

template <class Real>
Evaluation EncodedObjective<Real>::evaluate(std::span<const double> speed_m_s) {
  if (data_.empty()) throw std::logic_error("signs are drawn before an evaluation");
  modelling_.set_model(speed_m_s, whole_->setup().density);
  auto sum = modelling_.gradient(
      [&](int supershot, const Gather& traces) { return misfit_(traces, data_[supershot]); },
      whole_->setup().memory_bytes);
  simulations_ += 2.0 * encoding_.supershots;
  return {sum.misfit, std::move(sum.speed), std::move(sum.illumination)};
}

template <class Real>
double EncodedObjective<Real>::whole_misfit(std::span<const double> speed_m_s) {
  return whole_->whole_misfit(speed_m_s);
}

template <class Real>
InversionObjective::Work EncodedObjective<Real>::work() const {
  const Work whole = whole_->work();
  return {whole.simulations + simulations_, whole.cell_updates + modelling_.cell_updates()};
}

template class EncodedObjective<float>;
template class EncodedObjective<double>;

}  // namespace understudy::solvers::seismic
