// The points of a training's steps (private to pinn/): drawn anew, kept, or adapted to the residual, each
// rank holding its part of the same points.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "pinn/settings.hpp"
#include "pinn/torch_problem.hpp"
#include "pinn/training/torch_optimiser.hpp"

namespace understudy::pinn {

/// This rank's points of a term.
struct TermPoints {
  at::Tensor points;               ///< [point, input]
  at::Tensor data;                 ///< [point, column], or undefined
  at::Tensor chunk;                ///< [point] of the time axis (causal weights), or undefined
  long long total = 0, first = 0;  ///< points on all ranks; this rank's first among them
};

struct PointPlan {
  std::shared_ptr<const Problem> problem;
  SamplingSettings sampling;
  int chunks = 0;  ///< of the time axis for interior terms; 0: not asked for
  std::uint64_t seed = 1;
  int rank = 0, ranks = 1;
  at::TensorOptions options;
};

/// Points of every term in a step: those of its kind, shared out by Term::share (0 counts as 1); fixed
/// points of a term: `data` of them, or all.
std::vector<long long> point_counts(const Problem& problem, const SamplingSettings& sampling);

/// Index of the input that is the time; -1: none.
int time_input(const Problem& problem);

class PointSource {
 public:
  /// UserError where a term has fewer points than there are ranks, or no place is left for them.
  explicit PointSource(PointPlan plan);

  /// [term]. Those of fixed sets stay the same tensors.
  const std::vector<TermPoints>& at(long long step);

  /// Whether the interior terms' points are due to be adapted before this step.
  bool adapts_at(long long step) const;
  /// The candidates of a term [candidate, input], this rank's part; `first`: index of the first.
  struct Candidates {
    std::size_t term;
    at::Tensor points;
    long long first = 0;
  };
  std::vector<Candidates> candidates(long long step);
  /// residual: of all candidates of the term, in their order.
  void adapt(std::size_t term, const std::vector<double>& residual);

  /// Names begin with "pool.".
  void save(TensorList& tensors) const;
  void restore(const TensorList& tensors);

 private:
  struct Pool {
    std::vector<double> points,
        distribution;  ///< [candidate][input], [candidate]; empty: not adapted
  };
  void draw(std::size_t term, long long number);
  at::Tensor drawn(std::size_t term, long long number);
  at::Tensor from_pool(std::size_t term, long long number) const;
  void check() const;

  PointPlan plan_;
  int time_, space_;
  std::vector<long long> counts_;  ///< [term]
  std::vector<TermPoints> now_;
  std::vector<Pool> pools_;
  long long number_ = -1;
  bool adapted_ = false;
};

}  // namespace understudy::pinn
