#include "surrogates/arrays/array_map.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "surrogates/arrays/image_measures.hpp"
#include "surrogates/arrays/pair_file.hpp"
#include "surrogates/arrays/torch_array_map.hpp"
#include "surrogates/arrays/torch_array_scale.hpp"
#include "surrogates/arrays/torch_encoder_decoder.hpp"

namespace understudy::surrogates {

namespace {

std::string hash_of_weights(const std::filesystem::path& path) {
  return core::sha256(core::read_file(path)).substr(0, 16);
}

void require_count(std::span<const float> values, long long wanted, const ArrayInfo& side,
                   const std::string& what) {
  if (static_cast<long long>(values.size()) != wanted)
    throw core::UserError(core::format("{}: {} values are given; {} are expected for {}", what,
                                       values.size(), wanted, to_string(side)));
}

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor host = tensor.contiguous();
  const float* p = host.const_data_ptr<float>();
  return {p, p + host.numel()};
}

void require_side(const ArrayInfo& model, const ArrayInfo& run, const std::string& side) {
  const auto refuse = [&](const std::string& what) {
    throw core::UserError(
        core::format("the model's {} is {} and the run's is {}: another {}. Train a "
                     "model for this run, or name the one that was made for it",
                     side, to_string(model), to_string(run), what));
  };
  if (model.name != run.name) refuse("name");
  if (model.unit != run.unit) refuse("unit");
  if (model.shape != run.shape) refuse("shape");
}

}  // namespace

Network make_operator_network(const ArrayMapCard& card, long long seed) {
  NetworkParams params;
  params.kind = card.network.kind;
  params.precision = card.precision;
  return Network(params, make_encoder_decoder(card.network, card.input, card.output), seed);
}

ArrayMap make_operator_model(const ArrayMapCard& card, std::shared_ptr<Network> network) {
  auto impl = std::make_unique<ArrayMap::Impl>();
  impl->card = card;
  impl->network = std::move(network);
  impl->slices = slices(impl->network->impl().flat, impl->network->impl().specs);
  return ArrayMap(std::move(impl));
}

at::Tensor rows_over(const float* values, long long count, const ArrayInfo& side) {
  std::vector<std::int64_t> shape{count};
  shape.insert(shape.end(), side.shape.begin(), side.shape.end());
  return at::from_blob(const_cast<float*>(values), shape, at::kFloat);
}

ArrayMap::ArrayMap(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ArrayMap::~ArrayMap() = default;
ArrayMap::ArrayMap(ArrayMap&&) noexcept = default;
ArrayMap& ArrayMap::operator=(ArrayMap&&) noexcept = default;

ArrayMap::ArrayMap(const ArrayMapCard& card, const std::filesystem::path& weights) {
  auto network = std::make_shared<Network>(make_operator_network(card, card.seed));
  network->load_weights(weights);  // says what is missing or damaged
  const std::string hash = hash_of_weights(weights);
  if (hash != card.weights_hash)
    throw core::UserError(core::format(
        "{} has the hash {}, and the card beside it was written for weights of hash '{}': one of the "
        "two was exchanged, or a training was cut off between them; train the model anew",
        weights.string(), hash, card.weights_hash));
  *this = make_operator_model(card, std::move(network));
}

const ArrayMapCard& ArrayMap::card() const { return impl_->card; }
ArrayMapAccount ArrayMap::account() const { return impl_->account; }

std::vector<float> ArrayMap::predict(std::span<const float> inputs, long long n) const {
  const core::Stopwatch stopwatch;
  const ArrayMapCard& card = impl_->card;
  const std::string what = "prediction of " + card.name;
  require_count(inputs, n * card.input.count(), card.input, what);
  require_finite(inputs, card.input, what, 0);
  constexpr long long batch = 32;  // bounds the memory of the layers' values
  std::vector<float> outputs;
  outputs.reserve(static_cast<std::size_t>(n * card.output.count()));
  const at::NoGradGuard no_autograd;
  for (long long first = 0; first < n; first += batch) {
    const float* values = inputs.data() + first * card.input.count();
    const at::Tensor x =
        scaled(card.input_scale, rows_over(values, std::min(batch, n - first), card.input));
    const at::Tensor y =
        impl_->network->impl().infer(x.view({x.size(0), -1, x.size(-2), x.size(-1)}));
    const auto physical = values_of(unscaled(card.output_scale, y));
    outputs.insert(outputs.end(), physical.begin(), physical.end());
  }
  const double wall_s = stopwatch.seconds();
  impl_->account.predictions += n;
  impl_->account.predict_s += wall_s;
  impl_->account.core_s += wall_s * at::get_num_threads();
  return outputs;
}

std::vector<float> ArrayMap::vjp(std::span<const float> input,
                                 std::span<const float> cotangent) const {
  const core::Stopwatch stopwatch;
  const ArrayMapCard& card = impl_->card;
  const std::string what = "derivative of " + card.name;
  require_count(input, card.input.count(), card.input, what);
  require_count(cotangent, card.output.count(), card.output, what);
  require_finite(input, card.input, what, 0);
  require_finite(cotangent, card.output, what, 0);
  const at::AutoGradMode autograd(true);
  const at::Tensor values = rows_over(input.data(), 1, card.input);
  const at::Tensor x = scaled(card.input_scale, values).requires_grad_(true);
  const at::Tensor y = impl_->network->impl().architecture->forward(x, impl_->slices);
  y.backward(rows_over(cotangent.data(), 1, card.output) *
             unscaled_slope(card.output_scale, y.detach()));
  auto gradient = values_of(x.grad() * scaled_slope(card.input_scale, values));
  const double wall_s = stopwatch.seconds();
  impl_->account.derivatives += 1;
  impl_->account.derivative_s += wall_s;
  impl_->account.core_s += wall_s * at::get_num_threads();
  return gradient;
}

void ArrayMap::require(const ArrayInfo& input, const ArrayInfo& output) const {
  require_side(impl_->card.input, input, "input");
  require_side(impl_->card.output, output, "output");
}

ArrayMapErrors ArrayMap::measure(const PairDataset& data,
                                 const std::vector<long long>& samples) const {
  require(data.info.input, data.info.output);
  const ArrayMapCard& card = impl_->card;
  const ValueRange range{card.output.lowest, card.output.highest};
  const bool image = card.output.shape.size() == 2;
  ArrayMapErrors errors;
  errors.samples = static_cast<long long>(samples.size());
  double ssim = 0;
  for (const long long n : samples) {
    const auto truth = data.output(n);
    const auto predicted = predict(data.input(n));
    errors.mae += mean_absolute_error(predicted, truth, range);
    errors.rel_l2 += relative_l2(predicted, truth);
    if (image) ssim += structural_similarity(predicted, truth, card.output.shape[0], range);
  }
  if (samples.empty()) return errors;
  const auto count = static_cast<double>(samples.size());
  errors.mae /= count;
  errors.rel_l2 /= count;
  if (image) errors.ssim = ssim / count;
  return errors;
}

void ArrayMap::save(const std::filesystem::path& folder) {
  core::make_folder(folder, "model folder");
  impl_->network->save_weights(folder / "weights.safetensors");
  impl_->card.weights_hash = hash_of_weights(folder / "weights.safetensors");
  core::write_file(folder / "README.md", array_map_readme(impl_->card));
}

}  // namespace understudy::surrogates
