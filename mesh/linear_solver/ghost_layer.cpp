#include "mesh/linear_solver/ghost_layer.hpp"

#include <algorithm>

#include "mesh/linear_solver/device_range.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh::detail {

namespace {

/// to(range + shift) = sign * from(range)
template <class Real>
struct ShiftedCopy {
  Array3<Real> x;
  int dk, dj, di;
  Real sign;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    for (int i = begin; i < end; ++i) x(k, j, i) = sign * x(k + dk, j + dj, i + di);
  }
};

/// A ghost cell from the interior cell that periodic joints and mirrors lead to, axis by axis.
template <class Real>
struct FoldedCopy {
  Array3<Real> x;
  int ghosts[3], cells[3];
  bool periodic[3];
  Real sign[6];
  KOKKOS_INLINE_FUNCTION int inside(const int axis, int at, Real& factor) const {
    const int first = ghosts[axis], end = first + cells[axis];
    if (at >= first && at < end) return at;
    if (periodic[axis]) return at < first ? at + cells[axis] : at - cells[axis];
    factor *= sign[2 * axis + (at < first ? 0 : 1)];
    return at < first ? 2 * first - 1 - at : 2 * end - 1 - at;
  }
  KOKKOS_INLINE_FUNCTION void operator()(int k, int j, int i, int, int) const {
    Real factor = 1;
    const int kk = inside(2, k, factor), jj = inside(1, j, factor), ii = inside(0, i, factor);
    x(k, j, i) = factor * x(kk, jj, ii);
  }
};

template <class Real, bool pack>
struct BufferCopy {
  Array3<Real> x;
  Kokkos::View<Real*, Memory> buffer;
  DeviceRange r;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    const int at = r.at(k, j, 0);
    for (int i = begin; i < end; ++i) {
      if constexpr (pack)
        buffer(at + i) = x(k, j, i);
      else
        x(k, j, i) = buffer(at + i);
    }
  }
};

}  // namespace

Range3 Block::interior() const {
  Range3 r;
  for (int a = 0; a < 3; ++a) {
    r.begin[a] = ghosts[a];
    r.end[a] = ghosts[a] + cells[a];
  }
  return r;
}

Range3 Block::with_layer() const {
  Range3 r = interior();
  for (int a = 0; a < 3; ++a) {
    if (ghosts[a] == 0) continue;
    --r.begin[a];
    ++r.end[a];
  }
  return r;
}

Block block_of(const Grid& grid, const std::array<LinearBoundary, 6>& boundary) {
  Block block;
  block.comm = grid.comm();
  for (int a = 0; a < 3; ++a) {
    block.cells[a] = grid.local_cells(a);
    block.ghosts[a] = grid.ghosts(a);
  }
  for (int s = 0; s < 6; ++s) block.neighbour[s] = grid.neighbour(s);
  block.boundary = boundary;
  return block;
}

template <class Real>
GhostLayer<Real>::GhostLayer(const Block& block) : block_(block) {
  std::size_t largest = 0;
  for (int a = 0; a < 3; ++a) {
    if (block_.ghosts[a] == 0) continue;
    const int lower = block_.neighbour[2 * a], upper = block_.neighbour[2 * a + 1];
    const int me = block_.comm.rank();
    if ((lower < 0 || lower == me) && (upper < 0 || upper == me)) continue;
    alone_ = false;
    largest = std::max<std::size_t>(largest, layer(2 * a, true, true).count());
  }
  for (int n = 0; n < 2; ++n) {
    out_[n] = Buffer("ghost layer out", largest);
    in_[n] = Buffer("ghost layer in", largest);
    host_out_[n] = Kokkos::create_mirror_view(out_[n]);
    host_in_[n] = Kokkos::create_mirror_view(in_[n]);
  }
  if (!alone_) return;
  Range3 rest = block_.with_layer();
  for (int a = 2; a >= 0; --a) {
    if (block_.ghosts[a] == 0) continue;
    for (int side = 2 * a; side < 2 * a + 2; ++side) {
      if (!block_.at_boundary(side)) faces_.add(a, layer(side, true, false));
      Range3 part = rest;
      part.begin[a] = layer(side, true, false).begin[a];
      part.end[a] = part.begin[a] + 1;
      shell_.add(a, part);
    }
    rest.begin[a] = block_.interior().begin[a];
    rest.end[a] = block_.interior().end[a];
  }
}

