#include "mesh/triad.hpp"

#include <algorithm>

#include "core/timers.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh {

namespace {

void triad(const Array3<double>& a, const Array3<double>& b, const Array3<double>& c) {
  for_cells(
      "triad", {{0, 0, 0}, {int(a.extent(2)), int(a.extent(1)), 1}},
      KOKKOS_LAMBDA(int k, int j, int i) { a(k, j, i) = b(k, j, i) + 3.0 * c(k, j, i); });
}

}  // namespace

double triad_bytes_per_s(const core::Comm& comm) {
  const int rows = 2048, columns = 8192;
  const Array3<double> a("a", 1, rows, columns), b("b", 1, rows, columns), c("c", 1, rows, columns);
  Kokkos::deep_copy(b, 1.0);
  Kokkos::deep_copy(c, 2.0);
  double best = 1e30;
  for (int n = 0; n < 10; ++n) {
    Kokkos::fence();
    comm.barrier();
    const core::Stopwatch watch;
    triad(a, b, c);
    Kokkos::fence();
    best = std::min(best, comm.max(watch.seconds()));
  }
  return comm.size() * 24.0 * rows * columns / best;
}

}  // namespace understudy::mesh
