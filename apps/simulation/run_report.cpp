#include "apps/simulation/run_report.hpp"

#include <algorithm>

#include "apps/report/report_format.hpp"
#include "apps/report/run_page.hpp"
#include "apps/simulation/outputs.hpp"
#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

using namespace report;

Chart diagnostic_chart(const TimeSeries& s, const std::string& app) {
  Chart chart{
      .title = plain_name(s.name, app, s.unit),
      .section = "diagnostics",
      .caption = s.kind == solvers::DiagnosticKind::conserved ? "Conserved by the equations." : "",
      .x = {"time [s]"},
      .y = {s.unit == "1" ? "" : plain_unit(s.unit)}};
  add_series(chart, {s.name, "truth", s.time_s, s.value});
  return chart;
}

}  // namespace

report::FramedPicture framed_slice(const mesh::GridParams& grid, const mesh::Slice& slice,
                                   const mesh::PictureStyle& style, const std::string& title,
                                   const std::string& note) {
  report::FramedPicture picture{mesh::png_bytes(slice, style), title, note};
  if (slice.is_map) {
    picture.x = {"longitude [degrees]", -180, 180};
    picture.y = {"latitude [degrees]", 90, -90};  // from the top
    picture.aspect = 2;
    return picture;
  }
  const auto [across, up] = mesh::plane_axes(slice.normal);
  const auto axis = [](int a) { return core::format("{} [m]", "xyz"[a]); };
  picture.x = {axis(across), grid.lower_m[across], grid.upper_m[across]};
  picture.y = {axis(up), grid.upper_m[up], grid.lower_m[up]};  // from the top
  picture.aspect = std::clamp(
      (grid.upper_m[across] - grid.lower_m[across]) / (grid.upper_m[up] - grid.lower_m[up]), 0.4,
      8.0);
  if (slice.of_volume) picture.title += ", " + picture_plane(slice);
  return picture;
}

template <class Real>
void write_run_report(const SimulationJob& job, const RunReport& report,
                      const mesh::State<Real>& state, solvers::Stepper<Real>& stepper) {
  const auto& grid = job.deck.grid();
  std::vector<std::string> names = job.deck.output.pictures.empty()
                                       ? job.deck.physics->default_pictures()
                                       : job.deck.output.pictures;
  std::vector<FramedPicture> pictures;
  for (const auto& name : names) {
    const auto field = quantity(state, stepper, name);
    const auto slices = picture_slices(state, field);  // collective
    job.comm.on_root<core::UserError>([&] {
      const mesh::PictureStyle style = picture_style(job.deck.output, name);
      for (const auto& slice : slices) {
        const auto range = mesh::colour_range(slice, style);
        pictures.push_back(framed_slice(
            grid, slice, style, name_and_unit(name, field.unit),
            core::format("at {} s; colours from {} to {}", number(state.time_s, 4),
                         number(range.lower), with_unit(number(range.upper), field.unit))));
      }
    });
  }
  job.comm.on_root<core::UserError>([&] {
    RunPage page;
    page.title = job.deck.name;
    page.lead = report.lead;
    page.warnings = report.warnings;
    page.numbers = {{"Quantity", "Value", "Note"}};
    for (const auto& q : report.quantities)
      page.numbers.push_back({name_and_unit(plain_name(q.name, job.deck.app, q.unit), q.unit),
                              number(q.value, 4), q.note});
    for (const auto& s : report.series) add_chart(page.charts, diagnostic_chart(s, job.deck.app));
    page.charts_of = {{"diagnostics", "Diagnostics"}};
    if (!pictures.empty()) page.sections.push_back({"Last state", framed_row(pictures)});
    write_run_page(job, page);
  });
}

template void write_run_report(const SimulationJob&, const RunReport&, const mesh::State<float>&,
                               solvers::Stepper<float>&);
template void write_run_report(const SimulationJob&, const RunReport&, const mesh::State<double>&,
                               solvers::Stepper<double>&);

}  // namespace understudy::apps
