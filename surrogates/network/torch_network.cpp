#include "surrogates/network/torch_network.hpp"

#include <stdlib.h>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/processor.hpp"
#include "core/runtime.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/network/torch_convolution.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy::surrogates {

namespace {

// oneDNN's kernels for AVX2 and AVX-512 (3.5, beside LibTorch 2.6) give gradients that are not finite on AMD
// processors with AVX-512 (Zen 5), most with few channels; those for SSE4.1 are right. LibTorch's own
// convolutions are taken there, unless the user chooses kernels by ONEDNN_MAX_CPU_ISA.
void avoid_wrong_kernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_is("amd") && __builtin_cpu_supports("avx512f") &&
      getenv("ONEDNN_MAX_CPU_ISA") == nullptr)
    at::globalContext().setUserEnabledMkldnn(false);
#endif
}

}  // namespace

void set_up_torch() {
  static const bool once = [] {
    avoid_wrong_kernels();
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

std::vector<at::Tensor> in_type(std::vector<at::Tensor> weights,
                                const std::vector<WeightSpec>& specs, at::ScalarType type) {
  for (std::size_t n = 0; n < weights.size(); ++n)
    if (!specs[n].float32) weights[n] = weights[n].to(type);
  return weights;
}

bool has_bfloat16() {
  using Memory = Kokkos::DefaultExecutionSpace::memory_space;
  const bool gpu = torch_serves<Memory>() && torch_device<Memory>().is_cuda();
  return gpu || core::processor_has_bfloat16();
}

at::Tensor activate(const std::string& name, const at::Tensor& x) {
  if (name == "gelu") return at::gelu(x);
  return name == "relu" ? at::relu(x) : at::silu(x);
}

namespace {

// What makes it is its model folder (surrogates/fields/), and not a deck.
std::unique_ptr<Architecture> refuse_imported(const NetworkParams& params, const NetworkShape&) {
  throw core::UserError(core::format(
      "network.kind: {}: such a network was trained elsewhere and is not trained here; `understudy import` "
      "makes its model folder, and run, compare and calibrate use it",
      params.kind));
}

// How each kind is made, by its name in the table of network_kinds.cpp; mlp is for points and not there.
std::map<std::string, MakeArchitecture>& makers() {
  static std::map<std::string, MakeArchitecture> all{{"unet", make_unet},
                                                     {"fno", make_fno},
                                                     {"conv_autoencoder", make_autoencoder},
                                                     {"pod", make_pod},
                                                     {"dmd", make_pod},
                                                     {"correction", make_correction},
                                                     {"mlp", make_mlp},
                                                     {"imported", refuse_imported}};
  return all;
}

}  // namespace

void add_network(const NetworkKind& kind, MakeArchitecture make) {
  if (kind.name == "mlp")
    throw core::UserError("network.kind: 'mlp' cannot be added, it is the network of points");
  note_network_kind(kind);
  makers().emplace(kind.name, std::move(make));
}

namespace {

void require_panels(const std::string& kind, const SideKinds& sides) {
  if (std::ranges::find(sides, SideKind::joint) == sides.end() || network_kind(kind).panels) return;
  std::vector<std::string> serve;
  for (const NetworkKind& one : network_kinds())
    if (one.panels) serve.push_back(one.name);
  throw core::UserError(
      core::format("network.kind: {} does not know the panels of a cubed sphere; {} do", kind,
                   core::joined(serve)));
}

}  // namespace

std::unique_ptr<Architecture> make_architecture(const NetworkParams& params,
                                                const NetworkShape& shape) {
  require_panels(params.kind, shape.boundaries);
  const auto at = makers().find(params.kind);
  if (at != makers().end()) return at->second(params, shape);
  throw core::UserError(core::format("network.kind: '{}' is unknown; there are {}; mlp for points",
                                     params.kind, core::joined(network_kind_names())));
}

void require_size(const NetworkParams& params, const SideKinds& boundaries,
                  const std::vector<long long>& cells) {
  // Modes are fields on whatever grid the data have, and a program has the grid of its card (has_one_grid).
  if (is_latent(params) || is_imported(params)) return;
  NetworkShape shape;
  shape.prognostic = 1;
  shape.boundaries = boundaries;
  shape.cells = cells;
  make_architecture(params, shape)->require_cells(cells);
}

Network::Network(const NetworkParams& params, const NetworkShape& shape, long long seed)
    : Network(params, make_architecture(params, shape), seed) {
  impl_->shape = shape;
}

Network::Network(const NetworkParams& params, std::unique_ptr<Architecture> architecture,
                 long long seed)
    : impl_(std::make_unique<Impl>()) {
  set_up_torch();
  impl_->params = params;
  impl_->architecture = std::move(architecture);
  draw_weights(seed);
}

void Network::draw_weights(long long seed) {
  const NetworkParams& params = impl_->params;
  impl_->precision = params.precision == "bfloat16" ? "bfloat16" : "float32";
  impl_->layout = impl_->architecture->layout();
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
long long Network::block_multiple() const {
  const Architecture& a = *impl_->architecture;
  return a.serves_blocks() ? a.block_multiple() : 0;
}
double Network::operations(const std::vector<long long>& cells) const {
  return impl_->architecture->operations(cells);
}

at::Tensor Architecture::forward_on_blocks(const at::Tensor&, const std::vector<at::Tensor>&,
                                           const NetworkBlocks&) const {
  throw core::RunError("a network that does not serve blocks was called on them");
}

at::Tensor Network::Impl::infer(const at::Tensor& input, const NetworkBlocks* blocks) {
  const c10::InferenceMode no_autograd;
  const at::ScalarType type = precision == "bfloat16" ? at::kBFloat16 : at::kFloat;
  // Weights of as many axes as the layout has are convolutions' only where the kind likes channels-last.
  const auto weight_layout = architecture->layout() == at::MemoryFormat::Contiguous
                                 ? at::MemoryFormat::Contiguous
                                 : layout;
  if (!inference.empty() && inference.front().device() != input.device()) inference.clear();
  if (inference.empty())
    for (const at::Tensor& weight : in_type(slices(flat, specs), specs, type)) {
      const at::Tensor copy = weight.to(input.device(), weight.scalar_type(), false, true);
      inference.push_back(in_layout(copy, weight_layout));
    }
  const at::Tensor x = input.to(type).contiguous(layout);
  const at::Tensor y = blocks != nullptr ? architecture->forward_on_blocks(x, inference, *blocks)
                                         : architecture->forward(x, inference);
  return y.to(at::kFloat).contiguous();
}

std::vector<WeightSpec> Network::Impl::trained_specs() const {
  std::vector<WeightSpec> trained;
  for (const WeightSpec& spec : specs)
    if (spec.trained) trained.push_back(spec);
  return trained;
}

at::Tensor Network::Impl::trained() const {
  std::int64_t count = 0;
  for (const WeightSpec& spec : trained_specs()) count += spec.count();
  return flat.narrow(0, flat.numel() - count, count);
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
    throw core::UserError(core::format(
        "weights {} are of another network: {} tensors in the file, {} in the model card's {}",
        path.string(), content.tensors.size(), tensors.size(), impl_->params.kind));
  for (std::size_t n = 0; n < tensors.size(); ++n) {
    // By name: other programs write safetensors in an order of their own.
    const std::string& name = impl_->specs[n].name;
    const auto found =
        std::ranges::find(content.tensors, name, [](const auto& t) { return t.first; });
    if (found == content.tensors.end() || found->second.sizes() != tensors[n].sizes())
      throw core::UserError(core::format(
          "weights {} are of another network: tensor {} is {} in the file and {} in the model card's {}",
          path.string(), name,
          found == content.tensors.end() ? "missing" : c10::str(found->second.sizes()),
          c10::str(tensors[n].sizes()), impl_->params.kind));
    if (!at::isFloatingType(found->second.scalar_type()))
      throw core::UserError(
          core::format("weights {}: tensor {} is of type {}, which weights are not", path.string(),
                       name, c10::toString(found->second.scalar_type())));
    at::Tensor(tensors[n]).copy_(found->second);
  }
  impl_->forget_inference_copies();
}

}  // namespace understudy::surrogates
