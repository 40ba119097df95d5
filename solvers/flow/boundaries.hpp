// Boundary conditions of the flow solver on the sides of the box. Each side keeps small device
// arrays of its prescribed values. Normal velocities lie on the boundary faces (lower side: face
// index g; upper side: the closing face g + n, in the ghost layer), tangential ones and cell values
// act through two ghost layers:
//     wall, inflow  u_n = given,  tangential ghost = 2 given - mirror
//     slip          u_n = 0,      tangential ghost = mirror
//     outflow       du_n/dt + U_c du_n/dn = 0 (Orlanski 1976), U_c one bulk speed of all outflow
//                   faces, first-order upwind; then one constant is added to all outflow
//                   faces, so that the net flux vanishes and the Neumann pressure equation has a
//                   solution; tangential ghost = mirror. Nothing is done about backflow: put the
//                   side where the flow leaves
//     p, phi        ghost = mirror;  scalar: 2 given - mirror, or mirror where nothing is given
// Periodic sides belong to the halo exchange, which comes first. Where a body lies on a side nothing
// passes: given velocities and outflow faces are zero there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/halo.hpp"
#include "solvers/flow/body_points.hpp"
#include "solvers/flow/boundary_values.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

struct SidePlane;  // boundary_kernels.hpp
template <class Real>
struct BoundarySide;

template <class Real>
class Boundaries {
 public:
  /// `bodies` stay where they are. Collective. UserError when inflow and walls have a net flux and
  /// there is no outflow.
  Boundaries(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid,
             const std::string& deck_directory, const Bodies& bodies);
  ~Boundaries();

  bool has_outflow() const { return outflow_area_ > 0; }
  /// Prescribed values at time t_s (m/s), and their net flux into the box. Collective.
  void evaluate(double t_s);
  /// Keeps the outflow faces of `u` as they are: the start of a step sequence. Collective.
  void load_outflow(const Velocity<Real>& u, mesh::Halo<Real>& halo);
  /// New outflow faces from the old velocity by the convective condition.
  void convect_outflow(const Velocity<Real>& u, double dt_s);
  /// Outflow faces equal to their inner neighbours: after a state was changed from outside.
  void reset_outflow(const Velocity<Real>& u);
  /// Shifts the outflow faces so that the net flux vanishes. Collective.
  void balance();

  /// Writes the normal velocities onto the boundary faces (and the layers beyond).
  void set_normal(const Velocity<Real>& u) const;
  /// Normal and tangential values of every side.
  void fill_velocity(const Velocity<Real>& u) const;
  /// The same, and ghosts of the pressure (without normal gradient) and of a scalar, of what is not empty.
  void fill(const Velocity<Real>& u, const mesh::Array3<Real>& p,
            const mesh::Array3<Real>& scalar) const;
  void fill_scalar(const mesh::Array3<Real>& c) const;
  /// Some side of an axis has a given value of the scalar; and the faces of those on this rank.
  bool gives_scalar(int axis) const { return gives_scalar_[axis]; }
  std::array<GivenFaces, 3> given_faces() const;

  /// Volume flux (m3/s; 2-D: m2/s) out through the outflow faces, as they stand. Collective.
  double outflow_flux() const;
  /// The same, net, into the box through the sides whose velocity is given, at the time of evaluate().
  double inflow_flux() const { return inflow_flux_; }
  double outflow_area() const { return outflow_area_; }  ///< m2 (2-D: m), all ranks
  std::vector<BoundarySide<Real>> sides() const;         ///< this rank's
  /// Largest sum_a |u_a| / h_a (1/s) at this rank's sides: prescribed values, closing faces and the
  /// velocities beside them. Ghosts of u are valid.
  double max_cfl_rate_1_s(const Velocity<Real>& u) const;

 private:
  struct Side;
  /// Returns what is wrong with a value that is not finite.
  std::string evaluate_side(Side& side, double t_s);
  /// Where the side's plane is open, 1, or lies in a body, 0, for one velocity component.
  mesh::HostArray3<Real> open_points(const SidePlane& plane, int component,
                                     const Bodies& bodies) const;
  std::shared_ptr<const mesh::BoxGrid> grid_;
  std::vector<Side> sides_;  ///< this rank's
  bool first_ = true, time_dependent_ = false;
  std::array<bool, 3> gives_scalar_{};
  double outflow_area_ = 0;
  double inflow_flux_ = 0;  ///< all ranks
};

}  // namespace understudy::solvers::flow
