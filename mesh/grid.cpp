#include "mesh/grid.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/rank_split.hpp"

namespace understudy::mesh {

namespace {

int smallest_block(const std::vector<int>& starts) {
  int smallest = std::numeric_limits<int>::max();
  for (std::size_t b = 0; b + 1 < starts.size(); ++b)
    smallest = std::min(smallest, starts[b + 1] - starts[b]);
  return smallest;
}

std::string size_text(const std::array<int, 3>& n, int dimension) {
  return dimension == 2 ? core::format("{} x {}", n[0], n[1])
                        : core::format("{} x {} x {}", n[0], n[1], n[2]);
}

}  // namespace

// Blocks start at multiples of a power of two where there is room, so that multigrid coarsens them
// alike on any number of ranks.
std::vector<int> block_starts(int cells, int blocks) {
  int unit = 8;
  while (unit > 1 && cells < 4 * unit * blocks) unit /= 2;
  std::vector<int> starts(blocks + 1);
  for (int b = 0; b < blocks; ++b)
    starts[b] = static_cast<int>((1LL * cells * b / blocks + unit / 2) / unit * unit);
  starts[blocks] = cells;
  return starts;
}

// The split of `ranks` with the least area of cuts. A cut across x costs more: rows then stay whole,
// which vectorised loops and the x transforms of the fft solver like.
std::array<int, 3> split_of_ranks(const std::array<int, 3>& cells, int ranks, int ghosts) {
  constexpr double x_cut_weight = 4;
  std::array<int, 3> best{0, 0, 0};
  double best_cost = std::numeric_limits<double>::infinity();
  for (int px = 1; px <= ranks; ++px) {
    if (ranks % px) continue;
    for (int py = 1; py <= ranks / px; ++py) {
      if (ranks / px % py) continue;
      const std::array<int, 3> split{px, py, ranks / px / py};
      bool fits = true;
      for (int axis = 0; axis < 3; ++axis)
        if (split[axis] > 1 && (cells[axis] < split[axis] ||
                                smallest_block(block_starts(cells[axis], split[axis])) < ghosts))
          fits = false;
      if (!fits) continue;
      const double n = 1.0 * cells[0] * cells[1] * cells[2];
      const double cost = x_cut_weight * (px - 1) * n / cells[0] + (py - 1) * n / cells[1] +
                          (split[2] - 1) * n / cells[2];
      if (cost < best_cost) {
        best_cost = cost;
        best = split;
      }
    }
  }
  return best;
}

int most_ranks(const std::array<int, 3>& cells, int limit, int ghosts) {
  while (limit > 1 && split_of_ranks(cells, limit, ghosts)[0] == 0) --limit;
  return limit;
}

std::string to_string(Location location) {
  static constexpr std::array names{"cell", "face_x", "face_y", "face_z"};
  return names.at(static_cast<int>(location));
}

Grid::Grid(const GridParams& params, Topology topology, const core::Comm& comm, int ghosts)
    : dimension_(params.dimension()), comm_(comm), topology_(std::move(topology)) {
  for (int axis = 0; axis < dimension_; ++axis) {
    global_[axis] = static_cast<int>(params.cells[axis]);
    ghosts_[axis] = ghosts;
  }
  const std::array<int, 3> split_cells =
      global_;  // panels are not split: every rank has its block of each
  if (panels() > 1) global_[2] = panels();
  const int ranks = comm.size();
  if (params.ranks.empty()) {
    rank_dims_ = split_of_ranks(split_cells, ranks, ghosts);
  } else {
    for (int axis = 0; axis < dimension_; ++axis)
      rank_dims_[axis] = static_cast<int>(params.ranks[axis]);
    const double product = 1.0 * rank_dims_[0] * rank_dims_[1] * rank_dims_[2];
    if (product != ranks)
      throw core::UserError(core::format("grid.ranks: {} makes {} ranks, but the run has {}",
                                         size_text(rank_dims_, dimension_), product, ranks));
  }
  for (int axis = 0; axis < 3; ++axis) {
    const bool enough = rank_dims_[axis] >= 1 && global_[axis] >= rank_dims_[axis];
    if (enough) starts_[axis] = block_starts(global_[axis], rank_dims_[axis]);
    if (enough && smallest_block(starts_[axis]) >= ghosts_[axis]) continue;
    const int most = most_ranks(split_cells, ranks, ghosts);
    throw core::UserError(core::format(
        "more ranks than the cells allow: {} ranks on {} cells; every rank needs at least {} cells "
        "along each axis. Use fewer ranks ({} would do{}) or a finer grid.",
        ranks, size_text(global_, dimension_), ghosts, most,
        params.ranks.empty() ? "" : ", without grid.ranks"));
  }
  const int rank = comm.rank();
  rank_coords_ = {rank % rank_dims_[0], rank / rank_dims_[0] % rank_dims_[1],
                  rank / rank_dims_[0] / rank_dims_[1]};
  for (int axis = 0; axis < 3; ++axis) {
    offset_[axis] = starts_[axis][rank_coords_[axis]];
    local_[axis] = starts_[axis][rank_coords_[axis] + 1] - offset_[axis];
    for (int upper = 0; upper < 2; ++upper) {
      auto coords = rank_coords_;
      coords[axis] += upper ? 1 : -1;
      const int blocks = rank_dims_[axis];
      const bool outside = coords[axis] < 0 || coords[axis] >= blocks;
      if (axis >= dimension_ || (outside && !periodic(axis))) continue;
      coords[axis] = (coords[axis] + blocks) % blocks;
      neighbour_[2 * axis + upper] =
          (coords[2] * rank_dims_[1] + coords[1]) * rank_dims_[0] + coords[0];
    }
  }
}

bool Grid::at_boundary(int side) const {
  if (side_axis(side) >= dimension_ || neighbour_[side] >= 0) return false;
  return !topology_.across(0, side).exists();
}

Range3 Grid::block(int rank) const {
  const std::array<int, 3> coords{rank % rank_dims_[0], rank / rank_dims_[0] % rank_dims_[1],
                                  rank / rank_dims_[0] / rank_dims_[1]};
  Range3 r;
  for (int axis = 0; axis < 3; ++axis) {
    r.begin[axis] = starts_[axis][coords[axis]];
    r.end[axis] = starts_[axis][coords[axis] + 1];
  }
  return r;
}

Range3 Grid::interior() const {
  Range3 r;
  for (int axis = 0; axis < 3; ++axis) {
    r.begin[axis] = ghosts_[axis];
    r.end[axis] = ghosts_[axis] + local_[axis];
  }
  return r;
}

Range3 Grid::points(Location location) const {
  Range3 r = interior();
  for (int axis = 0; axis < 3; ++axis)
    if (staggered(location, axis) && at_boundary(2 * axis + 1)) ++r.end[axis];
  return r;
}

Range3 Grid::everything() const {
  Range3 r;
  for (int axis = 0; axis < 3; ++axis) r.end[axis] = extent(axis);
  return r;
}

int Grid::global_points(Location location, int axis) const {
  const bool closing =
      staggered(location, axis) && axis < dimension_ && !topology_.across(0, 2 * axis + 1).exists();
  return global_[axis] + (closing ? 1 : 0);
}

}  // namespace understudy::mesh
