// The boundary conditions' first variation and its transpose (boundaries.hpp has the conditions). Everything
// that they do with velocities is linear; of what is given, a factor on the values of each side is varied, and
// the outflow's bulk speed and its balance follow the flux that comes in.
//
// Forward, `change` of a side holds the variations of its values; backward, the derivatives of J with respect to
// them. Backward, points are worked on by the rank that owns them: a block's interior and what lies beyond
// sides of the box; ghosts that the halo fills are left out.
#pragma once

#include <memory>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/halo.hpp"
#include "solvers/flow/boundaries.hpp"
#include "solvers/flow/boundary_kernels.hpp"

namespace understudy::solvers::flow {

/// Index ranges of a rank's own points: its interior and the layers beyond sides of the box.
mesh::Range3 own_points(const mesh::BoxGrid& grid);

template <class Real>
class LinearBoundaries {
 public:
  LinearBoundaries(const Boundaries<Real>& boundaries, std::shared_ptr<const mesh::BoxGrid> grid);
  bool empty() const { return sides_.empty(); }

  // First variations, for changes d of the velocity. The order of calls is that of Boundaries.

  /// Given values change by `scale[side]` times themselves (at the time of Boundaries::evaluate). Collective.
  void change_given(const std::vector<double>& scale);
  void load_outflow(const Velocity<Real>& d, mesh::Halo<Real>& halo);  ///< Collective.
  void convect_outflow(const Velocity<Real>& u, const Velocity<Real>& d, double dt_s);
  void reset_outflow(const Velocity<Real>& d);
  void balance();  ///< Collective.
  void set_normal(const Velocity<Real>& d) const;
  void fill_velocity(const Velocity<Real>& d) const;

  // Transposes, for derivatives a with respect to the velocity. The order of calls is the reverse.

  void clear();
  /// Of set_normal and fill_velocity: what they wrote goes to where they read, and is zero.
  void fold_normal(const Velocity<Real>& a);
  void fold_velocity(const Velocity<Real>& a);
  /// Of the part of -div u / dt that reads the sides' faces: b at cells is the derivative of that.
  void take_divergence(const mesh::Array3<Real>& b, double dt_s);
  void fold_balance();  ///< Collective.
  void fold_convection(const Velocity<Real>& u, const Velocity<Real>& a, double dt_s);
  void fold_reset(const Velocity<Real>& a);
  void fold_load(const Velocity<Real>& a);
  /// Adds this rank's part of the derivative with respect to change_given's factors, [side]. Collective.
  void fold_given(std::vector<double>& scale);

 private:
  struct Side : BoundarySide<Real> {
    mesh::Array4<Real> given_values;  ///< those of Boundaries
    mesh::Range3 own;                 ///< this rank's part of the plane
  };
  std::vector<BoundarySide<Real>> changes() const;
  bool has_outflow() const { return boundaries_.has_outflow(); }
  const Boundaries<Real>& boundaries_;
  std::shared_ptr<const mesh::BoxGrid> grid_;
  std::vector<Side> sides_;  ///< BoundarySide::data: the change
  /// Of the flux that comes in: its change, or this rank's part of the derivative with respect to it.
  double inflow_change_ = 0;
};

}  // namespace understudy::solvers::flow
