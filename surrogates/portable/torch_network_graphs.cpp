#include "surrogates/portable/torch_network_graphs.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "surrogates/network/ghost_source.hpp"

namespace understudy::surrogates {

NetworkToGraph::NetworkToGraph(Graph& to, const Network& network)
    : graph(to), params(network.params()), shape(network.shape()) {
  const auto& impl = network.impl();
  const auto tensors = slices(impl.flat, impl.specs);
  for (std::size_t n = 0; n < tensors.size(); ++n) weights[impl.specs[n].name] = tensors[n];
}

Value NetworkToGraph::weight(const std::string& name) const {
  return graph.constant(name, weights.at(name));
}

Value channels_of(const GraphInputs& inputs) {
  std::vector<Value> parts{inputs.state};
  if (inputs.fixed.exists()) parts.push_back(inputs.fixed);
  if (inputs.parameters.exists()) {
    std::vector<std::int64_t> one = inputs.state.shape(), everywhere = one;
    std::fill(one.begin(), one.end(), 1);
    one[0] = -1;
    one[1] = inputs.parameters.size(1);
    everywhere[0] = everywhere[1] = 1;
    parts.push_back(reshape(inputs.parameters, one) *
                    inputs.state.graph->constant("everywhere", at::ones(everywhere)));
  }
  return concat(parts, 1);
}

namespace {

Value pad_axis(const Value& x, std::int64_t axis, SideKind lower, SideKind upper) {
  const std::int64_t n = x.size(axis);
  // Rows are counted from the lower ghost: places among the cells are one less.
  const std::int64_t first = std::max(ghost_source(lower, false, n), 0LL) - 1,
                     last = std::max(ghost_source(upper, true, n), 0LL) - 1;
  std::vector<std::int64_t> places(n + 2);
  std::iota(places.begin() + 1, places.end() - 1, 0);
  places.front() = std::max<std::int64_t>(first, 0);
  places.back() = std::max<std::int64_t>(last, 0);
  const Value padded = take(x, axis, places);
  if (first >= 0 && last >= 0) return padded;
  std::vector<std::int64_t> shape(x.shape().size(), 1);
  shape[axis] = n + 2;
  at::Tensor inside = at::ones(shape);
  if (first < 0) inside.narrow(axis, 0, 1).zero_();
  if (last < 0) inside.narrow(axis, n + 1, 1).zero_();
  return padded * x.graph->constant("inside_" + std::to_string(axis) + "_" + std::to_string(n) +
                                        (first < 0 ? "_lower" : "") + (last < 0 ? "_upper" : ""),
                                    inside);
}

std::vector<std::int64_t> up_to(std::int64_t n, std::int64_t longer) {
  std::vector<std::int64_t> places(longer);
  for (std::int64_t i = 0; i < longer; ++i) places[i] = std::min(i, n - 1);
  return places;
}

}  // namespace

Value pad_sides(const Value& x, const SideKinds& sides) {
  // The corners are the y sides' own of the x sides' ghosts, and those along z the z sides' of both.
  Value padded = x;
  const std::size_t last = x.shape().size() - 1;
  for (std::size_t axis = 0; axis < last - 1; ++axis)
    padded = pad_axis(padded, static_cast<std::int64_t>(last - axis), sides.at(2 * axis),
                      sides.at(2 * axis + 1));
  return padded;
}

Value extended(const Value& x, std::int64_t multiple) {
  Value padded = x;
  for (std::size_t axis = x.shape().size() - 1; axis >= 2; --axis) {
    const std::int64_t n = x.size(axis), longer = (n + multiple - 1) / multiple * multiple;
    if (longer > n) padded = take(padded, static_cast<std::int64_t>(axis), up_to(n, longer));
  }
  return padded;
}

Value cut_to(const Value& x, const std::vector<std::int64_t>& cells) {
  Value cut = x;
  for (std::size_t n = 0; n < cells.size(); ++n)
    cut = slice(cut, static_cast<std::int64_t>(2 + n), 0, cells[n]);
  return cut;
}

}  // namespace understudy::surrogates
