#include "mesh/cell_weights.hpp"

#include <algorithm>
#include <numeric>

#include "mesh/cubed_sphere_grid.hpp"

namespace understudy::mesh {

std::vector<double> cell_measures(const GridParams& params) {
  if (!params.is_sphere()) return {};
  CubedSphereParams alone = cubed_sphere_params(params);
  alone.ranks = {};
  const CubedSphereGrid grid(alone, core::Comm::self());
  const auto host =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), grid.cell_measure().of_each);
  const Range3 inside = grid.interior();
  std::vector<double> measures;
  measures.reserve(static_cast<std::size_t>(inside.count()));
  for (int k = inside.begin[2]; k < inside.end[2]; ++k)
    for (int j = inside.begin[1]; j < inside.end[1]; ++j)
      for (int i = inside.begin[0]; i < inside.end[0]; ++i) measures.push_back(host(k, j, i));
  return measures;
}

std::vector<float> cell_weights(const std::vector<double>& measures) {
  if (measures.empty()) return {};
  const double mean =
      std::accumulate(measures.begin(), measures.end(), 0.0) / static_cast<double>(measures.size());
  std::vector<float> weights(measures.size());
  std::ranges::transform(measures, weights.begin(),
                         [mean](double measure) { return static_cast<float>(measure / mean); });
  return weights;
}

}  // namespace understudy::mesh
