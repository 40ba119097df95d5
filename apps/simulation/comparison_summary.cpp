#include "apps/simulation/comparison_summary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/simulation/comparison_report.hpp"
#include "apps/simulation/outputs.hpp"
#include "core/format.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

// Of each level; null where it is not reached.
nlohmann::json correlation_times(const surrogates::CorrelationSeries& series, double window_s) {
  nlohmann::json times;
  for (const double level : surrogates::CorrelationSeries::levels) {
    const double time_s = series.time_below(level, window_s);
    times[core::format("{}", level)] =
        std::isnan(time_s) ? nlohmann::json() : nlohmann::json(time_s);
  }
  return times;
}

// Is it followed for longer than the simulation is by the finer run? Null: neither was measured.
nlohmann::json beyond_truth(const surrogates::CorrelationSeries& series,
                            const surrogates::ComparisonResult& r) {
  nlohmann::json beyond;
  if (!r.truth_error.known() || r.truth_error.correlation.quantity.empty()) return beyond;
  for (const double level : surrogates::CorrelationSeries::levels)
    beyond[core::format("{}", level)] = r.beyond_truth(series, level);
  return beyond;
}

nlohmann::json or_null(const core::Maybe<double>& value) {
  return value.known ? nlohmann::json(value.value) : nlohmann::json();
}

