// The report's first sections: verdict, the three speed-ups, diagnostics.
#include <algorithm>
#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/simulation/report/figures.hpp"
#include "apps/simulation/report/report_sections.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps::report {

namespace {

/// A ratio as the table's large figure; below 1 in the colour of a loss.
std::string factor(const core::Maybe<double>& ratio, const surrogates::Scatter& scatter,
                   bool at_most = false, const char* missing = "not reached") {
  if (!reached(ratio)) return core::format("<span class=\"missing\">{}</span>", missing);
  return core::format("<span class=\"figure{}\">{}{}&thinsp;×</span>",
                      ratio.value < 1 ? " loss" : "", at_most ? "≤&thinsp;" : "",
                      rounded(ratio.value, scatter.digits(ratio.value)));
}

std::string with_reason(const std::string& text, const std::string& reason) {
  return reason.empty() ? text : text + " " + escape(without_stop(reason)) + ".";
}

// The two sides may compute in different precisions and places: the ratio holds that difference too.
std::string same_grid_definition(const ReportHardware& h) {
  std::string text =
      "Wall time of the simulation / wall time of its replacement: same grid, start and threads; ";
  if (h.torch_precision.empty()) return text + escape(h.precision) + " precision on both sides.";
  return text + "simulation in " + escape(h.precision) + " precision, network in " +
         escape(h.torch_precision) + " on " + escape(h.torch_device) + ".";
}

std::vector<std::string> same_grid_row(const ReportData& data) {
  const surrogates::ComparisonResult& r = data.result;
  const auto& scatter = r.speedups.same_grid_scatter;
  std::string measured = core::format("simulation {}", duration(r.truth_wall_s));
  if (!r.replacement_failed)
    measured += core::format(", replacement {}", duration(r.replacement_wall_s));
  if (data.horizon_s() > 0)
    measured += core::format(" for {} s of simulated time", number(data.horizon_s(), 4));
  if (r.replacement_failed)
    measured = with_reason(measured + ";", r.speedups.same_grid.reason);
  else
    measured += scatter.repeats > 1 ? "; medians; the ratio is " + scatter_text(scatter)
                                    : "; " + scatter_text(scatter);
  return {"Same grid", factor(r.speedups.same_grid, scatter), same_grid_definition(data.hardware),
          measured};
}

// What is equal, as the row's title and in its definition.
struct EqualText {
  std::string title, accurate;
};

EqualText equal_text(const surrogates::ComparisonResult& r) {
  using surrogates::EqualIn;
  const std::string accurate = "is as accurate as the replacement";
  switch (r.equal_in) {
    case EqualIn::correlation_95:
    case EqualIn::correlation_80:
      return {"Equal time of correlation", "stays correlated (" + escape(r.correlation.quantity) +
                                               ") as long as the replacement"};
    case EqualIn::statistics:
      return {"Equal statistics",
              accurate + " in mean and deviation of " + escape(core::joined(r.statistics))};
    case EqualIn::profiles:
      return {"Equal profiles",
              accurate + core::format(" in profiles of mean and variance along {}",
                                      "xyz"[std::max(0, r.profile_axis)])};
    case EqualIn::spectra:
      return {"Equal spectra", accurate + " in the spectra's mean over time"};
    case EqualIn::error:
      break;
  }
  return {"Equal error", accurate};
}

std::vector<std::string> equal_error_row(const surrogates::ComparisonResult& r) {
  const surrogates::Speedups& s = r.speedups;
  const EqualText text = equal_text(r);
  std::string measured = "classical run: " + escape(equal_error_run(s));
  if (s.equal_error.known && s.equal_error_scatter.repeats > 1)
    measured += "; " + scatter_text(s.equal_error_scatter);
  if (s.equal_error.known && s.equal_error_at_most)
    measured += "; an upper bound: a cheaper classical run would do";
  if (!s.equal_error.known) measured = with_reason("", s.equal_error.reason);
  return {text.title,
          factor(s.equal_error, s.equal_error_scatter, s.equal_error_at_most, "not known"),
          "Wall time of the cheapest classical run (coarser or looser) that " + text.accurate +
              " / wall time of the replacement.",
          measured};
}

std::vector<std::string> own_method_row(const surrogates::Speedups& s) {
  std::string measured = "classical run: " + escape(s.own_method.reason.empty()
                                                        ? "between the measured ones, interpolated"
                                                        : s.own_method.reason);
  if (s.own_method_scatter.repeats > 1) measured += "; " + scatter_text(s.own_method_scatter);
  if (s.own_method_at_most) measured += "; an upper bound: a cheaper classical run would do";
  if (!s.own_method.known) measured = with_reason("", s.own_method.reason);
  return {"The same, own method alone",
          factor(s.own_method, s.own_method_scatter, s.own_method_at_most, "not known"),
          "As above, among the classical runs of the deck's own solver: without the spectral ones.",
          measured};
}

std::vector<std::string> break_even_row(const ReportData& data) {
  const core::Maybe<double>& runs = data.result.speedups.break_even_runs;
  std::string value = "<span class=\"missing\">not reached</span>";
  if (reached(runs)) {
    const auto& scatter = data.result.speedups.break_even_scatter;
    value = core::format("<span class=\"figure\">{}</span> runs",
                         rounded(std::ceil(runs.value), scatter.digits(runs.value)));
  }
  std::string measured = core::format("data {}, training {}", core_time(data.data_core_s),
                                      core_time(data.training_core_s));
  if (data.calibration_core_s > 0)
    measured += ", calibration " + core_time(data.calibration_core_s);
  if (runs.known && data.result.speedups.break_even_scatter.repeats > 1)
    measured += "; " + scatter_text(data.result.speedups.break_even_scatter);
  if (!runs.known) measured = with_reason(measured + ";", runs.reason);
  return {"Break-even", value,
          "Runs of this length after which the cost of data and training is paid back by the time "
          "saved per run.",
          measured};
}

std::string difference_of(const ReportMetric& metric) {
  const double difference = metric.replacement - metric.truth;
  if (!std::isfinite(difference)) return "–";
  std::string text = number(difference, 2);
  if (metric.truth != 0 && !metric.is_small()) {
    const double relative = difference / std::abs(metric.truth);
    text += core::format(" <span class=\"aside\">({}{})</span>", relative > 0 ? "+" : "",
                         percent(relative));
  }
  return text;
}

std::string metrics_table(const ReportData& data) {
  if (data.metrics.empty()) return "";
  const bool published = std::ranges::any_of(
      data.metrics, [](const ReportMetric& m) { return m.published.has_value(); });
  std::vector<std::vector<std::string>> rows{
      {"Quantity", "Simulation", "Replacement", "Difference"}};
  if (published) rows.front().push_back("Published");
  const bool notes =
      std::ranges::any_of(data.metrics, [](const ReportMetric& m) { return !m.note.empty(); });
  if (notes) rows.front().push_back("Note");
  for (const ReportMetric& metric : data.metrics) {
    std::vector<std::string> row{
        escape(name_and_unit(plain_name(metric.name, data.app, metric.unit), metric.unit)),
        number(metric.truth, 4), number(metric.replacement, 4), difference_of(metric)};
    if (published) {
      row.push_back(metric.published ? number(*metric.published, 4) + " <span class=\"aside\">" +
                                           escape(metric.source) + "</span>"
                                     : "");
    }
    if (notes) row.push_back("<span class=\"aside\">" + escape(metric.note) + "</span>");
    rows.push_back(row);
  }
  return table(rows, "numbers");
}

/// Errors of mean and variance profiles.
std::string profiles_table(const surrogates::ComparisonResult& r) {
  if (r.profiles.empty()) return "";
  std::vector<std::vector<std::string>> rows{
      {"Profile", "Error of the mean", "Error of the variance"}};
  const auto cell = [](double error) {
    return std::isfinite(error) ? percent(error) : std::string("–");
  };
  for (const surrogates::Profile& p : r.profiles)
    rows.push_back({escape(p.name), cell(p.mean_rel_l2()), cell(p.variance_rel_l2())});
  return table(rows, "numbers") +
         core::format(
             "<p class=\"note\">Mean and variance along {}, over {} windows and the other axes; errors are "
             "relative L2 errors of these profiles.</p>\n",
             "xyz"[r.profile_axis], r.profile_windows);
}

}  // namespace

