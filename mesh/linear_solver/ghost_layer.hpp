// One layer of ghost cells for the arrays of a linear solver, on any box of cells that is split
// over ranks (a Grid's block, or a coarse multigrid level): neighbours' values, periodic wrap, and
// the homogeneous boundary kinds (Neumann: ghost = interior; Dirichlet: ghost = -interior). Axes go
// one after another, each over the layers of the axes already done, so edges and corners are right
// too. On a device a block that has no other rank beside it is done in one launch, each ghost cell from
// the interior cell that this amounts to.
#pragma once

#include <array>
#include <vector>

#include "mesh/device_boxes.hpp"
#include "mesh/linear_solver/linear_solver.hpp"

namespace understudy::mesh::detail {

/// A box of cells of one rank: arrays are [k, j, i] with `ghosts` layers on every side of an axis.
struct Block {
  core::Comm comm = core::Comm::self();
  std::array<int, 3> cells{1, 1, 1}, ghosts{0, 0, 0};    ///< ghosts 0: the axis is not there
  std::array<int, 6> neighbour{-1, -1, -1, -1, -1, -1};  ///< rank across a side, -1 at the boundary
  std::array<LinearBoundary, 6> boundary{};

  Range3 interior() const;
  /// The interior and one ghost layer.
  Range3 with_layer() const;
  int extent(int axis) const { return cells[axis] + 2 * ghosts[axis]; }
  bool at_boundary(int side) const { return neighbour[side] < 0; }
};

Block block_of(const Grid& grid, const std::array<LinearBoundary, 6>& boundary);

template <class Real>
class GhostLayer {
 public:
  explicit GhostLayer(const Block& block);

  /// Neighbours' and periodic values of the six faces only: what a 7-point stencil reads.
  void exchange(const Array3<Real>& x);
  /// Everything: faces, edges, corners and boundary kinds.
  void fill(const Array3<Real>& x);

 private:
  using Buffer = Kokkos::View<Real*, Memory>;
  using HostBuffer = typename Buffer::host_mirror_type;

  void exchange_axis(const Array3<Real>& x, int axis, bool whole_layer);
  void apply_boundary(const Array3<Real>& x, int axis);
  Range3 layer(int side, bool ghost, bool whole_layer) const;
  void fold(const char* name, const Array3<Real>& x, const BoxList& ghosts) const;

  Block block_;
  bool alone_ = true;               ///< no side has another rank across it
  BoxList faces_, shell_;           ///< ghosts that exchange() and fill() fill
  std::array<Buffer, 2> out_, in_;  ///< lower, upper
  std::array<HostBuffer, 2> host_out_, host_in_;
};

extern template class GhostLayer<float>;
extern template class GhostLayer<double>;

}  // namespace understudy::mesh::detail
