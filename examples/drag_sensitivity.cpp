// What changes the drag of a cylinder, and where: the derivative of the time-averaged drag coefficient with respect to
// the inflow's speed, the viscosity and a body force at every face, by one run of the flow's discrete adjoint.
//
//   drag_sensitivity FOLDER    also writes FOLDER/sensitivity.pvd: d(drag)/d(force) as a vector in each cell
//
// The flow is steady (Re 40) and is changed at the beginning of the averaged time. Two runs of the changed flow check
// the derivative by the inflow's speed.
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

#include "core/runtime.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "mesh/loops.hpp"
#include "solvers/diagnostic_gradient.hpp"
#include "solvers/flow/flow_solver.hpp"

namespace {

using namespace understudy;
using Flow = solvers::FlowSolver<double>;
using State = mesh::State<double>;

constexpr double spin_up_s = 40, window_s = 0.5, memory_mb = 1000;
constexpr int windows = 40;  // over whose ends the drag is averaged
const std::string drag_name = "flow.drag_coefficient";

solvers::FlowParams flow_of(double speed_m_s) {
  solvers::FlowParams p;
  p.viscosity_m2_s = 1.0 / 40;  // diameter 1 m, speed 1 m/s
  const char* kinds[] = {"inflow", "outflow", "slip", "slip"};
  for (std::size_t side = 0; side < 4; ++side) p.boundaries.side[side].kind = kinds[side];
  char speed[64];
  std::snprintf(speed, sizeof speed, "%.17g", speed_m_s);
  p.boundaries.side[0].velocity_m_s = {speed, "0"};
  p.initial.velocity_m_s = {"1", "0"};
  mesh::BodyParams body;
  body.center_m = {0, 0};
  body.diameter_m = 1;
  p.bodies = {body};
  p.pressure.method = "fft";
  return p;
}

double drag(Flow& flow, const State& state) {
  for (const auto& d : flow.diagnostics(state))
    if (d.name == drag_name) return d.value;
  return NAN;
}

double mean_drag(Flow& flow, const State& start) {
  State state = start.clone();
  double sum = 0;
  for (int n = 0; n < windows; ++n) {
    flow.advance(state, window_s);
    sum += drag(flow, state);
  }
  return sum / windows;
}

struct Sensitivity {
  double drag = 0;
  solvers::Controls<double> gradient;
};

// Onward over the windows, keeping a tape and the state of each, and backward.
Sensitivity sensitivity(Flow& flow, const State& start) {
  auto& derivative = *flow.differentiable();
  auto& diagnostic = dynamic_cast<solvers::DiagnosticGradient<double>&>(derivative);
  std::vector<std::unique_ptr<solvers::AdvanceTape<double>>> tapes;
  std::vector<State> ends;
  State state = start.clone();
  Sensitivity result{0, derivative.make_controls({"force"})};
  for (int n = 0; n < windows; ++n) {
    tapes.push_back(derivative.make_tape(memory_mb / windows));
    derivative.advance_recorded(state, window_s, *tapes.back());
    result.drag += drag(flow, state) / windows;
    ends.push_back(state.clone());
  }
  State adjoint = derivative.make_adjoint();
  for (int n = windows - 1; n >= 0; --n) {
    const auto at = static_cast<std::size_t>(n);
    diagnostic.add_gradient(drag_name, ends[at], 1.0 / windows, adjoint, result.gradient);
    derivative.advance_adjoint(*tapes[at], adjoint, result.gradient);
  }
  return result;
}

// Per volume and time, so that it does not depend on the grid: a force f (m/s2) on a volume V for the whole time
// changes the drag coefficient by f V times it.
void write(const std::filesystem::path& folder, const mesh::BoxGrid& grid,
           const mesh::Array4<double>& by_force) {
  std::vector<mesh::CellField<double>> fields;
  for (const int c : {0, 1}) {
    mesh::CellField<double> field{
        c == 0 ? "drag_by_force_x" : "drag_by_force_y", "s2/m3",
        mesh::Array3<double>("sensitivity", grid.extent(2), grid.extent(1), grid.extent(0))};
    const auto values = field.data;
    const double volume = grid.cell_volume();
    mesh::for_cells(
        "sensitivity", grid.interior(),
        KOKKOS_LAMBDA(int k, int j, int i) { values(k, j, i) = by_force(c, k, j, i) / volume; });
    fields.push_back(field);
  }
  mesh::VtkSeries series(folder, "sensitivity");
  series.write(0, grid, fields);
}

int run(const std::filesystem::path& folder) {
  mesh::GridParams box;
  box.lower_m = {-4, -4};
  box.upper_m = {8, 4};
  box.cells = {96, 64};
  const auto grid =
      std::make_shared<mesh::BoxGrid>(box, std::array{false, false, false}, core::Comm::world());
  Flow flow(flow_of(1), grid, ".");
  State state(grid, flow.fields());
  flow.initialise(state);
  flow.advance(state, spin_up_s);

  const Sensitivity found = sensitivity(flow, state);
  const double by_inflow = found.gradient.numbers.at("boundary_scale")[0];
  std::printf("drag coefficient                        %.4f\n", found.drag);
  std::printf("its derivative by the inflow's factor   %.6f\n", by_inflow);
  std::printf("  drag ~ speed^n, n =                   %.3f\n", by_inflow / found.drag);
  std::printf("by the viscosity, relative to both      %.4f\n",
              found.gradient.numbers.at("viscosity")[0] * flow_of(1).viscosity_m2_s / found.drag);

  constexpr double h = 1e-3;
  double changed[2];
  for (const int side : {0, 1}) {
    Flow other(flow_of(side == 0 ? 1 - h : 1 + h), grid, ".");
    changed[side] = mean_drag(other, state);
  }
  const double difference = (changed[1] - changed[0]) / (2 * h);
  std::printf("the same from two runs of +- 0.1%%       %.6f\n", difference);
  write(folder, *grid, found.gradient.fields.at("force"));
  return std::abs(difference - by_inflow) < 1e-5 * std::abs(difference) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const core::Runtime runtime(argc, argv, {});
  try {
    if (argc == 2) return run(argv[1]);
    std::fprintf(stderr, "usage: drag_sensitivity FOLDER\n");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "drag_sensitivity: %s\n", error.what());
  }
  return 2;
}
