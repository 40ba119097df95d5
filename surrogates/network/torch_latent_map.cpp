#include "surrogates/network/torch_latent_map.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

double uniform_bound(std::int64_t inputs) { return 1 / std::sqrt(static_cast<double>(inputs)); }

}  // namespace

std::vector<WeightSpec> LatentMap::constants() const {
  return {{"latent.scale", {size}, 0, false, false}, {"latent.increment", {size}, 0, false, false}};
}

std::vector<WeightSpec> LatentMap::weights() const {
  const std::int64_t powers = kind == "linear" ? 1 + 2 * parameters : 1;
  std::vector<WeightSpec> specs{{"latent.linear", {size, powers * (size + 1)}, 0}};
  if (kind == "linear") return specs;
  std::int64_t inputs = size + parameters;
  for (int n = 0; n <= layers; ++n) {
    const std::int64_t outputs = n == layers ? size : width;
    // The last layer starts at zero: an untrained map stands still.
    const double bound = n == layers ? 0 : uniform_bound(inputs);
    specs.push_back({core::format("latent.{}.weight", n), {outputs, inputs}, bound});
    specs.push_back({core::format("latent.{}.bias", n), {outputs}, bound});
    inputs = outputs;
  }
  return specs;
}

at::Tensor LatentMap::linear_inputs(const at::Tensor& scaled, const at::Tensor& q) const {
  const at::Tensor one = at::cat({scaled, at::ones({scaled.size(0), 1}, scaled.options())}, 1);
  if (kind != "linear") return one;
  std::vector<at::Tensor> columns{one};
  for (std::int64_t p = 0; p < parameters; ++p) {
    const at::Tensor value = q.narrow(1, p, 1);
    columns.push_back(one * value);
    columns.push_back(one * value.square());
  }
  return at::cat(columns, 1);
}

at::Tensor LatentMap::step(const at::Tensor& z, const at::Tensor& q, const at::Tensor* w) const {
  const at::Tensor &scale = w[0], &increment = w[1];
  const at::Tensor scaled = z / scale;
  at::Tensor change = at::linear(linear_inputs(scaled, q), w[2]);
  if (kind == "mlp") {
    at::Tensor hidden = parameters > 0 ? at::cat({scaled, q}, 1) : scaled;
    for (int n = 0; n <= layers; ++n) {
      hidden = at::linear(hidden, w[3 + 2 * n], w[4 + 2 * n]);
      if (n < layers) hidden = at::silu(hidden);
    }
    change = change + hidden;
  }
  return z + increment * change;
}

std::vector<float> floats_of(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kCPU, at::kFloat).contiguous();
  return {values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel()};
}

LatentHostMap host_map(const LatentMap& map, const std::vector<at::Tensor>& w,
                       const std::vector<float>& q) {
  LatentHostMap host;
  host.mlp = map.kind == "mlp";
  host.scale = floats_of(w[0]);
  host.increment = floats_of(w[1]);
  host.q.assign(q.begin(), q.begin() + map.parameters);
  host.linear = DenseLayer(floats_of(w[2]), {}, static_cast<int>(w[2].size(1)));
  for (int n = 0; host.mlp && n <= map.layers; ++n)
    host.hidden.emplace_back(floats_of(w[3 + 2 * n]), floats_of(w[4 + 2 * n]),
                             static_cast<int>(w[3 + 2 * n].size(1)));
  return host;
}

}  // namespace understudy::surrogates
