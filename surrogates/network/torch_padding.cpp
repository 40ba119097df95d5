#include "surrogates/network/torch_padding.hpp"

// False alarms of GCC 13 to 15 about the vector<bool> inside torch::autograd::Function.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <stdexcept>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/network_blocks.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Index, among the n cells of an axis, of the cell that a side's ghost copies; -1: none, the ghost is 0.
std::int64_t copied(SideKind kind, bool upper, std::int64_t n) {
  switch (kind) {
    case SideKind::periodic:
      return upper ? 0 : n - 1;
    case SideKind::wall:
      return n == 1 ? 0 : upper ? n - 2 : 1;
    case SideKind::open:
      return upper ? n - 1 : 0;
    case SideKind::inflow:
    case SideKind::joint:  // of panels: torch_cube_padding.hpp
      break;
  }
  return -1;
}

// Sides 0, 1 lie along x (the last dimension), sides 2, 3 along y, 4, 5 along z. Rows of ghosts are those of
// the padded array: `ghost` and `source` count from its first row.
struct Copy {
  std::int64_t dimension, ghost, source;
};
Copy copy_of(const SideKinds& sides, int side, const Tensor& padded) {
  const std::int64_t dimension = padded.dim() - 1 - side / 2, n = padded.size(dimension) - 2;
  const bool upper = side % 2 == 1;
  const std::int64_t source = copied(sides[side], upper, n);
  return {dimension, upper ? n + 1 : 0, source < 0 ? -1 : source + 1};
}

// The cells themselves along the dimensions 2 to `last`, and the ghosts, too, along those behind.
Tensor without_ghosts(const Tensor& padded, std::int64_t last) {
  Tensor inside = padded;
  for (std::int64_t dimension = 2; dimension <= last; ++dimension)
    inside = inside.narrow(dimension, 1, padded.size(dimension) - 2);
  return inside;
}

// One pass over the values and a row for each side: padding by at::pad would take a pass for each kind.
Tensor padded(const Tensor& x, const SideKinds& sides) {
  std::vector<std::int64_t> sizes = x.sizes().vec();
  for (std::size_t dimension = 2; dimension < sizes.size(); ++dimension) sizes[dimension] += 2;
  Tensor out = at::empty(sizes, x.options(), x.suggest_memory_format());
  without_ghosts(out, x.dim() - 1).copy_(x);
  for (int side = 0; side < static_cast<int>(sides.size()); ++side) {
    const Copy c = copy_of(sides, side, out);
    // Along x the rows are those of the cells; the y sides fill the corners, and then the z sides theirs.
    const Tensor rows = without_ghosts(out, c.dimension - 1);
    const Tensor ghost = rows.select(c.dimension, c.ghost);
    if (c.source < 0)
      ghost.zero_();
    else
      ghost.copy_(rows.select(c.dimension, c.source));
  }
  return out;
}

// The transpose: what was copied to a ghost is added back, in the reverse order.
Tensor folded(const Tensor& gradient, const SideKinds& sides) {
  Tensor g = gradient.clone();
  for (int side = static_cast<int>(sides.size()) - 1; side >= 0; --side) {
    const Copy c = copy_of(sides, side, g);
    if (c.source < 0) continue;
    const Tensor rows = without_ghosts(g, c.dimension - 1);
    rows.select(c.dimension, c.source).add_(rows.select(c.dimension, c.ghost));
  }
  return without_ghosts(g, g.dim() - 1);
}

// ATen would record every copy and clone the whole gradient for each of them.
struct Padding : torch::autograd::Function<Padding> {
  static Tensor forward(AutogradContext* context, const Tensor& x,
                        const std::vector<std::int64_t>& kinds) {
    context->saved_data["kinds"] = kinds;
    return padded(x, kinds_of(kinds));
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {folded(gradients[0], kinds_of(context->saved_data["kinds"].toIntVector())), Tensor()};
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

Tensor pad_sides(const Tensor& x, const SideKinds& boundaries) {
  if (static_cast<std::size_t>(x.dim()) != 2 + boundaries.size() / 2)
    throw std::logic_error("pad_sides: a tensor of other axes than the box has");
  if (!x.requires_grad() || !at::GradMode::is_enabled()) return padded(x, boundaries);
  return Padding::apply(x, numbers_of(boundaries));
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
      if (boundaries[side] == kinds[n] && (!blocks || blocks->across(side) < 0))
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
