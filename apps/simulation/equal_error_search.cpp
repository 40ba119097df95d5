#include "apps/simulation/equal_error_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace

// What can be made of the cases of one method; the others' reasons go into `refused`. What a spectral method is
// refused for (a build for a device) holds for all its grids: said once.
template <class Real>
ClassicalRunList<Real> EqualErrorSearch<Real>::prepare(std::vector<ClassicalCase>& cases) {
  ClassicalRunList<Real> runs;
  for (auto& c : cases) try {
      if (c.spectral != spectral_) continue;
      runs.push_back(make_classical_run(c, initial_, setup_));
    } catch (const core::Error& error) {
      const std::string reason = error.what();
      if (spectral_ &&
          std::ranges::find(refused, reason, &surrogates::ClassicalPoint::refused) != refused.end())
        continue;
      core::log::warn("no classical run {}: {}", c.name, reason);
      refused.push_back({c.name, unknown, unknown, {}, reason});
      refused.back().other_method = spectral_;
    }
  return runs;
}

template <class Real>
ClassicalRunList<Real> EqualErrorSearch<Real>::first(std::vector<ClassicalCase>& cases) {
  if (const std::string reason = spectral_ ? no_spectral_runs(job_) : ""; !reason.empty())
    return refuse_all(cases, reason);
  ClassicalRunList<Real> runs = prepare(cases);
  for (const auto& run : runs) coarsest_ = std::max(coarsest_, run->factor);
  double wanted = 1;
  for (const auto& c : cases)
    if (c.spectral == spectral_) {
      wanted = std::max(wanted, c.factor);
      tried_.push_back(c.name);
    }
  // No grid is too coarse for a spectral method that is not refused altogether.
  if (wanted > coarsest_ && !spectral_) append(runs, between(coarsest_, wanted));
  return runs;
}

template <class Real>
ClassicalRunList<Real> EqualErrorSearch<Real>::next(const ClassicalRunList<Real>& made) {
  const bool by_time = surrogates::is_time(setup_.equal_in);
  double best = INFINITY, worst = 0, finest = INFINITY;
  bool any = false;
  for (const auto& run : made) {
    if (!run->failure.empty() || run->spectral != spectral_) continue;
    const double error = run->judged_by(setup_);
    // 0: the full run again; or, of times, one that stays correlated to the end and encloses nothing.
    if (!(error > 0) && !(by_time && error == 0)) continue;
    any = true;
    if (error > 0) best = std::min(best, error);
    worst = std::max(worst, error);
    if (run->factor > 1) finest = std::min(finest, run->factor);
  }
  if (!any || ++rounds_ > most_rounds) return {};
  if (worst < setup_.target_error && !stuck_) return between(coarsest_, 2 * coarsest_, true);
  if (best > setup_.target_error && std::isfinite(finest)) return tried(std::sqrt(finest));
  return {};
}

// Whatever the grid: said once, of the first.
template <class Real>
ClassicalRunList<Real> EqualErrorSearch<Real>::refuse_all(const std::vector<ClassicalCase>& cases,
                                                          const std::string& reason) {
  const auto one = std::ranges::find(cases, spectral_, &ClassicalCase::spectral);
  if (one == cases.end()) return {};
  core::log::warn("no spectral classical run: {}", reason);
  refused.push_back({one->name, unknown, unknown, {}, reason});
  refused.back().other_method = spectral_;
  return {};
}

// What was made or refused before is no new case.
template <class Real>
ClassicalRunList<Real> EqualErrorSearch<Real>::tried(double factor) {
  auto cases = spectral_ ? spectral_cases(job_, factor) : coarser_cases(job_, factor);
  std::erase_if(cases, [&](const ClassicalCase& c) {
    return std::ranges::find(tried_, c.name) != tried_.end();
  });
  for (const auto& c : cases) tried_.push_back(c.name);
  return prepare(cases);
}

// The coarsest that can be made above `made` and up to `asked`.
template <class Real>
ClassicalRunList<Real> EqualErrorSearch<Real>::between(double made, double asked, bool whole) {
  double above = asked;
  for (int n = 0; n < 3; ++n) {
    const double factor = whole && n == 0 ? asked : std::sqrt(made * above);
    if (factor < 1.1 * made) break;
    ClassicalRunList<Real> runs = tried(factor);
    stuck_ |= runs.empty();
    if (!runs.empty()) {
      coarsest_ = factor;
      return runs;
    }
    above = factor;
  }
  return {};
}

template class EqualErrorSearch<float>;
template class EqualErrorSearch<double>;

}  // namespace understudy::apps
