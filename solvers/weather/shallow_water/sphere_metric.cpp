#include "solvers/weather/shallow_water/sphere_metric.hpp"

#include <cmath>

namespace understudy::solvers::shallow_water {

namespace {

using mesh::Vector3;

// In panel 0's frame (-sin, cos, 0) or (-sin, 0, cos), turned.
Vector3 normal_of(int panel, int axis, double angle) {
  const auto frame = mesh::panel_frame(panel);
  Vector3 local{-std::sin(angle), 0, 0}, global{};
  local[axis + 1] = std::cos(angle);
  for (int row = 0; row < 3; ++row)
    for (int c = 0; c < 3; ++c) global[row] += frame[row][c] * local[c];
  return global;
}

template <class Real>
void fill_axis(AxisMetric<Real>& metric, const mesh::CubedSphereGrid& grid, int axis) {
  const int wide = grid.extent(0), high = grid.extent(1), along = grid.extent(axis);
  const double radius = grid.radius(), step = grid.step();
  metric.face = Array2<Real>("face length", high, wide);
  metric.gradient = Array2<Real>("gradient of the angle", high, wide);
  const auto face = Kokkos::create_mirror_view(metric.face);
  const auto gradient = Kokkos::create_mirror_view(metric.gradient);
  for (int j = 0; j < high; ++j)
    for (int i = 0; i < wide; ++i) {
      const int index = axis == 0 ? i : j, other = axis == 0 ? j : i;
      const double across = grid.centre(1 - axis, other);
      face(j, i) = Real(mesh::face_length(radius, grid.lower_side(axis, index), across));
      gradient(j, i) =
          Real(mesh::face_length(radius, grid.centre(axis, index), across) /
               (step * mesh::sphere_jacobian(radius, grid.centre(0, i), grid.centre(1, j))));
    }
  Kokkos::deep_copy(metric.face, face);
  Kokkos::deep_copy(metric.gradient, gradient);
  metric.face_tangent = Kokkos::View<Real*, mesh::Memory>("tangent at faces", along);
  metric.centre_tangent = Kokkos::View<Real*, mesh::Memory>("tangent at centres", along);
  const auto face_tangent = Kokkos::create_mirror_view(metric.face_tangent);
  const auto centre_tangent = Kokkos::create_mirror_view(metric.centre_tangent);
  for (int n = 0; n < along; ++n) {
    face_tangent(n) = Real(std::tan(grid.lower_side(axis, n)));
    centre_tangent(n) = Real(std::tan(grid.centre(axis, n)));
  }
  Kokkos::deep_copy(metric.face_tangent, face_tangent);
  Kokkos::deep_copy(metric.centre_tangent, centre_tangent);
  for (int c = 0; c < 3; ++c) {
    metric.face_normal[c] = Array2<Real>("face normal", grid.panels(), along);
    metric.centre_normal[c] = Array2<Real>("centre normal", grid.panels(), along);
    const auto at_face = Kokkos::create_mirror_view(metric.face_normal[c]);
    const auto at_centre = Kokkos::create_mirror_view(metric.centre_normal[c]);
    for (int panel = 0; panel < grid.panels(); ++panel)
      for (int n = 0; n < along; ++n) {
        at_face(panel, n) = Real(normal_of(panel, axis, grid.lower_side(axis, n))[c]);
        at_centre(panel, n) = Real(normal_of(panel, axis, grid.centre(axis, n))[c]);
      }
    Kokkos::deep_copy(metric.face_normal[c], at_face);
    Kokkos::deep_copy(metric.centre_normal[c], at_centre);
  }
}

}  // namespace

template <class Real>
SphereMetric<Real>::SphereMetric(const mesh::CubedSphereGrid& grid) {
  for (int a = 0; a < 2; ++a) fill_axis(axis[a], grid, a);
  inverse_area = Array2<Real>("inverse area", grid.extent(1), grid.extent(0));
  const auto area = Kokkos::create_mirror_view(inverse_area);
  for (int j = 0; j < grid.extent(1); ++j)
    for (int i = 0; i < grid.extent(0); ++i)
      area(j, i) = Real(1 / (grid.step() * mesh::sphere_jacobian(grid.radius(), grid.centre(0, i),
                                                                 grid.centre(1, j))));
  Kokkos::deep_copy(inverse_area, area);
  std::array<typename mesh::Array3<Real>::host_mirror_type, 3> host;
  for (int c = 0; c < 3; ++c) {
    radial[c] = mesh::Array3<Real>("radial", grid.extent(2), grid.extent(1), grid.extent(0));
    host[c] = Kokkos::create_mirror_view(radial[c]);
  }
  for (int k = 0; k < grid.extent(2); ++k)
    for (int j = 0; j < grid.extent(1); ++j)
      for (int i = 0; i < grid.extent(0); ++i) {
        const Vector3 n = grid.direction(k, j, i);
        for (int c = 0; c < 3; ++c) host[c](k, j, i) = Real(n[c]);
      }
  for (int c = 0; c < 3; ++c) Kokkos::deep_copy(radial[c], host[c]);
}

template struct SphereMetric<float>;
template struct SphereMetric<double>;

}  // namespace understudy::solvers::shallow_water
