#include "solvers/assimilation/assimilation.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "mesh/optimisation/bounded_minimiser.hpp"

namespace understudy::solvers::assimilation {

namespace {

template <class Real>
class Minimisation {
 public:
  Minimisation(AssimilationObjective<Real>& objective, const AssimilationSettings& settings,
               const AssimilationWatch& watch, const AssimilationState* resumed)
      : objective_(objective),
        settings_(settings),
        watch_(watch),
        comm_(objective.problem().background.grid().comm()),
        scale_(objective.scales()) {
    if (resumed) state_ = *resumed;
    if (!resumed) state_.x = objective.background();
    state_.reason.clear();
    state_.failed = false;
    centre_ = state_.x;
    if (state_.history.empty()) return;
    before_ = state_.history.back();
    resumed_ = true;
  }

  AssimilationState run() {
    mesh::MinimiserSettings settings;
    settings.iterations = settings_.iterations - before_.iteration;
    settings.evaluations = 20 * settings_.iterations;
    settings.gradient_tolerance = settings_.gradient_tolerance;
    settings.value_tolerance = settings_.value_goal;
    settings.memory = settings_.memory;
    settings.comm = &comm_;
    if (settings.iterations <= 0) {
      state_.reason = "iterations are spent";
      return state_;
    }
    if (resumed_ && before_.gradient_norm > 0) {
      // TAO's is relative to where it starts; ours to the search's start.
      settings.gradient_tolerance *= state_.history.front().gradient_norm / before_.gradient_norm;
      if (settings.gradient_tolerance >= 1) {
        state_.reason = "the gradient is small enough";
        return state_;
      }
    }
    const auto scaled = [&](std::vector<double> bound) {
      for (std::size_t n = 0; n < bound.size(); ++n) bound[n] = (bound[n] - centre_[n]) / scale_[n];
      return bound;
    };
    auto lower = scaled(objective_.lower()), upper = scaled(objective_.upper());
    for (std::size_t n = 0; n < lower.size();
         ++n) {  // a resumed one may stand on them, to round-off
      lower[n] = std::min(0.0, lower[n]);
      upper[n] = std::max(0.0, upper[n]);
    }
    std::vector<double> x(centre_.size(), 0);
    const auto result = mesh::minimise(
        x, lower, upper,
        [&](std::span<const double> at, std::span<double> gradient) { return value(at, gradient); },
        settings, [&](const mesh::MinimiserProgress& p) { return note(p); });
    state_.reason = result.reason;
    state_.failed = result.failed;
    return state_;
  }

 private:
  std::vector<double> unknowns(std::span<const double> x) const {
    std::vector<double> m(x.size());
    for (std::size_t n = 0; n < m.size(); ++n) m[n] = centre_[n] + scale_[n] * x[n];
    return m;
  }

  double value(std::span<const double> x, std::span<double> gradient) {
    const AssimilationValue found = evaluated(unknowns(x), gradient);
    ++evaluations_;
    state_.shortened += objective_.cost().shortened;
    state_.recomputed += objective_.cost().recomputed;
    require_slope(found, gradient);
    if (state_.start_value == 0) state_.start_value = found.sum();
    const double unit = state_.start_value > 0 ? state_.start_value : 1;
    for (std::size_t n = 0; n < x.size(); ++n) gradient[n] *= scale_[n] / unit;
    const double scaled = found.sum() / unit;
    parts_[scaled] = last_ = found;
    return scaled;
  }

  // A course that fails is not at the start, which went: the search has gone too far.
  AssimilationValue evaluated(const std::vector<double>& m, std::span<double> gradient) {
    try {
      return objective_.evaluate(m, gradient);
    } catch (const core::RunError& error) {
      if (evaluations_ == 0) throw;
      std::string tried;
      const auto values = objective_.numbers(m);
      for (std::size_t n = 0; n < values.size(); ++n)
        tried += core::format("{}{} = {:.6g}", n ? ", " : "; the search tried ",
                              objective_.problem().numbers[n].name, values[n]);
      throw core::RunError(core::format(
          "{}{}: bounds, a smaller deviation of the unknowns or a shorter time keep it from there",
          error.what(), tried));
    }
  }

  void require_slope(const AssimilationValue& found, std::span<const double> gradient) const {
    double slopes = 0;
    for (const double slope : gradient) slopes += std::abs(slope);
    if (comm_.sum(slopes) == 0 && found.misfit > 0)
      throw core::RunError(core::format(
          "assimilation: the gradient is 0 while the misfit is {:.4g}: the samples do not depend on what is "
          "unknown",
          found.misfit));
  }

  bool note(const mesh::MinimiserProgress& p) {
    state_.x = unknowns(p.x);
    if (resumed_ && p.iteration == 0) return true;  // it is on record
    const auto known = parts_.find(p.value);
    const AssimilationValue parts = known != parts_.end() ? known->second : last_;
    AssimilationRecord record;
    record.iteration = before_.iteration + p.iteration;
    record.misfit = parts.misfit;
    record.background = parts.background;
    record.gradient_norm = p.gradient_norm;
    record.evaluations = before_.evaluations + evaluations_;
    record.wall_s = comm_.max(before_.wall_s + clock_.seconds());  // one record on all ranks
    record.numbers = objective_.numbers(state_.x);
    state_.history.push_back(record);
    return !watch_ || watch_(state_);
  }

  AssimilationObjective<Real>& objective_;
  const AssimilationSettings& settings_;
  const AssimilationWatch& watch_;
  core::Comm comm_;
  std::vector<double> scale_, centre_;
  AssimilationState state_;
  AssimilationRecord before_;
  bool resumed_ = false;
  long long evaluations_ = 0;
  std::map<double, AssimilationValue> parts_;  ///< of the minimised values met
  AssimilationValue last_;
  core::Stopwatch clock_;
};

}  // namespace

template <class Real>
AssimilationState assimilate(AssimilationObjective<Real>& objective,
                             const AssimilationSettings& settings, const AssimilationWatch& watch,
                             const AssimilationState* resumed) {
  return Minimisation<Real>(objective, settings, watch, resumed).run();
}

template AssimilationState assimilate(AssimilationObjective<float>&, const AssimilationSettings&,
                                      const AssimilationWatch&, const AssimilationState*);
template AssimilationState assimilate(AssimilationObjective<double>&, const AssimilationSettings&,
                                      const AssimilationWatch&, const AssimilationState*);

}  // namespace understudy::solvers::assimilation