template <class Real>
void GhostLayer<Real>::fold(const char* name, const Array3<Real>& x, const BoxList& ghosts) const {
  if (ghosts.count == 0) return;
  FoldedCopy<Real> copy{x, {}, {}, {}, {}};
  for (int a = 0; a < 3; ++a) {
    copy.ghosts[a] = block_.ghosts[a];
    copy.cells[a] = block_.cells[a];
    copy.periodic[a] = !block_.at_boundary(2 * a);
    for (int side = 2 * a; side < 2 * a + 2; ++side)
      copy.sign[side] = block_.boundary[side] == LinearBoundary::dirichlet ? Real(-1) : Real(1);
  }
  device_for_boxes(name, ghosts, 1, copy);
}

template <class Real>
Range3 GhostLayer<Real>::layer(int side, bool ghost, bool whole_layer) const {
  const int axis = side_axis(side);
  Range3 r = whole_layer ? block_.with_layer() : block_.interior();
  const int g = block_.ghosts[axis], n = block_.cells[axis];
  r.begin[axis] = is_upper(side) ? g + n - (ghost ? 0 : 1) : g - (ghost ? 1 : 0);
  r.end[axis] = r.begin[axis] + 1;
  return r;
}

template <class Real>
void GhostLayer<Real>::exchange(const Array3<Real>& x) {
  if constexpr (!on_host)
    if (alone_) return fold("ghost layer wrap", x, faces_);
  for (int a = 0; a < 3; ++a)
    if (block_.ghosts[a] > 0) exchange_axis(x, a, false);
}

template <class Real>
void GhostLayer<Real>::fill(const Array3<Real>& x) {
  if constexpr (!on_host)
    if (alone_) return fold("ghost layer", x, shell_);
  for (int a = 0; a < 3; ++a) {
    if (block_.ghosts[a] == 0) continue;
    exchange_axis(x, a, true);
    apply_boundary(x, a);
  }
}

template <class Real>
void GhostLayer<Real>::exchange_axis(const Array3<Real>& x, int axis, bool whole_layer) {
  const int me = block_.comm.rank();
  const std::array<int, 2> rank{block_.neighbour[2 * axis], block_.neighbour[2 * axis + 1]};
  if (rank[0] == me && rank[1] == me) {
    for (int n = 0; n < 2; ++n) {
      const int shift = n == 0 ? block_.cells[axis] : -block_.cells[axis];
      for_rows("ghost layer wrap", layer(2 * axis + n, true, whole_layer),
               ShiftedCopy<Real>{x, axis == 2 ? shift : 0, axis == 1 ? shift : 0,
                                 axis == 0 ? shift : 0, Real(1)});
    }
    return;
  }
  if (rank[0] < 0 && rank[1] < 0) return;
  // The message to the lower neighbour fills its upper ghosts: tag = side of the receiver's ghosts.
  std::vector<core::Comm::Request> requests;
  const std::size_t count = layer(2 * axis, true, whole_layer).count();
  for (int n = 0; n < 2; ++n)
    if (rank[n] >= 0)
      requests.push_back(
          block_.comm.receive(host_in_[n].data(), count * sizeof(Real), rank[n], 40 + n));
  for (int n = 0; n < 2; ++n) {
    if (rank[n] < 0) continue;
    const Range3 r = layer(2 * axis + n, false, whole_layer);
    for_rows("ghost layer pack", r, BufferCopy<Real, true>{x, out_[n], DeviceRange(r)});
    Kokkos::deep_copy(host_out_[n], out_[n]);
    requests.push_back(
        block_.comm.send(host_out_[n].data(), count * sizeof(Real), rank[n], 40 + 1 - n));
  }
  core::Comm::wait(requests);
  for (int n = 0; n < 2; ++n) {
    if (rank[n] < 0) continue;
    Kokkos::deep_copy(in_[n], host_in_[n]);
    const Range3 r = layer(2 * axis + n, true, whole_layer);
    for_rows("ghost layer unpack", r, BufferCopy<Real, false>{x, in_[n], DeviceRange(r)});
  }
}

template <class Real>
void GhostLayer<Real>::apply_boundary(const Array3<Real>& x, int axis) {
  for (int side = 2 * axis; side < 2 * axis + 2; ++side) {
    if (!block_.at_boundary(side)) continue;
    const int inward = is_upper(side) ? -1 : 1;
    const Real sign = block_.boundary[side] == LinearBoundary::dirichlet ? Real(-1) : Real(1);
    for_rows("ghost layer boundary", layer(side, true, true),
             ShiftedCopy<Real>{x, axis == 2 ? inward : 0, axis == 1 ? inward : 0,
                               axis == 0 ? inward : 0, sign});
  }
}

template class GhostLayer<float>;
template class GhostLayer<double>;

}  // namespace understudy::mesh::detail
