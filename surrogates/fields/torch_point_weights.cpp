#include "surrogates/fields/torch_point_weights.hpp"

#include <ATen/ATen.h>

#include <vector>

namespace understudy::surrogates {

void place_points(const at::Tensor& from, const FlatLayout& own, const mesh::Range3& cells,
                  const at::Tensor& to, const FlatLayout& whole) {
  const auto channel_of = [](const at::Tensor& rows, const ChannelPoints& c) {
    return rows.narrow(1, c.offset, c.count())
        .view({rows.size(0), c.points[2], c.points[1], c.points[0]});
  };
  for (std::size_t n = 0; n < own.channels.size(); ++n) {
    at::Tensor there = channel_of(to, whole.channels[n]);
    for (int axis = 0; axis < 3; ++axis)
      there = there.narrow(3 - axis, cells.begin[axis], own.channels[n].points[axis]);
    there.copy_(channel_of(from, own.channels[n]));
  }
}

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