std::string equal_error_run(const surrogates::Speedups& s) {
  if (!s.equal_error.reason.empty()) return s.equal_error.reason;
  // Equal speed-ups mean equal wall times: no cheaper run was accurate enough.
  const double same_grid = s.same_grid.value_or(std::nan(""));
  if (std::abs(s.equal_error.value - same_grid) <= 1e-9 * same_grid) {
    return "the full simulation itself: no cheaper one is accurate enough";
  }
  return "between the measured ones, interpolated";
}

std::string masthead(const ReportData& data) {
  std::string line = escape(data.verb) + " · " + escape(data.app);
  if (!data.started.empty()) line += " · " + escape(data.started);
  line += " · deck " + escape(data.deck_hash.substr(0, 8));
  line += " · Understudy " + escape(data.version) + " (" + escape(data.git) + ")";
  std::string html =
      "<header><p class=\"line\">" + line + "</p>\n<h1>" + escape(data.title) + "</h1>\n";
  if (!data.case_text.empty()) html += "<p class=\"case\">" + escape(data.case_text) + "</p>\n";
  return html + "</header>\n";
}

std::string verdict_block(const ReportData& data) {
  const std::string first = report_lead(data), rest = report_rest(data);
  std::string html =
      "<section class=\"verdict\" id=\"verdict\"><p class=\"lead\">" + escape(first) + "</p>\n";
  if (!rest.empty()) html += "<p>" + escape(rest) + "</p>\n";
  if (!data.warnings.empty()) {
    html += "<ul class=\"warnings\">\n";
    for (const std::string& warning : data.warnings) html += "<li>" + escape(warning) + "</li>\n";
    html += "</ul>\n";
  }
  return html + "</section>\n";
}