// A number that JSON has no word for is null.
nlohmann::json finite_or_null(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

// The errors beside those of persistence and climatology, at a few times after the start.
nlohmann::json leads_of(const surrogates::ErrorSeries& error,
                        const surrogates::ComparisonResult& r) {
  auto leads = nlohmann::json::array();
  for (const std::size_t n : r.lead_windows())
    leads.push_back(
        {{"after_s", r.times_s[n] - r.times_s[0]},
         {"rel_l2", finite_or_null(error.rel_l2.at(n))},
         {"persistence", finite_or_null(error.persistence.at(n))},
         {"climatology",
          error.climatology.empty() ? nlohmann::json() : finite_or_null(error.climatology.at(n))}});
  return leads;
}

void fill_errors(Summary& summary, const std::string& prefix,
                 const surrogates::ComparisonResult& r) {
  const auto counted = r.counted();
  const auto hand_overs = r.hand_overs();
  for (const auto& error : r.errors) {
    const std::string field = prefix + "error." + error.field;
    summary.metric(field + ".rel_l2_final", error.final());
    summary.metric(field + ".rel_l2_mean", error.mean());
    if (!error.judged()) summary.metric(field + ".relative_to", error.relative_to);
    // Windows that the simulation advanced itself say nothing of the surrogate.
    if (!counted.empty()) summary.metric(field + ".rel_l2_surrogate", error.mean(counted));
    summary.metric(field + ".leads", leads_of(error, r));
    if (hand_overs.empty() || counted.empty()) continue;
    double largest = std::numeric_limits<double>::quiet_NaN();
    for (const std::size_t n : hand_overs)
      if (n < error.rel_l2.size() && std::isfinite(error.rel_l2[n]) &&
          !(error.rel_l2[n] <= largest))
        largest = error.rel_l2[n];
    summary.metric(field + ".rel_l2_hand_over", finite_or_null(largest));
  }
  summary.metric(prefix + "error.mean", r.mean_error());
  if (!r.correlation.quantity.empty())
    summary.metric(prefix + "correlation_time_s.replacement",
                   correlation_times(r.correlation, r.window_s));
  if (!r.statistics.empty())
    summary.metric(prefix + "statistics.error", finite_or_null(r.statistics_error()));
  if (!r.spectra.empty())
    summary.metric(prefix + "spectra.error", finite_or_null(r.spectra_error()));
  if (!r.truth_error.known() || r.replacement_failed) return;
  summary.metric(prefix + "error.within_truth", r.within_truth(r.mean_error()));
  if (!r.statistics.empty())
    summary.metric(prefix + "statistics.within_truth",
                   r.statistics_within_truth(r.statistics_error()));
  if (const auto beyond = beyond_truth(r.correlation, r); !beyond.is_null())
    summary.metric(prefix + "correlation_beyond_truth", beyond);
}

void fill_profiles(Summary& summary, const std::string& prefix,
                   const surrogates::ComparisonResult& r) {
  for (const auto& profile : r.profiles) {
    const std::string name = prefix + "profile." + profile.name;
    summary.metric(name + ".mean_rel_l2", finite_or_null(profile.mean_rel_l2()));
    summary.metric(name + ".variance_rel_l2", finite_or_null(profile.variance_rel_l2()));
  }
  if (!r.profiles.empty())
    summary.metric(prefix + "profiles.error", finite_or_null(r.profiles_error()));
}

// The simulation's own error, by the names of the replacement's.
void fill_truth(Summary& summary, const surrogates::ComparisonResult& r) {
  const auto& own = r.truth_error;
  if (own.name.empty()) return;
  summary.metric("truth.finer_grid", own.name);
  summary.metric("truth.finer_run_s", own.cost_s);
  if (!own.known()) {
    summary.metric("truth.reason", own.refused);
    return;
  }
  for (std::size_t f = 0; f < own.fields.size(); ++f) {
    const std::string field = "truth.error." + own.fields[f];
    surrogates::ClassicalPoint one;
    one.errors = {own.errors.at(f)};
    summary.metric(field + ".rel_l2_mean", finite_or_null(one.mean_error()));
    summary.metric(field + ".rel_l2_final",
                   one.errors[0].empty() ? nlohmann::json() : finite_or_null(one.errors[0].back()));
  }
  summary.metric("truth.error.mean", finite_or_null(r.truth_mean_error()));
  if (!r.statistics.empty())
    summary.metric("truth.statistics.error",
                   finite_or_null(r.statistics_error(own.statistics, r.compared_windows())));
  if (!r.profiles.empty())
    summary.metric("truth.profiles.error", finite_or_null(own.profiles_error));
  if (!r.spectra.empty()) summary.metric("truth.spectra.error", finite_or_null(own.spectra_error));
  if (!own.correlation.quantity.empty())
    summary.metric("correlation_time_s.simulation", correlation_times(own.correlation, r.window_s));
}

// Each figure, and its lowest and highest over the timed repeats.
void fill_speedups(Summary& summary, const std::string& prefix, const surrogates::Speedups& s) {
  const auto one = [&](const char* name, const core::Maybe<double>& value,
                       const surrogates::Scatter& scatter) {
    const std::string key = prefix + "speedup." + name;
    summary.metric(key, or_null(value));
    if (!value.known || scatter.repeats < 2) return;
    summary.metric(key + "_range", {scatter.lowest, scatter.highest});
  };
  one("same_grid", s.same_grid, s.same_grid_scatter);
  one("equal_error", s.equal_error, s.equal_error_scatter);
  one("break_even_runs", s.break_even_runs, s.break_even_scatter);
  if (s.equal_error.known)
    summary.metric(prefix + "speedup.equal_error_at_most", s.equal_error_at_most);
  if (!s.own_method.known && s.own_method.reason.empty()) return;
  one("equal_error_own_method", s.own_method, s.own_method_scatter);
  if (s.own_method.known)
    summary.metric(prefix + "speedup.equal_error_own_method_at_most", s.own_method_at_most);
}

// The physics' numbers of both sides.
void fill_sides(Summary& summary, const surrogates::ComparisonResult& r,
                const SimulationDeck& deck) {
  for (const bool truth : {true, false}) {
    const auto series = side_series(r, truth);
    const auto quantities =
        deck.physics->quantities(series, r.times_s.empty() ? 0 : r.times_s.front());
    summary.quantities(quantities, truth ? "simulation." : "replacement.");
    for (const auto& q : quantities)
      if (truth && !q.note.empty()) {
        summary.metric("notes." + q.name, q.note);
        core::log::warn("{} is {}: shorter windows (time.window_s) would give more", q.name,
                        q.note);
      }
    for (const auto& d : series)
      if (d.kind == solvers::DiagnosticKind::conserved)
        summary.metric(std::string(truth ? "simulation" : "replacement") + ".conservation." +
                           d.name.substr(d.name.rfind('.') + 1) + "_drift",
                       drift_of(d, deck.precision));
  }
}

void fill_classical(Summary& summary, const surrogates::ComparisonResult& r) {
  auto points = nlohmann::json::array(), refused = nlohmann::json::array();
  for (const auto& p : r.classical)
    if (p.refused.empty()) {
      points.push_back({{"name", p.name},
                        {"cost_s", p.cost_s},
                        {"error", p.error},
                        {"speedup", p.cost_s > 0 ? r.truth_wall_s / p.cost_s : 0}});
      if (!p.correlation.quantity.empty())
        points.back()["correlation_time_s"] = correlation_times(p.correlation, r.window_s);
      if (!r.statistics.empty())
        points.back()["statistics_error"] =
            finite_or_null(r.statistics_error(p.statistics, r.compared_windows()));
      if (!r.profiles.empty()) points.back()["profiles_error"] = finite_or_null(p.profiles_error);
      if (!r.spectra.empty()) points.back()["spectra_error"] = finite_or_null(p.spectra_error);
      if (r.truth_error.known()) {
        auto& point = points.back();
        point["within_truth"] = r.within_truth(p.error);
        if (!r.statistics.empty())
          point["statistics_within_truth"] =
              r.statistics_within_truth(r.statistics_error(p.statistics, r.compared_windows()));
        if (const auto beyond = beyond_truth(p.correlation, r); !beyond.is_null())
          point["correlation_beyond_truth"] = beyond;
      }
    } else
      refused.push_back({{"name", p.name}, {"why", p.refused}});
  summary.metric("classical", points);
  summary.metric("classical_refused", refused);
}

}  // namespace

