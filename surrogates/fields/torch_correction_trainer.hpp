// The trainer of networks that correct the deck's solver on a coarser grid (private to surrogates/).
#pragma once

#include <memory>
#include <vector>

#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/fields/torch_window_solver.hpp"
#include "surrogates/fields/training.hpp"

namespace understudy::surrogates {

/// As FieldTrainer, with a prediction that is the solver's state, corrected and constrained, so many times a window
/// as the network is called.
class CorrectionTrainer : public FieldTrainer {
 public:
  /// `solver_of_sample` [sample of the reader].
  CorrectionTrainer(TrainingData data, std::shared_ptr<WindowSolver> solver,
                    std::vector<int> solver_of_sample, const TrainingSetup& setup,
                    const core::Comm& comm);

 protected:
  at::Tensor next(const at::Tensor& state, const Moment& at, const at::Tensor& constant,
                  const std::vector<at::Tensor>& weights) const override;
  at::Tensor part_of_loss(const std::vector<Sequence>& batch, int unroll,
                          std::size_t first) override;

 private:
  std::shared_ptr<WindowSolver> solver_;
  std::vector<int> solver_of_sample_;
  at::Tensor mean_, std_;  ///< of the channels, double [1, channel, 1...]
};

/// Fits the scale of the corrections to the training samples: the root mean square of what the solver alone
/// misses in a window, part by part (`network.calls`). UserError without `make`, or where the solver has no
/// adjoint and training.through_solver asks for one.
std::unique_ptr<CorrectionTrainer> make_correction_trainer(const DatasetReader& reader,
                                                           TrainingData data,
                                                           const TrainingSetup& setup,
                                                           const core::Comm& comm,
                                                           const MakeCoarseSolver& make);

}  // namespace understudy::surrogates
