#include "surrogates/fields/torch_point_weights.hpp"

#include <ATen/ATen.h>

#include <vector>

namespace understudy::surrogates {

at::Tensor point_weights(const at::Tensor& cells, const FlatLayout& layout) {
  if (!cells.defined()) return {};
  std::vector<at::Tensor> parts;
  for (const ChannelPoints& channel : layout.channels) {
    at::Tensor part = cells;
    for (std::int64_t axis = 0; axis < cells.dim(); ++axis) {  // of the tensor: x is the last
      const std::int64_t from_x = cells.dim() - 1 - axis, have = cells.size(axis);
      if (channel.points[static_cast<std::size_t>(from_x)] == have) continue;
      part = at::cat({part, part.narrow(axis, have - 1, 1)}, axis);
    }
    parts.push_back(part.flatten());
  }
  return at::cat(parts);
}

}  // namespace understudy::surrogates
