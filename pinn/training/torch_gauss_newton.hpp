// Gauss-Newton steps in a trust region (private to pinn/). The loss is a sum of squares, |f(theta)|^2 with
// f = sqrt(weight / points) r, and every step solves
//
//   (J^T J + mu I) v = -J^T f          J = df/d theta, of every point, by the engine (Model::linearise)
//
// with the damping mu of Levenberg (1944) and Marquardt (1963), which the ratio of what the loss fell by to what
// the linear model said moves (Nielsen 1999, eq. 2.4): a step that does not lower the loss at its points is
// not taken. Where there are fewer residuals than weights the same step is -J^T (J J^T + mu I)^-1 f (push-through
// identity; in sample space as in Mueller & Zeinhofer 2023, Guzman-Cordero et al. 2025). Geodesic acceleration adds half of
// the second-order change along the step (Transtrum & Sethna 2012, eq. 4), from three evaluations and the same factor.
// Points may be drawn anew between steps; each step is judged at its own.
//
// An unknown number that stands at a bound and would leave it has no part in the step. One that a step takes beyond
// its bound ends there, and the ratio judges what came of it.
//
// Memory: J^T J and two more of its size, summed from blocks of rows; with fewer residuals J, J J^T and two more
// of that size (gauss_newton_bytes). Ranks sum J^T J of their own points, or gather J; one of them solves.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "pinn/settings_fit.hpp"
#include "pinn/training/torch_losses.hpp"
#include "pinn/training/torch_optimiser.hpp"

namespace understudy::pinn {

class GaussNewton {
 public:
  /// `block_bytes`: of rows that are added to J^T J at a time, and sent to the rank that solves.
  GaussNewton(const OptimiserSettings& settings, Model& model, Losses& losses,
              const RankReduction& sharing, double block_bytes = row_block_bytes);

  struct Step {
    std::vector<double> losses;  ///< before it
    double loss = 0, after = 0;  ///< weighted sums, at the step's points
    double damping = 0;          ///< mu over the largest diagonal entry of J^T J
    int solves = 0;
    bool taken = false;  ///< else the weights are as before
    bool accelerated = false;
  };
  /// mu over the largest diagonal entry, of the next step.
  double damping() const { return damping_; }
  /// Collective. RunError where a residual at a point depends on other points, where a residual or a derivative is not finite, naming term and equation, input and point.
  Step step(const std::vector<TermPoints>& points);

  /// Names begin with "optimiser.".
  void save(TensorList& tensors) const;
  void restore(const TensorList& tensors);

 private:
  struct System {
    bool by_samples = false;
    at::Tensor matrix;  ///< J^T J (lower triangle), or J J^T; on the root
    at::Tensor
        rows;  ///< J [residual, weight] in sample space: of this rank, then on the root of all
    at::Tensor residuals;  ///< f of this rank
    at::Tensor gradient;   ///< J^T f
    double largest = 0;    ///< diagonal entry of J^T J
  };
  System assemble(const std::vector<TermPoints>& points);
  void share(System& system) const;
  void hold_at_bounds(System& system) const;
  void require_own_points(const std::vector<TermPoints>& points, const System& system);
  void require_finite(const std::vector<TermPoints>& points, const System& system);
  /// f of this rank, differentiable where autograd is on; term by term, equation by equation, point by point.
  at::Tensor residuals(const std::vector<TermPoints>& points);
  /// J^T x of all ranks.
  at::Tensor pulled_back(const std::vector<TermPoints>& points, const at::Tensor& x);
  at::Tensor gathered(const at::Tensor& mine) const;  ///< [ranks' rows ...] on the root
  /// False where it is not positive definite to rounding.
  bool factorise(const System& system, double mu, at::Tensor& factor) const;
  /// -(J^T J + mu I)^-1 J^T x. `pulled`: J^T x.
  at::Tensor solve(const System& system, const at::Tensor& factor, const at::Tensor& x,
                   const at::Tensor& pulled) const;
  at::Tensor acceleration(const std::vector<TermPoints>& points, const System& system,
                          const at::Tensor& factor, const at::Tensor& velocity);
  double loss_at(const at::Tensor& weights, const std::vector<TermPoints>& points);
  void set(const at::Tensor& weights);
  double scale(std::size_t loss, const TermPoints& points) const;
  bool is_root() const { return sharing_.rank() == 0; }

  const OptimiserSettings& settings_;
  Model& model_;
  Losses& losses_;
  const RankReduction& sharing_;
  double block_bytes_;
  bool checked_ = false;  ///< that residuals are of their own points
  double damping_;        ///< relative to the largest diagonal entry
  double growth_ = 2;     ///< of the damping after the next step that is not taken
};

}  // namespace understudy::pinn
