// The modes of a reduced model: from frames in memory, or in passes over frames that are streamed.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "core/sampling.hpp"
#include "surrogates/fields/torch_latent_trainer.hpp"
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

LatentTrainer::Basis LatentTrainer::basis_in_memory(const DatasetReader& reader,
                                                    TrainingData& data) {
  const at::NoGradGuard no_autograd;
  const FlatLayout layout = reader.layout();
  std::vector<at::Tensor> frames;
  for (Trajectory& t : data.train) {
    const auto values = reader.points(t.sample, t.first, t.frames());
    frames.push_back(normalised(values, layout, card, true));
    t.values.reset();
    prepared_bytes_ += static_cast<double>(frames.back().nbytes());
  }
  for (std::size_t n = 0; n < valid_.size(); ++n) {
    const Trajectory& t = data.valid[n];
    valid_[n].points =
        normalised(reader.points(t.sample, t.first, t.frames()), layout, card, false);
    prepared_bytes_ += static_cast<double>(valid_[n].points.nbytes());
  }
  at::Tensor all = at::cat(frames);
  frames.clear();
  const at::Tensor mean = all.mean(0);
  all.sub_(mean);
  const PodBasis basis = pod_basis(weighed(all, root()), pod().map().size);
  const double kept = basis.eigenvalues.narrow(0, 0, pod().map().size).sum().item<double>() /
                      basis.eigenvalues.sum().item<double>();
  // c = projector (x - mean)
  return {mean, basis.modes, at::mm(all, weighed(basis.modes, root()).t()), kept};
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
  const FlatLayout layout = reader.layout();
  const auto read = [files = reader.keeping_open(), places](const FrameStream::Key& key) {
    const Place& place = places[key.trajectory];
    return read_unchanged(files, place.sample,
                          [&] { return files.points(place.sample, place.first + key.frame, 1); });
  };
  const auto prepare = [places, layout, card = this->card](const FrameStream::Key& key,
                                                           const std::vector<float>& values) {
    return normalised(values, layout, card, places[key.trajectory].training).squeeze(0);
  };
  const double frame = sizeof(float) * static_cast<double>(layout.count);
  double held = StreamedBasis::bytes(pod().map().size, static_cast<double>(layout.count)) +
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
  at::Tensor block = at::empty({most, pod().points().count}, at::kFloat);
  for (std::size_t first = 0; first < all.size();) {
    const std::int64_t here =
        std::min<std::int64_t>(most, static_cast<std::int64_t>(all.size() - first));
    for (std::int64_t n = 0; n < here; ++n, ++first)
      block.select(0, n).copy_(stream_->frame(all[first]));
    action(block.narrow(0, 0, here));
  }
}

// Blocks are of one length whatever the memory, so that the modes do not depend on it.
LatentTrainer::Basis LatentTrainer::basis_from_stream(const DatasetReader& reader,
                                                      const TrainingData& data) {
  const at::NoGradGuard no_autograd;
  open_stream(reader, data);
  BasisWish wish{.points = pod().points().count,
                 .r = pod().map().size,
                 .root = root(),
                 .seed = core::mix(static_cast<std::uint64_t>(params_.seed), 0)};
  for (const Path& path : train_) wish.frames += path.frames;
  const StreamedBasis basis =
      streamed_basis([&](const auto& action) { go_over(train_, action); }, wish);
  return {basis.mean, basis.modes, basis.coordinates,
          basis.eigenvalues.narrow(0, 0, wish.r).sum().item<double>() / basis.variance};
}

}  // namespace understudy::surrogates
