// A grid that is no uniform box: a plane whose cells are 1, 2, 3... m wide along x and 1 m high.
#pragma once

#include "mesh/cell_measure.hpp"
#include "mesh/grid.hpp"

namespace mesh_test {

using namespace understudy;

class StretchedGrid : public mesh::Grid {
 public:
  StretchedGrid(int nx, int ny, const core::Comm& comm)
      : Grid(cells(nx, ny), mesh::Topology::box({false, false, true}), comm, 2) {
    const mesh::Array3<double> area("area", extent(2), extent(1), extent(0));
    const auto host = Kokkos::create_mirror_view(area);
    for (int k = 0; k < extent(2); ++k)
      for (int j = 0; j < extent(1); ++j)
        for (int i = 0; i < extent(0); ++i) host(k, j, i) = width_m(i);
    Kokkos::deep_copy(area, host);
    area_ = area;
  }

  mesh::CellMeasure cell_measure() const override { return {.of_each = area_}; }
  std::array<double, 3> position(mesh::Location location, int, int j, int i) const override {
    const double lower = 0.5 * (width_m(i) - 1) * width_m(i);
    return {mesh::staggered(location, 0) ? lower : lower + 0.5 * width_m(i),
            offset(1) + j - ghosts(1) + (mesh::staggered(location, 1) ? 0 : 0.5), 0};
  }
  mesh::GridGeometry geometry() const override { return {{"first_width_m", {1}}}; }

 private:
  static mesh::GridParams cells(int nx, int ny) {
    mesh::GridParams params;
    params.cells = {nx, ny};
    return params;
  }
  double width_m(int i) const { return offset(0) + i - ghosts(0) + 1; }

  mesh::Array3<const double> area_;
};

}  // namespace mesh_test
