// torch_latent_map.cpp and torch_autoencoder.cpp as graphs.
#include <ATen/ATen.h>

#include "core/format.hpp"
#include "surrogates/network/torch_padding.hpp"
#include "surrogates/portable/torch_network_graphs.hpp"

namespace understudy::surrogates {

namespace {

// W [z / s, 1] for the n-th power of the parameters: columns n (size + 1)...
Value linear_part(const NetworkToGraph& network, const Value& scaled, std::int64_t n) {
  const std::int64_t size = scaled.size(1);
  const at::Tensor w = network.values("latent.linear").narrow(1, n * (size + 1), size + 1);
  const std::string name = core::format("latent.linear{}", n);
  return linear(scaled, network.constant(name + ".weight", w.narrow(1, 0, size)),
                network.constant(name + ".bias", w.select(1, size)));
}

}  // namespace

Value latent_graph(const NetworkToGraph& network, const Value& z, const Value& q) {
  const NetworkParams& p = network.params;
  const Value scaled = z / network.weight("latent.scale");
  Value change = linear_part(network, scaled, 0);
  if (p.kind != "dmd" && p.latent_map == "mlp") {
    Value hidden = q.exists() ? concat({scaled, q}, 1) : scaled;
    for (int n = 0; n <= p.latent_layers; ++n) {
      const std::string name = core::format("latent.{}", n);
      hidden = linear(hidden, network.weight(name + ".weight"), network.weight(name + ".bias"));
      if (n < p.latent_layers) hidden = activate("silu", hidden);
    }
    change = change + hidden;
  } else if (q.exists()) {
    for (std::int64_t n = 0; n < q.size(1); ++n) {
      const Value value = slice(q, 1, n, n + 1);
      change = change + value * linear_part(network, scaled, 1 + 2 * n);
      change = change + value * value * linear_part(network, scaled, 2 + 2 * n);
    }
  }
  return z + network.weight("latent.increment") * change;
}

namespace {

class AutoencoderGraph {
 public:
  explicit AutoencoderGraph(const NetworkToGraph& network) : network_(network), p_(network.params) {
    const at::Tensor& spread = network.values("spread");
    std::vector<std::int64_t> channel(network.values("mean").dim() + 1, 1);
    channel[1] = -1;
    spread_ = network.constant("spread", spread.view(channel));
    mean_ = network.constant("mean", network.values("mean").unsqueeze(0));
  }

  Value whole(const GraphInputs& inputs) const {
    const Value z = latent_graph(network_, encoded(inputs.state), inputs.parameters);
    Value sum = mean_;
    for (int mode = 0; mode < p_.latent_size; ++mode) sum = sum + contribution(z, mode);
    return sum;
  }

 private:
  // (z,) y, x
  std::vector<std::int64_t> cells() const {
    return {mean_.shape().begin() + 2, mean_.shape().end()};
  }

  Value convolved(const std::string& name, const Value& x) const {
    return convolve(pad_sides(x, network_.shape.boundaries), network_.weight(name + ".weight"),
                    network_.weight(name + ".bias"));
  }
  Value dense(const std::string& name, const Value& x) const {
    return linear(x, network_.weight(name + ".weight"), network_.weight(name + ".bias"));
  }

  Value encoded(const Value& state) const {
    Value x = fold_patches(extended((state - mean_) / spread_, halving_multiple(p_)), p_.patch);
    for (int level = 0; level <= p_.levels; ++level) {
      x = activate(p_.activation, convolved(core::format("encoder.conv{}", level), x));
      if (level < p_.levels) x = halve(x);
    }
    std::int64_t count = 1;
    for (std::size_t axis = 1; axis < x.shape().size(); ++axis) count *= x.size(axis);
    return dense("encoder.dense", reshape(x, {-1, count}));
  }

  Value contribution(const Value& z, int mode) const {
    const std::string name = core::format("decoder{}.", mode);
    Value x = activate(p_.activation, dense(name + "dense", slice(z, 1, mode, mode + 1)));
    std::vector<std::int64_t> bottom{-1, p_.width};
    const std::int64_t multiple = halving_multiple(p_);
    for (const std::int64_t n : cells()) bottom.push_back((n + multiple - 1) / multiple);
    x = reshape(x, bottom);
    for (int level = 0; level < p_.levels; ++level)
      x = activate(p_.activation, convolved(name + core::format("conv{}", level), doubled(x)));
    x = unfold_patches(convolved(name + "head", x), p_.patch);
    return cut_to(x, cells()) * spread_;
  }

  const NetworkToGraph& network_;
  const NetworkParams& p_;
  Value spread_, mean_;
};

}  // namespace

Value autoencoder_graph(const NetworkToGraph& network, const GraphInputs& inputs) {
  return AutoencoderGraph(network).whole(inputs);
}

}  // namespace understudy::surrogates
