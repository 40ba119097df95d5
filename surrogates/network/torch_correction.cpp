// The correction as a pure function of its weights: `layers` convolutions of 3 cells along each axis and `width`
// channels, each added to what it is given, between a first one that reads the state and a last one that begins
// at zero: an untrained correction is the coarse solver alone. It sees layers + 2 cells around each. In 2-D and
// 3-D, padded by what each side is (network.hpp), and told where the sides are.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/torch_block_padding.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_padding.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;

class Correction : public Architecture {
 public:
  Correction(const NetworkParams& params, const NetworkShape& shape)
      : p_(params), sides_(shape.boundaries), axes_(static_cast<int>(sides_.size()) / 2) {
    for (const SideKind kind : {SideKind::wall, SideKind::inflow, SideKind::open})
      if (std::ranges::count(sides_, kind) > 0) marked_.push_back(kind);
    convolution("stem", shape.inputs() + static_cast<int>(marked_.size()), p_.width);
    for (int n = 0; n < p_.layers; ++n)
      convolution("layer" + std::to_string(n), p_.width, p_.width);
    convolution("head", p_.width, shape.prognostic);
    for (auto& spec : specs_)
      if (spec.name.starts_with("head.")) spec.bound = 0;
  }

  std::vector<WeightSpec> weights() const override { return specs_; }

  Tensor forward(const Tensor& input, const std::vector<Tensor>& w) const override {
    return evaluate(input, w, nullptr);
  }

  bool serves_blocks() const override { return true; }
  Tensor forward_on_blocks(const Tensor& input, const std::vector<Tensor>& w,
                           const NetworkBlocks& blocks) const override {
    return evaluate(input, w, &blocks);
  }

  double operations(const std::vector<long long>& cells) const override {
    double total = 0;
    for (const WeightSpec& spec : specs_)
      if (spec.shape.size() > 1) total += 2.0 * static_cast<double>(spec.count());
    for (const long long n : cells) total *= static_cast<double>(n);
    return total;
  }

  at::MemoryFormat layout() const override {
    return axes_ == 2 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  }

 private:
  // `blocks`: the input is a block of the whole; null: it is the whole.
  Tensor evaluate(const Tensor& input, const std::vector<Tensor>& w,
                  const NetworkBlocks* blocks) const {
    Tensor x = marked_.empty() ? input : at::cat({input, marks(input, blocks)}, 1);
    x = activate(p_.activation, convolve(x, w, 0, blocks));
    for (int n = 1; n <= p_.layers; ++n) x = x + activate(p_.activation, convolve(x, w, n, blocks));
    return convolve(x, w, p_.layers + 1, blocks);
  }

  void convolution(const std::string& name, int in, int out) {
    std::vector<std::int64_t> shape{out, in};
    shape.insert(shape.end(), axes_, 3);
    specs_.push_back({name + ".weight", shape, std::sqrt(6.0 / (in * std::pow(3.0, axes_)))});
    specs_.push_back({name + ".bias", {out}, 0});
  }

  Tensor convolve(const Tensor& x, const std::vector<Tensor>& w, int n,
                  const NetworkBlocks* blocks) const {
    const Tensor wide = blocks       ? pad_block(x, sides_, *blocks)
                        : axes_ == 2 ? pad_sides(x, sides_)
                                     : padded(x);
    const Tensor &weight = w.at(2 * n), &bias = w.at(2 * n + 1);
    return axes_ == 2 ? at::conv2d(wide, weight, bias) : at::conv3d(wide, weight, bias);
  }

  // pad_sides of three axes, x first.
  Tensor padded(Tensor x) const {
    for (int axis = 0; axis < 3; ++axis) {
      const std::int64_t dimension = 4 - axis, n = x.size(dimension);
      const auto ghost = [&](int side) {
        const bool upper = side % 2 == 1;
        switch (sides_.at(side)) {
          case SideKind::periodic:
            return x.narrow(dimension, upper ? 0 : n - 1, 1);
          case SideKind::wall:
            return x.narrow(dimension, n == 1 ? 0 : upper ? n - 2 : 1, 1);
          case SideKind::open:
            return x.narrow(dimension, upper ? n - 1 : 0, 1);
          default:
            return at::zeros_like(x.narrow(dimension, 0, 1));
        }
      };
      x = at::cat({ghost(2 * axis), x, ghost(2 * axis + 1)}, dimension);
    }
    return x;
  }

  // [batch, kind, (z,) y, x]: 1 in the cells beside a side of that kind.
  Tensor marks(const Tensor& input, const NetworkBlocks* blocks) const {
    std::vector<std::int64_t> shape = input.sizes().vec();
    shape[1] = static_cast<std::int64_t>(marked_.size());
    Tensor all = at::zeros(shape, input.options());
    for (std::size_t n = 0; n < marked_.size(); ++n) {
      const Tensor one = all.select(1, static_cast<std::int64_t>(n));
      for (int side = 0; side < 2 * axes_; ++side)
        if (sides_.at(side) == marked_[n] && (!blocks || blocks->across(side) < 0))
          one.select(axes_ - side / 2, side % 2 == 0 ? 0 : -1).fill_(1);
    }
    return axes_ == 2 ? all.contiguous(input.suggest_memory_format()) : all;
  }

  NetworkParams p_;
  SideKinds sides_;
  int axes_;
  std::vector<SideKind> marked_;  ///< kinds of side that have a channel of marks
  std::vector<WeightSpec> specs_;
};

}  // namespace

std::unique_ptr<Architecture> make_correction(const NetworkParams& params,
                                              const NetworkShape& shape) {
  if (shape.boundaries.size() != 4 && shape.boundaries.size() != 6)
    throw core::UserError(core::format(
        "network.kind: correction serves 2-D and 3-D boxes; this grid has {} dimensions",
        shape.boundaries.size() / 2));
  return std::make_unique<Correction>(params, shape);
}

}  // namespace understudy::surrogates
