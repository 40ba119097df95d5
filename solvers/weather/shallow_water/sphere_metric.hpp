// The cubed sphere's metric as the shallow-water kernels read it. Arrays [j, i] hold for every panel alike;
// directions are the panel's own, [panel, index].
#pragma once

#include "mesh/cubed_sphere_grid.hpp"

namespace understudy::solvers::shallow_water {

template <class Real>
using Array2 = Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory>;

/// Cartesian components.
template <class View>
using Components = std::array<View, 3>;

/// Of one axis of the panels.
template <class Real>
struct AxisMetric {
  Array2<Real> face;  ///< [j, i] length of the face below the cell per step of the other angle, m
  Array2<Real> gradient;  ///< [j, i] |grad angle| / step at the centre, 1/m
  Kokkos::View<Real*, mesh::Memory> face_tangent, centre_tangent;  ///< [index] tan of the angle
  Components<Array2<Real>> face_normal,
      centre_normal;  ///< [panel, index]: grad angle / |grad angle|
};

template <class Real>
struct SphereMetric {
  explicit SphereMetric(const mesh::CubedSphereGrid& grid);
  std::array<AxisMetric<Real>, 2> axis;
  Array2<Real>
      inverse_area;  ///< [j, i] 1 / (J step), 1/m2: times a flux through the faces, its divergence
  Components<mesh::Array3<Real>> radial;  ///< [panel, j, i] unit vector n
};

}  // namespace understudy::solvers::shallow_water
