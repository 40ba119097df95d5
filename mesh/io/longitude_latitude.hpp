// Fields of a cubed sphere on a regular longitude-latitude grid, conservatively.
//
// The value of a target cell is the mean of the sphere's cells that it overlaps, weighed by the areas of overlap
// (first-order conservative remapping; Jones 1999). Areas are found by sampling: every target cell is cut into
// parts of equal area, finer than the sphere's cells, and each part belongs to the cell that holds its centre.
//
// The sphere's integrals are sums of values times cell_measure(), a quadrature of sixth order whose weights near
// the panels' edges are not the cells' areas (cubed_sphere_grid.hpp). So that they are kept, one number is added
// everywhere: what the midpoint rule of the overlaps lacks beside that quadrature. What follows, to round-off:
//   - sum of value times area() over the target cells = sum of value times cell_measure() over the sphere's;
//   - a constant stays that constant.
// area() is R^2 d(longitude) d(sin latitude), times the ratio of the sum of all measures to 4 pi R^2 (1 - 8e-7 for panels
// of 12 x 12 cells, 1 - 2e-8 of 24 x 24, 1 - 2e-10 of 48 x 48). Single values are accurate to first order.
//
// Longitudes run from 0 to 360 degrees, latitudes from -90 to 90, in equal steps. Values are summed over the ranks:
// each remaps its own cells, and what is summed has the target's size.
#pragma once

#include <memory>
#include <vector>

#include "mesh/cell_field.hpp"
#include "mesh/cubed_sphere_grid.hpp"

namespace understudy::mesh {

class LongitudeLatitudeMap {
 public:
  /// `rows` cells along a meridian, twice as many along a parallel. Collective.
  LongitudeLatitudeMap(std::shared_ptr<const CubedSphereGrid> grid, int rows);

  int rows() const { return rows_; }
  int columns() const { return 2 * rows_; }
  double latitude_deg(double row) const {
    return -90 + 180 * row / rows_;
  }  ///< of lower side `row`
  double longitude_deg(double column) const { return 180 * column / rows_; }
  double radius_m() const { return grid_->radius(); }
  const CubedSphereGrid& grid() const { return *grid_; }

  /// [row, column], m2.
  const std::vector<double>& area() const { return area_; }
  /// Means over the target cells, [row, column], on every rank. Collective.
  template <class Real>
  std::vector<double> remap(const Array3<Real>& cell_values) const;

 private:
  /// What a source cell of this rank and a target cell share.
  struct Overlap {
    int source, target;  ///< flat index in an array; row * columns + column
    double area;
  };
  void sample();
  void set_areas();

  std::shared_ptr<const CubedSphereGrid> grid_;
  int rows_;
  std::vector<Overlap> overlaps_;
  std::vector<double> area_;
};

/// A vector field of three Cartesian components as its components to the east and to the north, on this
/// rank's interior; ghosts are left at 0.
template <class Real>
struct EastNorth {
  Array3<Real> east, north;
};
template <class Real>
EastNorth<Real> east_north(const CubedSphereGrid& grid, const Array3<Real>& x,
                           const Array3<Real>& y, const Array3<Real>& z);

}  // namespace understudy::mesh
