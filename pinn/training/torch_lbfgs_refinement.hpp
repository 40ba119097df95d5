// The last part of a training (private to pinn/): limited-memory quasi-Newton steps on fixed points in double
// precision (mesh/optimisation/bounded_minimiser.hpp: PETSc's TAO), which go on where Adam's noise ends.
// Unknown numbers stay within their bounds. Part of builds with PETSc.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pinn/training/torch_losses.hpp"

namespace understudy::pinn {

struct RefinementProgress {
  int iteration = 0;
  double loss = 0;
  std::vector<double> losses;  ///< of the last evaluation
};

struct RefinementTask {
  Model& model;  ///< in double precision
  const std::vector<TermPoints>& points;
  Losses& losses;
  const RankReduction& sharing;
  int iterations = 0;
  /// After every iteration; false ends it there. Collective.
  std::function<bool(const RefinementProgress&)> go_on;
};

struct RefinementResult {
  int iterations = 0;
  double loss = 0;
  std::string reason;
};

/// Changes the model's weights. Collective. RunError where the loss is not finite.
RefinementResult refine(const RefinementTask& task);

}  // namespace understudy::pinn