std::string speedup_section(const ReportData& data) {
  std::vector<std::vector<std::string>> all{{"", "Speed-up", "Definition", "Measured"},
                                            same_grid_row(data),
                                            equal_error_row(data.result)};
  const auto& own = data.result.speedups.own_method;
  if (own.known || !own.reason.empty()) all.push_back(own_method_row(data.result.speedups));
  all.push_back(break_even_row(data));
  const std::string rows = table(all, "speedup");
  const ReportHardware& h = data.hardware;
  std::string machine =
      escape(h.cpu) + core::format(" · {} rank{} × {} thread{}", h.ranks, h.ranks == 1 ? "" : "s",
                                   h.threads, h.threads == 1 ? "" : "s");
  machine += " · Kokkos " + escape(h.kokkos_backend) + " in " + escape(h.precision) + " precision";
  if (!h.torch_version.empty()) {
    machine +=
        core::format(" · LibTorch {} on {}, {} thread{}{}", escape(h.torch_version),
                     escape(h.torch_device), h.torch_threads, h.torch_threads == 1 ? "" : "s",
                     h.torch_precision.empty() ? "" : ", " + escape(h.torch_precision));
  }
  if (!data.machine.empty()) machine += "<br>While it was timed: " + escape(data.machine);
  return section("Speed-up", rows + "<p class=\"note\">" + machine + "</p>\n" +
                                 (data.energy.empty() ? ""
                                                      : "<p class=\"note\" id=\"energy\">" +
                                                            escape(data.energy) + "</p>\n"));
}

std::string diagnostics_section(const ReportData& data, const std::vector<Chart>& charts) {
  return section("Physical quantities", metrics_table(data) + chart_figures(charts, "diagnostics") +
                                            chart_figures(charts, "spectra") +
                                            profiles_table(data.result) +
                                            chart_figures(charts, "profiles"));
}

}  // namespace understudy::apps::report
