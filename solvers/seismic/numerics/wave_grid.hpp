// The grid that waves are computed on: the deck's box with the absorbing layer around it (not above a
// free surface), split over the ranks of a group. The vertical axis is the last one and points up.
#pragma once

#include <memory>

#include "mesh/box_grid.hpp"
#include "solvers/seismic/numerics/cpml.hpp"

namespace understudy::solvers::seismic {

/// Where the deck's box lies within the padded grid.
struct WaveGrid {
  std::shared_ptr<const mesh::BoxGrid> padded;
  mesh::GridParams box;               ///< the deck's own
  std::array<bool, 6> layer{};        ///< by mesh::Side: has this side an absorbing layer?
  bool surface = false;               ///< is the upper side a free surface?
  std::array<int, 3> first{0, 0, 0};  ///< padded global index of the box's first cell
  int vertical() const { return box.dimension() - 1; }
  bool free_surface() const { return surface; }
  int dimension() const { return box.dimension(); }
};

/// A layer of no cells: a closed box, zero beyond its sides. Collective over `comm`. UserError where a rank's
/// block would be thinner than the layer and the stencil's radius: memory variables of the layer stay within
/// one rank along their axis.
WaveGrid make_wave_grid(const mesh::GridParams& box, const AbsorbingParams& layer,
                        bool free_surface, int radius, const core::Comm& comm);

/// Can so many ranks compute on that grid together, split as Grid splits it?
bool ranks_fit(const mesh::GridParams& box, const AbsorbingParams& layer, bool free_surface,
               int radius, int ranks);

}  // namespace understudy::solvers::seismic
