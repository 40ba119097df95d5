#include "surrogates/fields/torch_autoencoder_trainer.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include "core/error.hpp"
#include "surrogates/fields/torch_relative_error.hpp"
#include "surrogates/network/torch_pod.hpp"

namespace understudy::surrogates {

namespace {

// All frames of the trajectories, [frame, channel, (z,) y, x].
at::Tensor all_frames(const std::vector<Trajectory>& from) {
  std::vector<at::Tensor> frames;
  for (const Trajectory& t : from) frames.push_back(t.values);
  return at::cat(frames);
}

// The cells' weights beside them, [frame, 1, (z,) y, x]; undefined where cells are alike.
at::Tensor all_weights_of(const std::vector<Trajectory>& from) {
  std::vector<at::Tensor> weights;
  for (const Trajectory& t : from) {
    if (!t.weights.defined()) return {};
    std::vector<std::int64_t> each{t.frames(), 1};
    each.insert(each.end(), t.weights.dim(), -1);
    weights.push_back(t.weights.expand(each));
  }
  return at::cat(weights);
}

// The square roots of their mean over frames, [channel * (z *) y * x]; undefined where cells are alike.
at::Tensor root_weights(const std::vector<Trajectory>& from, std::int64_t channels) {
  const at::Tensor all = all_weights_of(from);
  if (!all.defined()) return {};
  return all.mean(0).sqrt().flatten().repeat({channels});
}

// Approximations and frames, normalised, [frame, channel, (z,) y, x] -> ||approximation - frame||_2 /
// ||frame||_2 in physical units by channel, mean over frames; `roots` of the cells' weights, or undefined.
std::vector<double> mean_errors(const at::Tensor& approximation, const at::Tensor& frames,
                                const at::Tensor& roots, const std::vector<FieldCard>& cards) {
  std::vector<at::Tensor> misses, sizes;
  const at::Tensor by = roots.defined() ? roots.select(1, 0).flatten(1) : roots;
  for (std::size_t c = 0; c < cards.size(); ++c) {
    const auto channel = static_cast<std::int64_t>(c);
    const at::Tensor truth = frames.select(1, channel).flatten(1);
    misses.push_back(
        weighed((approximation.select(1, channel).flatten(1) - truth) * cards[c].std, by)
            .norm(2, 1));
    sizes.push_back(weighed(truth * cards[c].std + cards[c].mean, by).norm(2, 1));
  }
  const auto values = static_cast<double>(frames.numel() / (frames.size(0) * frames.size(1)));
  const at::Tensor mean =
      relative_errors(at::stack(misses, 1), at::stack(sizes, 1), values, cards).mean(0);
  std::vector<double> errors;
  for (std::int64_t c = 0; c < mean.size(0); ++c) errors.push_back(mean[c].item<double>());
  return errors;
}

}  // namespace

AutoencoderTrainer::AutoencoderTrainer(TrainingData data, const NetworkParams& network_params,
                                       const TrainingParams& params, const core::Comm& comm)
    : FieldTrainer(std::move(data), network_params, params, comm) {
  fit();
}

const AutoencoderArchitecture& AutoencoderTrainer::autoencoder() const {
  return static_cast<const AutoencoderArchitecture&>(*network.impl().architecture);
}

void AutoencoderTrainer::fit() {
  const at::NoGradGuard no_autograd;
  const at::Tensor frames = all_frames(data_.train);
  const at::Tensor mean = frames.mean(0);
  std::vector<std::int64_t> but_channels{0};
  for (std::int64_t dimension = 2; dimension < frames.dim(); ++dimension)
    but_channels.push_back(dimension);
  const at::Tensor squares =
      weighed((frames - mean).square(), all_weights_of(data_.train)).mean(but_channels);
  energy_ = squares.mean().item<double>();
  if (!(energy_ > 0))
    throw core::UserError(
        "network.kind: conv_autoencoder finds modes of what changes, and the training frames are "
        "all the same");
  const auto w = slices(network.impl().flat, network.impl().specs);
  at::Tensor(w[AutoencoderArchitecture::mean]).copy_(mean);
  // A channel that does not change keeps the scale 1.
  at::Tensor(w[AutoencoderArchitecture::spread])
      .copy_(at::where(squares > 0, squares.sqrt(), at::ones_like(squares)));
  network.impl().forget_inference_copies();
}

at::Tensor AutoencoderTrainer::part_of_loss(const std::vector<Sequence>& batch, int unroll,
                                            std::size_t first) {
  const at::Tensor start = frames(data_.train, batch, 0);
  const at::Tensor constant = beside(data_.train, batch);
  const at::ScalarType type = params_.precision == "bfloat16" ? at::kBFloat16 : at::kFloat;
  const auto w = in_type(all_weights(optimiser.weights()), network.impl().specs, type);
  const at::Tensor q = autoencoder()
                           .parameters_of(at::cat({start, constant}, 1))
                           .to(w[AutoencoderArchitecture::mean].scalar_type());
  at::Tensor z = autoencoder().encode(noisy(start, first), w);
  const at::Tensor by = cell_weights(data_.train, batch);
  const auto size = [&](const at::Tensor& miss) { return weighed(miss.square(), by).mean(); };
  at::Tensor loss = size(masked(autoencoder().decode(z, w)) - start);
  for (int n = 1; n <= unroll; ++n) {
    z = autoencoder().step(z, q, w);
    const at::Tensor state = masked(autoencoder().decode(z, w));
    loss = loss + size(state - frames(data_.train, batch, n)) / unroll;
    if (n < unroll) z = autoencoder().encode(state, w);
  }
  return loss / energy_;
}

std::vector<ReconstructionCard> AutoencoderTrainer::reconstruction_errors(
    const at::Tensor& flat) const {
  const c10::InferenceMode no_autograd;
  const auto w = all_weights(slices(flat, network.impl().trained_specs()));
  const at::Tensor valid = all_frames(data_.valid);
  std::vector<at::Tensor> decoded;
  for (std::int64_t n = 0; n < valid.size(0); ++n) {
    const at::Tensor z = autoencoder().encode(masked(valid.narrow(0, n, 1).to(device_)), w);
    decoded.push_back(masked(autoencoder().decode(z, w)).cpu());
  }
  at::Tensor roots = all_weights_of(data_.valid);
  if (roots.defined()) roots = roots.sqrt();
  const auto model = mean_errors(at::cat(decoded), valid, roots, card.fields);

  const int modes = autoencoder().modes();
  const at::Tensor mean = w[AutoencoderArchitecture::mean].cpu().flatten();
  const at::Tensor root = root_weights(data_.train, valid.size(1));
  const at::Tensor basis = pod_basis(weighed(all_frames(data_.train).flatten(1) - mean, root),
                                     modes)
                               .modes;  // [mode, value]
  const at::Tensor coordinates = at::mm(weighed(valid.flatten(1) - mean, root), basis.t());
  at::Tensor linear = at::mm(coordinates, basis);
  if (root.defined()) linear = linear / root;
  linear = (linear + mean).view(valid.sizes());
  const auto pod = mean_errors(linear, valid, roots, card.fields);

  std::vector<ReconstructionCard> errors;
  for (std::size_t c = 0; c < card.fields.size(); ++c)
    errors.push_back({card.fields[c].name, modes, model[c], pod[c]});
  return errors;
}

}  // namespace understudy::surrogates