void summarise(const surrogates::ComparisonResult& r, const SimulationDeck& deck,
               Summary& summary) {
  fill_errors(summary, "", r);
  fill_truth(summary, r);
  fill_profiles(summary, "", r);
  if (r.profile_axis >= 0) summary.metric("profile_windows", r.profile_windows);
  fill_speedups(summary, "", r.speedups);
  const auto& s = r.speedups;
  for (const auto& [name, value] :
       {std::pair{"same_grid", s.same_grid}, std::pair{"equal_error", s.equal_error},
        std::pair{"equal_error_own_method", s.own_method},
        std::pair{"break_even_runs", s.break_even_runs}})
    if (!value.reason.empty())
      summary.metric(std::string("speedup.") + name + "_reason", value.reason);
  summary.metric("stable_windows", r.stable_windows());
  summary.metric("windows", deck.compare.windows);
  summary.metric(r.climatology.known ? "climatology" : "climatology_reason",
                 r.climatology.known ? r.climatology.value : r.climatology.reason);
  if (r.replacement_failed) summary.metric("failure", r.failure);
  if (r.truth_wall_s > 0) summary.metric("rate_cells_per_s", finite_or_null(r.truth_rate()));
  summary.metric("energy.simulation_j", or_null(r.truth_energy_j));
  summary.metric("energy.replacement_j", or_null(r.replacement_energy_j));
  if (r.truth_energy_j.known)
    summary.metric("energy.sources", r.energy_sources);
  else
    summary.metric("energy.reason", r.truth_energy_j.reason);
  summary.timing("simulation_s", r.truth_wall_s);
  summary.timing("replacement_s", r.replacement_wall_s);
  fill_sides(summary, r, deck);
  fill_classical(summary, r);
}

void summarise(const ContenderResult& contender, Summary& summary) {
  const std::string prefix = "contenders." + contender.name + ".";
  const auto& r = contender.result;
  summary.metric(prefix + "network", contender.card.network.kind);
  fill_errors(summary, prefix, r);
  fill_profiles(summary, prefix, r);
  if (r.profile_axis >= 0) summary.metric(prefix + "profile_windows", r.profile_windows);
  fill_speedups(summary, prefix, r.speedups);
  summary.metric(prefix + "stable_windows", r.stable_windows());
}

}  // namespace understudy::apps
