// Speed of the elastic solver: grid-point updates per second of whole steps and how near that comes to the
// memory's bound, for 2-D 1024^2 and 3-D 128^3, orders 4 and 8, single and double precision; the equations
// alone (a closed box) and with absorbing layers of 20 cells under a free surface (within the same number
// of points).
//
//   bench_solvers_seismic_elastic [2 | 3] [seconds per case] [points along an axis]    (also under mpirun -n 2)
//
// Bytes by the convention of STREAM, as for the triad measured beside it. Velocities: reads D(D+1)/2
// stresses, D buoyancies, D velocities and writes those: 9 values a point in 2-D, 15 in 3-D. Stresses:
// reads D velocities, the moduli and the stresses and writes those: 11 and 20 values. The layers' memory is
// not counted.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "benchmarks/sizes.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/loops.hpp"
#include "mesh/triad.hpp"
#include "solvers/seismic/elastic/elastic_solver.hpp"
#include "solvers/seismic/numerics/stability.hpp"

namespace {

using namespace understudy;
using namespace understudy::solvers::seismic;

struct Case {
  int dimension, points, order;
  bool layers;
};

template <class Real>
void measure(const Case& c, double seconds, double bandwidth) {
  const core::Comm comm = core::Comm::world();
  ElasticSetup setup;
  setup.order = c.order;
  setup.absorbing.width_cells = c.layers ? 20 : 0;
  setup.layer_frequency_hz = 15;
  mesh::GridParams box;
  box.lower_m.assign(c.dimension, 0);
  box.upper_m.clear();
  box.cells.clear();
  for (int a = 0; a < c.dimension; ++a) {
    const int sides = a == c.dimension - 1 ? 1 : 2;
    box.cells.push_back(c.points - (c.layers ? 20 * sides : 0));
    box.upper_m.push_back(10.0 * double(box.cells.back()));
  }
  EarthModelParams params;
  params.s_speed = "ratio";
  params.density = "constant";
  const EarthModel model = make_earth_model(params, box, ".", 1, 0);
  Sampling sampling;
  sampling.scheme = Scheme::elastic;
  sampling.order = c.order;
  sampling.fastest_m_s = model.largest_speed();
  setup.dt_s = 0.8 * largest_dt_s(sampling, box);
  const WaveGrid grid = make_wave_grid(box, setup.absorbing, c.layers, c.order / 2, comm);
  ElasticSolver<Real> solver(setup, model, grid);
  mesh::State<Real> state(grid.padded, solver.fields());
  Kokkos::deep_copy(state["velocity_x"].data, Real(1e-3));

  solver.advance(state, 2 * setup.dt_s);
  long long steps = 0;
  comm.barrier();
  const core::Stopwatch watch;
  double elapsed = 0;
  while (elapsed < seconds) {
    solver.advance(state, 4 * setup.dt_s);
    steps += 4;
    elapsed = comm.max(watch.seconds());
  }
  const double rate = double(grid.padded->global_cell_count()) * double(steps) / elapsed;
  const int values = c.dimension == 2 ? 9 + 11 : 15 + 20;
  if (comm.is_root())
    std::printf("%d-D %4d^%d  order %d  fp%zu  %-20s %8.1f Mpoints/s  %5.1f%% of triad\n",
                c.dimension, c.points, c.dimension, c.order, 8 * sizeof(Real),
                c.layers ? "layers, free surface" : "equations", rate / 1e6,
                100 * rate * values * sizeof(Real) / bandwidth);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  const int only = argc > 1 ? std::atoi(argv[1]) : 0;
  const double seconds = argc > 2 ? std::atof(argv[2]) : 2;
  const core::Comm comm = core::Comm::world();
  const double bandwidth = mesh::triad_bytes_per_s(comm);
  if (comm.is_root())
    std::printf("%d rank(s), %d thread(s), %s; triad %.1f GB/s\n", comm.size(),
                core::Runtime::threads(), core::Runtime::backend().c_str(), bandwidth / 1e9);
  for (const int dimension : {2, 3}) {
    if (only != 0 && only != dimension) continue;
    for (const int order : {4, 8})
      for (const bool layers : {false, true}) {
        const int points = bench::number_at(argc, argv, 3, dimension == 2 ? 1024 : 128);
        const Case c{dimension, points, order, layers};
        measure<float>(c, seconds, bandwidth);
        measure<double>(c, seconds, bandwidth);
      }
  }
  return 0;
}
