// The report of a seismic comparison, from the pieces of the other reports.
#include <algorithm>
#include <cmath>

#include "apps/report/html.hpp"
#include "apps/report/report_colours.hpp"
#include "apps/report/report_format.hpp"
#include "apps/report/report_page.hpp"
#include "apps/seismic/seismic_comparison.hpp"
#include "apps/seismic/seismic_outputs.hpp"
#include "core/format.hpp"
#include "core/runtime.hpp"
#include "surrogates/arrays/array_map.hpp"
#include "surrogates/network/network.hpp"

namespace understudy::apps::seismic {

namespace {

using namespace report;

std::string words(const std::string& way) {
  if (way == "fwi") return "full-waveform inversion (FWI)";
  if (way == "learned") return "learned inversion";
  if (way == "learned_forward") return "FWI, learned forward operator";
  return "hybrid: learned, then FWI";
}

std::string times(double factor) { return number(factor) + "×"; }

std::string found(double value, std::string (*text)(double)) {
  return std::isfinite(value) ? text(value) : "never";
}

const WaySummary* of(const SeismicComparison& c, const std::string& way) {
  const auto found =
      std::find_if(c.ways.begin(), c.ways.end(), [&](const WaySummary& s) { return s.way == way; });
  return found == c.ways.end() ? nullptr : &*found;
}

// What validation said against the networks that took part.
std::string bad_models(const SeismicComparison& c) {
  std::string text;
  for (const auto& [name, card] : {std::pair{"the learned inversion", &c.inversion},
                                   std::pair{"the learned forward operator", &c.forward}})
    if (const std::string bad = surrogates::array_map_verdict(*card); !bad.empty())
      text += core::format(" Training said of {}: {}.", name, escape(bad));
  return text;
}

// One sentence a way, wins and losses alike.
std::string verdict(const SeismicComparison& c) {
  const WaySummary& fwi = c.ways.front();
  std::string html = core::format(
      "<section class=\"verdict\" id=\"verdict\"><p class=\"lead\">On {} test model{} that training never "
      "saw, full-waveform inversion ends with a relative model error of {} after {}.{}</p>\n",
      c.models.size(), c.models.size() == 1 ? "" : "s", percent(fwi.error.rel_l2),
      duration(fwi.wall_s), bad_models(c));
  if (const WaySummary* s = of(c, "learned"))
    html += core::format(
        "<p>The learned inversion answers in {}, {} {} than full-waveform inversion, with an error of {} "
        "({}). By accuracy it {}. Its data and training cost {}, paid back after {} models.</p>\n",
        duration(s->wall_s), times(s->speedup >= 1 ? s->speedup : 1 / s->speedup),
        s->speedup >= 1 ? "faster" : "slower", percent(s->error.rel_l2),
        s->fwi_never == int(c.models.size())
            ? "full-waveform inversion never gets there"
            : core::format("full-waveform inversion needs {} as long to get there",
                           times(s->speedup_equal_error)),
        escape(accuracy_verdict(*s, fwi)), core_time(s->investment_core_s),
        found(s->break_even_models, [](double v) { return number(std::ceil(v)); }));
  if (const WaySummary* s = of(c, "hybrid"))
    html += core::format(
        "<p>Started from the learned model, full-waveform inversion reaches the other's final error on "
        "{} of {} models{}; at its end it {}.</p>\n",
        s->reached, c.models.size(),
        s->reached > 0
            ? core::format(
                  ", after {} with the learned model's own time ({} of the time from the deck's start)",
                  duration(s->time_to_fwi_error_s), percent(s->time_to_fwi_error_s / fwi.wall_s))
            : "",
        escape(accuracy_verdict(*s, fwi)));
  if (const WaySummary* s = of(c, "learned_forward"))
    html += core::format(
        "<p>With the learned forward operator {} of the iterations were trusted to the network; the "
        "inversion took {} ({} of full-waveform inversion's speed) and at its end {}.</p>\n",
        percent(s->learned_share), duration(s->wall_s), times(s->speedup),
        escape(accuracy_verdict(*s, fwi)));
  return html + "</section>\n";
}

std::string ways_table(const SeismicComparison& c) {
  std::vector<std::vector<std::string>> rows{{"Way", "Relative L2", "MAE", "SSIM", "Data misfit",
                                              "Time", "Time to FWI's error", "Speed-up",
                                              "At equal error", "Data + training", "Break-even"}};
  for (const auto& s : c.ways) {
    const bool is_fwi = s.way == "fwi";
    rows.push_back({words(s.way), percent(s.error.rel_l2), number(s.error.mae),
                    std::isfinite(s.error.ssim) ? number(s.error.ssim, 4) : "–",
                    percent(s.misfit_ratio), duration(s.wall_s),
                    is_fwi
                        ? "–"
                        : core::format("{}{}", found(s.time_to_fwi_error_s, duration),
                                       s.reached > 0 && s.reached < int(c.models.size())
                                           ? core::format(" ({} of {})", s.reached, c.models.size())
                                           : ""),
                    is_fwi ? "–" : times(s.speedup),
                    is_fwi ? "–" : (s.fwi_never > 0 ? "≥ " : "") + times(s.speedup_equal_error),
                    is_fwi ? "–" : core_time(s.investment_core_s),
                    is_fwi ? "–" : found(s.break_even_models, [](double v) {
                      return number(std::ceil(v)) + " models";
                    })});
  }
  return section(
      "Four ways to a model",
      "<div class=\"wide\">" + table(rows, "numbers") +
          "</div>\n<p class=\"aside\">Means "
          "over the test models. Inversions are timed once, after one evaluation of their misfit that is "
          "not timed; the learned one is the median of five calls; a hybrid's times hold that of its start. Data misfit: by the wave equation, of the final model, to that "
          "of the inversion's start. At equal error: full-waveform inversion's time to the way's "
          "own final error over the way's own time to it (geometric mean; ≥ where it never got "
          "there).</p>\n");
}

std::vector<Chart> make_courses(const SeismicComparison& c) {
  std::vector<Chart> charts;
  for (const auto& model : c.models) {
    Chart chart;
    chart.id = core::format("chart-{}", charts.size());
    chart.title = core::format("Test model {}", model.number);
    chart.section = "courses";
    chart.x = {"wall time [s]", true};
    chart.y = {"relative L2 model error", true};
    int hue = 0;
    for (const auto& way : model.ways) {
      ChartSeries series;
      series.label = words(way.way);
      series.role = way.way == "fwi" ? "truth" : "replacement";
      series.hue = way.way == "fwi" ? 0 : hue++;
      series.points = true;
      series.line = way.course.size() > 1;
      for (const auto& point : way.course) {
        series.x.push_back(std::max(point.wall_s, 1e-3));
        series.y.push_back(point.error.rel_l2);
      }
      chart.series.push_back(series);
    }
    charts.push_back(chart);
  }
  return charts;
}

std::string picture(const SeismicJob& job, const std::vector<double>& speed,
                    const std::string& title, const std::string& note) {
  mesh::PictureStyle style;
  style.colour_map = "viridis";
  style.lower = job.deck.dataset.speed_least_m_s;
  style.upper = job.deck.dataset.speed_most_m_s;
  return core::format(
      "<figure class=\"picture\"><img alt=\"{}\" src=\"data:image/png;base64,{}\"><figcaption>{}<br>"
      "<span class=\"aside\">{}</span></figcaption></figure>\n",
      escape(title), base64(mesh::png_bytes(model_slice(job.deck.grid, speed), style)),
      escape(title), escape(note));
}

std::string pictures(const SeismicJob& job, const SeismicComparison& c) {
  std::string html;
  for (const auto& model : c.models) {
    html += core::format(
        "<h3>Test model {}</h3>\n<div style=\"display:grid;gap:12px;grid-template-columns:repeat({},1fr)\">\n",
        model.number, model.ways.size() + 2);
    html += picture(job, model.truth, "truth", "") + picture(job, model.start, "start of fwi", "");
    for (const auto& way : model.ways)
      html += picture(job, way.speed, way.way,
                      core::format("L2 {}, SSIM {}", percent(way.course.back().error.rel_l2),
                                   number(way.course.back().error.ssim)));
    html += "</div>\n";
  }
  html += core::format(
      "<div class=\"bar\" style=\"background:{}\"></div><div class=\"scale\"><span>{} m/s</span>"
      "<span>{} m/s</span></div>",
      gradient("viridis"), number(job.deck.dataset.speed_least_m_s, 4),
      number(job.deck.dataset.speed_most_m_s, 4));
  return section("Models", html);
}

std::string gate_table(const SeismicComparison& c) {
  std::vector<std::vector<std::string>> rows{
      {"Test model", "Iteration", "Angle between the gradients", "Verdict"}};
  for (const auto& model : c.models)
    for (const auto& way : model.ways)
      for (const auto& look : way.looks)
        rows.push_back({std::to_string(model.number), std::to_string(look.iteration),
                        number(look.angle_deg) + "°",
                        look.accepted ? "trusted" : "the wave equation takes over"});
  return rows.size() == 1
             ? ""
             : section("The gate of the learned forward operator", table(rows, "numbers"));
}

std::string ends_table(const SeismicComparison& c) {
  std::vector<std::vector<std::string>> rows{{"Test model", "Way", "Why it ended"}};
  for (const auto& model : c.models)
    for (const auto& way : model.ways)
      if (!way.ended.empty())
        rows.push_back({std::to_string(model.number), words(way.way), escape(way.ended)});
  return rows.size() == 1 ? "" : section("How the inversions ended", table(rows, "numbers"));
}

std::string costs(const SeismicComparison& c) {
  std::vector<std::vector<std::string>> rows{{"Cost", "Core time", ""}};
  rows.push_back({"data: models and gathers", core_time(c.data_core_s), ""});
  for (const auto* card : {&c.inversion, &c.forward}) {
    if (card->name.empty()) continue;
    rows.push_back(
        {"training: " + escape(card->network.kind), core_time(card->cost.training_core_s),
         core::format("{} weights, {} samples, {} epochs; on {} {} samples MAE {}, relative L2 "
                      "{}{}",
                      card->weight_count, card->training_samples, card->epochs,
                      card->errors.samples, card->errors.split, number(card->errors.mae),
                      percent(card->errors.rel_l2),
                      card->errors.ssim >= 0 ? ", SSIM " + number(card->errors.ssim, 4) : "")});
  }
  return section("Cost of data and training", table(rows, "numbers"));
}

std::string record(const SeismicJob& job, const SeismicComparison& c) {
  const auto torch = surrogates::torch_info();
  std::string html = core::format(
      "<dl>\n<div><dt>command</dt><dd>{}</dd></div>\n<div><dt>ranks × threads</dt><dd>{} × {}</dd></div>\n"
      "<div><dt>Kokkos backend</dt><dd>{}</dd></div>\n<div><dt>precision</dt><dd>{}</dd></div>\n"
      "<div><dt>LibTorch</dt><dd>{} on {}</dd></div>\n",
      escape(job.provenance.as_map().at("command")), c.ranks, c.threads,
      escape(core::Runtime::backend()), escape(job.deck.precision), escape(torch.version),
      escape(torch.device));
  html += "</dl>\n<details><summary>Resolved deck</summary><pre>" + escape(job.provenance.deck) +
          "</pre></details>\n";
  return section("Provenance", html);
}

}  // namespace

void write_seismic_report(const SeismicJob& job, const SeismicComparison& comparison) {
  const auto charts = make_courses(comparison);
  const std::string title = job.deck.name + ": four ways to a model of the earth";
  std::string body = core::format(
      "<header><p class=\"line\">{} · seismic · deck {} · Understudy {} ({})</p>\n<h1>{}</h1>\n</header>\n",
      escape(job.verb), escape(job.provenance.deck_hash.substr(0, 8)),
      escape(job.provenance.version), escape(job.provenance.git), escape(title));
  body += verdict(comparison) + ways_table(comparison) +
          section("Model error over time", chart_figures(charts, "courses")) +
          pictures(job, comparison) + gate_table(comparison) + ends_table(comparison) +
          costs(comparison) + record(job, comparison);
  write_page(job.out / "report.html", title, body, charts);
}

}  // namespace understudy::apps::seismic
