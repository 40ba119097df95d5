#include "mesh/io/corner_values.hpp"

#include <algorithm>
#include <memory>

#include "mesh/halo.hpp"

namespace understudy::mesh {

namespace {

// The cells that a corner may take along an axis: those of the block, and one beyond a side across which
// there are cells.
struct Reach {
  int first, last;  // local indices
};

Reach reach_along(const Grid& grid, int axis) {
  const Range3 cells = grid.interior();
  const auto beyond = [&](int side) {
    return grid.ghosts(axis) > 0 && !grid.at_boundary(2 * axis + side);
  };
  return {cells.begin[axis] - (beyond(0) ? 1 : 0), cells.end[axis] - (beyond(1) ? 0 : 1)};
}

// Ghosts filled; the State that a field may share its memory with keeps its own.
template <class Real>
std::vector<Array3<Real>> with_neighbours(const Grid& grid,
                                          const std::vector<CellField<Real>>& fields) {
  std::vector<Array3<Real>> copies;
  for (const auto& field : fields) {
    copies.emplace_back(Kokkos::view_alloc("corner values", Kokkos::WithoutInitializing),
                        grid.extent(2), grid.extent(1), grid.extent(0));
    Kokkos::deep_copy(copies.back(), field.data);
  }
  Halo<Real> halo(std::shared_ptr<const Grid>(std::shared_ptr<const Grid>(), &grid));
  halo.exchange(copies, 1);
  return copies;
}

template <class Real>
std::vector<Real> means(const Grid& grid, const typename Array3<Real>::host_mirror_type& values) {
  const Range3 cells = grid.interior();
  const std::array<Reach, 3> reach{reach_along(grid, 0), reach_along(grid, 1),
                                   reach_along(grid, 2)};
  const bool volume = grid.dimension() == 3;
  std::vector<Real> out;
  for (int k = cells.begin[2]; k <= cells.end[2] - (volume ? 0 : 1); ++k)
    for (int j = cells.begin[1]; j <= cells.end[1]; ++j)
      for (int i = cells.begin[0]; i <= cells.end[0]; ++i) {
        double sum = 0;
        int count = 0;
        for (int c = std::max(k - 1, reach[2].first); c <= std::min(k, reach[2].last); ++c)
          for (int b = std::max(j - 1, reach[1].first); b <= std::min(j, reach[1].last); ++b)
            for (int a = std::max(i - 1, reach[0].first); a <= std::min(i, reach[0].last);
                 ++a, ++count)
              sum += values(c, b, a);
        out.push_back(static_cast<Real>(sum / count));
      }
  return out;
}

}  // namespace

template <class Real>
std::vector<std::vector<Real>> corner_values(const BoxGrid& grid,
                                             const std::vector<CellField<Real>>& fields) {
  std::vector<std::vector<Real>> all;
  for (const auto& copy : with_neighbours(grid, fields)) {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), copy);
    all.push_back(means<Real>(grid, host));
  }
  return all;
}

template std::vector<std::vector<float>> corner_values(const BoxGrid&,
                                                       const std::vector<CellField<float>>&);
template std::vector<std::vector<double>> corner_values(const BoxGrid&,
                                                        const std::vector<CellField<double>>&);

}  // namespace understudy::mesh
