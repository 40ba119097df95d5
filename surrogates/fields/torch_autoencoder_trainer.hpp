// Training of the mode-decomposing autoencoder (private to surrogates/). The loss is
//   |x_0 - D(E(x_0))|^2 + mean over n = 1..unroll of |x_n - F^n(x_0)|^2
// with encoder E, decoders D and the call F = D . step . E, as a rollout makes it: reconstruction and
// prediction have the same weight and are learned together, so that z is a coordinate in which the dynamics
// are simple too. Squares are of normalised fields, in units of the training frames' mean square about
// their mean field: the first term is the share of the variance that the modes do not represent.
//
// Mean field and spread are set from the training frames first. Rollouts are validated as those of any
// network.
#pragma once

#include <vector>

#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/network/torch_autoencoder.hpp"

namespace understudy::surrogates {

class AutoencoderTrainer : public FieldTrainer {
 public:
  AutoencoderTrainer(TrainingData data, const NetworkParams& network, const TrainingParams& params,
                     const core::Comm& comm);
  std::vector<ReconstructionCard> reconstruction_errors(const at::Tensor& flat) const override;

 protected:
  at::Tensor part_of_loss(const std::vector<Sequence>& batch, int unroll,
                          std::size_t first) override;

 private:
  const AutoencoderArchitecture& autoencoder() const;
  void fit();

  double energy_ = 1;  ///< mean square of a normalised value about the mean field
};

}  // namespace understudy::surrogates
