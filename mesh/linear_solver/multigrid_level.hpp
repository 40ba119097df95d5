// One multigrid level on this rank: geometry, coefficients, its correction and right-hand side, and
// how it hands over to the next coarser one. Either `coarsen` (cells joined) or `gather` (same
// cells, whole on every rank, because the blocks have become too small to be worth messages).
#pragma once

#include <vector>

#include "mesh/linear_solver/ghost_layer.hpp"
#include "mesh/linear_solver/multigrid_kernels.hpp"
#include "mesh/linear_solver/multigrid_shape.hpp"
#include "mesh/linear_solver/multigrid_transfer_kernels.hpp"

namespace understudy::mesh::detail {

template <class Real>
struct TailLevel;

template <class Real>
class MultigridLevel {
 public:
  /// The finest level: arrays of the grid's extents, its ghosts, the problem's coefficients.
  explicit MultigridLevel(const LinearProblem<Real>& problem);
  /// The level below `finer`, on `shape` (made from the finer one's by coarsened() or gathered()).
  MultigridLevel(const MultigridLevel& finer, const LevelShape& shape);

  const LevelShape& shape() const { return shape_; }
  Range3 cells() const { return block_.interior(); }
  bool variable() const { return beta_[0].data() != nullptr; }
  bool exchanges() const { return exchanges_; }  ///< some side is not a boundary
  /// A periodic axis of odd length cannot be coloured red and black: its last layer of cells is
  /// relaxed once more on its own after each sweep. Empty on ranks that do not hold it.
  bool has_seam(int axis) const;
  Range3 seam(int axis) const;
  Stencil<Real> stencil() const;
  Array3<Real> allocate(const char* name) const;

  /// Interpolation and restriction between this level and `coarser` (made by coarsened()).
  Transfer<Real> transfer_to(const MultigridLevel& coarser);
  /// whole (one rank's array of the same cells) = the blocks of every rank, and back. Collective.
  void gather(const Array3<Real>& mine, const MultigridLevel& whole, const Array3<Real>& all) const;
  /// mine += this rank's part of `all`.
  void add_part(const MultigridLevel& whole, const Array3<Real>& all,
                const Array3<Real>& mine) const;
  /// The operator as a dense matrix, row by row, of the cells in storage order (one rank only).
  std::vector<double> dense_matrix() const;
  std::vector<double> volumes() const;

  GhostLayer<Real>& ghosts() { return ghosts_; }
  /// For kernels that work on whole levels; of one rank, with `residual` where it is kept.
  TailLevel<Real> as_tail(const Transfer<Real>& transfer, const Array3<Real>& residual) const;

  Array3<Real> x, b;  ///< the finest level's are the caller's, set at each solve

 private:
  using Line = Kokkos::View<Real*, Memory>;
  using HostLine = typename Line::host_mirror_type;

  void set_coefficients();
  void set_colours();
  double strongest_anisotropy() const;
  /// The line from one cell centre to the next across a face, by the fine faces whose links it runs
  /// along, m: beta of a coarse face is that of these pieces in series, averaged over its area.
  struct Path {
    double face = 0, below = 0, above = 0;
  };
  Path path_to_centres(const MultigridLevel& finer, int axis, int coarse_face, int fine_face) const;
  void coarsen_beta(const MultigridLevel& finer);
  void gather_beta(const MultigridLevel& distributed);
  void gather_box(const Array3<Real>& mine, const MultigridLevel& whole, const Array3<Real>& all,
                  int closing_axis) const;
  std::vector<double> local_widths(int axis) const;

  LevelShape shape_;
  Block block_;
  double alpha_ = 0;
  bool exchanges_ = false;
  int parity_ = 0;
  std::array<Line, 3> lower_, upper_, diagonal_lower_, diagonal_upper_, diagonal_;
  std::array<Line, 3> share_, outward_, weights_;  ///< towards the next coarser level
  std::array<Line, 2> colour_;
  std::array<Array3<Real>, 3> beta_;
  GhostLayer<Real> ghosts_;
};

extern template class MultigridLevel<float>;
extern template class MultigridLevel<double>;

}  // namespace understudy::mesh::detail
