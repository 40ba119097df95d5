#include "mesh/linear_solver/multigrid_shape.hpp"

#include <algorithm>
#include <set>

namespace understudy::mesh::detail {

namespace {

/// Axes whose cells are wider than this times the narrowest keep their cells for now: point
/// smoothers damp only what oscillates along strongly coupled (narrow) axes. Coupling goes with the
/// square.
constexpr double widest_joined = 1.35;

double widest(const std::vector<double>& widths) {
  return *std::max_element(widths.begin(), widths.end());
}

}  // namespace

long long LevelShape::global_count() const {
  return 1LL * global_cells(0) * global_cells(1) * global_cells(2);
}

Range3 LevelShape::block(int of_rank) const {
  Range3 r;
  for (int a = 0; a < 3; ++a) {
    r.begin[a] = starts[a][coords[of_rank][a]];
    r.end[a] = starts[a][coords[of_rank][a] + 1];
  }
  return r;
}

int LevelShape::smallest_block() const {
  int smallest = 1 << 30;
  for (int a = 0; a < dimension; ++a) {
    if (global_cells(a) == 1) continue;
    for (std::size_t p = 0; p + 1 < starts[a].size(); ++p)
      smallest = std::min(smallest, starts[a][p + 1] - starts[a][p]);
  }
  return smallest;
}

bool LevelShape::partly_joined() const {
  for (int a = 0; a < dimension; ++a)
    if (!joined[a] && global_cells(a) > 1) return true;
  return false;
}

LevelShape shape_of(const BoxGrid& grid) {
  LevelShape shape;
  shape.dimension = grid.dimension();
  shape.rank = grid.comm().rank();
  const int ranks = grid.comm().size();
  for (int a = 0; a < 3; ++a) {
    shape.widths[a].assign(grid.global_cells(a), grid.spacing(a));
    std::set<int> starts{grid.global_cells(a)};
    for (int q = 0; q < ranks; ++q) starts.insert(grid.block(q).begin[a]);
    shape.starts[a].assign(starts.begin(), starts.end());
  }
  shape.coords.resize(ranks);
  for (int q = 0; q < ranks; ++q)
    for (int a = 0; a < 3; ++a) {
      const auto& starts = shape.starts[a];
      const int begin = grid.block(q).begin[a];
      shape.coords[q][a] =
          static_cast<int>(std::lower_bound(starts.begin(), starts.end(), begin) - starts.begin());
    }
  return shape;
}

LevelShape coarsened(const LevelShape& fine) {
  LevelShape coarse = fine;
  coarse.joined = {};
  double narrowest = 1e300;
  for (int a = 0; a < fine.dimension; ++a)
    if (fine.global_cells(a) > 1) narrowest = std::min(narrowest, widest(fine.widths[a]));
  for (int a = 0; a < fine.dimension; ++a) {
    if (fine.global_cells(a) == 1 || widest(fine.widths[a]) > widest_joined * narrowest) continue;
    coarse.joined[a] = true;
    coarse.widths[a].clear();
    coarse.starts[a] = {0};
    for (std::size_t p = 0; p + 1 < fine.starts[a].size(); ++p) {
      for (int i = fine.starts[a][p]; i < fine.starts[a][p + 1]; i += 2) {
        double width = fine.widths[a][i];
        if (i + 1 < fine.starts[a][p + 1]) width += fine.widths[a][i + 1];
        coarse.widths[a].push_back(width);
      }
      coarse.starts[a].push_back(static_cast<int>(coarse.widths[a].size()));
    }
  }
  return coarse;
}

LevelShape gathered(const LevelShape& shape) {
  LevelShape whole = shape;
  whole.coords.assign(1, {0, 0, 0});
  whole.rank = 0;
  whole.joined = {};
  for (int a = 0; a < 3; ++a) whole.starts[a] = {0, shape.global_cells(a)};
  return whole;
}

}  // namespace understudy::mesh::detail
