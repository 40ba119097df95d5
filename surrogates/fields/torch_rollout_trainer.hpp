// A trainer of whatever advances a State: its weights are judged by rollouts on held-out samples, and what is
// measured goes into the model's card (private to surrogates/).
#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"
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
  /// Are samples read as training goes on? What this rank read of their values until now.
  virtual bool streams() const = 0;
  virtual double bytes_read() const = 0;
  double error(const at::Tensor& flat) const override { return validate(flat).score(); }
  /// Fills the card's errors.
  void finish(const at::Tensor& best) override;

  ModelCard card;  ///< what the data say of the model, and after finish() its errors

 protected:
  /// `made_so`: what else than the dataset a checkpoint must have been made by.
  RolloutTrainer(Network n, ModelCard c, const TrainingParams& params, const core::Comm& comm,
                 const std::string& made_so = {})
      : Trainer(std::move(n), c.dataset_hash + made_so, params, comm), card(std::move(c)) {}
  /// Runs what reads samples. Where they are streamed a UserError on one rank is thrown on all. Collective.
  template <class Action>
  void together(const Action& action) const {
    if (!streams()) return action();
    std::string error;
    try {
      action();
    } catch (const core::UserError& e) {
      error = e.what();
    }
    comm().template throw_on_all_ranks<core::UserError>(error);
  }
};

}  // namespace understudy::surrogates
