#include "apps/pinn/pinn_report.hpp"

#include <cmath>

#include "apps/report/html.hpp"
#include "apps/report/report_format.hpp"
#include "apps/report/report_page.hpp"
#include "core/format.hpp"
#include "core/runtime.hpp"
#include "surrogates/network/network.hpp"

namespace understudy::apps {

namespace {

using namespace report;

// A number that does not exist is a dash: nothing was to be reached.
std::string known(double value, std::string (*text)(double)) {
  return std::isfinite(value) ? text(value) : "–";
}
std::string three(double value) { return number(value); }

// Relative where there is something to be relative to.
std::string off_by(const pinn::ParameterValue& parameter) {
  const double relative = relative_error(parameter);
  return std::isfinite(relative)
             ? percent(relative)
             : with_unit(number(absolute_error(parameter)), parameter.info.unit);
}

std::string reached(const pinn::ParameterValue& parameter) {
  if (!is_judged(parameter)) return "";
  return core::format("; {} to reach: {}", percent(parameter.info.tolerance),
                      passed(parameter) ? "reached" : "missed");
}

std::string parameter_sentence(const PinnResult& result) {
  std::string text;
  for (const auto& parameter : result.parameters) {
    text += core::format("{}{} is found to be {}", text.empty() ? "" : "; ", parameter.info.name,
                         with_unit(number(parameter.value, 5), parameter.info.unit));
    if (std::isfinite(parameter.info.truth))
      text += core::format(" (truth {}, {} off{})",
                           with_unit(number(parameter.info.truth, 5), parameter.info.unit),
                           off_by(parameter), reached(parameter));
  }
  return text.empty() ? "" : " " + text + ".";
}

std::string error_sentence(const PinnResult& result) {
  const double worst = result.worst_error();
  if (std::isnan(worst))
    return "No reference solution is known: the residuals alone say how well the equations hold";
  const std::string size = core::format("a relative L2 error of {}", number(worst));
  const double bar = result.about.error_to_reach;
  if (bar <= 0) return core::format("The network ends with {}; no error to reach is set", size);
  if (result.passed())
    return core::format("The network ends with {}, within the {} to reach", size, number(bar));
  return core::format("The network ends with {} and fails to reach {}: {} times too much", size,
                      number(bar), ratio_text(worst / bar));
}

std::string header(const PinnJob& job, const std::string& title) {
  return core::format(
      "<header><p class=\"line\">{} · pinn · deck {} · Understudy {} ({})</p>\n<h1>{}</h1>\n"
      "</header>\n",
      escape(job.verb), escape(job.provenance.deck_hash.substr(0, 8)),
      escape(job.provenance.version), escape(job.provenance.git), escape(title));
}

std::string verdict(const PinnResult& result, const PinnComparison* comparison) {
  std::string html = "<section class=\"verdict\" id=\"verdict\"><p class=\"lead\">" +
                     escape(pinn_verdict(result)) + "</p>\n";
  for (const auto& caution : result.about.cautions)
    html += "<p>Caution: " + escape(caution) + ".</p>\n";
  if (comparison) html += "<p>" + escape(comparison_words(*comparison)) + "</p>\n";
  return html + "</section>\n";
}

std::string errors(const PinnResult& r, const std::vector<Chart>& charts) {
  std::vector<std::vector<std::string>> rows{{"Field", "", "Relative L2 error", "To reach", ""}};
  for (std::size_t f = 0; f < r.about.fields.size(); ++f) {
    const double error = f < r.errors.size() ? r.errors[f] : std::nan("");
    const double bar = r.about.error_to_reach;
    rows.push_back({escape(name_and_unit(r.about.fields[f].name, r.about.fields[f].unit)),
                    escape(r.about.fields[f].help), known(error, three),
                    bar > 0 && r.is_judged(f) ? number(bar) : "–",
                    std::isnan(error)             ? "no reference, or it is zero"
                    : bar <= 0 || !r.is_judged(f) ? ""
                    : error <= bar                ? "reached"
                                                  : "missed"});
  }
  return section("Errors", table(rows, "numbers") +
                               "<p class=\"aside\">Against the reference, on the evaluation "
                               "grid. Source: " +
                               escape(r.about.source) + ".</p>\n" +
                               chart_figures(charts, "errors"));
}

std::string parameters(const PinnResult& r, const std::vector<Chart>& charts) {
  if (r.about.parameters.empty()) return "";
  std::vector<std::vector<std::string>> rows{
      {"Parameter", "", "Start", "Found", "Truth", "Error", "Relative error", "To reach", ""}};
  for (const auto& p : r.parameters)
    rows.push_back({escape(name_and_unit(p.info.name, p.info.unit)), escape(p.info.help),
                    number(p.info.start, 5), number(p.value, 5),
                    std::isfinite(p.info.truth) ? number(p.info.truth, 5) : "–",
                    known(absolute_error(p), three), known(relative_error(p), percent),
                    p.info.tolerance > 0 ? percent(p.info.tolerance) : "–",
                    !is_judged(p) ? ""
                    : passed(p)   ? "reached"
                                  : "missed"});
  return section("Unknown parameters",
                 table(rows, "numbers") + chart_figures(charts, "parameters"));
}

std::string inversion_section(const PinnComparison* c) {
  if (!c || !c->beside) return "";
  std::vector<std::vector<std::string>> rows{{"", "Network", "Classical inversion"}};
  for (const auto& row : c->beside_rows)
    rows.push_back({"relative error of " + escape(row.name), known(row.network, percent),
                    known(row.classical, percent)});
  rows.push_back({"wall time", duration(c->train_s), duration(c->beside->wall_s)});
  rows.push_back({"core time", core_time(c->train_core_s), core_time(c->beside->core_s)});
  return section(
      "Beside the classical inversion",
      table(rows, "numbers") +
          "<p class=\"aside\">Fields: the network's errors on the evaluation grid, the inversion's at "
          "samples that it was not fitted to, over its own time; its core time counts the cores of its last call. Its "
                     "search ended: " +
          escape(c->beside->end) + ".</p>\n");
}

std::string comparison_section(const PinnResult& r, const PinnComparison* c,
                               const std::vector<Chart>& charts) {
  if (!c || c->runs.empty()) return "";
  std::vector<std::vector<std::string>> rows{{"Classical run"}};
  for (const auto& field : r.about.fields) rows[0].push_back("Error of " + escape(field.name));
  rows[0].insert(rows[0].end(), {"Wall time", "Core time", ""});
  for (std::size_t n = 0; n < c->runs.size(); ++n) {
    const auto& run = c->runs[n];
    std::vector<std::string> row{core::format("resolution {}", run.resolution)};
    if (!run.failure.empty()) {
      row.resize(1 + r.about.fields.size(), "–");
      row.insert(row.end(), {"–", "–", "failed: " + escape(run.failure)});
      rows.push_back(row);
      continue;
    }
    for (const double error : run.errors) row.push_back(known(error, three));
    row.insert(row.end(), {duration(run.wall_s), core_time(run.wall_s * c->cores),
                           int(n) == c->equal ? "the cheapest as accurate as the network" : ""});
    rows.push_back(row);
  }
  std::vector<std::string> row{"network, training"}, reading{"network, evaluation"};
  for (const double error : r.errors) {
    row.push_back(known(error, three));
    reading.push_back("");
  }
  row.insert(row.end(),
             {duration(c->train_s), core_time(c->train_core_s),
              c->equal < 0 ? "" : ratio_text(c->training_ratio) + "× the classical time"});
  reading.insert(reading.end(),
                 {duration(c->evaluation_s), "",
                  c->equal < 0 ? "" : ratio_text(c->evaluation_ratio) + "× the classical time"});
  rows.push_back(row);
  rows.push_back(reading);
  return section(
      "Beside the classical method",
      "<p>" + escape(c->method) + ".</p>\n<div class=\"wide\">" + table(rows, "numbers") +
          "</div>\n" + chart_figures(charts, "comparison") +
          "<p class=\"aside\">Times of this machine, medians of several solves where they are short. "
          "The classical runs hold one rank's threads, training those of the table "
          "below; core time is wall time times what is held. A classical solution can be kept and read, too: break-even counts "
          "only where each reading would need a solve of its own.</p>\n");
}

std::string costs(const PinnResult& r) {
  const double cores = double(r.threads) * r.ranks;
  std::vector<std::vector<std::string>> rows{{"Cost", "Wall time", "Core time", ""}};
  rows.push_back({"training", duration(r.train_s), core_time(r.train_s * cores),
                  core::format("{} steps, {} rank{} × {} thread{}", r.steps, r.ranks,
                               r.ranks == 1 ? "" : "s", r.threads, r.threads == 1 ? "" : "s")});
  rows.push_back({"a step", duration(r.iteration_s), core_time(r.iteration_s * cores),
                  core::format("median; {} weights", r.weight_count)});
  return section("Cost", table(rows, "numbers"));
}

std::string record(const PinnJob& job, const PinnResult& r) {
  const auto torch = surrogates::torch_info();
  std::string html = "<dl>\n";
  const auto line = [&](const std::string& key, const std::string& value) {
    if (!value.empty()) html += "<div><dt>" + key + "</dt><dd>" + escape(value) + "</dd></div>\n";
  };
  line("command", job.provenance.command);
  line("deck", job.tree.name);
  line("problem", r.about.name);
  line("samples (hash)", r.data_hash);
  line("ranks × threads", core::format("{} × {}", r.ranks, r.threads));
  line("precision", job.deck.settings.precision);
  line("Kokkos backend", core::Runtime::backend());
  line("LibTorch", torch.version + " on " + torch.device);
  line("processor", job.provenance.cpu);
  line("started", job.provenance.started);
  html += "</dl>\n<details><summary>Resolved deck</summary><pre>" + escape(job.provenance.deck) +
          "</pre></details>\n";
  return section("Record", html);
}

}  // namespace

std::string pinn_verdict(const PinnResult& result) {
  return core::format("{} (training: {} steps, {}).{}", error_sentence(result), result.steps,
                      duration(result.train_s), parameter_sentence(result));
}

void write_pinn_report(const PinnJob& job, const PinnResult& result, const PinnFields& fields,
                       const PinnComparison* comparison) {
  const auto charts = pinn_charts(result, fields, comparison);
  const std::string title = result.about.title + " by a physics-informed network";
  const std::string shown =
      fields.inputs.size() == 1 ? chart_figures(charts, "pictures") : pinn_pictures(fields);
  const std::string body =
      header(job, title) + verdict(result, comparison) + errors(result, charts) +
      parameters(result, charts) + inversion_section(comparison) +
      comparison_section(result, comparison, charts) + section("Solution", shown) +
      section("Losses", chart_figures(charts, "loss")) + costs(result) + record(job, result);
  write_page(job.out / "report.html", title, body, charts);
}

}  // namespace understudy::apps
