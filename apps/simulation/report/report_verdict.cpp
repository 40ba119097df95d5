// The sentence at the head of the report. It is built from the numbers alone and says the losses first
// where there are losses.
#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "apps/report/report_format.hpp"
#include "apps/simulation/report/figures.hpp"
#include "apps/simulation/report/report.hpp"
#include "apps/simulation/report/report_sections.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "surrogates/training/model_verdict.hpp"

namespace understudy::apps {

namespace {

using report::number;
using report::percent;
using report::rounded;
using report::without_stop;

/// Over the finite values but the initial state's, whose error is exactly 0.
double mean_of_finite(const std::vector<double>& values) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (!std::isfinite(values[n]) || (n == 0 && values[n] == 0)) continue;
    sum += values[n];
    ++count;
  }
  return count ? sum / static_cast<double>(count) : std::nan("");
}

double last_finite(const std::vector<double>& values) {
  for (auto value = values.rbegin(); value != values.rend(); ++value) {
    if (std::isfinite(*value)) return *value;
  }
  return std::nan("");
}

bool unstable(const ReportData& data) {
  return data.windows > 0 && data.result.stable_windows() < data.windows;
}

std::string subject(const ReportData& data) {
  if (data.swap_policy.empty() || data.swap_policy == "always") return "The surrogate";
  return core::format("The replacement (swap policy '{}')", data.swap_policy);
}

/// "2.3 times faster" or "1.8 times slower".
std::string faster_or_slower(double ratio, int digits = 2) {
  if (ratio >= 1) return rounded(ratio, digits) + " times faster";
  return rounded(1 / ratio, digits) + " times slower";
}

std::string speed_clause(const ReportData& data) {
  const auto& same_grid = data.result.speedups.same_grid;
  const double ratio = same_grid.value;
  if (!report::reached(same_grid) || ratio <= 0) return " has no measured speed-up";
  const surrogates::Scatter& scatter = data.result.speedups.same_grid_scatter;
  if (scatter.repeats > 1 && scatter.lowest < 1 && scatter.highest > 1)
    return core::format(
        " is neither faster nor slower than the simulation on the same grid (ratio {})",
        report::scatter_text(scatter));
  const int digits = std::min(2, scatter.digits(ratio));
  std::string text = ratio < 1 ? " loses on speed: it is " : " is ";
  text += faster_or_slower(ratio, digits) + " than the simulation on the same grid";
  if (digits == 1) text += core::format(" (ratio {})", report::scatter_text(scatter));
  return text;
}

/// One field's rollout in three numbers.
struct FieldError {
  std::string field;
  double mean, last;
  double frozen;  ///< the frozen state's mean over the same windows
};

/// Of each field that was measured; of many fields the four worst.
std::vector<FieldError> field_errors(const ReportData& data) {
  std::vector<FieldError> list;
  for (const surrogates::ErrorSeries& error : data.result.errors) {
    if (!error.judged()) continue;
    std::vector<double> frozen = error.persistence;
    for (std::size_t n = 0; n < frozen.size(); ++n) {
      if (n >= error.rel_l2.size() || !std::isfinite(error.rel_l2[n])) frozen[n] = std::nan("");
    }
    const auto counted = data.result.counted();
    double mean = counted.empty() ? std::nan("") : error.mean(counted);
    if (std::isfinite(mean))
      for (std::size_t n = 1; n < frozen.size(); ++n)
        if (n <= counted.size() && !counted[n - 1]) frozen[n] = std::nan("");
    // A run may have ended before the surrogate's turn.
    if (!std::isfinite(mean)) mean = mean_of_finite(error.rel_l2);
    if (!std::isfinite(mean)) continue;
    list.push_back({error.field, mean, last_finite(error.rel_l2), mean_of_finite(frozen)});
  }
  if (list.size() > 4) {
    std::ranges::sort(list, std::greater{}, &FieldError::mean);
    list.resize(4);
  }
  return list;
}

std::string error_clause(const ReportData& data) {
  std::vector<std::string> names, means, ends, lost;
  for (const FieldError& error : field_errors(data)) {
    names.push_back(error.field);
    means.push_back(percent(error.mean));
    ends.push_back(percent(error.last));
    if (error.mean >= error.frozen) {
      lost.push_back(core::format("{} ({})", error.field, percent(error.frozen)));
    }
  }
  if (names.empty()) return "; its error was not measured";
  const auto counted = data.result.counted();
  const std::string over =
      counted.empty()
          ? std::string("on average")
          : core::format("on average over the {} of {} windows that the surrogate advanced",
                         std::ranges::count(counted, true), counted.size());
  std::string text =
      core::format("; its relative L2 error in {} is {} {} and {} at {}", core::joined(names),
                   core::joined(means), over, core::joined(ends),
                   unstable(data) ? "the last stable window" : "the end");
  const auto hand_over = data.result.worst_hand_over();
  if (!counted.empty() && std::isfinite(hand_over.error))
    text += core::format(", and {} in {} as soon as the surrogate takes over at {} s",
                         percent(hand_over.error), hand_over.field, number(hand_over.time_s, 4));
  if (!lost.empty()) {
    text += ", no better than leaving the first state frozen in " + core::joined(lost);
  }
  return text;
}

