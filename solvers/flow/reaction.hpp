// The source of the passive scalar (flow.scalar.reaction),
//
//     dc/dt = ... + R(c),   R(c) = r g(c) - k c,
//     logistic  g = c (1 - c)              Fisher 1937; Kolmogorov, Petrovsky & Piskunov 1937
//     bistable  g = c (1 - c) (c - a)      Nagumo, Arimoto & Yoshizawa 1962; 0 < a < 1
//
// r: growth_1_s, k: decay_1_s (1/s), a: threshold. It is a part of the rate that Adams-Bashforth
// extrapolates, as convection and diffusion are: second order in time. Logistic growth is that of
// max(c, 0). It works on points alone, cell by cell, and is the solver's process `reaction`: scalar (1) to
// reaction_rate (1/s). Private to solvers/flow.
#pragma once

#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/flow/reaction_kernels.hpp"
#include "solvers/flow/sweeps.hpp"
#include "solvers/point_process.hpp"

namespace understudy::solvers::flow {

/// Stays where it is: its process refers to it.
template <class Real>
class Reaction {
 public:
  Reaction(const FlowScalarParams& params, const mesh::BoxGrid& grid);
  Reaction(const Reaction&) = delete;
  Reaction& operator=(const Reaction&) = delete;

  bool empty() const { return in_.extent(0) == 0; }
  /// Largest |dR/dc| for 0 <= c <= 1 (1/s), which bounds the time step as a drag does; 0 without.
  double fastest_1_s() const { return fastest_; }
  /// After predict_scalar: rate += R(c), c* += dt w_now R(c) on the interior.
  void add(const StepCoefficients<Real>& step, const ScalarStep<Real>& scalar) const;
  PointProcess<Real> process();

 private:
  mesh::Range3 cells_;
  ReactionRate<Real> rate_;
  double fastest_ = 0;
  mesh::Points<Real> in_, out_;  ///< [cell, 1]; empty without a reaction
  PointCall<Real> physics_, in_use_;
};

}  // namespace understudy::solvers::flow
