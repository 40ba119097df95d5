// Training of a reduced model (private to surrogates/): the basis is fitted to the training frames once,
// then the latent map is trained on their coordinates. The loss is the mean square error of the
// coordinates over `unroll` windows from noisy starts, in units of their change over one window: with
// orthonormal modes that is the error of the (normalised) fields within their span. Where cells measure unlike,
// modes are orthonormal in the product that weighs them (mean over the training samples), and so are errors.
#pragma once

#include <vector>

#include "surrogates/fields/torch_rollout_trainer.hpp"
#include "surrogates/fields/torch_training_data.hpp"
#include "surrogates/network/torch_pod.hpp"

namespace understudy::surrogates {

class LatentTrainer : public RolloutTrainer {
 public:
  /// `data`: its cards, parameters and split; the frames are read again, closing faces included.
  LatentTrainer(const DatasetReader& reader, TrainingData data, const NetworkParams& network,
                const TrainingParams& params, const core::Comm& comm);
  std::int64_t sequences(int unroll) const override;
  double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) override;
  RolloutErrors validate(const at::Tensor& trained) const override;
  bool closed_form() const override { return network.params().kind == "dmd"; }

 private:
  /// One sample in the latent space.
  struct Path {
    at::Tensor q;                        ///< [parameter]
    std::int64_t first = 0, frames = 0;  ///< rows of z_ (training) or of `points`
    at::Tensor z, points;  ///< [frames, size], [frames, point] normalised; of held-out samples
  };
  const PodArchitecture& pod() const;
  void fit(const std::vector<at::Tensor>& frames);
  void fit_linear();
  at::Tensor part_of_loss(const std::vector<std::int64_t>& rows, const at::Tensor& noise,
                          int unroll, std::size_t batch) const;
  /// Constants of the map and the given trained weights, as LatentMap::step wants them.
  std::vector<at::Tensor> map_weights(const std::vector<at::Tensor>& trained) const;
  /// Relative errors [channel] of predicted coordinates [n, size] against frames [n, point], mean over n.
  at::Tensor errors(const at::Tensor& z, const at::Tensor& points) const;

  at::Device device_;  ///< of the map's training; the basis stays on the host
  std::vector<Path> train_, valid_;
  at::Tensor weights_;  ///< [point], of mean 1; undefined where cells are alike
  at::Tensor z_, q_;    ///< of all training frames: [frame, size], [frame, parameter]
  double unit_ = 1;     ///< mean over frames of the squared change of z over one window
};

}  // namespace understudy::surrogates
