#include "surrogates/network/torch_block_padding.hpp"

// False alarms of GCC 13 to 15 about the vector<bool> inside torch::autograd::Function.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>
#include <vector>

#include "surrogates/network/torch_block_sum.hpp"
#include "surrogates/network/torch_padding.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows of a padded tensor across one axis: 0 and n + 1 are its ghosts, 1 to n its cells. Along the axes before
// it the rows are as wide as the padded tensor, along those after it as the cells.
class Rows {
 public:
  Rows(const Tensor& padded, int axes, int axis) : dimension_(1 + axes - axis), all_(padded) {
    for (int later = axis + 1; later < axes; ++later) {
      const std::int64_t d = 1 + axes - later;
      all_ = all_.narrow(d, 1, all_.size(d) - 2);
    }
  }
  std::int64_t cells() const { return all_.size(dimension_) - 2; }
  Tensor operator[](std::int64_t row) const { return all_.select(dimension_, row); }

 private:
  std::int64_t dimension_;
  Tensor all_;
};

// The row that the ghosts of a side copy, where no other rank's block lies across it; -1: none, they are 0. The
// ghosts that come from other ranks are there already: a mirror in a block of one cell looks into its neighbour.
std::int64_t copied(const SideKinds& sides, int side, std::int64_t n, const NetworkBlocks& blocks) {
  const bool upper = side % 2 == 1;
  switch (sides.at(side)) {
    case SideKind::periodic:
      return upper ? 1 : n;
    case SideKind::wall:
      if (n == 1 && blocks.count(side / 2) == 1) return 1;
      return upper ? n - 1 : 2;
    case SideKind::open:
      return upper ? n : 1;
    case SideKind::inflow:
    case SideKind::joint:  // panels are not cut into blocks
      break;
  }
  return -1;
}

// Sends a row to the rank across each side of the axis that has one, and returns what came from there.
std::array<Tensor, 2> exchanged(const std::array<Tensor, 2>& rows, int axis,
                                const NetworkBlocks& blocks) {
  std::array<Tensor, 2> out, in;
  std::vector<core::Comm::Request> requests;
  for (int upper = 0; upper < 2; ++upper) {
    const int rank = blocks.across(2 * axis + upper);
    if (rank < 0) continue;
    out[upper] = rows[upper].detach().to(at::kCPU).contiguous();
    in[upper] = at::empty(out[upper].sizes(), out[upper].options());
    const auto bytes = static_cast<std::size_t>(out[upper].nbytes());
    // Tags say which way a message goes: two blocks of a periodic axis meet twice.
    requests.push_back(blocks.comm().receive(in[upper].data_ptr(), bytes, rank, 1 - upper));
    requests.push_back(blocks.comm().send(out[upper].data_ptr(), bytes, rank, upper));
    blocks.traffic().messages += 1;
    blocks.traffic().bytes += static_cast<long long>(bytes);
  }
  core::Comm::wait(requests);
  return in;
}

Tensor padded(const Tensor& x, const SideKinds& sides, const NetworkBlocks& blocks) {
  const int axes = static_cast<int>(x.dim()) - 2;
  auto sizes = x.sizes().vec();
  for (int axis = 0; axis < axes; ++axis) sizes[2 + axis] += 2;
  Tensor out = at::empty(sizes, x.options(), x.suggest_memory_format());
  Tensor cells = out;
  for (int axis = 0; axis < axes; ++axis) cells = cells.narrow(2 + axis, 1, x.size(2 + axis));
  cells.copy_(x);
  for (int axis = 0; axis < axes; ++axis) {
    const Rows rows(out, axes, axis);
    const std::int64_t n = rows.cells();
    const auto theirs = exchanged({rows[1], rows[n]}, axis, blocks);
    for (int upper = 0; upper < 2; ++upper)
      if (theirs[upper].defined()) rows[upper ? n + 1 : 0].copy_(theirs[upper]);
    for (int upper = 0; upper < 2; ++upper) {
      if (theirs[upper].defined()) continue;
      const std::int64_t source = copied(sides, 2 * axis + upper, n, blocks);
      const Tensor ghosts = rows[upper ? n + 1 : 0];
      if (source < 0)
        ghosts.zero_();
      else
        ghosts.copy_(rows[source]);
    }
  }
  return out;
}

