#include "mesh/halo.hpp"

#include <cstdlib>

#include "core/timers.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh {

namespace {

bool gpu_aware_mpi() {
  const char* set = std::getenv("UNDERSTUDY_GPU_AWARE_MPI");
  return set && std::atoi(set) != 0;
}

// The slab that a block sends across `side` (its own outermost cells) or receives (its ghosts). Axes
// already exchanged are taken whole, so that corners travel along.
Range3 slab(const Grid& grid, int side, int width, bool ghosts) {
  Range3 r = grid.interior();
  const int axis = side_axis(side);
  for (int other = 0; other < axis; ++other) {
    r.begin[other] = 0;
    r.end[other] = grid.extent(other);
  }
  if (is_upper(side)) {
    r.begin[axis] = ghosts ? r.end[axis] : r.end[axis] - width;
    r.end[axis] = r.begin[axis] + width;
  } else {
    r.begin[axis] = ghosts ? r.begin[axis] - width : r.begin[axis];
    r.end[axis] = r.begin[axis] + width;
  }
  return r;
}

template <class Real>
using Buffer = Kokkos::View<Real*, Memory>;

template <class Real>
void pack(const Array3<Real>& a, const Range3& r, const Buffer<Real>& buffer, long long start) {
  const int ni = r.size(0), nj = r.size(1), i0 = r.begin[0], j0 = r.begin[1], k0 = r.begin[2];
  for_cells(
      "halo pack", r, KOKKOS_LAMBDA(int k, int j, int i) {
        buffer(start + (1LL * (k - k0) * nj + (j - j0)) * ni + (i - i0)) = a(k, j, i);
      });
}

template <class Real>
void unpack(const Array3<Real>& a, const Range3& r, const Buffer<Real>& buffer, long long start) {
  const int ni = r.size(0), nj = r.size(1), i0 = r.begin[0], j0 = r.begin[1], k0 = r.begin[2];
  for_cells(
      "halo unpack", r, KOKKOS_LAMBDA(int k, int j, int i) {
        a(k, j, i) = buffer(start + (1LL * (k - k0) * nj + (j - j0)) * ni + (i - i0));
      });
}

// A block that is its own neighbour: periodic copy without a message.
template <class Real>
void wrap(const Array3<Real>& a, const Range3& to, int axis, int shift) {
  const int di = axis == 0 ? shift : 0, dj = axis == 1 ? shift : 0, dk = axis == 2 ? shift : 0;
  for_cells(
      "halo wrap", to,
      KOKKOS_LAMBDA(int k, int j, int i) { a(k, j, i) = a(k + dk, j + dj, i + di); });
}

}  // namespace

template <class Real>
struct Halo<Real>::Impl {
  using HostBuffer = typename Buffer<Real>::host_mirror_type;
  std::shared_ptr<const Grid> grid;
  std::array<Buffer<Real>, 2> send, receive;
  std::array<HostBuffer, 2> host_send, host_receive;
  const bool device_messages = on_host || gpu_aware_mpi();

  void reserve(int upper, std::size_t size) {
    if (send[upper].extent(0) >= size) return;
    send[upper] = Buffer<Real>("halo send", size);
    receive[upper] = Buffer<Real>("halo receive", size);
    if (!device_messages) {
      host_send[upper] = Kokkos::create_mirror(send[upper]);
      host_receive[upper] = Kokkos::create_mirror(receive[upper]);
    }
  }

  void exchange_axis(const std::vector<Array3<Real>>& arrays, int axis, int width);
};

template <class Real>
void Halo<Real>::Impl::exchange_axis(const std::vector<Array3<Real>>& arrays, int axis, int width) {
  const core::Comm& comm = grid->comm();
  std::vector<core::Comm::Request> sends, receives;
  for (int upper = 0; upper < 2; ++upper) {
    const int side = 2 * axis + upper;
    if (grid->neighbour(side) < 0) continue;
    const Range3 mine = slab(*grid, side, width, false);
    const std::size_t count = mine.count() * arrays.size();
    reserve(upper, count);
    for (std::size_t n = 0; n < arrays.size(); ++n)
      pack(arrays[n], mine, send[upper], n * mine.count());
    if (!device_messages) Kokkos::deep_copy(host_send[upper], send[upper]);
  }
  Kokkos::fence("halo buffers are packed");
  // A message that leaves across the lower side arrives at an upper one: tag it by the side it enters.
  for (int upper = 0; upper < 2; ++upper) {
    const int side = 2 * axis + upper;
    if (grid->neighbour(side) < 0) continue;
    const std::size_t bytes =
        sizeof(Real) * slab(*grid, side, width, false).count() * arrays.size();
    Real* in = device_messages ? receive[upper].data() : host_receive[upper].data();
    const Real* out = device_messages ? send[upper].data() : host_send[upper].data();
    receives.push_back(comm.receive(in, bytes, grid->neighbour(side), side));
    sends.push_back(comm.send(out, bytes, grid->neighbour(side), side ^ 1));
  }
  core::Comm::wait(receives);
  for (int upper = 0; upper < 2; ++upper) {
    const int side = 2 * axis + upper;
    if (grid->neighbour(side) < 0) continue;
    if (!device_messages) Kokkos::deep_copy(receive[upper], host_receive[upper]);
    const Range3 theirs = slab(*grid, side, width, true);
    for (std::size_t n = 0; n < arrays.size(); ++n)
      unpack(arrays[n], theirs, receive[upper], n * theirs.count());
  }
  core::Comm::wait(sends);
}

template <class Real>
Halo<Real>::Halo(std::shared_ptr<const Grid> grid) : impl_(std::make_unique<Impl>()) {
  impl_->grid = std::move(grid);
}

template <class Real>
Halo<Real>::~Halo() = default;
template <class Real>
Halo<Real>::Halo(Halo&&) noexcept = default;

template <class Real>
void Halo<Real>::exchange(const std::vector<Array3<Real>>& arrays, int width) {
  const Grid& grid = *impl_->grid;
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const int layers = width < 0 ? grid.ghosts(axis) : width;
    const int lower = grid.neighbour(2 * axis), upper = grid.neighbour(2 * axis + 1);
    if (lower < 0 && upper < 0) continue;
    if (lower == grid.comm().rank() && upper == grid.comm().rank()) {
      const int cells = grid.local_cells(axis);
      for (const auto& array : arrays) {
        wrap(array, slab(grid, 2 * axis, layers, true), axis, cells);
        wrap(array, slab(grid, 2 * axis + 1, layers, true), axis, -cells);
      }
    } else {
      const core::ScopedTimer region("halo");
      impl_->exchange_axis(arrays, axis, layers);
    }
  }
}

template class Halo<float>;
template class Halo<double>;

}  // namespace understudy::mesh
