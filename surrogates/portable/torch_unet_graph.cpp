// torch_unet.cpp in the plane, as a graph.
#include <ATen/ATen.h>

#include <algorithm>

#include "surrogates/network/torch_padding.hpp"
#include "surrogates/portable/torch_network_graphs.hpp"

namespace understudy::surrogates {

namespace {

class UnetGraph {
 public:
  explicit UnetGraph(const NetworkToGraph& network) : network_(network), p_(network.params) {}

  Value on_planes(const Value& input) const {
    const std::int64_t high = input.size(2), wide = input.size(3);
    const std::int64_t multiple = halving_multiple(p_);
    const auto up = [&](std::int64_t n) { return (n + multiple - 1) / multiple * multiple; };
    Value x = with_marks(input);
    x = fold_patches(replicated(x, up(high), up(wide)), p_.patch);
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
    x = slice(slice(x, 2, 0, high), 3, 0, wide);
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
    std::vector<at::Tensor> marks;
    for (const SideKind kind : {SideKind::wall, SideKind::inflow, SideKind::open}) {
      const SideKinds& sides = network_.shape.boundaries;
      if (std::ranges::count(sides, kind) == 0) continue;
      const at::Tensor mark = at::zeros({1, 1, input.size(2), input.size(3)});
      for (int side = 0; side < 4; ++side)
        if (sides.at(side) == kind)
          mark.select(side / 2 == 0 ? 3 : 2, side % 2 == 0 ? 0 : -1).fill_(1);
      marks.push_back(mark);
    }
    if (marks.empty()) return input;
    return concat({input, repeat(input, network_.constant("side_marks", at::cat(marks, 1)))}, 1);
  }

  // Group normalisation (Wu & He 2018), eps as torch has it.
  Value normalised(const std::string& name, const Value& x) const {
    if (p_.norm != "group") return x;
    const std::int64_t channels = x.size(1), high = x.size(2), wide = x.size(3);
    std::int64_t groups = 8;
    while (channels % groups != 0) groups /= 2;
    const Value rows = reshape(x, {-1, groups, channels / groups * high * wide});
    const Value centred = rows - mean(rows, {2});
    const Value spread =
        unary(Operation::sqrt, mean(centred * centred, {2}) + network_.graph.number(1e-5));
    const auto by_channel = [&](const std::string& weight) {
      return network_.constant(weight, network_.values(weight).view({1, -1, 1, 1}));
    };
    return reshape(centred / spread, {-1, channels, high, wide}) * by_channel(name + ".scale") +
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
  return UnetGraph(network).on_planes(channels_of(inputs));
}

}  // namespace understudy::surrogates
