// Time of a step of the wake behind a cylinder, the flow of inputs/flow/cylinder_wake.yaml: many small kernels. Double
// and single precision, each linear solver; drag and lift at the end show that they compute the same flow.
//
//   bench_solvers_wake [cells along y] [windows of 1 s]        (128 cells along y and 256 along x; 3 windows)
#include <cstdio>

#include "benchmarks/sizes.hpp"
#include "core/provenance.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_solver.hpp"

namespace {

using namespace understudy;

solvers::FlowParams wake(const std::string& method) {
  solvers::FlowParams params;
  params.reynolds = 120;
  const char* kinds[] = {"inflow", "outflow", "slip", "slip"};
  for (int side = 0; side < 4; ++side) params.boundaries.side[side].kind = kinds[side];
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
  params.bodies = {mesh::BodyParams{}};
  params.initial.velocity_m_s = {"1", "0.3 * exp(-(x - 1.5)^2 - y^2)"};
  params.initial.noise_m_s = 0.01;
  params.pressure.method = method;
  params.pressure.tolerance = 1e-6;
  return params;
}

template <class Real>
void measure(const std::string& method, long long cells_y, int windows) {
  const solvers::FlowParams params = wake(method);
  const mesh::GridParams box{{-4, -4}, {12, 4}, {2 * cells_y, cells_y}, {}};
  const auto grid =
      std::make_shared<mesh::BoxGrid>(box, solvers::periodic_axes(params), core::Comm::world());
  solvers::FlowSolver<Real> solver(params, grid, ".");
  mesh::State<Real> state(grid, solver.fields());
  solver.initialise(state);
  solver.advance(state, 1);
  Kokkos::fence();
  double steps = 0;
  const core::Stopwatch watch;
  for (int n = 0; n < windows; ++n) steps += double(solver.advance(state, 1).steps);
  Kokkos::fence();
  const double step_s = watch.seconds() / steps;
  const double cells = 2.0 * double(cells_y * cells_y);
  double drag = 0, lift = 0;
  for (const auto& d : solver.diagnostics(state)) {
    if (d.name == "flow.drag_coefficient") drag = d.value;
    if (d.name == "flow.lift_coefficient") lift = d.value;
  }
  if (!core::Comm::world().is_root()) return;
  std::printf(
      "%lld x %lld  %-6s  %-10s %9.1f us/step %9.2f Mcells/s %5.1f steps/window  cycles %d  drag %.9f  "
      "lift %.9f\n",
      2 * cells_y, cells_y, sizeof(Real) == 8 ? "double" : "single", method.c_str(), 1e6 * step_s,
      cells / step_s / 1e6, steps / windows, solver.last_step().pressure.iterations, drag, lift);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  const int cells_y = bench::number_at(argc, argv, 1, 128);
  const int windows = bench::number_at(argc, argv, 2, 3);
  if (core::Comm::world().is_root()) {
    const core::Provenance build = core::describe_build_and_host("");
    std::printf("%s, %s; %s, %d thread(s)\n", build.cpu.c_str(), build.git.c_str(),
                core::Runtime::backend().c_str(), core::Runtime::threads());
  }
  for (const std::string& method : mesh::linear_solver_methods()) {
    if (method == "auto" || method == "petsc") continue;
    measure<double>(method, cells_y, windows);
    measure<float>(method, cells_y, windows);
  }
  return 0;
}
