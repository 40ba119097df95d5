// Sizes. The encoder halves (rounding up) the longer axis while it is more than 1.3 times the other, then
// both while one is longer than 9; the decoder takes the same steps from the output's size down to at most
// 5, backwards: nearest-neighbour doubling, of which a last row or column is cut off where the size was
// odd. [5, 250, 70] is encoded as 125 x 70, 63 x 70, 32 x 35, 16 x 18, 8 x 9 and `latent` x 1 x 1, and
// [70, 70] decoded as 5 x 5, 9 x 9, 18 x 18, 35 x 35, 70 x 70.
//
// Channels: `width` at the first halving (at the finest level of the decoder), doubled at each, up to
// `max_width`.
#include "surrogates/arrays/torch_encoder_decoder.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;
using Size = std::array<std::int64_t, 2>;  ///< height (time, depth), width (x)

struct Layer {
  Size kernel{3, 3}, stride{1, 1}, padding{1, 1};
  Size doubled_to{0, 0};        ///< size after doubling, before the convolution; 0: none
  std::int64_t unfold_to[3]{};  ///< dense layer: channels, height, width of what it makes; 0: none
  bool activated = true;
};

struct Step {
  Size before, after;  ///< of one halving
  bool both() const { return before[0] != after[0] && before[1] != after[1]; }
};

std::vector<Step> halvings(Size size, std::int64_t at_most) {
  std::vector<Step> steps;
  const auto half = [](std::int64_t n) { return (n + 1) / 2; };
  const auto step = [&](bool high, bool wide) {
    const Size after{high ? half(size[0]) : size[0], wide ? half(size[1]) : size[1]};
    steps.push_back({size, after});
    size = after;
  };
  const auto longer = [](std::int64_t a, std::int64_t b) { return 10 * a > 13 * b; };
  while (longer(size[0], size[1]) && size[0] > at_most) step(true, false);
  while (longer(size[1], size[0]) && size[1] > at_most) step(false, true);
  while (std::max(size[0], size[1]) > at_most) step(true, true);
  return steps;
}

struct Image {
  std::int64_t channels;
  Size size;
};

Image image_of(const ArrayInfo& side) {
  if (side.shape.size() == 2) return {1, {side.shape[0], side.shape[1]}};
  if (side.shape.size() == 3) return {side.shape[0], {side.shape[1], side.shape[2]}};
  throw core::UserError(core::format(
      "{} has {} axes; the encoder-decoders take two (an image) or three (channels of images)",
      to_string(side), side.shape.size()));
}

class EncoderDecoder : public Architecture {
 public:
  EncoderDecoder(const ArrayMapNetworkParams& params, const ArrayInfo& input,
                 const ArrayInfo& output)
      : p_(params),
        out_shape_(output.shape.begin(), output.shape.end()),
        in_(image_of(input)),
        out_(image_of(output)) {
    encode();
    decode();
  }

  std::vector<WeightSpec> weights() const override { return specs_; }
  at::MemoryFormat layout() const override { return at::MemoryFormat::ChannelsLast; }
  double operations(const std::vector<long long>&) const override { return operations_; }

  Tensor forward(const Tensor& input, const std::vector<Tensor>& w) const override {
    const std::int64_t batch = input.size(0);
    Tensor x = input.reshape({batch, in_.channels, in_.size[0], in_.size[1]})
                   .contiguous(at::MemoryFormat::ChannelsLast);
    std::size_t next = 0;
    for (const Layer& layer : layers_) {
      if (layer.doubled_to[0] > 0) x = doubled(x, layer.doubled_to);
      const Tensor& weight = w.at(next++);
      const Tensor& bias = w.at(next++);
      x = at::conv2d(x, weight, bias, layer.stride, layer.padding);
      if (layer.unfold_to[0] > 0)
        x = x.reshape({batch, layer.unfold_to[0], layer.unfold_to[1], layer.unfold_to[2]})
                .contiguous(at::MemoryFormat::ChannelsLast);
      if (!layer.activated) continue;
      if (p_.norm == "group") {
        const Tensor& scale = w.at(next++);
        const Tensor& shift = w.at(next++);
        x = at::group_norm(x, groups(x.size(1)), scale, shift);
      }
      x = activated(x);
    }
    x = unfolded(x);
    if (p_.kind == "inversion_net") x = at::tanh(x);
    std::vector<std::int64_t> shape{batch};
    shape.insert(shape.end(), out_shape_.begin(), out_shape_.end());
    return x.reshape(shape);
  }

 private:
  static std::int64_t groups(std::int64_t channels) {
    std::int64_t n = std::max<std::int64_t>(1, channels / 16);
    while (channels % n != 0) --n;
    return n;
  }

  Tensor activated(const Tensor& x) const {
    return p_.activation == "leaky" ? at::leaky_relu(x, 0.2) : activate(p_.activation, x);
  }

  static Tensor doubled(const Tensor& x, const Size& to) {
    const Size from{x.size(2), x.size(3)};
    const Size twice{from[0] < to[0] ? 2 * from[0] : from[0],
                     from[1] < to[1] ? 2 * from[1] : from[1]};
    return at::upsample_nearest2d(x, twice).narrow(2, 0, to[0]).narrow(3, 0, to[1]);
  }

