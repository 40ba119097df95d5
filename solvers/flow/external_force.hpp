// What drives and brakes a flow from outside, per mass:
//
//     du/dt = ... + f(x, t) - lambda u
//
// f: the deck's formulas (flow.force_m_s2), at each component's own faces; it enters a step at its
// middle, t + dt/2, as the pressure does. lambda: linear drag (flow.rayleigh_friction_1_s,
// 1/s; Ekman friction of a thin layer), a part of the rates that Adams-Bashforth extrapolates. Formulas
// without t are evaluated once, others before every step on the host. Private to solvers/flow.
#pragma once

#include <array>
#include <vector>

#include "core/expression.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

template <class Real>
class ExternalForce {
 public:
  ExternalForce(const FlowParams& params, const mesh::BoxGrid& grid);
  bool empty() const { return !pushes_ && drag_ == 0; }
  bool pushes() const { return pushes_; }
  bool depends_on_time() const { return depends_on_time_; }
  double rayleigh_friction_1_s() const { return drag_; }

  /// After predict_velocity: rate -= lambda u, u* += dt (f - w_now lambda u) on the interior.
  void add(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step, double middle_s,
           const std::array<Velocity<Real>, 3>& u_rate_star);
  /// f at the faces (m/s2) at time `time_s`; empty views without formulas.
  const Velocity<Real>& force(const mesh::BoxGrid& grid, double time_s) {
    evaluate(grid, time_s);
    return force_;
  }
  /// Integral of f . u (m4/s3, 3-D: m5/s3) at time `time_s`. Collective.
  double injection(const mesh::BoxGrid& grid, const Velocity<Real>& u, double time_s);

 private:
  void evaluate(const mesh::BoxGrid& grid, double time_s);
  std::array<core::Expression, 3> formulas_;
  bool pushes_ = false;
  bool depends_on_time_ = false;
  double drag_ = 0, evaluated_at_s_ = -1;
  bool evaluated_ = false;
  Velocity<Real> force_;  ///< [k, j, i] each; empty without formulas
};

}  // namespace understudy::solvers::flow
