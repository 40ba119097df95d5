// The last part of a training (private to pinn/): limited-memory quasi-Newton steps on fixed points in double
// precision (mesh/optimisation/bounded_minimiser.hpp: PETSc's TAO), which go on where Adam's noise ends.
// Unknown numbers stay within their bounds. Part of builds with PETSc.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pinn/training/torch_losses.hpp"

namespace understudy::pinn {

struct FinishProgress {
  int iteration = 0;
  double loss = 0;
  std::vector<double> losses;  ///< of the last evaluation
};

struct FinishTask {
  Model& model;  ///< in double precision
  const std::vector<TermPoints>& points;
  Losses& losses;
  const Sharing& sharing;
  int iterations = 0;
  /// After every iteration; false ends it there. Collective.
  std::function<bool(const FinishProgress&)> go_on;
};

struct FinishResult {
  int iterations = 0;
  double loss = 0;
  std::string reason;
};

/// Changes the model's weights. Collective. RunError where the loss is not finite.
FinishResult finish(const FinishTask& task);

}  // namespace understudy::pinn
