#include "solvers/seismic/numerics/wave_grid.hpp"

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/rank_split.hpp"

namespace understudy::solvers::seismic {

namespace {

int most_that_fit(const WaveGrid& grid, const AbsorbingParams& layer, int radius) {
  int ranks = grid.padded->comm().size();
  while (ranks > 1 && !ranks_fit(grid.box, layer, grid.surface, radius, ranks)) --ranks;
  return ranks;
}

// Checked on all ranks alike: every block of the axis is looked at, not only this rank's.
void require_width(const WaveGrid& grid, const AbsorbingParams& layer, int radius) {
  const mesh::BoxGrid& padded = *grid.padded;
  const int width = layer.width_cells;
  for (int rank = 0; rank < padded.comm().size(); ++rank) {
    const mesh::Range3 block = padded.block(rank);
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      const bool lower = grid.layer[2 * axis] && block.begin[axis] == 0;
      const bool upper = grid.layer[2 * axis + 1] && block.end[axis] == padded.global_cells(axis);
      const int needed = (lower ? width : 0) + (upper ? width : 0) + radius;
      if ((lower || upper) && block.size(axis) < needed)
        throw core::UserError(core::format(
            "too many ranks along {}: the block of rank {} has {} cells there, absorbing layer and "
            "stencil need {}; {} rank{} a shot would do (seismic.ranks_per_shot{})",
            "xyz"[axis], rank, block.size(axis), needed, most_that_fit(grid, layer, radius),
            most_that_fit(grid, layer, radius) == 1 ? "" : "s",
            grid.box.ranks.empty() ? "" : ", without grid.ranks"));
    }
  }
}

}  // namespace

bool ranks_fit(const mesh::GridParams& box, const AbsorbingParams& layer, bool free_surface,
               int radius, int ranks) {
  const int dimension = box.dimension();
  std::array<int, 3> cells{1, 1, 1}, lower{}, upper{};
  for (int axis = 0; axis < dimension; ++axis) {
    lower[axis] = layer.width_cells;
    upper[axis] = axis == dimension - 1 && free_surface ? 0 : layer.width_cells;
    cells[axis] = int(box.cells[axis]) + lower[axis] + upper[axis];
  }
  const auto split = mesh::split_of_ranks(cells, ranks, radius);
  if (split[0] == 0) return false;
  for (int axis = 0; axis < dimension; ++axis) {
    const auto starts = mesh::block_starts(cells[axis], split[axis]);
    const int first = starts[1] - starts[0], last = starts.back() - starts[starts.size() - 2];
    if (split[axis] == 1) continue;  // the whole axis holds both layers
    if (lower[axis] > 0 && first < lower[axis] + radius) return false;
    if (upper[axis] > 0 && last < upper[axis] + radius) return false;
  }
  return true;
}

WaveGrid make_wave_grid(const mesh::GridParams& box, const AbsorbingParams& layer,
                        bool free_surface, int radius, const core::Comm& comm) {
  WaveGrid grid;
  grid.box = box;
  grid.surface = free_surface;
  mesh::GridParams padded = box;
  const int vertical = box.dimension() - 1;
  for (int axis = 0; axis < box.dimension(); ++axis) {
    const double spacing = (box.upper_m[axis] - box.lower_m[axis]) / double(box.cells[axis]);
    for (const bool upper : {false, true}) {
      if (layer.width_cells == 0 || (upper && axis == vertical && free_surface)) continue;
      grid.layer[2 * axis + upper] = true;
      padded.cells[axis] += layer.width_cells;
      (upper ? padded.upper_m : padded.lower_m)[axis] +=
          (upper ? 1 : -1) * layer.width_cells * spacing;
    }
    grid.first[axis] = layer.width_cells;
  }
  grid.padded = std::make_shared<const mesh::BoxGrid>(
      padded, std::array<bool, 3>{false, false, box.dimension() == 2}, comm, radius);
  require_width(grid, layer, radius);
  return grid;
}

}  // namespace understudy::solvers::seismic
