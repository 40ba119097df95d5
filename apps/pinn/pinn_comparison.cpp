#include "apps/pinn/pinn_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/report/report_format.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/runtime.hpp"
#include "surrogates/network/network.hpp"

namespace understudy::apps {

namespace {

using report::duration;
using report::number;

// "1 rank × 2 threads on cpu"
std::string cores_words(int ranks, int threads, const std::string& device) {
  return core::format("{} rank{} × {} thread{} on {}", ranks, ranks == 1 ? "" : "s", threads,
                      threads == 1 ? "" : "s", device);
}

// Whose cores the times are of, and core time beside wall time.
std::string machine_words(const PinnComparison& c) {
  const auto& run = c.runs[std::size_t(c.equal)];
  const std::string text =
      core::format(" In core time that is {} ({}) against {} of training ({}).",
                   report::core_time(run.wall_s * c.cores), cores_words(1, c.threads, c.device),
                   report::core_time(c.train_core_s),
                   cores_words(c.train_ranks, c.train_threads, c.train_device));
  if (same_machine(c)) return text;
  return text +
         " The two did not have the same device and cores: wall times alone do not say which "
         "is faster.";
}

int failures(const PinnComparison& c) {
  return int(std::ranges::count_if(c.runs, [](const auto& run) { return !run.failure.empty(); }));
}

// In every field that is judged and that both know; a run that knows none is no match.
bool as_accurate(const std::vector<double>& run, const PinnResult& network) {
  bool any = false;
  for (std::size_t f = 0; f < std::min(run.size(), network.errors.size()); ++f) {
    if (std::isnan(network.errors[f]) || !network.is_judged(f)) continue;
    if (!(run[f] <= network.errors[f])) return false;
    any = true;
  }
  return any;
}

// The fields that are not judged in which a run is worse.
std::string worse_elsewhere(const std::vector<double>& run, const PinnResult& network) {
  const auto& all = network.about.fields;
  std::vector<std::string> fields;
  for (std::size_t f = 0; f < std::min({run.size(), network.errors.size(), all.size()}); ++f)
    if (!network.is_judged(f) && run[f] > network.errors[f])
      fields.push_back(core::format("{} ({} against {})", all[f].name, number(run[f]),
                                    number(network.errors[f])));
  return core::joined(fields);
}

std::string times(double factor) {
  return factor >= 1 ? ratio_text(factor) + " times as long as"
                     : ratio_text(1 / factor) + " times shorter than";
}

std::string equal_words(const PinnComparison& c) {
  const auto& run = c.runs[std::size_t(c.equal)];
  std::string text = core::format(
      "At resolution {} the classical method ({}) is at least as accurate as the network (error {} "
      "against {}) and takes {}; training took {}, {} that: the network {}. ",
      run.resolution, c.method, number(c.worst[std::size_t(c.equal)]), number(c.error),
      duration(run.wall_s), duration(c.train_s), times(c.training_ratio),
      c.training_ratio >= 1 ? "loses" : "wins");
  if (!c.worse_elsewhere.empty())
    text +=
        core::format("In what is not judged the classical run is worse: {}. ", c.worse_elsewhere);
  if (std::isnan(c.break_even))
    return text +
           core::format(
               "Reading the trained network on the evaluation grid takes {}, no less than such a "
               "solve: training is never paid back.",
               duration(c.evaluation_s));
  return text +
         core::format(
             "Reading the trained network on the evaluation grid takes {}; were each reading "
             "a new classical solve, training would be paid back after {} of them.",
             duration(c.evaluation_s), ratio_text(std::ceil(c.break_even)));
}

std::string words_of_inverse(const PinnComparison& c) {
  if (c.beside) return inversion_words(*c.beside, c.beside_rows, c.train_s, c.train_core_s);
  const std::string usual =
      c.inversion.empty() ? "" : core::format(" The usual one is {}.", c.inversion);
  return core::format("No classical inversion is run beside the network.{} Training took {}.",
                      usual, duration(c.train_s));
}

}  // namespace

std::string ratio_text(double ratio) {
  if (!(ratio >= 1000)) return number(ratio);
  const double unit = std::pow(10, std::floor(std::log10(ratio)) - 2);
  return core::format("{:.0f}", std::round(ratio / unit) * unit);
}

PinnComparison run_comparison(const PinnResult& result, int most) {
  PinnComparison comparison;
  comparison.method = pinn::classical_name(*result.problem);
  surrogates::set_up_torch();  // some of the methods solve with it
  comparison.threads = core::Runtime::threads();
  comparison.cores = comparison.threads;
  comparison.runs = pinn::run_classical(*result.problem, most);
  return comparison;
}

void judge(PinnComparison& c, const PinnResult& result) {
  c.inverse = result.about.inverse;
  c.inversion = result.about.classical_inversion;
  c.train_s = result.train_s;
  c.train_ranks = result.ranks;
  c.train_threads = result.threads;
  c.train_device = result.device;
  c.train_core_s = c.train_s * c.train_ranks * c.train_threads;
  if (c.beside) c.beside_rows = inversion_rows(*c.beside, result);
  c.error = result.worst_error();
  c.worst.clear();
  for (const auto& run : c.runs) c.worst.push_back(result.worst(run.errors));
  c.equal = -1;
  c.worse_elsewhere.clear();
  for (int n = 0; n < int(c.runs.size()); ++n)
    if (as_accurate(c.runs[std::size_t(n)].errors, result) &&
        (c.equal < 0 || c.runs[std::size_t(n)].wall_s < c.runs[std::size_t(c.equal)].wall_s))
      c.equal = n;
  if (c.equal < 0) return;
  c.worse_elsewhere = worse_elsewhere(c.runs[std::size_t(c.equal)].errors, result);
  const double solve_s = c.runs[std::size_t(c.equal)].wall_s;
  c.training_ratio = c.train_s / solve_s;
  c.evaluation_ratio = c.evaluation_s / solve_s;
  c.break_even = solve_s > c.evaluation_s ? c.train_s / (solve_s - c.evaluation_s)
                                          : std::numeric_limits<double>::quiet_NaN();
}

bool same_machine(const PinnComparison& c) {
  return c.device == c.train_device && c.threads == c.train_threads * c.train_ranks;
}

std::string comparison_words(const PinnComparison& c) {
  if (c.method.empty())
    return c.inverse ? words_of_inverse(c)
                     : "The problem offers no classical method to compare with.";
  if (c.runs.empty())
    return core::format("There is no reference to measure {} and the network against.", c.method);
  if (failures(c) == int(c.runs.size()))
    return core::format("Every run of the classical method ({}) failed: {}", c.method,
                        c.runs.back().failure);
  if (c.equal >= 0) return equal_words(c) + machine_words(c);
  std::size_t best = 0;  // NaN, of a run that failed, is no less than anything
  for (std::size_t n = 1; n < c.runs.size(); ++n)
    if (!(c.worst[n] >= c.worst[best]) && !std::isnan(c.worst[n])) best = n;
  return core::format(
      "No run of the classical method ({}) is as accurate as the network (error {}): the best, at "
      "resolution {}, has an error of {} after {}. Training took {}.",
      c.method, number(c.error), c.runs[best].resolution, number(c.worst[best]),
      duration(c.runs[best].wall_s), duration(c.train_s));
}

}  // namespace understudy::apps