/// Plain words where the replacement is none: in the comparison, and in the model's own validation.
std::string bad_sentence(const ReportData& data) {
  std::vector<std::string> bad;
  for (const FieldError& error : field_errors(data))
    if (error.mean >= surrogates::bad_error)
      bad.push_back(core::format("{} by {}", error.field, percent(error.mean)));
  std::string text;
  if (!bad.empty())
    text = " It is no replacement: on average it is off in " + core::joined(bad) + ".";
  if (!data.model_verdict.empty()) text += " Training said so: " + data.model_verdict + ".";
  return text;
}

/// Another model of this study that is more accurate; the most accurate of them.
std::string contender_sentence(const ReportData& data) {
  std::vector<const surrogates::ComparisonResult*> others;
  for (std::size_t n = 1; n < data.contenders.size(); ++n)
    others.push_back(&data.contenders[n].result);
  const auto best = surrogates::better_model(data.result, others);
  if (!best) return "";
  const ReportContender& c = data.contenders[best->index + 1];
  const std::string windows = data.result.compared_windows().empty()
                                  ? ""
                                  : ", both over the windows that the surrogate advanced";
  const std::string within =
      data.result.within_truth(best->error) ? ", within the simulation's own error" : "";
  std::string text =
      data.result.replacement_failed
          ? core::format(" The contender {} lasts all {} windows (mean error {}{})", c.name,
                         data.windows, percent(best->error), within)
          : core::format(" The contender {} is {} times as accurate (mean error {}{} against {}{})",
                         c.name, rounded(best->times_as_accurate(), 2), percent(best->error),
                         within.empty() ? within : within + ",", percent(best->own), windows);
  const auto& ratio = c.result.speedups.same_grid;
  if (report::reached(ratio) && ratio.value > 0)
    text += core::format(
        " and {}{} than the simulation", data.result.replacement_failed ? "is " : "",
        faster_or_slower(ratio.value,
                         std::min(2, c.result.speedups.same_grid_scatter.digits(ratio.value))));
  return text + ".";
}

/// Fields that have no error of their own.
std::string zero_sentence(const ReportData& data) {
  std::string text;
  for (const surrogates::ErrorSeries& error : data.result.errors) {
    if (error.judged()) continue;
    const double mean = mean_of_finite(error.rel_l2);
    text += core::format(" {} is zero in the simulation; ", error.field);
    text += std::isfinite(mean) ? core::format("the replacement's is {} of {} on average.",
                                               percent(mean), error.relative_to)
                                : "its error is relative to " + error.relative_to + ".";
  }
  return text;
}

/// Mean over the last tenth, NaN for an empty series.
double late_mean(const std::vector<double>& values) {
  const std::size_t from = values.size() - (values.size() + 9) / 10;
  return mean_of_finite({values.begin() + static_cast<std::ptrdiff_t>(from), values.end()});
}

double largest(const std::vector<double>& values) {
  double size = 0;
  for (const double value : values)
    if (std::isfinite(value)) size = std::max(size, std::abs(value));
  return size;
}

/// The diagnostic whose late mean has left the simulation's by most, in units of the largest value
/// that the simulation takes; silent below a quarter. What the simulation holds at zero to round-off has
/// no such unit: the value itself is given.
std::string drift_sentence(const ReportData& data) {
  constexpr double round_off = 1e-9;
  double worst = 0.25;
  std::string name, text;
  for (const surrogates::DiagnosticSeries& d : data.result.diagnostics) {
    const double scale = largest(d.truth), other = largest(d.replacement);
    const std::string plain = report::plain_name(d.name, data.app, d.unit);
    if (other > 0 && scale < round_off * other) {
      text += core::format(" Its {}, zero to round-off in the simulation, ends at {}{}.", plain,
                           number(late_mean(d.replacement), 2), d.unit == "1" ? "" : " " + d.unit);
      continue;
    }
    const double drift = std::abs(late_mean(d.replacement) - late_mean(d.truth)) / scale;
    if (!std::isfinite(drift) || drift <= worst) continue;
    worst = drift;
    name = plain;
  }
  if (name.empty()) return text;
  return core::format(" It drifts: its {} ends {} away from the simulation's.{}", name,
                      percent(worst), text);
}

