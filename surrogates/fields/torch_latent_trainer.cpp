#include "surrogates/fields/torch_latent_trainer.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/log.hpp"
#include "core/sampling.hpp"
#include "surrogates/fields/torch_relative_error.hpp"
#include "surrogates/fields/torch_streamed_basis.hpp"

namespace understudy::surrogates {

namespace {

// Every rank takes a share of the batch, whatever it has of the samples.
TrainingParams without_groups(TrainingParams params) {
  params.ranks_per_sample = 1;
  return params;
}

// What a checkpoint must have been made by: its weights are of coordinates.
std::string made_so(const TrainingData& data) {
  return std::string("\nmodes with the signs of a draw") +
         (data.memory.streamed ? "\nmodes of streamed frames (training.memory_gb)" : "");
}

}  // namespace

LatentTrainer::LatentTrainer(const DatasetReader& reader, TrainingData data,
                             const NetworkParams& network_params, const TrainingParams& params,
                             const core::Comm& comm)
    : RolloutTrainer(Network(network_params, data.card.shape(), params.seed), data.card,
                     without_groups(params), comm, made_so(data)),
      sharing_(data.blocks ? PointSharing(data.blocks->comm()) : PointSharing()),
      cells_(data.blocks ? data.blocks->box(data.blocks->comm().rank()) : reader.all_cells()),
      own_(reader.layout(cells_)),
      whole_(reader.layout()),
      device_(optimiser.averaged().device()),
      prepared_bytes_(data.prepared_bytes) {
  auto path_of = [](const Trajectory& t) {
    Path path;
    path.q = t.parameters;
    path.frames = t.frames();
    path.number = t.number;
    return path;
  };
  std::int64_t first = 0;
  for (const Trajectory& t : data.train) {
    train_.push_back(path_of(t));
    train_.back().first = first;
    first += t.frames();
  }
  for (const Trajectory& t : data.valid) valid_.push_back(path_of(t));
  weigh_points(data.train);
  const auto find = [&] { return find_basis(reader, data); };
  fit(sharing_.shared() ? prepare_together(this->comm(), find) : find());
}

const PodArchitecture& LatentTrainer::pod() const {
  return static_cast<const PodArchitecture&>(*network.impl().architecture);
}

void LatentTrainer::fit(const Basis& basis) {
  const at::NoGradGuard no_autograd;
  const at::Tensor& c = basis.coordinates;
  agree(c);
  const double unit = c.select(1, 0).square().mean().sqrt().item<double>();
  z_ = c / unit;
  std::vector<at::Tensor> parameters, changes;
  for (const Path& path : train_) {
    parameters.push_back(path.q.view({1, -1}).expand({path.frames, -1}));
    changes.push_back(z_.narrow(0, path.first + 1, path.frames - 1) -
                      z_.narrow(0, path.first, path.frames - 1));
  }
  q_ = at::cat(parameters).contiguous();
  if (pod().map().parameters == 0) q_ = q_.narrow(1, 0, 0);
  const at::Tensor change = at::cat(changes);
  unit_ = change.square().sum(1).mean().item<double>();
  constexpr double weakest = 0.02;  // of the first mode's spread
  const auto w = slices(network.impl().flat, network.impl().specs);
  set_basis(basis);
  at::Tensor(w[PodArchitecture::unit]).fill_(unit);
  at::Tensor(w[PodArchitecture::map_first]).copy_(z_.square().mean(0).sqrt().clamp_min(weakest));
  at::Tensor(w[PodArchitecture::map_first + 1])
      .copy_(change.square().mean(0).sqrt().clamp_min(1e-6));
  for (Path& path : valid_) {
    agree(path.z);
    path.z = path.z / unit;
  }
  core::log::info("{} modes of {} values keep {:.4f} % of the training frames' variance",
                  z_.size(1), pod().points().count, 100 * std::min(1.0, basis.kept));
  fit_linear();
}

// Ridge least squares for the linear part: where training starts, and for dmd where it ends.
void LatentTrainer::fit_linear() {
  const auto trained = slices(network.impl().trained(), network.impl().trained_specs());
  const auto w = map_weights(trained);
  std::vector<at::Tensor> rows, targets;
  for (const Path& path : train_) {
    const at::Tensor from = z_.narrow(0, path.first, path.frames - 1);
    const at::Tensor to = z_.narrow(0, path.first + 1, path.frames - 1);
    const at::Tensor q = q_.narrow(0, path.first, path.frames - 1);
    rows.push_back(pod().map().linear_inputs(from / w[0], q));
    targets.push_back((to - from) / w[1]);
  }
  const at::Tensor a = at::cat(rows).to(at::kDouble), b = at::cat(targets).to(at::kDouble);
  const double ridge = (closed_form() ? 1e-9 : 1e-5) * static_cast<double>(a.size(0));
  const at::Tensor normal = at::mm(a.t(), a) + ridge * at::eye(a.size(1), a.options());
  at::Tensor(trained[0]).copy_(at::linalg_solve(normal, at::mm(a.t(), b)).t());
  optimiser.adopt(network);
  z_ = z_.to(device_);
  q_ = q_.to(device_);
}

std::vector<at::Tensor> LatentTrainer::map_weights(const std::vector<at::Tensor>& trained) const {
  const auto all = slices(network.impl().flat, network.impl().specs);
  const at::Device device = trained.front().device();
  std::vector<at::Tensor> w{all[PodArchitecture::map_first].to(device),
                            all[PodArchitecture::map_first + 1].to(device)};
  w.insert(w.end(), trained.begin(), trained.end());
  return w;
}

std::int64_t LatentTrainer::sequences(int unroll) const {
  std::int64_t count = 0;
  for (const Path& path : train_) count += std::max<std::int64_t>(0, path.frames - unroll);
  return count;
}

// The sum over `rows` (first frames of sequences), in units such that whole batches have a mean.
at::Tensor LatentTrainer::part_of_loss(const std::vector<std::int64_t>& rows,
                                       const at::Tensor& noise, int unroll,
                                       std::size_t batch) const {
  const at::Tensor at_rows = at::tensor(rows, at::kLong).to(device_);
  const at::Tensor q = q_.index_select(0, at_rows);
  const auto w = map_weights(optimiser.weights());
  at::Tensor z = z_.index_select(0, at_rows);
  if (noise.defined()) z = z + noise.to(device_) * (w[1] * params_.noise);
  at::Tensor loss;
  for (int n = 1; n <= unroll; ++n) {
    z = pod().map().step(z, q, w.data());
    const at::Tensor part = (z - z_.index_select(0, at_rows + n)).square().sum();
    loss = n == 1 ? part : loss + part;
  }
  return loss / (unit_ * static_cast<double>(batch) * unroll);
}

double LatentTrainer::step(const std::vector<std::int64_t>& batch, const StepPlan& plan) {
  std::vector<std::int64_t> rows;
  for (std::int64_t index : batch) {
    std::size_t n = 0;
    for (; index >= train_[n].frames - plan.unroll; ++n)
      index -= std::max<std::int64_t>(0, train_[n].frames - plan.unroll);
    rows.push_back(train_[n].first + index);
  }
  if (closed_form()) {
    const at::NoGradGuard no_autograd;
    return part_of_loss(rows, {}, plan.unroll, rows.size()).item<double>();
  }
  const Share mine = share(rows.size());
  if (mine.count == 0) return descend({}, plan.rate);
  at::Tensor noise;
  if (params_.noise > 0) {
    // Drawn for the whole batch, so that it is the same on any number of ranks.
    auto random = generator(core::mix(static_cast<std::uint64_t>(params_.seed), optimiser.steps));
    noise = at::randn({static_cast<std::int64_t>(rows.size()), z_.size(1)}, random,
                      at::TensorOptions(at::kFloat))
                .narrow(0, static_cast<std::int64_t>(mine.first),
                        static_cast<std::int64_t>(mine.count));
  }
  const auto first = rows.begin() + static_cast<std::ptrdiff_t>(mine.first);
  const std::vector<std::int64_t> own(first, first + static_cast<std::ptrdiff_t>(mine.count));
  return descend(part_of_loss(own, noise, plan.unroll, rows.size()), plan.rate);
}

at::Tensor LatentTrainer::errors(const at::Tensor& z, const at::Tensor& points) const {
  const auto w = slices(network.impl().flat, network.impl().specs);
  const at::Tensor c = z * w[PodArchitecture::unit];
  std::vector<at::Tensor> misses,
      sizes;  // as root mean squares: channels have closing faces or not
  for (std::size_t n = 0; n < own_.channels.size(); ++n) {
    const std::int64_t from = own_.channels[n].offset, count = own_.channels[n].count();
    const FieldCard& field = card.fields[n];
    const at::Tensor truth = points.narrow(1, from, count);
    const at::Tensor predicted =
        at::mm(c, modes_.narrow(1, from, count)) + mean_.narrow(0, from, count);
    const at::Tensor by = weights_.defined() ? weights_.narrow(0, from, count) : weights_;
    // On blocks this rank's part of the mean.
    const auto mean = [&](const at::Tensor& squares) {
      const at::Tensor all = weighed(squares, by);
      return sharing_.shared() ? all.sum(1) / static_cast<double>(whole_.channels[n].count())
                               : all.mean(1);
    };
    misses.push_back(mean((predicted - truth).square()));
    sizes.push_back(mean((truth * field.std + field.mean).square()));
  }
  const at::Tensor both =
      sharing_.sum(at::stack({at::stack(misses, 1), at::stack(sizes, 1)})).sqrt();
  for (std::size_t n = 0; n < card.fields.size(); ++n)
    both[0].select(1, static_cast<std::int64_t>(n)).mul_(card.fields[n].std);
  return relative_errors(both[0], both[1], 1, card.fields).mean(0).to(at::kDouble);
}

std::vector<std::int64_t> LatentTrainer::starts_of(const Path& path, long long windows) const {
  return first_frames_of_rollouts(params_, path.frames, windows);
}

at::Tensor LatentTrainer::points_of(const Path& path, std::int64_t first,
                                    std::int64_t count) const {
  if (!streams()) return path.points.narrow(0, first, count);
  return read_together([&] {
    std::vector<at::Tensor> frames;
    for (std::int64_t n = 0; n < count; ++n)
      frames.push_back(stream_->frame({path.number, first + n}));
    return at::stack(frames);
  });
}

void LatentTrainer::expect_rollouts(long long windows) const {
  std::vector<FrameStream::Key> next;
  for (const Path& path : valid_)
    for (const std::int64_t first : starts_of(path, windows))
      for (long long n = 1; n <= windows; ++n) next.push_back({path.number, first + n});
  stream_->expect(std::move(next));
}

RolloutErrors LatentTrainer::validate(const at::Tensor& trained) const {
  RolloutErrors result;
  together([&] { result = validate_here(trained); });
  for (auto* errors : {&result.one_window, &result.rollout, &result.persistence})
    if (sharing_.shared()) comm().broadcast(errors->data(), errors->size() * sizeof(double));
  return result;
}

RolloutErrors LatentTrainer::validate_here(const at::Tensor& trained) const {
  const c10::InferenceMode no_autograd;
  const auto w = map_weights(slices(trained.cpu(), network.impl().trained_specs()));
  long long windows = params_.rollout_windows;
  for (const Path& path : valid_) windows = std::min<long long>(windows, path.frames - 1);
  const auto channels = static_cast<std::int64_t>(card.fields.size());
  at::Tensor one = at::zeros({channels}, at::kDouble), all = one.clone(), still = one.clone();
  // Frames that are streamed come in blocks.
  const long long block = streams() ? StreamedBasis::sketched(pod().map().size) : windows;
  if (streams()) expect_rollouts(windows);
  int starts = 0;
  for (const Path& path : valid_) {
    const at::Tensor q = path.q.view({1, -1}).narrow(1, 0, pod().map().parameters);
    for (const std::int64_t first : starts_of(path, windows)) {
      ++starts;
      const at::Tensor begin = path.z.narrow(0, first, 1);
      at::Tensor z = begin;
      for (long long done = 0; done < windows; done += block) {
        const long long here = std::min(block, windows - done);
        std::vector<at::Tensor> states;
        for (long long n = 0; n < here; ++n) states.push_back(z = pod().map().step(z, q, w.data()));
        const at::Tensor truth = points_of(path, first + 1 + done, here);
        if (done == 0) one += errors(states.front(), truth.narrow(0, 0, 1));
        const double share = static_cast<double>(here) / static_cast<double>(windows);
        all += errors(at::cat(states), truth) * share;
        still += errors(begin.expand({here, -1}), truth) * share;
      }
    }
  }
  RolloutErrors result;
  result.windows = windows;
  for (std::int64_t c = 0; c < channels; ++c) {
    result.constant.push_back(card.fields[c].constant);
    result.one_window.push_back(one[c].item<double>() / starts);
    result.rollout.push_back(all[c].item<double>() / starts);
    result.persistence.push_back(still[c].item<double>() / starts);
  }
  return result;
}

}  // namespace understudy::surrogates
