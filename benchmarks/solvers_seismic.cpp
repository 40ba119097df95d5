// Speed of the acoustic solver: grid-point updates per second and how near that comes to the memory's
// bound, for 2-D 110^2 (a learned
// inversion's models, in the cache) and 1024^2, 3-D 192^3, orders 4 and 8, single and double precision; the stencil alone (a
// closed box) and with absorbing layers of 20 cells on all sides (within the same number of points).
//
//   bench_solvers_seismic [2 | 3] [seconds per case] [points along an axis]        (also under mpirun -n 2)
//
// Bytes by the convention of STREAM, as for the triad measured beside it: a step reads u_n, u_{n-1} and
// c^2 and writes u_{n+1}, four values a point; the layers' memory variables are not counted.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "benchmarks/sizes.hpp"
#include "core/provenance.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/loops.hpp"
#include "mesh/triad.hpp"
#include "solvers/seismic/acoustic/acoustic_operator.hpp"

namespace {

using namespace understudy;

template <class Real>
void measure(int dimension, int points_along, int order, int layer, double seconds,
             double bandwidth) {
  const core::Comm comm = core::Comm::world();
  const int cells = points_along - 2 * layer;
  solvers::seismic::AcousticSetup setup;
  setup.box.lower_m.assign(dimension, 0);
  setup.box.upper_m.assign(dimension, 10.0 * cells);
  setup.box.cells.assign(dimension, cells);
  setup.absorbing.width_cells = layer;
  setup.order = order;
  setup.dt_s = 1e-3;
  setup.layer_speed_m_s = 2000;
  setup.layer_frequency_hz = 15;
  const auto op = solvers::seismic::make_acoustic_operator<Real>(setup, comm);
  std::size_t count = 1;
  for (const auto n : setup.box.cells) count *= std::size_t(n);
  op->set_model(std::vector<double>(count, 2000.0), {});
  auto fields = op->make_fields();
  Kokkos::deep_copy(fields.now, Real(1e-3));

  for (int n = 0; n < 3; ++n) op->forward(fields, nullptr);
  long long steps = 0;
  Kokkos::fence();
  comm.barrier();
  const core::Stopwatch watch;
  double elapsed = 0;
  while (elapsed < seconds) {
    for (int n = 0; n < 5; ++n) op->forward(fields, nullptr);
    steps += 5;
    Kokkos::fence();
    elapsed = comm.max(watch.seconds());
  }
  const double points = double(op->grid().padded->global_cell_count());
  const double rate = points * double(steps) / elapsed;
  if (comm.is_root())
    std::printf("%d-D %4d^%d  order %d  fp%zu  %-9s %8.1f Mpoints/s  %5.1f%% of triad\n", dimension,
                points_along, dimension, order, 8 * sizeof(Real), layer ? "layers" : "stencil",
                rate / 1e6, 100 * rate * 4 * sizeof(Real) / bandwidth);
  std::fflush(stdout);
}

void all(int dimension, int points_along, double seconds, double bandwidth) {
  for (const int order : {4, 8})
    for (const int layer : {0, 20}) {
      measure<float>(dimension, points_along, order, layer, seconds, bandwidth);
      measure<double>(dimension, points_along, order, layer, seconds, bandwidth);
    }
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
  if (argc > 3) {
    const int points = bench::number_at(argc, argv, 3, 1);
    for (const int dimension : {2, 3})
      if (only == 0 || only == dimension) all(dimension, points, seconds, bandwidth);
    return 0;
  }
  if (only != 3) all(2, 110, seconds, bandwidth);
  if (only != 3) all(2, 1024, seconds, bandwidth);
  if (only != 2) all(3, 192, seconds, bandwidth);
  return 0;
}
