// The right-hand side of the Navier-Stokes equations in Fourier space and its Runge-Kutta steps. Private to
// solvers/flow; spectral_flow.hpp says what it is of.
//
// With the stress T_ab = u_a u_b - delta_ab u_d u_d (d the last axis) one diagonal component is zero, which takes
// 2 products and 4 transforms an evaluation in 2-D, 5 and 8 in 3-D (Basdevant 1983, J. Comput. Phys. 50,
// 209-214); what was taken off is a gradient, a part of the pressure:
//
//     n_a = -i k_b T_ab + f_a,    N = n - k (k . n) / k^2,    p / rho = -i k . n / k^2 - u_d u_d.
//
// With E = exp(-(nu k^2 + lambda) dt / 2) a step is the classical fourth-order one of Runge and Kutta for
// exp((nu k^2 + lambda) t) u (integrating factor; Rogallo 1981, NASA TM 81315):
//
//     a = N(u),  b = N(E (u + dt/2 a)),  c = N(E u + dt/2 b),  d = N(E^2 u + dt E c)
//     u(t + dt) = E^2 u + dt/6 (E^2 a + 2 E (b + c) + d).
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "solvers/flow/external_force.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/flow/spectral_box.hpp"

namespace understudy::solvers::flow {

template <class Real>
class SpectralMotion {
 public:
  using Box = SpectralBox<Real>;
  using Modes = typename Box::Modes;
  using Vector = std::array<Modes, 3>;  ///< by component, packed

  SpectralMotion(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid);

  const Box& box() const { return box_; }
  /// The velocity that is stepped.
  const Vector& velocity() const { return u_; }
  /// Takes off what is not divergence-free.
  void project();
  /// Between steps: puts the velocity aside for whoever needs its place, and back.
  void keep();
  void restore();
  /// First half of a step: the products of u at time_s. Returns the largest stable step (s); 0 where u is not finite.
  double begin(double time_s);
  /// The rest of it.
  void step(double time_s, double dt_s);
  /// p (Pa), without mean, of u at time_s.
  void pressure(double time_s, const Modes& p);
  ExternalForce<Real>& external() { return external_; }

 private:
  void load_force(double time_s);
  /// What multiply() finds beside the products.
  enum class Also { nothing, rates, trace };
  /// Products of the velocity of these modes, in the box's whole modes. `rates`: row_rates_, the largest sum
  /// over axes of |u_a| / h_a (1/s) in every row of points; `trace`: one product more, u_d u_d.
  void multiply(const Vector& modes, Also also);
  void multiply_row(int row, Also also);
  double row_rate(int row) const;
  double step_limit(double convection_1_s) const;
  void set_factors(double dt_s);
  template <int dim, class Use>
  void for_tendencies(const Use& use) const;
  template <int dim, int stage>
  void update(double dt_s);
  template <int stage>
  void run_stage(double dt_s);

  FlowParams params_;
  std::shared_ptr<const mesh::BoxGrid> grid_;
  int dimension_, products_;
  Box box_;
  ExternalForce<Real> external_;
  Vector u_, stage_, sum_, force_;  ///< force_: empty without any
  bool forced_, force_known_ = false;
  double force_at_s_ = 0, push_1_s2_ = 0;  ///< largest sum over axes of |f_a| / h_a
  double damping_1_s_;                     ///< largest nu k^2 + lambda carried
  std::vector<double> row_rates_;          ///< by row of points
  std::array<std::vector<Real>, 3> half_;  ///< E is their product
  double factors_of_s_ = -1;
};

extern template class SpectralMotion<float>;
extern template class SpectralMotion<double>;

}  // namespace understudy::solvers::flow
