#include "mesh/halo.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/timers.hpp"
#include "mesh/device_boxes.hpp"
#include "mesh/halo_transpose.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh {

namespace {

bool gpu_aware_mpi() {
  const char* set = std::getenv("UNDERSTUDY_GPU_AWARE_MPI");
  return set && std::atoi(set) != 0;
}

// The slab that a block sends across `side` (its own outermost cells) or receives (its ghosts). Axes
// already exchanged are taken whole, so that corners travel along; or all axes (`whole`).
Range3 slab(const Grid& grid, int side, int width, bool ghosts, bool whole = false) {
  Range3 r = grid.interior();
  const int axis = side_axis(side);
  for (int other = 0; other < 3; ++other) {
    if (other == axis || !(whole || other < axis)) continue;
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

template <class Real>
void unpack_sum(const Array3<Real>& a, const Range3& r, const Buffer<Real>& buffer,
                long long start) {
  const int ni = r.size(0), nj = r.size(1), i0 = r.begin[0], j0 = r.begin[1], k0 = r.begin[2];
  for_cells(
      "halo sum", r, KOKKOS_LAMBDA(int k, int j, int i) {
        a(k, j, i) += buffer(start + (1LL * (k - k0) * nj + (j - j0)) * ni + (i - i0));
      });
}

template <class Real>
void clear(const Array3<Real>& a, const Range3& r) {
  for_cells("halo clear", r, KOKKOS_LAMBDA(int k, int j, int i) { a(k, j, i) = 0; });
}

// A block that is its own neighbour: periodic copy without a message.
template <class Real>
void wrap(const Array3<Real>& a, const Range3& to, int axis, int shift) {
  const int di = axis == 0 ? shift : 0, dj = axis == 1 ? shift : 0, dk = axis == 2 ? shift : 0;
  for_cells(
      "halo wrap", to,
      KOKKOS_LAMBDA(int k, int j, int i) { a(k, j, i) = a(k + dk, j + dj, i + di); });
}

// Its transpose: the ghosts `from` go to where they came from.
template <class Real>
void unwrap(const Array3<Real>& a, const Range3& from, int axis, int shift) {
  const int di = axis == 0 ? shift : 0, dj = axis == 1 ? shift : 0, dk = axis == 2 ? shift : 0;
  for_cells(
      "halo unwrap", from, KOKKOS_LAMBDA(int k, int j, int i) {
        a(k + dk, j + dj, i + di) += a(k, j, i);
        a(k, j, i) = 0;
      });
}

/// A block that is its own neighbour along every axis that has one: the periodic ghosts of several arrays
/// from the interior, in one launch. Ghosts along other axes stay what they are, and travel along where the
/// axis comes before.
template <class Real>
struct FoldedWrap {
  static constexpr int most = 8;  ///< arrays
  Array3<Real> arrays[most];
  int ghosts[3], cells[3];
  bool periodic[3];
  KOKKOS_INLINE_FUNCTION int inside(const int axis, int at) const {
    if (!periodic[axis]) return at;
    while (at < ghosts[axis]) at += cells[axis];
    while (at >= ghosts[axis] + cells[axis]) at -= cells[axis];
    return at;
  }
  KOKKOS_INLINE_FUNCTION void operator()(int k, int j, int i, int, int array) const {
    const Array3<Real>& a = arrays[array];
    a(k, j, i) = a(inside(2, k), inside(1, j), inside(0, i));
  }
};

template <class Real>
void wrap_all(const Grid& grid, const std::vector<Array3<Real>>& arrays, int width) {
  FoldedWrap<Real> wrap;
  detail::BoxList ghosts;
  for (int axis = 0; axis < 3; ++axis) {
    wrap.ghosts[axis] = grid.ghosts(axis);
    wrap.cells[axis] = grid.local_cells(axis);
    wrap.periodic[axis] = axis < grid.dimension() && grid.neighbour(2 * axis) >= 0;
    if (!wrap.periodic[axis]) continue;
    const int layers = width < 0 ? grid.ghosts(axis) : width;
    for (int side = 2 * axis; side < 2 * axis + 2; ++side)
      ghosts.add(axis, slab(grid, side, layers, true));
  }
  for (std::size_t first = 0; first < arrays.size(); first += FoldedWrap<Real>::most) {
    const std::size_t count = std::min<std::size_t>(arrays.size() - first, FoldedWrap<Real>::most);
    for (std::size_t n = 0; n < count; ++n) wrap.arrays[n] = arrays[first + n];
    detail::device_for_boxes("halo wrap", ghosts, static_cast<int>(count), wrap);
  }
}

/// No side has another rank across it, and some side has this one.
bool only_wraps(const Grid& grid) {
  bool any = false;
  for (int side = 0; side < 2 * grid.dimension(); ++side) {
    if (grid.neighbour(side) < 0) continue;
    if (grid.neighbour(side) != grid.comm().rank()) return false;
    any = true;
  }
  return any;
}

// Slabs that travel between ranks.
template <class Real>
struct Exchange {
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

  void exchange_axis(const std::vector<Array3<Real>>& arrays, int axis, int width, bool back);
};

// `back`: ghosts go out, and what comes in is added.
template <class Real>
void Exchange<Real>::exchange_axis(const std::vector<Array3<Real>>& arrays, int axis, int width,
                                   bool back) {
  const core::Comm& comm = grid->comm();
  std::vector<core::Comm::Request> sends, receives;
  for (int upper = 0; upper < 2; ++upper) {
    const int side = 2 * axis + upper;
    if (grid->neighbour(side) < 0) continue;
    const Range3 mine = slab(*grid, side, width, back, back);
    const std::size_t count = mine.count() * arrays.size();
    reserve(upper, count);
    for (std::size_t n = 0; n < arrays.size(); ++n)
      pack(arrays[n], mine, send[upper], n * mine.count());
    for (std::size_t n = 0; back && n < arrays.size(); ++n) clear(arrays[n], mine);
    if (!device_messages) Kokkos::deep_copy(host_send[upper], send[upper]);
  }
  Kokkos::fence("halo buffers are packed");
  // A message that leaves across the lower side arrives at an upper one: tag it by the side it enters.
  for (int upper = 0; upper < 2; ++upper) {
    const int side = 2 * axis + upper;
    if (grid->neighbour(side) < 0) continue;
    const std::size_t bytes =
        sizeof(Real) * slab(*grid, side, width, back, back).count() * arrays.size();
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
    const Range3 theirs = slab(*grid, side, width, !back, back);
    for (std::size_t n = 0; n < arrays.size(); ++n)
      if (back)
        unpack_sum(arrays[n], theirs, receive[upper], n * theirs.count());
      else
        unpack(arrays[n], theirs, receive[upper], n * theirs.count());
  }
  core::Comm::wait(sends);
}

}  // namespace

template <class Real>
struct Halo<Real>::Impl : Exchange<Real> {};
template <class Real>
struct HaloTranspose<Real>::Impl : Exchange<Real> {};

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
  if constexpr (!on_host)
    if (only_wraps(grid)) return wrap_all(grid, arrays, width);
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
      impl_->exchange_axis(arrays, axis, layers, false);
    }
  }
}

