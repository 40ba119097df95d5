// Speed of the flow solver: cell updates per second of whole steps, the share of the pressure
// solve, and how near the explicit part (everything else: ghosts, prediction, right-hand side,
// correction, time step) comes to the memory's bound. Lid-driven cavity (512^2 by default) and
// Taylor-Green vortex (128^3) from a developed state, pressure to 1e-6, each linear solver, double and single
// precision.
//
//   bench_solvers_flow [2 | 3] [seconds per case] [cells along an axis]       (also under mpirun -n 2)
//
// Bytes by the convention of STREAM (each array of a sweep counted once, no write-allocate), as for
// the triad measured beside it: prediction reads u, rate, p and writes rate, u*; the right-hand
// side reads u* and writes b; the correction reads u*, phi, p and writes u, p.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "benchmarks/sizes.hpp"
#include "core/provenance.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/loops.hpp"
#include "mesh/triad.hpp"
#include "solvers/flow/flow_solver.hpp"

namespace {

using namespace understudy;

solvers::FlowParams make_params(int dimension, const std::string& method) {
  solvers::FlowParams params;
  params.pressure.method = method;
  params.pressure.tolerance = 1e-6;
  if (dimension == 2) {
    params.reynolds = 1000;
    for (int side = 0; side < 4; ++side) params.boundaries.side[side].kind = "wall";
    params.boundaries.side[mesh::y_upper].velocity_m_s = {"1", "0"};
    params.initial.velocity_m_s = {"sin(pi*x)^2 * sin(2*pi*y)", "-sin(2*pi*x) * sin(pi*y)^2"};
  } else {
    params.reynolds = 1600;
    for (int side = 0; side < 6; ++side) params.boundaries.side[side].kind = "periodic";
    params.initial.velocity_m_s = {"sin(x) * cos(y) * cos(z)", "-cos(x) * sin(y) * cos(z)", "0"};
  }
  return params;
}

struct Case {
  int dimension;
  long long cells;  ///< along an axis
  std::string method;
};

template <class Real>
void measure(const Case& of, double seconds, double triad) {
  const auto& [dimension, along, method] = of;
  const core::Comm comm = core::Comm::world();
  const solvers::FlowParams params = make_params(dimension, method);
  const double pi2 = 6.283185307179586;
  const mesh::GridParams box =
      dimension == 2 ? mesh::GridParams{{0, 0}, {1, 1}, {along, along}, {}}
                     : mesh::GridParams{{0, 0, 0}, {pi2, pi2, pi2}, {along, along, along}, {}};
  const auto grid = std::make_shared<mesh::BoxGrid>(box, solvers::periodic_axes(params), comm);
  solvers::FlowSolver<Real> solver(params, grid, ".");
  mesh::State<Real> state(grid, solver.fields());
  solver.initialise(state);
  const double window = 4 * solver.stable_dt(state);
  for (int n = 0; n < 3; ++n) solver.advance(state, window);  // warm-up

  core::reset_region_times();
  Kokkos::fence();
  comm.barrier();
  const core::Stopwatch watch;
  double cells = 0, iterations = 0, windows = 0;
  while (comm.max(watch.seconds()) < seconds) {
    cells += solver.advance(state, window).cell_updates;
    iterations += solver.last_step().pressure.iterations;
    windows += 1;
  }
  Kokkos::fence();
  const double total = comm.max(watch.seconds());
  const double pressure = comm.max(core::region_times().at("pressure").seconds);
  const double ghosts = comm.max(core::region_times().at("ghosts").seconds);
  const double values = dimension == 2 ? 19 : 27;
  // A device's regions are estimates of a few calls that wait; the rest cannot be had as a difference.
  const double explicit_rate =
      mesh::on_host ? cells / (total - pressure) : std::numeric_limits<double>::quiet_NaN();
  const double bytes_per_s = explicit_rate * values * sizeof(Real);
  if (comm.is_root())
    std::printf("%4lld^%d  %-6s  %-10s %5.1f %12.2f %10.1f%% %7.1f%% %14.2f %12.1f %10.1f%%\n",
                along, dimension, sizeof(Real) == 8 ? "double" : "single",
                solver.name() == "flow" ? method.c_str() : "", iterations / windows,
                cells / total / 1e6, 100 * pressure / total, 100 * ghosts / total,
                explicit_rate / 1e6, bytes_per_s / 1e9, 100 * bytes_per_s / triad);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  const int only = argc > 1 ? std::atoi(argv[1]) : 0;
  const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
  const core::Comm comm = core::Comm::world();
  const double triad = mesh::triad_bytes_per_s(comm);
  if (comm.is_root()) {
    const core::Provenance build = core::describe_build_and_host("");
    std::printf("%s, %s\n", build.cpu.c_str(), build.git.c_str());
    std::printf("%d rank(s), %d thread(s) each, %s; triad of all ranks %.1f GB/s\n", comm.size(),
                core::Runtime::threads(), core::Runtime::backend().c_str(), triad / 1e9);
    std::printf("%6s  %-6s  %-10s %5s %12s %11s %8s %14s %12s %11s\n", "grid", "real", "pressure",
                "iter", "Mcells/s", "solve", "ghosts", "explicit Mc/s", "GB/s", "of triad");
  }
  for (const int dimension : {2, 3}) {
    if (only && dimension != only) continue;
    for (const std::string& method : mesh::linear_solver_methods()) {
      if (method == "auto") continue;
      const int along = bench::number_at(argc, argv, 3, dimension == 2 ? 512 : 128);
      measure<double>({dimension, along, method}, seconds, triad);
      measure<float>({dimension, along, method}, seconds, triad);
    }
  }
  return 0;
}
