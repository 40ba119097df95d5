// The multilayer perceptron as a pure function of its weights; point_model.hpp says what it computes.
#include <ATen/ATen.h>

#include <cmath>

#include "core/error.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy::surrogates {

namespace {

class Mlp : public Architecture {
 public:
  Mlp(const NetworkParams& params, const NetworkShape& shape) : p_(params) {
    int in = shape.inputs();
    for (int layer = 0; layer < p_.depth; ++layer, in = p_.width)
      dense("hidden" + std::to_string(layer), in, p_.width, std::sqrt(6.0 / in));
    dense("out", in, shape.point_outputs, std::sqrt(1.0 / in));
  }

  std::vector<WeightSpec> weights() const override { return specs_; }

  /// [point, input] -> [point, output]
  at::Tensor forward(const at::Tensor& input, const std::vector<at::Tensor>& w) const override {
    at::Tensor x = input;
    for (int layer = 0; layer < p_.depth; ++layer)
      x = activate(at::linear(x, w[2 * layer], w[2 * layer + 1]));
    return at::linear(x, w[2 * p_.depth], w[2 * p_.depth + 1]);
  }

  /// Of as many points as the product of `cells`.
  double operations(const std::vector<long long>& cells) const override {
    double weights = 0;
    for (const WeightSpec& spec : specs_)
      if (spec.shape.size() == 2) weights += static_cast<double>(spec.count());
    double points = 1;
    for (const long long count : cells) points *= static_cast<double>(count);
    return 2 * weights * points;
  }

 private:
  // He et al. 2015: keeps the variance through a rectifier-like activation.
  void dense(const std::string& name, int in, int out, double bound) {
    specs_.push_back({name + ".weight", {out, in}, bound});
    specs_.push_back({name + ".bias", {out}, 0});
  }

  at::Tensor activate(const at::Tensor& x) const {
    if (p_.activation == "silu") return at::silu(x);
    if (p_.activation == "gelu") return at::gelu(x);
    if (p_.activation == "tanh") return at::tanh(x);
    return at::relu(x);
  }

  NetworkParams p_;
  std::vector<WeightSpec> specs_;
};

}  // namespace

std::unique_ptr<Architecture> make_mlp(const NetworkParams& params, const NetworkShape& shape) {
  if (shape.point_outputs < 1)
    throw core::UserError(
        "network.kind: mlp serves batches of points (app: points), not fields on a grid");
  return std::make_unique<Mlp>(params, shape);
}

}  // namespace understudy::surrogates
