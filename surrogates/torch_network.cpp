#include "surrogates/torch_network.hpp"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include <format>

#include "core/error.hpp"
#include "core/runtime.hpp"
#include "surrogates/torch_archive.hpp"
#include "surrogates/torch_view.hpp"

namespace understudy::surrogates {

void set_up_torch() {
  static const bool once = [] {
    at::set_num_threads(core::Runtime::threads());
    return true;
  }();
  (void)once;
}

TrainingThreads::TrainingThreads(int wanted)
    : before_(at::get_num_threads()), count_(wanted > 0 ? wanted : core::Runtime::most_threads()) {
  at::set_num_threads(count_);
}

TrainingThreads::~TrainingThreads() { at::set_num_threads(before_); }

TorchInfo torch_info() {
  set_up_torch();
  using Memory = Kokkos::DefaultExecutionSpace::memory_space;
  const std::string device =
      torch_serves<Memory>()
          ? torch_device<Memory>().str()
          : "cpu (this LibTorch has no GPU: fields are copied to the host and back in each call)";
  return {TORCH_VERSION, device, at::get_num_threads()};
}

at::Generator generator(std::uint64_t seed) {
  return at::make_generator<at::CPUGeneratorImpl>(seed);
}

std::int64_t WeightSpec::count() const {
  std::int64_t n = 1;
  for (const auto length : shape) n *= length;
  return n;
}

std::vector<at::Tensor> slices(const at::Tensor& flat, const std::vector<WeightSpec>& specs) {
  std::vector<at::Tensor> tensors;
  std::int64_t start = 0;
  for (const WeightSpec& spec : specs) {
    tensors.push_back(flat.narrow(0, start, spec.count()).view(spec.shape));
    start += spec.count();
  }
  return tensors;
}

std::unique_ptr<Architecture> make_architecture(const NetworkParams& params,
                                                const NetworkShape& shape) {
  if (params.kind == "mlp") return make_mlp(params, shape);
  if (shape.boundaries.size() != 4)
    throw core::UserError(
        std::format("network.kind: {} serves 2-D grids only; this grid has {} dimensions",
                    params.kind, shape.boundaries.size() / 2));
  if (params.kind == "unet") return make_unet(params, shape);
  throw core::UserError(std::format("network.kind: '{}' is unknown; there is unet", params.kind));
}

Network::Network(const NetworkParams& params, const NetworkShape& shape, long long seed)
    : impl_(std::make_unique<Impl>()) {
  set_up_torch();
  impl_->params = params;
  impl_->shape = shape;
  impl_->architecture = make_architecture(params, shape);
  impl_->specs = impl_->architecture->weights();
  std::int64_t count = 0;
  for (const WeightSpec& spec : impl_->specs) count += spec.count();
  impl_->flat = at::zeros({count}, at::kFloat);
  const auto tensors = slices(impl_->flat, impl_->specs);
  auto random = generator(static_cast<std::uint64_t>(seed));
  for (std::size_t n = 0; n < tensors.size(); ++n) {
    const double bound = impl_->specs[n].bound;
    if (bound > 0) at::Tensor(tensors[n]).uniform_(-bound, bound, random);
    if (bound < 0) at::Tensor(tensors[n]).fill_(1);
  }
}

Network::~Network() = default;
Network::Network(Network&&) noexcept = default;

const NetworkParams& Network::params() const { return impl_->params; }
const NetworkShape& Network::shape() const { return impl_->shape; }
long long Network::weight_count() const { return impl_->flat.numel(); }
double Network::operations(int width, int height) const {
  return impl_->architecture->operations(width, height);
}

at::Tensor Network::Impl::infer(const at::Tensor& input) {
  const c10::InferenceMode no_autograd;
  const at::ScalarType type = params.precision == "bfloat16" ? at::kBFloat16 : at::kFloat;
  if (!inference.empty() && inference.front().device() != input.device()) inference.clear();
  if (inference.empty())
    for (const at::Tensor& weight : slices(flat, specs)) {
      const at::Tensor copy = weight.to(input.device(), type, false, true);
      inference.push_back(copy.dim() == 4 ? copy.contiguous(at::MemoryFormat::ChannelsLast) : copy);
    }
  const at::Tensor x = input.to(type).contiguous(at::MemoryFormat::ChannelsLast);
  return architecture->forward(x, inference).to(at::kFloat).contiguous();
}

void Network::save_weights(const std::filesystem::path& path) const {
  NamedTensors content;
  const auto tensors = slices(impl_->flat, impl_->specs);
  for (std::size_t n = 0; n < tensors.size(); ++n)
    content.tensors.emplace_back(impl_->specs[n].name, tensors[n].clone());
  content.texts["kind"] = impl_->params.kind;
  write_archive(path, content);
}

void Network::load_weights(const std::filesystem::path& path) {
  const NamedTensors content = read_archive(path, "weights");
  const auto tensors = slices(impl_->flat, impl_->specs);
  if (content.tensors.size() != tensors.size())
    throw core::UserError(std::format(
        "weights {} are of another network: {} tensors in the file, {} in the model card's {}",
        path.string(), content.tensors.size(), tensors.size(), impl_->params.kind));
  for (std::size_t n = 0; n < tensors.size(); ++n) {
    const auto& [name, tensor] = content.tensors[n];
    if (name != impl_->specs[n].name || tensor.sizes() != tensors[n].sizes())
      throw core::UserError(std::format(
          "weights {} are of another network: tensor {} is {} {} in the file and {} {} in the model "
          "card's {}",
          path.string(), n + 1, name, c10::str(tensor.sizes()), impl_->specs[n].name,
          c10::str(tensors[n].sizes()), impl_->params.kind));
    at::Tensor(tensors[n]).copy_(tensor);
  }
  impl_->forget_inference_copies();
}

}  // namespace understudy::surrogates
