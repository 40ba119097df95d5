// The modes of a reduced model: from frames in memory, or in passes over frames that are streamed; of all points, or of
// this rank's block.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <utility>

#include "core/sampling.hpp"
#include "surrogates/fields/torch_latent_trainer.hpp"
#include "surrogates/fields/torch_point_weights.hpp"
#include "surrogates/fields/torch_relative_error.hpp"
#include "surrogates/fields/torch_streamed_basis.hpp"

namespace understudy::surrogates {

namespace {

// Frames as normalised points [frames, point]; of training frames without what does not vary.
at::Tensor normalised(const std::vector<float>& values, const FlatLayout& layout,
                      const ModelCard& card, bool training) {
  const auto frames = static_cast<std::int64_t>(values.size()) / layout.count;
  at::Tensor points = at::empty({frames, layout.count}, at::kFloat);
  std::copy(values.begin(), values.end(), points.data_ptr<float>());
  for (std::size_t c = 0; c < layout.channels.size(); ++c) {
    at::Tensor channel = points.narrow(1, layout.channels[c].offset, layout.channels[c].count());
    channel.sub_(card.fields[c].mean).div_(card.fields[c].std);
    if (training && card.fields[c].constant) channel.zero_();
  }
  return points;
}

}  // namespace

// The mean over samples, and of mean 1 over all points; undefined where cells are alike.
void LatentTrainer::weigh_points(const std::vector<Trajectory>& samples) {
  at::Tensor sum;
  for (const Trajectory& t : samples) {
    if (!t.weights.defined()) return;
    sum = sum.defined() ? sum + t.weights : t.weights;
  }
  const at::Tensor weights = point_weights(sum, own_);
  if (!sharing_.shared()) {
    weights_ = weights / weights.mean();
    return;
  }
  const double of_all = sharing_.sum(weights.sum(at::kDouble).item<double>());
  weights_ = weights / (of_all / static_cast<double>(whole_.count));
}

at::Tensor LatentTrainer::root() const { return weights_.defined() ? weights_.sqrt() : weights_; }

void LatentTrainer::agree(const at::Tensor& values) const {
  if (sharing_.shared()) broadcast(values, comm());
}

LatentTrainer::Basis LatentTrainer::find_basis(const DatasetReader& reader, TrainingData& data) {
  const at::NoGradGuard no_autograd;
  const Basis basis =
      data.memory.streamed ? basis_from_stream(reader, data) : basis_in_memory(reader, data);
  project_held_out(basis);
  return basis;
}

// Not yet in units of the first mode's spread.
void LatentTrainer::project_held_out(const Basis& basis) {
  const at::Tensor projector = weighed(basis.modes, root());
  const auto coordinates = [&](const at::Tensor& points) {
    return sharing_.sum(at::mm(points - basis.mean, projector.t()));
  };
  for (Path& path : valid_) {
    if (!streams()) {
      path.z = coordinates(path.points);
      continue;
    }
    std::vector<at::Tensor> blocks;
    go_over({path}, [&](const at::Tensor& block) { blocks.push_back(coordinates(block)); });
    path.z = at::cat(blocks);
  }
}

// The network's are whole: put together from the ranks' blocks where these share samples.
void LatentTrainer::set_basis(const Basis& basis) {
  const auto w = slices(network.impl().flat, network.impl().specs);
  const at::Tensor mean = w[PodArchitecture::mean], modes = w[PodArchitecture::modes];
  const at::Tensor scaled = weights_.defined() ? basis.modes / root() : basis.modes;
  if (!sharing_.shared()) {
    mean.copy_(basis.mean);
    modes.copy_(scaled);
    mean_ = mean;
    modes_ = modes;
    return;
  }
  mean_ = basis.mean;
  modes_ = scaled;
  for (const auto& [own, whole] :
       {std::pair{mean_.unsqueeze(0), mean.unsqueeze(0)}, {modes_, modes}}) {
    whole.zero_();
    place_points(own, own_, cells_, whole, whole_);
    sharing_.sum(whole);  // in place
    agree(whole);
  }
}

LatentTrainer::Basis LatentTrainer::basis_in_memory(const DatasetReader& reader,
                                                    TrainingData& data) {
  // What one rank of a group cannot read, none waits for.
  at::Tensor all = read_together([&] { return read_frames(reader, data); });
  const at::Tensor mean = all.mean(0);
  all.sub_(mean);
  const PodBasis basis = pod_basis(weighed(all, root()), pod().map().size, sharing_);
  const double kept = basis.eigenvalues.narrow(0, 0, pod().map().size).sum().item<double>() /
                      basis.eigenvalues.sum().item<double>();
  // c = projector (x - mean)
  return {mean, basis.modes, sharing_.sum(at::mm(all, weighed(basis.modes, root()).t())), kept};
}

// The training frames [frame, point]; the held-out ones go to their paths.
at::Tensor LatentTrainer::read_frames(const DatasetReader& reader, TrainingData& data) {
  std::vector<at::Tensor> frames;
  for (Trajectory& t : data.train) {
    const auto values = reader.points(t.sample, t.first, t.frames(), cells_);
    frames.push_back(normalised(values, own_, card, true));
    t.values.reset();
    prepared_bytes_ += static_cast<double>(frames.back().nbytes());
  }
  for (std::size_t n = 0; n < valid_.size(); ++n) {
    const Trajectory& t = data.valid[n];
    valid_[n].points =
        normalised(reader.points(t.sample, t.first, t.frames(), cells_), own_, card, false);
    prepared_bytes_ += static_cast<double>(valid_[n].points.nbytes());
  }
  return at::cat(frames);
}

void LatentTrainer::open_stream(const DatasetReader& reader, const TrainingData& data) {
  struct Place {
    int sample = 0;
    std::int64_t first = 0;
    bool training = false;
  };
  std::vector<Place> places;
  for (const Trajectory& t : data.train) places.push_back({t.sample, t.first, true});
  for (const Trajectory& t : data.valid) places.push_back({t.sample, t.first, false});
  const auto read = [files = reader.keeping_open(), places,
                     cells = cells_](const FrameStream::Key& key) {
    const Place& place = places[key.trajectory];
    return read_unchanged(files, place.sample, [&] {
      return files.points(place.sample, place.first + key.frame, 1, cells);
    });
  };
  const auto prepare = [places, layout = own_, card = this->card](
                           const FrameStream::Key& key, const std::vector<float>& values) {
    return normalised(values, layout, card, places[key.trajectory].training).squeeze(0);
  };
  const auto points = static_cast<double>(own_.count);
  const double frame = sizeof(float) * points;
  double held = StreamedBasis::bytes(pod().map().size, points) +
                static_cast<double>(StreamedBasis::sketched(pod().map().size)) * frame;
  for (const auto* set : {&data.train, &data.valid})
    for (const Trajectory& t : *set)
      held +=
          static_cast<double>(t.fixed.nbytes() + (t.weights.defined() ? t.weights.nbytes() : 0));
  stream_ = std::make_shared<FrameStream>(read, prepare, frames_that_fit(data.memory, held, frame));
}

void LatentTrainer::go_over(const std::vector<Path>& paths,
                            const std::function<void(const at::Tensor&)>& action) const {
  std::vector<FrameStream::Key> all;
  for (const Path& path : paths)
    for (std::int64_t n = 0; n < path.frames; ++n) all.push_back({path.number, n});
  stream_->expect(all);
  const std::int64_t most = StreamedBasis::sketched(pod().map().size);
  at::Tensor block = at::empty({most, own_.count}, at::kFloat);
  for (std::size_t first = 0; first < all.size();) {
    const std::int64_t here =
        std::min<std::int64_t>(most, static_cast<std::int64_t>(all.size() - first));
    action(read_together([&] {
      for (std::int64_t n = 0; n < here; ++n, ++first)
        block.select(0, n).copy_(stream_->frame(all[first]));
      return block.narrow(0, 0, here);
    }));
  }
}

// Blocks are of one length whatever the memory, so that the modes do not depend on it.
LatentTrainer::Basis LatentTrainer::basis_from_stream(const DatasetReader& reader,
                                                      const TrainingData& data) {
  open_stream(reader, data);
  BasisWish wish{.points = own_.count,
                 .r = pod().map().size,
                 .root = root(),
                 .seed = core::mix(static_cast<std::uint64_t>(params_.seed), 0),
                 .sharing = sharing_};
  for (const Path& path : train_) wish.frames += path.frames;
  const StreamedBasis basis =
      streamed_basis([&](const auto& action) { go_over(train_, action); }, wish);
  return {basis.mean, basis.modes, basis.coordinates,
          basis.eigenvalues.narrow(0, 0, wish.r).sum().item<double>() / basis.variance};
}

}  // namespace understudy::surrogates
