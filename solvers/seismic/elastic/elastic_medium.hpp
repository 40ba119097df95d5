// The elastic medium on the staggered grid. Private to the elastic solver.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "mesh/array.hpp"
#include "solvers/seismic/earth/earth_model.hpp"
#include "solvers/seismic/numerics/wave_grid.hpp"

namespace understudy::solvers::seismic {

/// Where the shear stress of axes a and b (a < b) stands among the stresses: xx, yy, xy in 2-D; xx, yy,
/// zz, xy, xz, yz in 3-D.
KOKKOS_INLINE_FUNCTION constexpr int shear_index(int dimension, int a, int b) {
  return a + b + dimension - 1;
}
KOKKOS_INLINE_FUNCTION constexpr int stress_count(int dimension) {
  return dimension * (dimension + 1) / 2;
}

/// Which cells are solid, at any local index {i, j, k}, beyond ghosts, too: by the nearest cell of the box.
class SolidMap {
 public:
  SolidMap(const EarthModel& model, const WaveGrid& grid);
  bool operator()(const std::array<int, 3>& local) const;
  bool mixed() const { return mixed_; }  ///< are there solids and fluids?

 private:
  std::array<int, 3> origin_{0, 0, 0};  ///< box index of local index 0
  std::array<int, 3> cells_;
  std::vector<bool> solid_;
  bool mixed_ = false;
};

/// Arrays [k, j, i] of the padded grid, continued into the layers. Buoyancy (1 / density) at the faces
/// by the arithmetic mean of the density, shear modulus at the edges by the harmonic mean of the four
/// cells around (0 where one is a fluid): effective media for which interfaces along the grid's axes
/// hold to second order (Moczo et al. 2002).
template <class Real>
struct ElasticMedium {
  mesh::Array3<Real> lambda, mu;               ///< Pa, at cells
  std::array<mesh::Array3<Real>, 3> buoyancy;  ///< m3/kg, at faces of each axis
  std::array<mesh::Array3<Real>, 6> mu_edge;   ///< Pa, by shear_index
  std::shared_ptr<const SolidMap> solid;
};

/// UserError where the model lacks S speed or density, or is of another shape than the grid's box.
template <class Real>
ElasticMedium<Real> make_elastic_medium(const EarthModel& model, const WaveGrid& grid);

}  // namespace understudy::solvers::seismic