  // [batch, channel x patch, y, x] -> [batch, channel, y, x] of the output's size.
  Tensor unfolded(const Tensor& x) const {
    const std::int64_t py = p_.patch[0], px = p_.patch[1], h = x.size(2), w = x.size(3);
    if (py * px == 1) return x;
    return x.reshape({x.size(0), out_.channels, py, px, h, w})
        .permute({0, 1, 4, 2, 5, 3})
        .reshape({x.size(0), out_.channels, h * py, w * px})
        .narrow(2, 0, out_.size[0])
        .narrow(3, 0, out_.size[1]);
  }

  // Channels after so many halvings.
  std::int64_t channels(std::size_t level, int width) const {
    return std::min<std::int64_t>(static_cast<std::int64_t>(width)
                                      << std::min<std::size_t>(level, 20),
                                  std::max(p_.max_width, width));
  }

  void add(const std::string& name, std::int64_t in, std::int64_t out, const Layer& layer,
           const Size& result) {
    const std::int64_t fan = in * layer.kernel[0] * layer.kernel[1];
    // He et al. 2015: keeps the variance through a rectifier-like activation.
    const double bound = std::sqrt((layer.activated ? 6.0 : 3.0) / static_cast<double>(fan));
    const std::int64_t made =
        layer.unfold_to[0] > 0 ? out * layer.unfold_to[1] * layer.unfold_to[2] : out;
    specs_.push_back({name + ".weight", {made, in, layer.kernel[0], layer.kernel[1]}, bound});
    specs_.push_back({name + ".bias", {made}, 0});
    if (layer.activated && p_.norm == "group") {
      specs_.push_back({name + ".scale", {out}, -1});
      specs_.push_back({name + ".shift", {out}, 0});
    }
    layers_.push_back(layer);
    const double points = layer.unfold_to[0] > 0 ? 1.0 : static_cast<double>(result[0] * result[1]);
    operations_ += 2.0 * static_cast<double>(fan * made) * points;
  }

  // Kernels are as long as wanted along axes that are halved alone, and 1 along the other.
  static Layer along(const Step& step, std::int64_t length, bool halve) {
    Layer layer;
    for (int axis = 0; axis < 2; ++axis) {
      const bool works = step.both() || step.before[axis] != step.after[axis];
      layer.kernel[axis] = works ? length : 1;
      layer.padding[axis] = layer.kernel[axis] / 2;
      layer.stride[axis] = halve && step.before[axis] != step.after[axis] ? 2 : 1;
    }
    return layer;
  }

  void encode() {
    std::int64_t from = in_.channels;
    Size size = in_.size;
    const auto steps = halvings(in_.size, 9);
    for (std::size_t n = 0; n < steps.size(); ++n) {
      const std::int64_t to = channels(n, p_.encoder_width > 0 ? p_.encoder_width : p_.width);
      const std::string name = "encode" + std::to_string(n);
      const bool wide = n == 0 && !steps[n].both();
      size = steps[n].after;
      add(name + ".halve", from, to, along(steps[n], wide ? 7 : 3, true), size);
      for (int k = 0; k < p_.depth && !wide; ++k)
        add(name + ".conv" + std::to_string(k), to, to, along(steps[n], 3, false), size);
      from = to;
    }
    Layer all;
    all.kernel = size;
    all.padding = {0, 0};
    add("latent", from, p_.latent, all, {1, 1});
  }

  void decode() {
    const Size coarse{(out_.size[0] + p_.patch[0] - 1) / p_.patch[0],
                      (out_.size[1] + p_.patch[1] - 1) / p_.patch[1]};
    const auto steps = halvings(coarse, 5);
    const Size seed = steps.empty() ? coarse : steps.back().after;
    const std::size_t levels = steps.size();
    std::int64_t from = channels(levels, p_.width);
    Layer dense;
    dense.kernel = {1, 1};
    dense.padding = {0, 0};
    dense.unfold_to[0] = from;
    dense.unfold_to[1] = seed[0];
    dense.unfold_to[2] = seed[1];
    add("seed", p_.latent, from, dense, seed);
    add("seed.conv", from, from, Layer{}, seed);
    for (std::size_t n = levels; n-- > 0;) {
      const std::int64_t to = channels(n, p_.width);
      const std::string name = "decode" + std::to_string(n);
      Layer doubling;
      doubling.doubled_to = steps[n].before;
      add(name + ".double", from, to, doubling, steps[n].before);
      for (int k = 0; k < p_.depth; ++k)
        add(name + ".conv" + std::to_string(k), to, to, Layer{}, steps[n].before);
      from = to;
    }
    Layer last;
    last.activated = false;
    add("last", from, out_.channels * p_.patch[0] * p_.patch[1], last, coarse);
  }

  ArrayMapNetworkParams p_;
  std::vector<std::int64_t> out_shape_;
  Image in_, out_;
  std::vector<Layer> layers_;
  std::vector<WeightSpec> specs_;
  double operations_ = 0;  ///< of one sample
};

}  // namespace

std::unique_ptr<Architecture> make_encoder_decoder(const ArrayMapNetworkParams& params,
                                                   const ArrayInfo& input,
                                                   const ArrayInfo& output) {
  return std::make_unique<EncoderDecoder>(params, input, output);
}

}  // namespace understudy::surrogates
