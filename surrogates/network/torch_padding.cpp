#include "surrogates/network/torch_padding.hpp"

// False alarms of GCC 13 to 15 about the vector<bool> inside torch::autograd::Function.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/ghost_source.hpp"
#include "surrogates/network/torch_block_sum.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows of a padded tensor across one axis: 0 and n + 1 are its ghosts, 1 to n its cells. Along the axes before
// it (x first) the rows are as wide as the padded tensor, along those after it as the cells: the y sides fill the
// corners, and then the z sides theirs.
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

Tensor cells_of(Tensor padded) {
  for (std::int64_t d = 2; d < padded.dim(); ++d) padded = padded.narrow(d, 1, padded.size(d) - 2);
  return padded;
}

// Does another rank's block lie across that side?
bool goes_on(const NetworkBlocks* blocks, int side) { return blocks && blocks->across(side) >= 0; }

// Sends a row to the rank across each side of the axis that has one, and returns what came from there.
std::array<Tensor, 2> exchanged(const std::array<Tensor, 2>& rows, int axis,
                                const NetworkBlocks* blocks) {
  std::array<Tensor, 2> out, in;
  std::vector<core::Comm::Request> requests;
  for (int upper = 0; upper < 2; ++upper) {
    if (!goes_on(blocks, 2 * axis + upper)) continue;
    const int rank = blocks->across(2 * axis + upper);
    out[upper] = rows[upper].detach().to(at::kCPU).contiguous();
    in[upper] = at::empty(out[upper].sizes(), out[upper].options());
    const auto bytes = static_cast<std::size_t>(out[upper].nbytes());
    // Tags say which way a message goes: two blocks of a periodic axis meet twice.
    requests.push_back(blocks->comm().receive(in[upper].data_ptr(), bytes, rank, 1 - upper));
    requests.push_back(blocks->comm().send(out[upper].data_ptr(), bytes, rank, upper));
    blocks->traffic().messages += 1;
    blocks->traffic().bytes += static_cast<long long>(bytes);
  }
  core::Comm::wait(requests);
  return in;
}

// The row that a side's ghosts copy where no other block lies across it.
std::int64_t source_of(const SideKinds& sides, int side, std::int64_t n,
                       const NetworkBlocks* blocks) {
  return ghost_source(sides.at(side), side % 2 == 1, n, goes_on(blocks, side ^ 1));
}

