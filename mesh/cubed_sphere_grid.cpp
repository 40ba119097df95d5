#include "mesh/cubed_sphere_grid.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::mesh {

namespace {

// Rows of the turns from a panel's frame to the sphere's, in the order of topology.hpp.
constexpr std::array<std::array<Vector3, 3>, 6> frames{{
    {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {{{0, -1, 0}, {1, 0, 0}, {0, 0, 1}}},
    {{{-1, 0, 0}, {0, -1, 0}, {0, 0, 1}}},
    {{{0, 1, 0}, {-1, 0, 0}, {0, 0, 1}}},
    {{{0, 0, -1}, {0, 1, 0}, {1, 0, 0}}},
    {{{0, 0, 1}, {0, 1, 0}, {-1, 0, 0}}},
}};

}  // namespace

std::array<Vector3, 3> panel_frame(int panel) { return frames.at(panel); }

Vector3 panel_direction(int panel, double alpha, double beta) {
  const double x = std::tan(alpha), y = std::tan(beta);
  const double inverse = 1 / std::sqrt(1 + x * x + y * y);
  const Vector3 local{inverse, x * inverse, y * inverse};
  Vector3 global{};
  for (int row = 0; row < 3; ++row)
    for (int c = 0; c < 3; ++c) global[row] += frames.at(panel)[row][c] * local[c];
  return global;
}

PanelPoint in_panel(int panel, const Vector3& direction) {
  Vector3 local{};
  for (int row = 0; row < 3; ++row)
    for (int c = 0; c < 3; ++c) local[c] += frames.at(panel)[row][c] * direction[row];
  return {panel, std::atan2(local[1], local[0]), std::atan2(local[2], local[0])};
}

PanelPoint locate_panel(const Vector3& direction) {
  int nearest = 0;
  double most = -1;
  for (int panel = 0; panel < 6; ++panel) {
    double ahead = 0;  // along the panel's axis
    for (int row = 0; row < 3; ++row) ahead += frames[panel][row][0] * direction[row];
    if (ahead > most) {
      most = ahead;
      nearest = panel;
    }
  }
  return in_panel(nearest, direction);
}

LongitudeLatitude longitude_latitude(const Vector3& direction) {
  const double horizontal = std::hypot(direction[0], direction[1]);
  return {std::atan2(direction[1], direction[0]), std::atan2(direction[2], horizontal)};
}

Vector3 direction_of(const LongitudeLatitude& place) {
  const double c = std::cos(place.latitude);
  return {c * std::cos(place.longitude), c * std::sin(place.longitude), std::sin(place.latitude)};
}

double sphere_jacobian(double radius, double alpha, double beta) {
  const double x = std::tan(alpha), y = std::tan(beta), square = 1 + x * x + y * y;
  return radius * radius * (1 + x * x) * (1 + y * y) / (square * std::sqrt(square));
}

double face_length(double radius, double alpha, double beta) {
  const double x = std::tan(alpha), y = std::tan(beta);
  return radius * (1 + y * y) * std::sqrt(1 + x * x) / (1 + x * x + y * y);
}

CubedSphereGrid::CubedSphereGrid(const CubedSphereParams& params, const core::Comm& comm,
                                 int ghosts)
    : Grid(params.grid_params(), Topology::cubed_sphere(), comm, ghosts),
      radius_(params.radius_m),
      step_(std::numbers::pi / 2 / double(params.cells)) {
  const auto end_weight = [&](int axis, int index) {
    const int cell = this->offset(axis) + index - this->ghosts(axis);
    return edge_weight(std::max(0, std::min(cell, global_cells(axis) - 1 - cell)));
  };
  Array3<double> measure("cell measure", extent(2), extent(1), extent(0));
  const auto host = Kokkos::create_mirror_view(measure);
  for (int k = 0; k < extent(2); ++k)
    for (int j = 0; j < extent(1); ++j)
      for (int i = 0; i < extent(0); ++i)
        host(k, j, i) = end_weight(0, i) * end_weight(1, j) *
                        sphere_jacobian(radius_, centre(0, i), centre(1, j)) * step_ * step_;
  Kokkos::deep_copy(measure, host);
  measure_.of_each = measure;
}

double CubedSphereGrid::centre(int axis, int index) const {
  return (offset(axis) + index - ghosts(axis) + 0.5) * step_ - std::numbers::pi / 4;
}

Vector3 CubedSphereGrid::direction(int k, int j, int i) const {
  return panel_direction(k, centre(0, i), centre(1, j));
}

std::array<double, 3> CubedSphereGrid::position(Location location, int k, int j, int i) const {
  const double alpha = staggered(location, 0) ? lower_side(0, i) : centre(0, i);
  const double beta = staggered(location, 1) ? lower_side(1, j) : centre(1, j);
  Vector3 place = panel_direction(k, alpha, beta);
  for (double& x : place) x *= radius_;
  return place;
}

GridGeometry CubedSphereGrid::geometry() const { return {{"radius_m", {radius_}}}; }

std::shared_ptr<const CubedSphereGrid> as_cubed_sphere(const std::shared_ptr<const Grid>& grid,
                                                       const char* what) {
  if (auto sphere = std::dynamic_pointer_cast<const CubedSphereGrid>(grid)) return sphere;
  throw core::UserError(core::format("{} needs a cubed sphere; this run's grid is another", what));
}

}  // namespace understudy::mesh
