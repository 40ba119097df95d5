#include "solvers/seismic/numerics/wave_grid.hpp"

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::solvers::seismic {

namespace {

// Checked on all ranks alike: every block of the axis is looked at, not only this rank's.
void require_width(const WaveGrid& grid, int width, int radius) {
  const mesh::BoxGrid& padded = *grid.padded;
  for (int rank = 0; rank < padded.comm().size(); ++rank) {
    const mesh::Range3 block = padded.block(rank);
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      const bool lower = grid.layer[2 * axis] && block.begin[axis] == 0;
      const bool upper = grid.layer[2 * axis + 1] && block.end[axis] == padded.global_cells(axis);
      const int needed = (lower ? width : 0) + (upper ? width : 0) + radius;
      if ((lower || upper) && block.size(axis) < needed)
        throw core::UserError(core::format(
            "too many ranks along {}: the block of rank {} has {} cells there, absorbing layer and "
            "stencil need {}; use fewer ranks a shot (seismic.ranks_per_shot) or other grid.ranks",
            "xyz"[axis], rank, block.size(axis), needed));
    }
  }
}

}  // namespace

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
  require_width(grid, layer.width_cells, radius);
  return grid;
}

}  // namespace understudy::solvers::seismic