// One pass over the values and a row for each side: padding by at::pad would take a pass for each kind.
Tensor padded(const Tensor& x, const SideKinds& sides, const NetworkBlocks* blocks) {
  const int axes = static_cast<int>(x.dim()) - 2;
  auto sizes = x.sizes().vec();
  for (int axis = 0; axis < axes; ++axis) sizes[2 + axis] += 2;
  Tensor out = at::empty(sizes, x.options(), x.suggest_memory_format());
  cells_of(out).copy_(x);
  for (int axis = 0; axis < axes; ++axis) {
    const Rows rows(out, axes, axis);
    const std::int64_t n = rows.cells();
    const auto theirs = exchanged({rows[1], rows[n]}, axis, blocks);
    for (int upper = 0; upper < 2; ++upper)
      if (theirs[upper].defined()) rows[upper ? n + 1 : 0].copy_(theirs[upper]);
    for (int upper = 0; upper < 2; ++upper) {
      if (theirs[upper].defined()) continue;
      const std::int64_t source = source_of(sides, 2 * axis + upper, n, blocks);
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
Tensor folded(const Tensor& gradient, const SideKinds& sides, const NetworkBlocks* blocks) {
  Tensor g = gradient.clone();
  const int axes = static_cast<int>(g.dim()) - 2;
  for (int axis = axes - 1; axis >= 0; --axis) {
    const Rows rows(g, axes, axis);
    const std::int64_t n = rows.cells();
    for (int upper = 1; upper >= 0; --upper) {
      if (goes_on(blocks, 2 * axis + upper)) continue;
      const std::int64_t source = source_of(sides, 2 * axis + upper, n, blocks);
      if (source >= 0) rows[source].add_(rows[upper ? n + 1 : 0]);
    }
    const auto theirs = exchanged({rows[0], rows[n + 1]}, axis, blocks);
    for (int upper = 0; upper < 2; ++upper)
      if (theirs[upper].defined()) rows[upper ? n : 1].add_(theirs[upper].to(g.device()));
  }
  return cells_of(g);
}

// ATen would record every copy and clone the whole gradient for each of them.
struct Padding : torch::autograd::Function<Padding> {
  static Tensor forward(AutogradContext* context, const Tensor& x,
                        const std::vector<std::int64_t>& kinds, const NetworkBlocks* blocks) {
    context->saved_data["kinds"] = kinds;
    if (blocks) context->saved_data["blocks"] = kept(*blocks);
    return padded(x, kinds_of(kinds), blocks);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto blocks = context->saved_data.find("blocks");
    return {folded(gradients[0], kinds_of(context->saved_data["kinds"].toIntVector()),
                   blocks == context->saved_data.end() ? nullptr : &blocks_in(blocks->second)),
            Tensor(), Tensor()};
  }
};

}  // namespace

std::vector<std::int64_t> numbers_of(const SideKinds& sides) {
  std::vector<std::int64_t> numbers;
  for (const SideKind kind : sides) numbers.push_back(static_cast<std::int64_t>(kind));
  return numbers;
}

SideKinds kinds_of(const std::vector<std::int64_t>& numbers) {
  SideKinds sides;
  for (const auto n : numbers) sides.push_back(static_cast<SideKind>(n));
  return sides;
}

Tensor pad_sides(const Tensor& x, const SideKinds& boundaries, const NetworkBlocks* blocks) {
  if (static_cast<std::size_t>(x.dim()) != 2 + boundaries.size() / 2)
    throw std::logic_error("pad_sides: a tensor of other axes than the box has");
  if (!x.requires_grad() || !at::GradMode::is_enabled()) return padded(x, boundaries, blocks);
  return Padding::apply(x, numbers_of(boundaries), blocks);
}

std::vector<SideKind> marked_kinds(const SideKinds& boundaries) {
  std::vector<SideKind> kinds;
  for (const SideKind kind : {SideKind::wall, SideKind::inflow, SideKind::open})
    if (std::ranges::count(boundaries, kind) > 0) kinds.push_back(kind);
  return kinds;
}

Tensor side_marks(const Tensor& input, const SideKinds& boundaries, const NetworkBlocks* blocks) {
  const std::vector<SideKind> kinds = marked_kinds(boundaries);
  std::vector<std::int64_t> sizes = input.sizes().vec();
  sizes[1] = static_cast<std::int64_t>(kinds.size());
  Tensor all = at::empty(sizes, input.options(), input.suggest_memory_format());
  all.zero_();
  for (std::size_t n = 0; n < kinds.size(); ++n) {
    const Tensor one = all.select(1, static_cast<std::int64_t>(n));
    for (int side = 0; side < static_cast<int>(boundaries.size()); ++side)
      if (boundaries[side] == kinds[n] && !goes_on(blocks, side))
        one.select(one.dim() - 1 - side / 2, side % 2 == 0 ? 0 : -1).fill_(1);
  }
  return all;
}

// Only multiples keep the circle of a periodic axis closed through folding and pooling.
std::int64_t halving_multiple(const NetworkParams& params) {
  return static_cast<std::int64_t>(params.patch) << params.levels;
}

void require_halvings(const NetworkParams& params, const SideKinds& boundaries,
                      const std::vector<long long>& cells) {
  const long long multiple = halving_multiple(params);
  for (int axis = 0; axis < static_cast<int>(boundaries.size()) / 2; ++axis) {
    const long long here = cells.at(axis);
    const SideKind kind = boundaries.at(2 * axis);
    if ((kind != SideKind::periodic && kind != SideKind::joint) || here % multiple == 0) continue;
    const long long below = here / multiple * multiple;
    throw core::UserError(core::format(
        "network: {} cells along {}, which {}, are not a multiple of patch x 2^levels = {} "
        "x 2^{} = {}; {}{} would be. Choose grid.cells, network.patch or network.levels so.",
        here, "xyz"[axis], kind == SideKind::joint ? "ends at other panels" : "is periodic",
        params.patch, params.levels, multiple,
        below > 0 ? core::format("{} or ", below) : std::string(), below + multiple));
  }
}

}  // namespace understudy::surrogates
