#include "apps/seismic/seismic_pages.hpp"

#include <algorithm>
#include <cmath>

#include "apps/report/html.hpp"
#include "apps/report/report_format.hpp"
#include "apps/report/run_page.hpp"
#include "apps/seismic/seismic_outputs.hpp"
#include "core/format.hpp"

namespace understudy::apps::seismic {

namespace {

namespace ss = solvers::seismic;
using namespace report;

struct Range {
  double lower = 0, upper = 0;
};

Range range_of(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {*least, *most};
}

// Pictures are part of builds with VTK; a page without them says the rest.
#ifdef UNDERSTUDY_WITH_VTK
FramedPicture model_picture(const SeismicJob& job, const std::vector<double>& speed,
                            const Range& range, const std::string& title,
                            const std::string& note = "") {
  mesh::PictureStyle style;
  style.colour_map = "viridis";
  style.lower = range.lower;
  style.upper = range.upper;
  const auto& grid = job.deck.grid;
  const std::size_t depth = grid.lower_m.size() - 1;
  const double width_m = grid.upper_m[0] - grid.lower_m[0],
               height_m = grid.upper_m[depth] - grid.lower_m[depth];
  FramedPicture picture{mesh::png_bytes(model_slice(grid, speed), style), title, note};
  picture.x = {"x [m]", grid.lower_m[0], grid.upper_m[0]};
  picture.y = {"depth [m]", 0, height_m};
  picture.aspect = std::clamp(width_m / height_m, 0.5, 6.0);
  return picture;
}

FramedPicture gather_frame(const ss::GatherSet& set, const ss::Gather& gather, double clip,
                           const std::string& title) {
  GatherPicture picture = gather_picture(gather);
  if (clip > 0) {
    picture.style.lower = -clip;
    picture.style.upper = clip;
  }
  FramedPicture framed{mesh::png_bytes(picture.slice, picture.style), title,
                       core::format("colours to ±{} {}", number(picture.style.upper), set.unit)};
  const auto& receivers = set.receivers;
  framed.x = {receivers.size() > 1 ? "x of the receiver [m]" : "receiver", 0, 1};
  if (!receivers.empty()) {
    framed.x.from = receivers.front()[0];
    framed.x.to = receivers.back()[0];
  }
  framed.y = {"time [s]", 0, set.record_every_s * std::max(1, gather.samples - 1)};
  framed.aspect = 1;
  return framed;
}
#endif

Chart trace_chart(const ss::GatherSet& set, int receiver,
                  const std::vector<std::pair<std::string, const ss::Gather*>>& gathers) {
  Chart chart{.title = core::format("Receiver {}", receiver),
              .section = "traces",
              .x = {"time [s]"},
              .y = {name_and_unit(set.quantity, set.unit)}};
  int hue = 0;
  for (const auto& [label, gather] : gathers) {
    if (receiver >= gather->receivers) continue;
    ChartSeries series{label, label == "observed" || gathers.size() == 1 ? "truth" : "replacement"};
    if (series.role == "replacement") series.hue = hue++;
    for (int m = 0; m < gather->samples; ++m) {
      series.x.push_back(set.record_every_s * m);
      series.y.push_back(gather->at(m, receiver));
    }
    add_series(chart, series);
  }
  return chart;
}

void add_traces(RunPage& page, const ss::GatherSet& set,
                const std::vector<std::pair<std::string, const ss::Gather*>>& gathers) {
  const int receivers = gathers.front().second->receivers;
  int last = -1;
  for (const int r : {receivers / 4, receivers / 2, 3 * receivers / 4}) {
    if (r == last || r >= receivers) continue;
    last = r;
    add_chart(page.charts, trace_chart(set, r, gathers));
  }
}

double relative_misfit(const ss::Gather& predicted, const ss::Gather& observed) {
  double miss = 0, size = 0;
  for (std::size_t n = 0; n < observed.values.size() && n < predicted.values.size(); ++n) {
    miss += std::pow(predicted.values[n] - observed.values[n], 2);
    size += observed.values[n] * observed.values[n];
  }
  return size > 0 ? std::sqrt(miss / size) : std::nan("");
}

std::string misfit_caption(const SeismicJob& job) {
  const ss::EncodingParams& encoding = job.deck.inversion.encoding;
  std::string text = "Each stage sees other frequencies and has a misfit of its own.";
  if (encoding.on())
    text += core::format(
        " Its start and its end are of all shots; between them the misfit is estimated by {} "
        "simultaneous shots, and jumps where new signs are drawn.",
        encoding.supershots);
  return text;
}

}  // namespace

void write_survey_page(const SeismicJob& job, const ss::EarthModel& model,
                       const ss::SurveyPlan& plan, const std::vector<ss::GatherSet>& sets) {
  RunPage page;
  page.title = job.deck.name;
  page.lead = core::format("{} shot{} of {} steps of {} s, recorded by {} receivers.", plan.shots(),
                           plan.shots() == 1 ? "" : "s", plan.steps(), number(plan.dt_s),
                           plan.survey.receivers.size());
  page.charts_of = {{"traces", "Traces of the first shot"}};
  for (const auto& set : sets)
    if (!set.shots.empty()) add_traces(page, set, {{set.quantity, &set.shots.front()}});
#ifdef UNDERSTUDY_WITH_VTK
  const Range range = range_of(model.p_speed_m_s);
  page.sections.push_back(
      {"Model", framed_row({model_picture(job, model.p_speed_m_s, range, "P speed")}) +
                    colour_scale("viridis", range.lower, range.upper, "m/s")});
  std::vector<FramedPicture> gathers;
  for (const auto& set : sets)
    if (!set.shots.empty())
      gathers.push_back(gather_frame(set, set.shots.front(), 0, set.quantity + ", shot 0"));
  page.sections.push_back({"Gathers", framed_row(gathers)});
#else
  (void)model;
#endif
  write_run_page(job, page);
}

void write_inversion_page(const SeismicJob& job, const InversionPage& p) {
  const auto& history = p.state.history;
  const ss::InversionRecord& last = history.back();
  RunPage page;
  page.title = job.deck.name;
  const double ratio = p.start_misfit > 0 ? p.end_misfit / p.start_misfit : 1;
  page.lead = core::format(
      "After {} iterations ({} evaluations, {}) the data misfit is {} of the start's, as the last stage "
      "sees the data",
      last.iteration, last.evaluations, duration(last.wall_s), percent(ratio));
  page.numbers = {{"Quantity", "Start", "End"},
                  {"data misfit", number(p.start_misfit), number(p.end_misfit)}};
  if (!p.problem.truth.empty()) {
    const auto start = model_error(job.deck, p.problem.start, p.problem.truth),
               end = model_error(job.deck, p.state.speed, p.problem.truth);
    page.lead += core::format(", and the model error {} (start: {})", percent(end.rel_l2),
                              percent(start.rel_l2));
    page.numbers.push_back({"relative L2 model error", percent(start.rel_l2), percent(end.rel_l2)});
    page.numbers.push_back(
        {"mean absolute model error, scaled", number(start.mae), number(end.mae)});
    if (std::isfinite(end.ssim))
      page.numbers.push_back({"SSIM of the model", number(start.ssim, 4), number(end.ssim, 4)});
  }
  page.lead += ".";
  if (ratio >= 1)
    page.warnings.push_back("the inversion explains the data no better than its start");

  Chart misfit{.title = "Data misfit",
               .section = "convergence",
               .caption = misfit_caption(job),
               .x = {"iteration"},
               .y = {"misfit", true}};
  Chart gradient{.title = "Gradient",
                 .section = "convergence",
                 .x = {"iteration"},
                 .y = {"norm of the gradient", true}};
  std::vector<int> stages;
  for (const auto& r : history)
    if (std::ranges::find(stages, r.stage) == stages.end()) stages.push_back(r.stage);
  int hue = 0;
  for (const int stage : stages) {
    ChartSeries one{core::format("stage {}", stage), "replacement", {}, {}, true, true}, norm;
    for (const auto& r : history) {
      if (r.stage != stage) continue;
      if (r.max_frequency_hz > 0 && one.x.empty())
        one.label = core::format("stage {}, to {} Hz", stage, number(r.max_frequency_hz));
      one.x.push_back(r.iteration);
      one.y.push_back(r.misfit);
      norm.x.push_back(r.iteration);
      norm.y.push_back(r.gradient_norm);
    }
    norm.label = one.label;
    norm.role = one.role;
    norm.points = true;
    one.hue = norm.hue = hue++;
    add_series(misfit, one);
    add_series(gradient, norm);
  }
  add_chart(page.charts, misfit);
  add_chart(page.charts, gradient);
  page.charts_of = {{"convergence", "Convergence"}, {"traces", "Data fit"}};

  const ss::GatherSet set = p.problem.plan.geometry();
  const std::size_t shot = p.problem.observed.size() / 2;
  const ss::Gather &observed = p.problem.observed.at(shot), &before = p.at_start.at(shot),
                   &after = p.at_end.at(shot);
  add_traces(page, set, {{"observed", &observed}, {"start", &before}, {"end", &after}});
  page.numbers.push_back({core::format("data misfit of shot {}, relative L2", shot),
                          percent(relative_misfit(before, observed)),
                          percent(relative_misfit(after, observed))});
#ifdef UNDERSTUDY_WITH_VTK
  const Range range = range_of(p.problem.truth.empty() ? p.state.speed : p.problem.truth);
  std::vector<FramedPicture> models{model_picture(job, p.problem.start, range, "start"),
                                    model_picture(job, p.state.speed, range, "end")};
  if (!p.problem.truth.empty())
    models.push_back(model_picture(job, p.problem.truth, range, "truth"));
  page.sections.push_back(
      {"Models", framed_row(models) + colour_scale("viridis", range.lower, range.upper, "m/s")});
  ss::Gather difference = after;
  for (std::size_t n = 0; n < difference.values.size(); ++n)
    difference.values[n] -= observed.values[n];
  const double clip = gather_picture(observed).style.upper;
  page.sections.push_back({core::format("Gathers of shot {}", shot),
                           framed_row({gather_frame(set, observed, clip, "observed"),
                                       gather_frame(set, after, clip, "end"),
                                       gather_frame(set, difference, clip, "end − observed")})});
#endif
  write_run_page(job, page);
}

}  // namespace understudy::apps::seismic
