// A trainer of whatever advances a State: its weights are judged by rollouts on held-out samples, and what is
// measured goes into the model's card (private to surrogates/).
#pragma once

#include <vector>

#include "surrogates/fields/model.hpp"
#include "surrogates/training/torch_trainer.hpp"

namespace understudy::surrogates {

/// Per channel over a rollout: relative L2 errors in physical units.
struct RolloutErrors {
  std::vector<double> one_window, rollout, persistence;  ///< [channel]
  long long windows = 0;
  std::vector<bool> constant = {};  ///< [channel]: left out of the score; empty: none
  /// Mean over the channels that vary of the rollout error, over all where none does; large if not finite.
  double score() const;
};

class RolloutTrainer : public Trainer {
 public:
  /// Rollouts on the held-out samples with the given trained weights, flat; shared out over the ranks.
  /// Collective; the same on all ranks.
  virtual RolloutErrors validate(const at::Tensor& flat) const = 0;
  /// Errors of the same rollouts with the network in each precision that these ranks compute in.
  /// Collective.
  virtual std::vector<PrecisionCard> precision_errors(const at::Tensor&) const { return {}; }
  /// Of the held-out frames, by a model with modes and by as many linear ones; empty for others. Collective.
  virtual std::vector<ReconstructionCard> reconstruction_errors(const at::Tensor&) const {
    return {};
  }
  double error(const at::Tensor& flat) const override { return validate(flat).score(); }
  /// Fills the card's errors.
  void finish(const at::Tensor& best) override;

  ModelCard card;  ///< what the data say of the model, and after finish() its errors

 protected:
  RolloutTrainer(Network n, ModelCard c, const TrainingParams& params, const core::Comm& comm)
      : Trainer(std::move(n), c.dataset_hash, params, comm), card(std::move(c)) {}
};

}  // namespace understudy::surrogates
