#include "apps/seismic/seismic_comparison.hpp"

#include <cmath>
#include <limits>

#include "apps/report/report_format.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps::seismic {

namespace {

constexpr double never = std::numeric_limits<double>::quiet_NaN();

// Core-seconds of data and training that a way stands on.
double investment(const SeismicComparison& c, const std::string& way) {
  if (way == "learned" || way == "hybrid") return c.data_core_s + c.inversion.cost.training_core_s;
  if (way == "learned_forward") return c.data_core_s + c.forward.cost.training_core_s;
  return 0;
}

}  // namespace

double time_to_error(const WayResult& way, double rel_l2) {
  for (const auto& point : way.course)
    if (point.error.rel_l2 <= rel_l2) return point.wall_s;
  return never;
}

std::string accuracy_verdict(const WaySummary& way, const WaySummary& fwi) {
  std::vector<std::string> better, worse;
  const auto look = [&](const char* name, double own, double other, bool larger_is_better,
                        std::string (*text)(double)) {
    if (!std::isfinite(own) || !std::isfinite(other)) return;
    const std::string words = core::format("{} ({} against {})", name, text(own), text(other));
    (own == other || (own > other) == larger_is_better ? better : worse).push_back(words);
  };
  const auto plain = [](double value) { return report::number(value); };
  look("model error", way.error.rel_l2, fwi.error.rel_l2, false, report::percent);
  look("MAE", way.error.mae, fwi.error.mae, false, plain);
  look("SSIM", way.error.ssim, fwi.error.ssim, true, plain);
  look("data misfit", way.misfit_ratio, fwi.misfit_ratio, false, report::percent);
  std::string text = worse.empty()    ? "is no worse by any measure: " + core::joined(better)
                     : better.empty() ? "is worse by every measure: " + core::joined(worse)
                                      : "is worse in " + core::joined(worse) + ", though not in " +
                                            core::joined(better);
  if (way.misfit_ratio >= 1) text += "; its model explains the data no better than the start did";
  return text;
}

std::vector<WaySummary> summarise_ways(const SeismicComparison& c) {
  std::vector<WaySummary> all;
  const double count = double(c.models.size()), cores = double(c.ranks) * c.threads;
  for (std::size_t w = 0; w < c.models.front().ways.size(); ++w) {
    WaySummary s;
    s.way = c.models.front().ways[w].way;
    s.investment_core_s = investment(c, s.way);
    double fwi_s = 0, log_ratio = 0, iterations = 0, learned = 0;
    for (const auto& model : c.models) {
      const WayResult &fwi = model.ways.front(), &way = model.ways[w];
      const ModelError& error = way.course.back().error;
      s.error.rel_l2 += error.rel_l2 / count;
      s.error.mae += error.mae / count;
      s.error.ssim += error.ssim / count;
      s.misfit_ratio += way.misfit_ratio / count;
      s.wall_s += way.wall_s / count;
      fwi_s += fwi.wall_s / count;
      const double reached_s = time_to_error(way, fwi.course.back().error.rel_l2);
      if (std::isfinite(reached_s)) {
        ++s.reached;
        s.time_to_fwi_error_s += reached_s;
      }
      double equal_s = time_to_error(fwi, error.rel_l2);
      if (!std::isfinite(equal_s)) {
        ++s.fwi_never;
        equal_s = fwi.wall_s;
      }
      // Both by when they are first as good: an error may rise again, or stand still to the end.
      log_ratio += std::log(std::max(equal_s, 1e-9) / time_to_error(way, error.rel_l2)) / count;
      iterations += way.iterations;
      learned += way.learned_iterations;
    }
    s.time_to_fwi_error_s = s.reached > 0 ? s.time_to_fwi_error_s / s.reached : never;
    s.speedup = fwi_s / s.wall_s;
    s.speedup_equal_error = std::exp(log_ratio);
    const double saved_core_s = (fwi_s - s.wall_s) * cores;
    s.break_even_models = saved_core_s > 0 ? s.investment_core_s / saved_core_s : never;
    s.learned_share = iterations > 0 ? learned / iterations : 0;
    all.push_back(s);
  }
  return all;
}

}  // namespace understudy::apps::seismic
