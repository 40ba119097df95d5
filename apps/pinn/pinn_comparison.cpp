#include "apps/pinn/pinn_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <format>
#include <limits>

#include "apps/report_format.hpp"

namespace understudy::apps {

namespace {

using report::duration;
using report::number;

double worst(const std::vector<double>& errors) {
  double most = 0;
  for (const double error : errors)
    if (!std::isnan(error)) most = std::max(most, error);
  return most;
}

// In every field that both know; a run that knows none is no match.
bool as_accurate(const std::vector<double>& run, const std::vector<double>& network) {
  bool any = false;
  for (std::size_t f = 0; f < std::min(run.size(), network.size()); ++f) {
    if (std::isnan(network[f])) continue;
    if (!(run[f] <= network[f])) return false;
    any = true;
  }
  return any;
}

std::string times(double factor) {
  return factor >= 1 ? ratio_text(factor) + " times as long as"
                     : ratio_text(1 / factor) + " times shorter than";
}

std::string equal_words(const PinnComparison& c) {
  const auto& run = c.runs[std::size_t(c.equal)];
  std::string text = std::format(
      "At resolution {} the classical method ({}) is at least as accurate as the network (error {} "
      "against {}) and takes {}; training took {}, {} that: the network {}. ",
      run.resolution, c.method, number(worst(run.errors)), number(c.error), duration(run.wall_s),
      duration(c.train_s), times(c.training_ratio), c.training_ratio >= 1 ? "loses" : "wins");
  if (std::isnan(c.break_even))
    return text +
           std::format(
               "Reading the trained network on the evaluation grid takes {}, no less than such a "
               "solve: training is never paid back.",
               duration(c.evaluation_s));
  return text +
         std::format(
             "Reading the trained network on the evaluation grid takes {}; were each reading "
             "a new classical solve, training would be paid back after {} of them.",
             duration(c.evaluation_s), ratio_text(std::ceil(c.break_even)));
}

}  // namespace

std::string ratio_text(double ratio) {
  if (!(ratio >= 1000)) return number(ratio);
  const double unit = std::pow(10, std::floor(std::log10(ratio)) - 2);
  return std::format("{:.0f}", std::round(ratio / unit) * unit);
}

PinnComparison run_comparison(const PinnResult& result, int most) {
  PinnComparison comparison;
  comparison.method = pinn::classical_name(*result.problem);
  comparison.runs = pinn::run_classical(*result.problem, most);
  return comparison;
}

void judge(PinnComparison& c, const PinnResult& result) {
  c.inverse = !result.about.parameters.empty();
  c.train_s = result.train_s;
  c.error = result.worst_error();
  c.equal = -1;
  for (int n = 0; n < int(c.runs.size()); ++n)
    if (as_accurate(c.runs[std::size_t(n)].errors, result.errors) &&
        (c.equal < 0 || c.runs[std::size_t(n)].wall_s < c.runs[std::size_t(c.equal)].wall_s))
      c.equal = n;
  if (c.equal < 0) return;
  const double solve_s = c.runs[std::size_t(c.equal)].wall_s;
  c.training_ratio = c.train_s / solve_s;
  c.evaluation_ratio = c.evaluation_s / solve_s;
  c.break_even = solve_s > c.evaluation_s ? c.train_s / (solve_s - c.evaluation_s)
                                          : std::numeric_limits<double>::quiet_NaN();
}

std::string comparison_words(const PinnComparison& c) {
  if (c.method.empty())
    return c.inverse
               ? std::format(
                     "The problem offers no classical inversion to compare with; the network took {}.",
                     duration(c.train_s))
               : "The problem offers no classical method to compare with.";
  if (c.runs.empty())
    return std::format("There is no reference to measure {} and the network against.", c.method);
  if (c.equal >= 0) return equal_words(c);
  const auto best = std::ranges::min_element(
      c.runs, {}, [](const pinn::ClassicalRun& run) { return worst(run.errors); });
  return std::format(
      "No run of the classical method ({}) is as accurate as the network (error {}): the best, at "
      "resolution {}, has an error of {} after {}. Training took {}.",
      c.method, number(c.error), best->resolution, number(worst(best->errors)),
      duration(best->wall_s), duration(c.train_s));
}

}  // namespace understudy::apps
