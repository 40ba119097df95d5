// Speed of the shallow-water solver on a cubed sphere: cell updates per second of whole steps and of stages, seconds a
// simulated day, and how the time is spread. Steady zonal flow across the panels' corners (Williamson et al. 1992,
// case 2, 45 degrees), with the error that it leaves after the time measured.
//
//   bench_solvers_shallow_water [cells an edge] [seconds per case] [time scheme]     (also under mpirun -n 2)
//
// Beside it the triad of the same run: a stage that read and wrote each of its arrays once (surface and velocity, depth
// and momentum, the step's start, fluxes through the faces of both axes) would move 30 values a cell.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/triad.hpp"
#include "solvers/weather/shallow_water/shallow_water_solver.hpp"
#include "solvers/weather/shallow_water/time_schemes.hpp"

namespace {

using namespace understudy;

struct Case {
  int cells;
  double seconds;
  std::string scheme;
};

template <class Real>
void measure(const Case& of, double triad) {
  const core::Comm comm = core::Comm::world();
  solvers::ShallowWaterParams params;
  params.start = "williamson_2";
  params.tilt_deg = 45;
  params.time_scheme = of.scheme;
  const auto grid =
      std::make_shared<mesh::CubedSphereGrid>(mesh::CubedSphereParams{of.cells, 6.37122e6, {}},
                                              comm, solvers::shallow_water_ghosts(params.order));
  solvers::ShallowWaterSolver<Real> solver(params, grid);
  mesh::State<Real> state(grid, solver.fields());
  solver.initialise(state);
  const double window_s = 8 * solver.stable_dt(state);
  solver.advance(state, window_s);  // warm-up
  core::reset_region_times();
  Kokkos::fence();
  comm.barrier();
  const core::Stopwatch watch;
  double updates = 0, simulated_s = 0;
  while (comm.max(watch.seconds()) < of.seconds) {
    updates += solver.advance(state, window_s).cell_updates;
    simulated_s += window_s;
  }
  Kokkos::fence();
  const double total = comm.max(watch.seconds());
  const auto share = [&](const char* region) {
    const auto times = core::region_times();
    const auto found = times.find(region);
    return 100 * comm.max(found == times.end() ? 0 : found->second.seconds) / total;
  };
  const double faces = share("faces"), update = share("update"), halo = share("halo");
  const double stages = updates * double(solvers::shallow_water::stage_count(of.scheme));
  double error = 0;
  for (const auto& d : solver.diagnostics(state))
    if (d.name == "shallow_water.depth_rel_l2") error = d.value;
  if (!comm.is_root()) return;
  std::printf(
      "6 x %d^2  %-6s  %-9s %10.3f %12.2f %12.4f %12.0f %7.0f%% %7.0f%% %7.0f%% %8.0f%%  %.1e\n",
      of.cells, sizeof(Real) == 8 ? "double" : "single", of.scheme.c_str(), updates / total / 1e6,
      stages / total / 1e6, total / (simulated_s / 86400), simulated_s / total / 365.25, faces,
      update, halo, 100 * 30 * sizeof(Real) * stages / total / triad, error);
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  const int cells = argc > 1 ? std::atoi(argv[1]) : 96;
  const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
  const core::Comm comm = core::Comm::world();
  const double triad = mesh::triad_bytes_per_s(comm);
  if (comm.is_root())
    std::printf(
        "triad %.1f GB/s, %d ranks\n"
        "grid      real    scheme    Mcells/s  Mstages/s     s a day  years a day   faces   update    "
        "halo  of triad  l2(h)\n",
        triad / 1e9, comm.size());
  for (const char* scheme : {"ssp_rk3", "ssp_rk43", "ssp_rk104", "fb_rk32"}) {
    if (argc > 3 && std::string(argv[3]) != scheme) continue;
    measure<double>({cells, seconds, scheme}, triad);
    measure<float>({cells, seconds, scheme}, triad);
  }
}