template <class Real>
HaloTranspose<Real>::HaloTranspose(std::shared_ptr<const Grid> grid)
    : impl_(std::make_unique<Impl>()) {
  impl_->grid = std::move(grid);
}

template <class Real>
HaloTranspose<Real>::~HaloTranspose() = default;

template <class Real>
void HaloTranspose<Real>::give_back(const std::vector<Array3<Real>>& arrays) {
  const Grid& grid = *impl_->grid;
  for (int axis = grid.dimension() - 1; axis >= 0; --axis) {
    const int layers = grid.ghosts(axis);
    const int lower = grid.neighbour(2 * axis), upper = grid.neighbour(2 * axis + 1);
    if (lower < 0 && upper < 0) continue;
    if (lower == grid.comm().rank() && upper == grid.comm().rank()) {
      const int cells = grid.local_cells(axis);
      for (const auto& array : arrays) {
        unwrap(array, slab(grid, 2 * axis, layers, true, true), axis, cells);
        unwrap(array, slab(grid, 2 * axis + 1, layers, true, true), axis, -cells);
      }
    } else {
      const core::ScopedTimer region("halo");
      impl_->exchange_axis(arrays, axis, layers, true);
    }
  }
}

template class Halo<float>;
template class Halo<double>;
template class HaloTranspose<float>;
template class HaloTranspose<double>;

}  // namespace understudy::mesh
