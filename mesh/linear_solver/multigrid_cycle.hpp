// The hierarchy of levels and one V-cycle over it. Private to multigrid_solver.
#pragma once

#include <memory>
#include <type_traits>
#include <vector>

#include "mesh/linear_solver/multigrid_tail.hpp"

namespace understudy::mesh::detail {

template <class Real>
class MultigridCycle {
 public:
  MultigridCycle(const LinearSolverParams& params, const LinearProblem<Real>& problem);

  MultigridLevel<Real>& finest() { return *levels_[0]; }
  /// Added to b of the finest level (minus its mean where the equation is singular).
  void set_shift(Real shift) { shift_ = shift; }
  Real shift() const { return shift_; }

  /// First half: smooths the finest x and restricts its residual; returns that residual's sum of
  /// squares on this rank. `from_zero`: x counts as zero. Collective.
  double descend(bool from_zero);
  /// Second half: solves below, corrects, smooths.
  void ascend();

  double residual_squares(const Array3<Real>& r);  ///< r = b - A x (r may be empty), finest level
  /// r = b + shift - A (x + low) in double precision, x and b the finest level's; `low` may be empty.
  /// Returns its sum of squares on this rank. For a cycle in single precision.
  double refined_residual_squares(const Array3<Real>& low, double shift, const Array3<Real>& r)
    requires std::is_same_v<Real, float>;
  double apply(const Array3<Real>& in, const Array3<Real>& out);  ///< out = A in; sum in * out

 private:
  template <int dimension, bool variable>
  double descend_level(std::size_t level, bool from_zero);
  template <int dimension, bool variable>
  void ascend_level(std::size_t level);
  template <int dimension, bool variable>
  void smooth(std::size_t level, int sweeps, bool from_zero);
  template <int dimension, bool variable>
  double hand_down(std::size_t level);
  bool layered(std::size_t level, int sweeps) const;  ///< one fused run over memory will do
  double descend_any(std::size_t level, bool from_zero);
  void ascend_any(std::size_t level);
  void solve_coarsest();
  void make_tail();  ///< on devices: the levels from tail_ on, which one launch does
  void run_tail();
  void invert_coarsest();
  bool gathers(std::size_t level) const {
    return levels_[level]->shape().distributed() && !levels_[level + 1]->shape().distributed();
  }
  /// The residual is restricted by full weighting: where some axis is not coarsened, the mean over
  /// the joined cells would let a cycle contract by 0.37 only, along the axis that is (full weighting
  /// 0.09).
  bool weighs_fully(std::size_t level) const {
    return !gathers(level) && levels_[level + 1]->shape().partly_joined();
  }
  Stencil<Real> stencil(std::size_t level) const;

  int sweeps_before_, sweeps_after_;
  bool singular_;
  Real shift_ = 0;
  std::vector<std::unique_ptr<MultigridLevel<Real>>> levels_;
  std::vector<Transfer<Real>> transfers_;
  std::size_t tail_ = 0;  ///< 0: none
  Kokkos::View<TailLevel<Real>*, Memory> tail_levels_;
  std::vector<Array3<Real>> residual_;  ///< per level, empty unless it gathers or weighs fully
  Kokkos::View<Real**, Kokkos::LayoutRight, Memory> inverse_;  ///< of the coarsest operator
};

extern template class MultigridCycle<float>;
extern template class MultigridCycle<double>;

}  // namespace understudy::mesh::detail