/// The domain quantity that the replacement misses by most. A mean that is zero by symmetry is judged by what
/// it swings by, and what the simulation holds at zero to round-off by nothing: the table has it.
std::string metric_sentence(const ReportData& data) {
  constexpr double round_off = 1e-9;
  double worst = -1;
  const ReportMetric* missed = nullptr;
  for (const ReportMetric& metric : data.metrics) {
    const double size = metric.is_small() ? metric.scale : std::abs(metric.truth);
    const double miss = std::abs(metric.replacement - metric.truth) / size;
    if (size < round_off * std::abs(metric.replacement)) continue;
    if (!std::isfinite(miss) || miss <= worst) continue;
    worst = miss;
    missed = &metric;
  }
  if (!missed) return "";
  const std::string by =
      missed->is_small()
          ? core::format(
                "{}, {} of what it swings by",
                report::with_unit(number(missed->replacement - missed->truth, 2), missed->unit),
                percent(worst))
          : percent(worst);
  return core::format(" Of the physical quantities it misses the {} by most: {}.",
                      report::plain_name(missed->name, data.app, missed->unit), by);
}

/// "120 windows (9.9 shedding periods)".
std::string span_of(const ReportData& data) {
  std::string span = core::format("{} windows", data.windows);
  if (data.periods && std::isfinite(*data.periods)) {
    span += core::format(" ({} {})", number(*data.periods), data.period_name);
  }
  return span;
}

/// The head of the verdict on a run that broke; empty on one that did not.
std::string failure_sentence(const ReportData& data) {
  if (!unstable(data)) return "";
  std::string text = subject(data) + core::format(" fails: it became unstable after {} of {}",
                                                  data.result.stable_windows(), span_of(data));
  if (!data.result.failure.empty()) text += ": " + without_stop(data.result.failure);
  return text + ". Until then:";
}

/// What the simulation's own error leaves of the replacement's.
std::string own_error_sentence(const ReportData& data) {
  const surrogates::ComparisonResult& r = data.result;
  if (r.truth_error.name.empty()) return "";
  if (!r.truth_error.known())
    return " The simulation's own error is not known: " + without_stop(r.truth_error.refused) + ".";
  const double own = r.truth_mean_error();
  if (!std::isfinite(own)) return "";
  const std::string text =
      core::format(" The simulation's own error, beside a run of {} cells, is {}",
                   r.truth_error.name, percent(own));
  if (r.replacement_failed || !r.within_truth(r.mean_error())) return text + ".";
  return text + core::format(
                    "; the replacement's ({}) is within it, and which of the two is more accurate "
                    "is not known.",
                    percent(r.mean_error()));
}

std::string equal_error_sentence(const ReportData& data) {
  const auto& ratio = data.result.speedups.equal_error;
  if (!report::reached(ratio) || ratio.value <= 0) {
    const std::string why =
        ratio.reason.empty() ? "it was not measured" : without_stop(ratio.reason);
    return " No speed-up at equal error can be given: " + why + ".";
  }
  const std::string run = report::equal_error_run(data.result.speedups);
  const surrogates::EqualIn in = data.result.equal_in;
  const char* equal = surrogates::is_time(in)                 ? "equal time of correlation"
                      : in == surrogates::EqualIn::statistics ? "equal error of statistics"
                      : in == surrogates::EqualIn::profiles   ? "equal error of profiles"
                      : in == surrogates::EqualIn::spectra    ? "equal error of spectra"
                                                              : "equal error";
  if (ratio.value < 1) {
    return core::format(" At {} it loses: a classical run ({}) is as accurate and {}.", equal, run,
                        faster_or_slower(1 / ratio.value));
  }
  const int digits = std::min(2, data.result.speedups.equal_error_scatter.digits(ratio.value));
  return core::format(" At {} it is {}{} than the cheapest classical run ({}).", equal,
                      data.result.speedups.equal_error_at_most ? "at most " : "",
                      faster_or_slower(ratio.value, digits), run);
}

std::string break_even_sentence(const ReportData& data) {
  const surrogates::Speedups& s = data.result.speedups;
  if (report::reached(s.break_even_runs)) {
    return core::format(" Data and training are paid back after {} runs.",
                        rounded(std::ceil(s.break_even_runs.value),
                                s.break_even_scatter.digits(s.break_even_runs.value)));
  }
  if (report::reached(s.same_grid) && s.same_grid.value <= 1) {
    return " Data and training are never paid back.";
  }
  if (!s.break_even_runs.reason.empty()) {
    return " No break-even can be given: " + without_stop(s.break_even_runs.reason) + ".";
  }
  return "";
}

}  // namespace

std::string report_lead(const ReportData& data) {
  std::string text = failure_sentence(data);
  text += (text.empty() ? subject(data) : " it") + speed_clause(data) + error_clause(data) + ".";
  return text + bad_sentence(data) + contender_sentence(data);
}

std::string report_rest(const ReportData& data) {
  std::string text;
  if (data.windows > 0 && !unstable(data))
    text += " It stayed finite and within its bounds over all " + span_of(data) + ".";
  text += zero_sentence(data) + drift_sentence(data) + metric_sentence(data) +
          own_error_sentence(data) + equal_error_sentence(data) + break_even_sentence(data);
  return text.starts_with(' ') ? text.substr(1) : text;
}

std::string report_verdict(const ReportData& data) {
  return report_lead(data) + " " + report_rest(data);
}

}  // namespace understudy::apps
