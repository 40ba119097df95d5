#include "surrogates/fields/torch_field_trainer.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "core/sampling.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/fields/sample_blocks.hpp"
#include "surrogates/fields/torch_block_noise.hpp"
#include "surrogates/fields/torch_relative_error.hpp"
#include "surrogates/network/torch_block_sum.hpp"
#include "surrogates/training/prepare_together.hpp"

namespace understudy::surrogates {

namespace {

// [1, channel, 1...] of the dimension of `like`.
at::Tensor per_channel(const at::Tensor& values, const at::Tensor& like) {
  std::vector<std::int64_t> shape(like.dim(), 1);
  shape[1] = values.numel();
  return values.to(like.device()).view(shape);
}

}  // namespace

FieldTrainer::FieldTrainer(TrainingData data, const NetworkParams& network_params,
                           const TrainingParams& params, const core::Comm& comm)
    : RolloutTrainer(Network(network_params, data.card.shape(), params.seed), data.card, params,
                     comm),
      data_(std::move(data)),
      device_(optimiser.averaged().device()),
      layout_(network.impl().architecture->layout()) {
  require_size(network_params, network.shape().boundaries, mesh::shape_of(data_.card.grid));
  for (const long long unroll : params.unroll)
    require_work_for_groups({network_params, params}, network.shape(),
                            std::min<long long>(params.batch, sequences(int(unroll))), comm.size());
  data_.scale = data_.scale.to(device_);
  loss_scale_ = at::where(data_.scale > 0, data_.scale, at::ones_like(data_.scale));
  varying_ = varying_mask(data_.card.fields, data_.scale.dim());
  if (varying_.defined()) varying_ = varying_.to(device_);
}

at::Tensor FieldTrainer::masked(const at::Tensor& state) const {
  return varying_.defined() ? state * varying_ : state;
}

std::int64_t FieldTrainer::sequences(int unroll) const {
  std::int64_t count = 0;
  for (const Trajectory& t : data_.train) count += std::max<std::int64_t>(0, t.frames() - unroll);
  return count;
}

// Sequences in order of trajectory and first frame.
std::vector<Sequence> FieldTrainer::pick(std::span<const std::int64_t> batch, int unroll) const {
  std::vector<Sequence> picked;
  for (std::int64_t index : batch) {
    int trajectory = 0;
    for (; index >= data_.train[trajectory].frames() - unroll; ++trajectory)
      index -= std::max<std::int64_t>(0, data_.train[trajectory].frames() - unroll);
    picked.push_back({trajectory, index});
  }
  return picked;
}

at::Tensor FieldTrainer::frames(const std::vector<Trajectory>& from,
                                const std::vector<Sequence>& batch, std::int64_t after) const {
  const auto read = [&] { return own_frames(from, batch, after); };
  // What one rank of a group cannot read, none waits for.
  return data_.blocks && streams() ? prepare_together(data_.blocks->comm(), read) : read();
}

at::Tensor FieldTrainer::own_frames(const std::vector<Trajectory>& from,
                                    const std::vector<Sequence>& batch, std::int64_t after) const {
  at::Tensor all;
  for (std::size_t n = 0; n < batch.size(); ++n) {
    const at::Tensor frame = from[batch[n].trajectory].frame(batch[n].first + after);
    if (n == 0) {
      std::vector<std::int64_t> shape = frame.sizes().vec();
      shape.insert(shape.begin(), static_cast<std::int64_t>(batch.size()));
      all = at::empty(shape, frame.options());
    }
    all.select(0, static_cast<std::int64_t>(n)).copy_(frame);
  }
  return all.to(device_).contiguous(layout_);
}

at::Tensor FieldTrainer::beside(const std::vector<Trajectory>& from,
                                const std::vector<Sequence>& batch) const {
  std::vector<const Trajectory*> of;
  for (const Sequence& s : batch) of.push_back(&from[s.trajectory]);
  return conditions(of).to(device_).contiguous(layout_);
}

at::Tensor FieldTrainer::cell_weights(const std::vector<Trajectory>& from,
                                      const std::vector<Sequence>& batch) const {
  std::vector<at::Tensor> rows;
  for (const Sequence& s : batch) {
    const Trajectory& t = from[s.trajectory];
    if (!t.weights.defined()) return {};
    rows.push_back(t.weights.unsqueeze(0));
  }
  return at::stack(rows).to(device_);
}

// Each sequence has a generator of its own, named by its place in the whole batch, and draws on the CPU:
// the noise is the same on any number of ranks and on any device.
at::Tensor FieldTrainer::noisy(const at::Tensor& state, std::size_t first) const {
  if (params_.noise == 0) return state;
  const std::uint64_t step = core::mix(static_cast<std::uint64_t>(params_.seed), optimiser.steps);
  std::vector<at::Tensor> draws;
  for (std::int64_t n = 0; n < state.size(0); ++n) {
    auto random = generator(core::mix(step, first + static_cast<std::size_t>(n)));
    draws.push_back(data_.blocks
                        ? normal_draw_of_block(state.size(1), *data_.blocks, random)
                        : at::randn(state.sizes().slice(1), random, at::TensorOptions(at::kFloat)));
  }
  return state + at::stack(draws).to(device_) * (data_.scale * params_.noise);
}

std::vector<at::Tensor> FieldTrainer::all_weights(const std::vector<at::Tensor>& trained) const {
  const auto& specs = network.impl().specs;
  auto w = slices(network.impl().flat, specs);
  const std::size_t constants = w.size() - trained.size();
  for (std::size_t n = 0; n < w.size(); ++n)
    w[n] = n < constants ? w[n].to(device_) : trained[n - constants];
  return w;
}

at::Tensor FieldTrainer::next(const at::Tensor& state, const Moment&, const at::Tensor& constant,
                              const std::vector<at::Tensor>& weights) const {
  const at::Tensor input = at::cat({state.to(constant.scalar_type()), constant}, 1);
  const at::Tensor out = called(input.contiguous(layout_), weights).to(at::kFloat);
  return states() ? masked(out) : state + out * data_.scale;
}

at::Tensor FieldTrainer::called(const at::Tensor& input,
                                const std::vector<at::Tensor>& weights) const {
  const Architecture& architecture = *network.impl().architecture;
  return data_.blocks ? architecture.forward_on_blocks(input, weights, *data_.blocks)
                      : architecture.forward(input, weights);
}

double FieldTrainer::values_of_whole(const at::Tensor& of_block) const {
  double count = static_cast<double>(of_block.numel());
  for (int axis = 0; data_.blocks && axis < data_.blocks->dimension(); ++axis)
    count *= static_cast<double>(data_.blocks->global_cells(axis)) /
             static_cast<double>(data_.blocks->cells(axis));
  return std::round(count);
}

// The mean over the sequences of this rank; on blocks this rank's part of it, which sums to it over the group.
at::Tensor FieldTrainer::part_of_loss(const std::vector<Sequence>& batch, int unroll,
                                      std::size_t first) {
  at::Tensor state = noisy(frames(data_.train, batch, 0), first);
  const at::Tensor constant = beside(data_.train, batch);
  const at::ScalarType type = params_.precision == "bfloat16" ? at::kBFloat16 : at::kFloat;
  // Weights stay float32; their gradients pass through the conversion.
  const auto trained = in_type(all_weights(optimiser.weights()), network.impl().specs, type);
  const at::Tensor by = cell_weights(data_.train, batch);
  at::Tensor loss;
  for (int n = 1; n <= unroll; ++n) {
    state = next(state, {data_.train, batch, n - 1}, constant.to(type), trained);
    at::Tensor miss = state - frames(data_.train, batch, n);
    if (!states()) miss = miss / loss_scale_;
    const at::Tensor squares = weighed(miss.square(), by);
    const at::Tensor part =
        data_.blocks ? squares.sum() / values_of_whole(squares) : squares.mean();
    loss = n == 1 ? part : loss + part;
  }
  return loss / unroll;
}

std::span<const std::int64_t> FieldTrainer::own(std::span<const std::int64_t> batch) const {
  const Share mine = share(batch.size());
  return batch.subspan(mine.first, mine.count);
}

// As part_of_loss() asks for them.
void FieldTrainer::expect(std::span<const std::int64_t> sequences, std::size_t batch, int unroll) {
  if (!streams()) return;
  std::vector<FrameStream::Key> next;
  for (std::size_t first = 0; first < sequences.size(); first += batch) {
    const auto picked =
        pick(own(sequences.subspan(first, std::min(batch, sequences.size() - first))), unroll);
    for (int n = 0; n <= unroll; ++n)
      for (const Sequence& s : picked) next.push_back(data_.train[s.trajectory].key(s.first + n));
  }
  data_.stream->expect(std::move(next));
}

double FieldTrainer::step(const std::vector<std::int64_t>& indices, const StepPlan& plan) {
  const Share mine = share(indices.size());
  at::Tensor part;
  together([&] {
    if (mine.count > 0)
      part = part_of_loss(pick(own(indices), plan.unroll), plan.unroll, mine.first);
  });
  // Shares may be unequal: each counts by its size.
  if (part.defined() && mine.count < indices.size())
    part = part * (static_cast<double>(mine.count) / static_cast<double>(indices.size()));
  return descend(part, plan.rate);
}

std::vector<Sequence> FieldTrainer::validation_starts(long long windows) const {
  std::vector<Sequence> starts;
  for (std::size_t n = 0; n < data_.valid.size(); ++n)
    for (const std::int64_t first :
         first_frames_of_rollouts(params_, data_.valid[n].frames(), windows))
      starts.push_back({static_cast<int>(n), first});
  return starts;
}

RolloutErrors FieldTrainer::validate(const at::Tensor& flat) const {
  return validate_in(at::kFloat, flat);
}

std::vector<PrecisionCard> FieldTrainer::precision_errors(const at::Tensor& flat) const {
  std::vector<PrecisionCard> errors{{"float32", validate_in(at::kFloat, flat).score()}};
  if (comm().min(has_bfloat16() ? 1.0 : 0.0) > 0)
    errors.push_back({"bfloat16", validate_in(at::kBFloat16, flat).score()});
  return errors;
}

RolloutErrors FieldTrainer::validate_in(at::ScalarType type, const at::Tensor& flat) const {
  const c10::InferenceMode no_autograd;
  const auto& specs = network.impl().specs;
  const auto weights =
      in_type(all_weights(slices(flat, network.impl().trained_specs())), specs, type);
  const auto channels = static_cast<std::int64_t>(data_.card.fields.size());
  long long windows = params_.rollout_windows;
  for (const Trajectory& t : data_.valid) windows = std::min<long long>(windows, t.frames() - 1);
  const auto starts = validation_starts(windows);
  const auto count = static_cast<std::int64_t>(starts.size());
  // [one window, rollout, persistence][start, channel]; each rank (of a group the first one) fills the rows of its
  // starts, so that the sums do not depend on how many ranks there are.
  at::Tensor table = at::zeros({3, count, channels}, at::kDouble);
  const Share mine = share(starts.size());
  // As many at a time as a step takes of sequences: a validation wants no more memory than a step.
  const std::size_t most =
      std::max<std::size_t>(1, share(static_cast<std::size_t>(params_.batch)).count);
  together([&] {
    for (std::size_t done = 0; done < mine.count; done += most) {
      const std::size_t first = mine.first + done, here = std::min(most, mine.count - done);
      const auto begin = starts.begin() + static_cast<std::ptrdiff_t>(first);
      const std::vector<Sequence> some(begin, begin + static_cast<std::ptrdiff_t>(here));
      const at::Tensor rows = rollouts(some, windows, type, weights);
      if (data_.blocks && !data_.blocks->comm().is_root()) continue;
      table.narrow(1, static_cast<std::int64_t>(first), static_cast<std::int64_t>(here))
          .copy_(rows);
    }
  });
  comm().sum(std::span(table.data_ptr<double>(), static_cast<std::size_t>(table.numel())));
  const at::Tensor mean = table.mean(1);
  RolloutErrors result;
  result.windows = windows;
  for (std::int64_t c = 0; c < channels; ++c) {
    result.constant.push_back(data_.card.fields[c].constant);
    result.one_window.push_back(mean[0][c].item<double>());
    result.rollout.push_back(mean[1][c].item<double>() / static_cast<double>(windows));
    result.persistence.push_back(mean[2][c].item<double>() / static_cast<double>(windows));
  }
  return result;
}

// [one window, sum over windows, the same for persistence][start, channel], double, on the CPU.
at::Tensor FieldTrainer::rollouts(const std::vector<Sequence>& starts, long long windows,
                                  at::ScalarType type,
                                  const std::vector<at::Tensor>& weights) const {
  const auto channels = static_cast<std::int64_t>(data_.card.fields.size());
  if (streams()) {
    std::vector<FrameStream::Key> next;
    for (long long n = 0; n <= windows; ++n)
      for (const Sequence& s : starts) next.push_back(data_.valid[s.trajectory].key(s.first + n));
    data_.stream->expect(std::move(next));
  }
  const at::Tensor start = frames(data_.valid, starts, 0);
  at::Tensor mean = at::empty({channels}, at::kFloat), std = at::empty_like(mean);
  for (std::int64_t c = 0; c < channels; ++c) {
    mean.data_ptr<float>()[c] = static_cast<float>(data_.card.fields[c].mean);
    std.data_ptr<float>()[c] = static_cast<float>(data_.card.fields[c].std);
  }
  mean = per_channel(mean, start);
  std = per_channel(std, start);
  const at::Tensor by = cell_weights(data_.valid, starts);
  auto norm = [&](const at::Tensor& t) {
    const at::Tensor squares = weighed(t.square(), by).flatten(2).sum(2);
    return (data_.blocks ? sum_of_blocks(squares, *data_.blocks) : squares).sqrt();
  };
  auto errors = [&](const at::Tensor& state, const at::Tensor& truth) {  // [start, channel]
    const at::Tensor miss = norm((state - truth) * std), size = norm(truth * std + mean);
    const double values = values_of_whole(truth[0][0]);
    return relative_errors(miss, size, values, data_.card.fields).to(at::kCPU, at::kDouble);
  };
  const at::Tensor constant = beside(data_.valid, starts).to(type);
  at::Tensor state = masked(start), one;
  at::Tensor sum = at::zeros({start.size(0), channels}, at::kDouble), persistence = sum.clone();
  for (long long n = 1; n <= windows; ++n) {
    state = next(state, {data_.valid, starts, n - 1}, constant, weights);
    const at::Tensor truth = frames(data_.valid, starts, n);
    const at::Tensor now = errors(state, truth);
    if (n == 1) one = now.clone();
    sum += now;
    persistence += errors(start, truth);
  }
  return at::stack({one, sum, persistence});
}

}  // namespace understudy::surrogates
