#include "apps/flow/surface_output.hpp"

#include <algorithm>
#include <cmath>

#include "apps/study/csv_series.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/io/vtk_surface.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "solvers/flow/flow_surface.hpp"
#include "solvers/flow/samplers.hpp"

namespace understudy::apps {

namespace {

using solvers::flow::SurfaceLoad;
using solvers::flow::SurfacePiece;

template <class Real>
class SurfaceOutput {
 public:
  SurfaceOutput(const solvers::FlowParams& params, const SamplerSetup& setup)
      : params_(params),
        grid_(mesh::as_box(setup.grid, "flow")),
        bodies_(params.bodies, grid_, setup.directory),
        loads_(bodies_, grid_),
        reference_(grid_, {solvers::reference_point(params, *grid_)}),
        has_reference_(solvers::has_reference_point(params)),
        out_(setup.out),
        times_(setup.out / "surface" / "times.csv", setup.resumed_at_s),
        series_(setup.out, "surface") {
    if (setup.resumed_at_s >= 0) series_.truncate_after(setup.resumed_at_s);
  }

  void operator()(const solvers::WindowEvent<Real>& event) {
    if (!event.output_due) return;
    const auto loads = loads_.at(event.state, solvers::surface_medium(params_));
    const double reference_pa = has_reference_ ? reference_.sample(event.state["p"]).front() : 0;
    const auto columns = columns_of(loads, reference_pa);
    const core::Comm& comm = grid_->comm();
    comm.on_root<core::UserError>([&] {
      times_.write({"time_s", "window"}, {event.state.time_s, double(event.window)});
      core::write_file(out_ / "surface" / core::format("surface_{:06}.csv", event.window),
                       csv(columns));
    });
    series_.write_whole(event.state.time_s, comm, "vtp", [&] {
      mesh::Surface surface{.corners = grid_->dimension(), .columns = columns};
      for (const SurfacePiece& piece : loads_.pieces())
        for (int n = 0; n < surface.corners; ++n) surface.points.push_back(piece.corner[n]);
      return mesh::surface_text(surface, event.state.time_s);
    });
  }

 private:
  std::vector<mesh::SurfaceColumn> columns_of(const std::vector<SurfaceLoad>& loads,
                                              double reference_pa) const {
    const double rho = params_.density_kg_m3, nu = params_.viscosity();
    const double speed = params_.reference_speed_m_s, dynamic_pa = 0.5 * rho * speed * speed;
    const double h = solvers::flow::largest_spacing_of(*grid_);
    std::vector<mesh::SurfaceColumn> columns{
        {"body", "1"},         {"normal", "1", 3},
        {"pressure", "Pa"},    {"pressure_coefficient", "1"},
        {"friction", "Pa", 3}, {"friction_coefficient", "1"},
        {"y_plus", "1"},       {"area", grid_->dimension() == 2 ? "m" : "m2"}};
    for (std::size_t n = 0; n < loads.size(); ++n) {
      const SurfacePiece& piece = loads_.pieces()[n];
      const auto& t = loads[n].friction;
      const double friction = std::sqrt(t[0] * t[0] + t[1] * t[1] + t[2] * t[2]);
      columns[0].values.push_back(piece.body + 1);
      for (int a = 0; a < 3; ++a) columns[1].values.push_back(piece.normal[a]);
      columns[2].values.push_back(loads[n].pressure);
      columns[3].values.push_back((loads[n].pressure - reference_pa) / dynamic_pa);
      for (int a = 0; a < 3; ++a) columns[4].values.push_back(t[a]);
      columns[5].values.push_back(friction / dynamic_pa);
      columns[6].values.push_back(nu > 0 ? std::sqrt(friction / rho) * h / nu : 0);
      columns[7].values.push_back(piece.area);
    }
    return columns;
  }

  std::string csv(const std::vector<mesh::SurfaceColumn>& columns) const {
    const int dimension = grid_->dimension();
    std::string text = dimension == 2 ? "x_m,y_m,along_m" : "x_m,y_m,z_m";
    for (const auto& column : columns) {
      const std::string unit = column.unit == "1" ? "" : core::format(" [{}]", column.unit);
      for (int a = 0; a < std::min(column.components, dimension); ++a)
        text +=
            "," + column.name + (column.components == 1 ? "" : std::string("_") + "xyz"[a]) + unit;
    }
    for (std::size_t n = 0; n < loads_.pieces().size(); ++n) {
      const auto& x = loads_.pieces()[n].centre;
      text += core::format("\n{},{},{}", x[0], x[1], dimension == 2 ? loads_.along_m()[n] : x[2]);
      for (const auto& column : columns)
        for (int a = 0; a < std::min(column.components, dimension); ++a)
          text += core::format(",{}", column.values[n * std::size_t(column.components) + a]);
    }
    return text + "\n";
  }

  solvers::FlowParams params_;
  std::shared_ptr<const mesh::BoxGrid> grid_;
  solvers::flow::Bodies bodies_;
  solvers::flow::SurfaceLoads<Real> loads_;
  solvers::PointSampler reference_;
  bool has_reference_;
  std::filesystem::path out_;
  CsvSeries times_;
  mesh::VtkSeries series_;
};

}  // namespace

template <class Real>
solvers::Observer<Real> surface_output(const solvers::FlowParams& params,
                                       const SamplerSetup& setup) {
  return [output = std::make_shared<SurfaceOutput<Real>>(params, setup)](
             const solvers::WindowEvent<Real>& event) { (*output)(event); };
}

template solvers::Observer<float> surface_output(const solvers::FlowParams&, const SamplerSetup&);
template solvers::Observer<double> surface_output(const solvers::FlowParams&, const SamplerSetup&);

}  // namespace understudy::apps
