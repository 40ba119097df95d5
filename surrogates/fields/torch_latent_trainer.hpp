// Training of a reduced model (private to surrogates/): the basis is fitted to the training frames once,
// then the latent map is trained on their coordinates. The loss is the mean square error of the
// coordinates over `unroll` windows from noisy starts, in units of their change over one window: with
// orthonormal modes that is the error of the (normalised) fields within their span. Where cells measure unlike,
// modes are orthonormal in the product that weighs them (mean over the training samples), and so are errors.
// Of samples that are streamed the basis is found in passes over the frames (torch_streamed_basis.hpp), and held-out
// frames are read again for each validation.
// Where ranks share samples by blocks (training.ranks_per_sample), each has its block of frames, sketches and modes,
// and coordinates are summed over the group. They are few: all ranks have all of them and share the batch, whatever
// the groups. The network's own modes are whole on every rank, as all weights are.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "surrogates/fields/torch_rollout_trainer.hpp"
#include "surrogates/fields/torch_training_data.hpp"
#include "surrogates/network/torch_pod.hpp"
#include "surrogates/training/prepare_together.hpp"

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
  bool streams() const override { return stream_ != nullptr; }
  double bytes_read() const override {
    return prepared_bytes_ + (stream_ ? stream_->bytes_read() : 0);
  }

 private:
  /// One sample in the latent space.
  struct Path {
    at::Tensor q;                        ///< [parameter]
    std::int64_t first = 0, frames = 0;  ///< rows of z_ (training) or of `points`
    at::Tensor z, points;  ///< [frames, size], [frames, point] normalised; of held-out samples
    int number = 0;        ///< of the stream, and no points
  };
  const PodArchitecture& pod() const;
  /// What the training frames say: mean [point], modes [r, point] (of weighed frames) and the coordinates of the
  /// frames, as sums with these modes.
  struct Basis {
    at::Tensor mean, modes, coordinates;  ///< mean and modes of this rank's points
    double kept = 1;                      ///< of the frames' variance
  };
  Basis find_basis(const DatasetReader& reader, TrainingData& data);
  Basis basis_in_memory(const DatasetReader& reader, TrainingData& data);
  at::Tensor read_frames(const DatasetReader& reader, TrainingData& data);
  Basis basis_from_stream(const DatasetReader& reader, const TrainingData& data);
  void open_stream(const DatasetReader& reader, const TrainingData& data);
  /// Calls with blocks of the frames of these paths in order, [block, point].
  void go_over(const std::vector<Path>& paths,
               const std::function<void(const at::Tensor&)>& action) const;
  void weigh_points(const std::vector<Trajectory>& samples);
  at::Tensor root() const;  ///< of the points' weights
  void project_held_out(const Basis& basis);
  void fit(const Basis& basis);
  void set_basis(const Basis& basis);
  void fit_linear();
  at::Tensor part_of_loss(const std::vector<std::int64_t>& rows, const at::Tensor& noise,
                          int unroll, std::size_t batch) const;
  /// Constants of the map and the given trained weights, as LatentMap::step wants them.
  std::vector<at::Tensor> map_weights(const std::vector<at::Tensor>& trained) const;
  /// Relative errors [channel] of predicted coordinates [n, size] against frames [n, point], mean over n.
  at::Tensor errors(const at::Tensor& z, const at::Tensor& points) const;
  RolloutErrors validate_here(const at::Tensor& trained) const;
  /// The first rank's on all, where groups found them each for itself: their sums may differ in the last bits.
  void agree(const at::Tensor& values) const;
  /// What `read` returns; what one rank of a group cannot read, none waits for.
  template <class Read>
  auto read_together(const Read& read) const {
    return sharing_.shared() ? prepare_together(sharing_.group(), read) : read();
  }
  void expect_rollouts(long long windows) const;
  std::vector<std::int64_t> starts_of(const Path& path, long long windows) const;
  /// Frames [first, first + count) of a held-out sample, [count, point].
  at::Tensor points_of(const Path& path, std::int64_t first, std::int64_t count) const;

  PointSharing sharing_;
  mesh::Range3 cells_;       ///< that this rank has: all, or its block
  FlatLayout own_, whole_;   ///< of these cells, and of all
  at::Tensor mean_, modes_;  ///< of these, as the network has them: [point], [r, point]
  at::Device device_;        ///< of the map's training; the basis stays on the host
  std::shared_ptr<FrameStream> stream_;
  double prepared_bytes_ = 0;
  std::vector<Path> train_, valid_;
  at::Tensor weights_;  ///< [point], of mean 1 over all; undefined where cells are alike
  at::Tensor z_, q_;    ///< of all training frames: [frame, size], [frame, parameter]
  double unit_ = 1;     ///< mean over frames of the squared change of z over one window
};

}  // namespace understudy::surrogates
