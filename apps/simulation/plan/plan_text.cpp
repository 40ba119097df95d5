#include "apps/simulation/plan/plan_text.hpp"

#include <algorithm>
#include <cmath>

#include "apps/report/report_format.hpp"
#include "core/format.hpp"
#include "core/memory.hpp"

namespace understudy::apps {

namespace {

std::string ranks_text(int ranks) {
  return core::format("{} rank{}", ranks, ranks == 1 ? "" : "s");
}

// A plan is good for two digits.
std::string two_digits(double value) {
  if (!(value > 0) || !std::isfinite(value)) return report::number(value, 2);
  const double unit = std::pow(10, std::floor(std::log10(value)) - 1);
  return report::number(std::round(value / unit) * unit, 2);
}

std::string wall_text(double seconds) {
  if (seconds < 1) return two_digits(1e3 * seconds) + " ms";
  if (seconds < 120) return two_digits(seconds) + " s";
  if (seconds < 7200) return two_digits(seconds / 60) + " min";
  return two_digits(seconds / 3600) + " h";
}

std::string head(const PlanContext& c) {
  if (!c.machine)
    return core::format("plan of {} on {} of {} thread{}, from a pilot of {} on {} here\n", c.deck,
                        ranks_text(c.ranks), c.threads, c.threads == 1 ? "" : "s",
                        report::duration(c.pilot_s), ranks_text(c.pilot_ranks));
  const int nodes = (c.ranks + c.machine->ranks - 1) / c.machine->ranks;
  return core::format(
      "plan of {} on {} of {} node{} '{}': EXTRAPOLATED from a pilot of {} on {} here\n", c.deck,
      ranks_text(c.ranks), nodes, nodes == 1 ? "" : "s", c.machine->name,
      report::duration(c.pilot_s), ranks_text(c.pilot_ranks));
}

std::string table(const StudyPlan& plan) {
  std::string text = core::format("{:<10} {:>12} {:>12} {:>14} {:>12}\n", "verb", "wall time",
                                  "core-h", "memory a rank", "disk");
  for (const VerbPlan& verb : plan.verbs)
    text += core::format("{:<10} {:>12} {:>12} {:>14} {:>12}\n", verb.verb, wall_text(verb.wall_s),
                         two_digits(verb.core_s / 3600), core::bytes_text(verb.memory_bytes),
                         verb.disk_bytes > 0 ? core::bytes_text(verb.disk_bytes) : "-");
  return text;
}

std::string runs_text(const core::Maybe<double>& runs) {
  if (!runs.known) return "none: " + runs.reason;
  const double count = std::ceil(runs.value);
  return core::format("{} run{}", two_digits(count), count == 1 ? "" : "s");
}

std::string break_even(const StudyWork& work, const StudyPlan& plan) {
  if (!plan.break_even_runs.known) return "break-even " + runs_text(plan.break_even_runs) + "\n";
  std::string text = core::format(
      "break-even after {} of the compared {} windows: {} by the simulation, {} with the network, and {} for "
      "data and model\n",
      runs_text(plan.break_even_runs), work.compare.windows, wall_text(plan.truth_run_s),
      wall_text(plan.network_run_s), report::core_time(plan.made_for_core_s));
  if (plan.break_even_of_run.known)
    text += core::format("           after {} of the deck's own {} windows (time.end_s)\n",
                         runs_text(plan.break_even_of_run), work.run.windows);
  return text;
}

std::string simulation_line(const SimulationRates& r) {
  std::string text = core::format("  {}: {} a window of {} steps on {}, {} cell updates/s", r.name,
                                  report::duration(r.window_s), two_digits(r.steps),
                                  ranks_text(r.ranks), report::number(r.cell_updates / r.window_s));
  if (r.sent.messages > 0)
    text += core::format(
        ", {} messages of {} and {} collectives a rank and window", two_digits(r.sent.messages),
        core::bytes_text(r.sent.bytes / r.sent.messages), two_digits(r.sent.collectives));
  return text + "\n";
}

std::string measured(const StudyWork& work, const StudyRates& rates, const PlanContext& c) {
  std::string text = "measured by the pilot:\n" + simulation_line(rates.run);
  for (const auto& [number, member] : rates.members) text += simulation_line(member);
  if (work.learns) text += simulation_line(rates.compared);
  for (const auto& run : rates.classical) text += simulation_line(run);
  for (std::size_t n = 0; n < rates.trainings.size(); ++n) {
    const TrainingRates& t = rates.trainings[n];
    text += core::format(
        "  {}: {} weights",
        work.trainings[n].name.empty() ? "network" : "contender " + work.trainings[n].name,
        report::number(t.weights));
    for (const PhaseRates& phase : t.phases)
      text += core::format(", {} a sequence of {} window{}", report::duration(phase.sequence_s),
                           phase.unroll, phase.unroll == 1 ? "" : "s");
    if (rates.calls[n].window_s.known)
      text += core::format(", {} a window in the simulation's place ({} operations)",
                           report::duration(rates.calls[n].window_s.value),
                           report::number(rates.calls[n].operations));
    text += "\n";
  }
  if (c.machine)
    text += core::format(
        "  this machine, a rank: {} GB/s (triad), {} Gflop/s (matrix product); {} bytes a cell update at that\n",
        report::number(c.here.bandwidth_b_s / 1e9), report::number(c.here.flop_s / 1e9),
        two_digits(rates.run.window_s * c.here.bandwidth_b_s * rates.run.ranks /
                   rates.run.cell_updates));
  return text;
}

void add(std::string& text, const std::string& line) { text += "  - " + line + "\n"; }

std::string assumed(const StudyWork& work, const StudyRates& rates, const StudyPlan& plan,
                    const PlanContext& c) {
  std::string text = "assumed:\n";
  add(text,
      "simulations go on as they began: steps, iterations and ranks as in the pilot's last windows");
  if (work.learns) {
    if (!rates.classical.empty())
      add(text,
          "compare makes the classical runs that the deck names; where they do not enclose the "
          "network's error it adds up to three rounds more");
    if (work.compare.truth_error)
      add(text,
          "the run at twice the resolution (compare.truth_error) is not in compare's time: it takes 8 times a "
          "simulation of the compared windows in 2-D, 16 times in 3-D");
    add(text,
        "training goes to its last epoch (no training.patience), and its memory is a lower bound");
    if (work.compare.by_network < 1 && work.compare.by_network > 0)
      add(text, core::format("swap.policy leaves {} of the compared windows to the network",
                             report::percent(work.compare.by_network)));
    if (work.gated)
      add(text, "the gates accept every window that they are asked about, at no cost");
    if (work.compare.by_network == 0)
      add(text,
          "break-even is that of a network that advances all windows; the deck's swap.policy is never");
    add(text,
        "break-even counts the data and the deck's own network, as report.html does; contenders are not in it");
  }
  if (!c.machine && c.ranks != c.pilot_ranks)
    add(text,
        core::format(
            "{} are as fast as the pilot's {}, but for their blocks' size: memory that they share is "
            "not in it; a plan on {} is",
            ranks_text(c.ranks), ranks_text(c.pilot_ranks), ranks_text(c.ranks)));
  if (!c.machine) return text;
  add(text, core::format("'{}': {}", c.machine->name, c.machine->source));
  add(text,
      "simulations take the same bytes there, at its bandwidth; networks the same operations, at the same part "
      "of its peak as of a matrix product here");
  if (c.ranks > 1 && c.pilot_ranks == 1)
    add(text,
        "messages are not in it: one rank sends none; a plan on two or more ranks counts them");
  if (std::ranges::any_of(rates.calls, [&](const CallRates& call) {
        return network_messages_missing(call, rates.compared.cells, c.ranks);
      }))
    add(text,
        core::format(
            "messages of the network are not in it: the pilot's {} gather its field, {} call it on "
            "blocks; a plan on as many counts them",
            ranks_text(c.pilot_ranks), ranks_text(c.ranks)));
  add(text,
      "not in it: launches of kernels on a GPU, ranks that wait for one another, caches of another size, a file "
      "system that others use");
  double largest = 0;
  for (const VerbPlan& verb : plan.verbs) largest = std::max(largest, verb.memory_bytes);
  const double on_node = largest * std::min(c.ranks, c.machine->ranks);
  if (on_node > 1e9 * c.machine->memory_gb)
    add(text, core::format("IT DOES NOT FIT: {} of a node's {} GB are wanted",
                           core::bytes_text(on_node), c.machine->memory_gb));
  return text;
}

}  // namespace

std::string plan_text(const StudyWork& work, const StudyRates& rates, const StudyPlan& plan,
                      const PlanContext& context) {
  return head(context) + "\n" + table(plan) + "\n" + break_even(work, plan) + "\n" +
         measured(work, rates, context) + assumed(work, rates, plan, context);
}

}  // namespace understudy::apps
