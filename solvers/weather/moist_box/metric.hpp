// The level map of a moist box on the device; empty where levels are even and the ground is flat. Private to
// solvers/weather/moist_box.
#pragma once

#include <algorithm>

#include "solvers/weather/moist_box/frame.hpp"
#include "solvers/weather/moist_box/level_map.hpp"

namespace understudy::solvers::moist {

template <class Real>
struct Metric {
  using Array = mesh::Array3<Real>;
  LevelMap map;  ///< host; the height is kept, the rest is here
  Array height, thickness, tilt_x, tilt_y;
  MetricPointers<Real> pointers;  ///< null where the grid is not mapped

  /// Collective. UserErrors of make_level_map.
  Metric(const MoistBoxParams& params, const mesh::BoxGrid& grid) {
    if (!needs_level_map(params)) return;
    map = make_level_map(params, grid);
    const auto to_device = [&](const std::vector<double>& values, Array& array) {
      if (values.empty()) return;
      array = Array("metric", grid.extent(2), grid.extent(1), grid.extent(0));
      const auto host = Kokkos::create_mirror_view(array);
      std::ranges::transform(values, host.data(), [](double value) { return Real(value); });
      Kokkos::deep_copy(array, host);
    };
    to_device(map.height_m, height);
    to_device(map.thickness, thickness);
    to_device(map.tilt_x, tilt_x);
    to_device(map.tilt_y, tilt_y);
    map.thickness = map.tilt_x = map.tilt_y = {};
    const int up = grid.dimension() - 1;
    pointers = {thickness.data(),
                {tilt_x.data(), tilt_y.data()},
                grid.ghosts(up),
                grid.ghosts(up) + grid.local_cells(up)};
  }
  bool mapped() const { return pointers.thickness != nullptr; }
};

}  // namespace understudy::solvers::moist
