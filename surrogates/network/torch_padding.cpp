#include "surrogates/network/torch_padding.hpp"

// False alarms of GCC 13 to 15 about the vector<bool> inside torch::autograd::Function.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/error.hpp"
#include "core/format.hpp"

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

// Sides 0, 1 lie along x (dimension 3), sides 2, 3 along y (dimension 2). Rows of ghosts are those of
// the padded array: `ghost` and `source` count from its first row.
struct Copy {
  std::int64_t dimension, ghost, source;
};
Copy copy_of(const SideKinds& sides, int side, const Tensor& padded) {
  const std::int64_t dimension = side / 2 == 0 ? 3 : 2, n = padded.size(dimension) - 2;
  const bool upper = side % 2 == 1;
  const std::int64_t source = copied(sides[side], upper, n);
  return {dimension, upper ? n + 1 : 0, source < 0 ? -1 : source + 1};
}

// One pass over the values and a row for each side: padding by at::pad would take a pass for each kind.
Tensor padded(const Tensor& x, const SideKinds& sides) {
  const std::int64_t height = x.size(2), width = x.size(3);
  Tensor out = at::empty({x.size(0), x.size(1), height + 2, width + 2}, x.options(),
                         x.suggest_memory_format());
  out.narrow(2, 1, height).narrow(3, 1, width).copy_(x);
  for (int side = 0; side < 4; ++side) {
    const Copy c = copy_of(sides, side, out);
    // Along x the rows are those of the cells; the y sides fill the corners.
    const Tensor rows = c.dimension == 3 ? out.narrow(2, 1, height) : out;
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
  const std::int64_t height = g.size(2) - 2, width = g.size(3) - 2;
  for (int side = 3; side >= 0; --side) {
    const Copy c = copy_of(sides, side, g);
    if (c.source < 0) continue;
    const Tensor rows = c.dimension == 3 ? g.narrow(2, 1, height) : g;
    rows.select(c.dimension, c.source).add_(rows.select(c.dimension, c.ghost));
  }
  return g.narrow(2, 1, height).narrow(3, 1, width);
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
  static SideKinds kinds_of(const std::vector<std::int64_t>& numbers) {
    SideKinds kinds;
    for (const auto n : numbers) kinds.push_back(static_cast<SideKind>(n));
    return kinds;
  }
};

}  // namespace

Tensor pad_sides(const Tensor& x, const SideKinds& boundaries) {
  if (!x.requires_grad() || !at::GradMode::is_enabled()) return padded(x, boundaries);
  std::vector<std::int64_t> kinds;
  for (const SideKind kind : boundaries) kinds.push_back(static_cast<std::int64_t>(kind));
  return Padding::apply(x, kinds);
}

// Only multiples keep the circle of a periodic axis closed through folding and pooling.
std::int64_t halving_multiple(const NetworkParams& params) {
  return static_cast<std::int64_t>(params.patch) << params.levels;
}

void require_halvings(const NetworkParams& params, const SideKinds& boundaries,
                      const std::vector<long long>& cells) {
  const long long multiple = halving_multiple(params);
  for (int axis = 0; axis < 2; ++axis) {
    const long long here = cells.at(axis);
    const SideKind kind = boundaries.at(2 * axis);
    if ((kind != SideKind::periodic && kind != SideKind::joint) || here % multiple == 0) continue;
    const long long below = here / multiple * multiple;
    throw core::UserError(core::format(
        "network: {} cells along {}, which {}, are not a multiple of patch x 2^levels = {} "
        "x 2^{} = {}; {}{} would be. Choose grid.cells, network.patch or network.levels so.",
        here, "xy"[axis], kind == SideKind::joint ? "ends at other panels" : "is periodic",
        params.patch, params.levels, multiple,
        below > 0 ? core::format("{} or ", below) : std::string(), below + multiple));
  }
}

}  // namespace understudy::surrogates
