#include "apps/flow/flow_samplers.hpp"

#include <memory>

#include "apps/flow/surface_output.hpp"
#include "apps/study/csv_series.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/kept_files.hpp"
#include "core/log.hpp"
#include "solvers/flow/samplers.hpp"

namespace understudy::apps {

namespace {

template <class Real>
std::vector<const mesh::Field<Real>*> shown_fields(const mesh::State<Real>& state) {
  std::vector<const mesh::Field<Real>*> fields;
  for (const auto& field : state.fields())
    if (field.info.role == mesh::Role::prognostic) fields.push_back(&field);
  return fields;
}

std::string heading(const mesh::FieldInfo& info) {
  return core::format("{} [{}]", info.name, info.unit);
}

using Probes = std::vector<solvers::FlowProbeParams>;

std::vector<std::string> moved_probes(const Probes& now, const Probes& before) {
  std::vector<std::string> moved;
  for (const auto& probe : now)
    for (const auto& old : before)
      if (old.name == probe.name && old.point_m != probe.point_m) moved.push_back(probe.name);
  return moved;
}

// A column is of one point: values of a probe that has moved do not go on below those of its old place.
void set_aside(const std::filesystem::path& table, const std::vector<std::string>& moved) {
  std::error_code none;
  if (!std::filesystem::exists(table, none)) return;
  const auto aside = core::set_aside(table);
  core::log::warn(
      "flow.probes: {} lies elsewhere than until the restart; the table until then is kept as {}",
      core::joined(moved), aside.filename().string());
}

template <class Real>
solvers::Observer<Real> probe_observer(const solvers::FlowParams& params,
                                       std::shared_ptr<const mesh::BoxGrid> grid,
                                       const SamplerSetup& setup, const Probes& before) {
  std::vector<mesh::Point> points;
  std::vector<std::string> names;
  for (const auto& probe : params.probes) {
    mesh::Point point{};
    for (std::size_t axis = 0; axis < probe.point_m.size() && axis < 3; ++axis)
      point[axis] = probe.point_m[axis];
    points.push_back(point);
    names.push_back(probe.name);
  }
  const auto path = setup.out / "probes.csv";
  const auto csv = std::make_shared<CsvSeries>(path, setup.resumed_at_s);
  const auto sampler = std::make_shared<solvers::PointSampler>(grid, points);
  std::vector<std::string> moved;
  if (setup.resumed_at_s >= 0) moved = moved_probes(params.probes, before);
  return [csv, sampler, names, path, moved](const solvers::WindowEvent<Real>& event) mutable {
    std::vector<std::string> columns{"time_s"};
    std::vector<double> row{event.state.time_s};
    for (const auto* field : shown_fields(event.state)) {
      const auto values = sampler->sample(*field);
      for (std::size_t n = 0; n < names.size(); ++n) {
        columns.push_back(names[n] + " " + heading(field->info));
        row.push_back(values[n]);
      }
    }
    event.state.grid().comm().template on_root<core::UserError>([&] {
      if (!moved.empty()) set_aside(path, moved);
      moved.clear();
      csv->write(columns, row);
    });
  };
}

template <class Real>
solvers::Observer<Real> line_observer(const solvers::FlowLineParams& line,
                                      std::shared_ptr<const mesh::BoxGrid> grid,
                                      const std::filesystem::path& out) {
  const auto sampler = std::make_shared<solvers::PointSampler>(grid, solvers::points_on_line(line));
  return [sampler, out, name = line.name](const solvers::WindowEvent<Real>& event) {
    if (!event.output_due) return;
    std::string text = "x_m,y_m,z_m";
    std::vector<std::vector<double>> values;
    for (const auto* field : shown_fields(event.state)) {
      text += "," + heading(field->info);
      values.push_back(sampler->sample(*field));
    }
    for (std::size_t n = 0; n < sampler->points().size(); ++n) {
      const auto& x = sampler->points()[n];
      text += core::format("\n{},{},{}", x[0], x[1], x[2]);
      for (const auto& column : values) text += core::format(",{}", column[n]);
    }
    event.state.grid().comm().template on_root<core::UserError>([&] {
      core::write_file(out / "lines" / core::format("{}_{:06}.csv", name, event.window),
                       text + "\n");
    });
  };
}

// Which time the lines of a window are of: its number alone does not say so.
template <class Real>
solvers::Observer<Real> line_times(const std::filesystem::path& out, double resumed_at_s) {
  const auto csv = std::make_shared<CsvSeries>(out / "lines" / "times.csv", resumed_at_s);
  return [csv](const solvers::WindowEvent<Real>& event) {
    if (!event.output_due) return;
    event.state.grid().comm().template on_root<core::UserError>(
        [&] { csv->write({"time_s", "window"}, {event.state.time_s, double(event.window)}); });
  };
}

}  // namespace

template <class Real>
std::vector<solvers::Observer<Real>> flow_samplers(
    const solvers::FlowParams& params, const SamplerSetup& setup,
    const std::vector<solvers::FlowProbeParams>& before) {
  const auto grid = mesh::as_box(setup.grid, "flow");
  const auto& out = setup.out;
  const double resumed_at_s = setup.resumed_at_s;
  std::vector<solvers::Observer<Real>> observers;
  if (!params.probes.empty())
    observers.push_back(probe_observer<Real>(params, grid, setup, before));
  if (!params.lines.empty()) observers.push_back(line_times<Real>(out, resumed_at_s));
  for (const auto& line : params.lines) observers.push_back(line_observer<Real>(line, grid, out));
  if (params.surface.files) observers.push_back(surface_output<Real>(params, setup));
  return observers;
}

template std::vector<solvers::Observer<float>> flow_samplers(
    const solvers::FlowParams&, const SamplerSetup&, const std::vector<solvers::FlowProbeParams>&);
template std::vector<solvers::Observer<double>> flow_samplers(
    const solvers::FlowParams&, const SamplerSetup&, const std::vector<solvers::FlowProbeParams>&);

}  // namespace understudy::apps
