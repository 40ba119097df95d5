// torch_unet.cpp on boxes, as a graph.
#include <ATen/ATen.h>

#include "surrogates/network/torch_padding.hpp"
#include "surrogates/portable/torch_network_graphs.hpp"

namespace understudy::surrogates {

namespace {

class UnetGraph {
 public:
  explicit UnetGraph(const NetworkToGraph& network) : network_(network), p_(network.params) {}

  Value on_boxes(const Value& input) const {
    Value x = fold_patches(extended(with_marks(input), halving_multiple(p_)), p_.patch);
    x = active(convolved("stem", x, 3));
    std::vector<Value> skips;
    for (int level = 0; level < p_.levels; ++level) {
      x = residual("down" + std::to_string(level), x);
      skips.push_back(x);
      x = halve(x);
    }
    x = residual("bottom", x);
    for (int level = p_.levels - 1; level >= 0; --level) {
      x = doubled(convolved("lift" + std::to_string(level), x, 1));
      x = residual("up" + std::to_string(level), concat({x, skips[level]}, 1));
    }
    x = unfold_patches(convolved("head", x, 3), p_.patch);
    x = cut_to(x, {input.shape().begin() + 2, input.shape().end()});
    if (p_.patch == 1) return x;
    const Value refined = active(convolved("refine0", concat({x, input}, 1), 3));
    return x + convolved("refine1", refined, 3);
  }

 private:
  Value active(const Value& x) const { return activate(p_.activation, x); }

  Value convolved(const std::string& name, const Value& x, int size) const {
    return convolve(size == 3 ? pad_sides(x, network_.shape.boundaries) : x,
                    network_.weight(name + ".weight"), network_.weight(name + ".bias"));
  }

  // A channel for each kind of side that is not periodic: 1 in the cells beside such sides.
  Value with_marks(const Value& input) const {
    const SideKinds& sides = network_.shape.boundaries;
    if (marked_kinds(sides).empty()) return input;
    std::vector<std::int64_t> one = input.shape();
    one[0] = 1;
    const at::Tensor marks = side_marks(at::empty(one), sides);
    return concat({input, repeat(input, network_.constant("side_marks", marks))}, 1);
  }

  // Group normalisation (Wu & He 2018), eps as torch has it.
  Value normalised(const std::string& name, const Value& x) const {
    if (p_.norm != "group") return x;
    const std::int64_t channels = x.size(1);
    std::int64_t groups = 8, points = 1;
    while (channels % groups != 0) groups /= 2;
    for (std::size_t axis = 2; axis < x.shape().size(); ++axis) points *= x.size(axis);
    const Value rows = reshape(x, {-1, groups, channels / groups * points});
    const Value centred = rows - mean(rows, {2});
    const Value spread =
        unary(Operation::sqrt, mean(centred * centred, {2}) + network_.graph.number(1e-5));
    const auto by_channel = [&](const std::string& weight) {
      std::vector<std::int64_t> shape(x.shape().size(), 1);
      shape[1] = channels;
      return network_.constant(weight, network_.values(weight).view(shape));
    };
    return reshape(centred / spread, x.shape()) * by_channel(name + ".scale") +
           by_channel(name + ".shift");
  }

  // x -> act(skip(x) + conv(act(conv(x))))
  Value residual(const std::string& name, const Value& x) const {
    const auto layer = [&](const std::string& conv, const Value& in) {
      return normalised(conv, convolved(conv, in, 3));
    };
    const Value y = layer(name + ".conv1", active(layer(name + ".conv0", x)));
    const bool same = x.size(1) == y.size(1);
    return active(y + (same ? x : convolved(name + ".skip", x, 1)));
  }

  const NetworkToGraph& network_;
  const NetworkParams& p_;
};

}  // namespace

Value unet_graph(const NetworkToGraph& network, const GraphInputs& inputs) {
  return UnetGraph(network).on_boxes(channels_of(inputs));
}

}  // namespace understudy::surrogates