// The transpose: what was copied to a ghost is added back, in the reverse order.
Tensor folded(const Tensor& gradient, const SideKinds& sides, const NetworkBlocks& blocks) {
  Tensor g = gradient.clone();
  const int axes = static_cast<int>(g.dim()) - 2;
  for (int axis = axes - 1; axis >= 0; --axis) {
    const Rows rows(g, axes, axis);
    const std::int64_t n = rows.cells();
    for (int upper = 1; upper >= 0; --upper) {
      if (blocks.across(2 * axis + upper) >= 0) continue;
      const std::int64_t source = copied(sides, 2 * axis + upper, n, blocks);
      if (source >= 0) rows[source].add_(rows[upper ? n + 1 : 0]);
    }
    const auto theirs = exchanged({rows[0], rows[n + 1]}, axis, blocks);
    for (int upper = 0; upper < 2; ++upper)
      if (theirs[upper].defined()) rows[upper ? n : 1].add_(theirs[upper].to(g.device()));
  }
  for (int axis = 0; axis < axes; ++axis) g = g.narrow(2 + axis, 1, g.size(2 + axis) - 2);
  return g;
}

struct BlockPadding : torch::autograd::Function<BlockPadding> {
  static Tensor forward(AutogradContext* context, const Tensor& x,
                        const std::vector<std::int64_t>& kinds, const NetworkBlocks& blocks) {
    context->saved_data["kinds"] = kinds;
    context->saved_data["blocks"] = kept(blocks);
    return padded(x, kinds_of(kinds), blocks);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {folded(gradients[0], kinds_of(context->saved_data["kinds"].toIntVector()),
                   blocks_in(context->saved_data["blocks"])),
            Tensor(), Tensor()};
  }
};

}  // namespace

Tensor pad_block(const Tensor& x, const SideKinds& sides, const NetworkBlocks& blocks) {
  if (!x.requires_grad() || !at::GradMode::is_enabled()) return padded(x, sides, blocks);
  return BlockPadding::apply(x, numbers_of(sides), blocks);
}

// Two sums, as variances from sums of squares would lose digits: of the values (and of their number, which differs
// from block to block), then of the squares of their deviations from the mean.
Tensor group_norm_of_blocks(const Tensor& x, std::int64_t groups, const Tensor& scale,
                            const Tensor& shift, const NetworkBlocks& blocks) {
  constexpr double epsilon = 1e-5;  // at::group_norm's
  const std::int64_t batch = x.size(0), channels = x.size(1), each = channels / groups;
  const at::ScalarType type = x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  std::vector<std::int64_t> places, one(x.dim(), 1);
  for (std::int64_t d = 2; d < x.dim(); ++d) places.push_back(d);
  one[1] = channels;
  const auto of_groups = [&](const Tensor& values) {
    return values.sum(places).view({batch, groups, each}).sum(2);
  };
  // [batch, group] -> a number for each channel
  const auto of_channels = [&](const Tensor& values) {
    auto shape = one;
    shape[0] = batch;
    return values.unsqueeze(2).expand({batch, groups, each}).reshape(shape);
  };
  const Tensor values = x.to(type);
  const double here = static_cast<double>(x.numel() / batch / groups);
  const Tensor first = sum_of_blocks(
      at::cat({of_groups(values).flatten(), at::full({1}, here, values.options())}), blocks);
  const Tensor number = first.narrow(0, batch * groups, 1).detach();
  const Tensor mean = first.narrow(0, 0, batch * groups).view({batch, groups}) / number;
  const Tensor deviation = values - of_channels(mean);
  const Tensor variance = sum_of_blocks(of_groups(deviation.square()), blocks) / number;
  const Tensor normal = deviation * of_channels(at::rsqrt(variance + epsilon));
  return (normal * scale.to(type).view(one) + shift.to(type).view(one)).to(x.scalar_type());
}

}  // namespace understudy::surrogates
