// The bodies' surfaces in flat pieces: where their signed distance crosses the simplices (2-D: two triangles a
// cell; 3-D: six tetrahedra a cell, Kuhn 1960) between the grid's corners (marching tetrahedra, Doi & Koide
// 1991). Pieces join without gaps, over ranks, too, so that the sum of normal x area over a body that lies
// free in the box is zero. Corners lie on the surface to the distance's own accuracy, pieces between them off
// it by O(h^2). What lies beyond the box's sides or on them is left out. Host only.
#pragma once

#include <array>
#include <vector>

#include "solvers/flow/body_points.hpp"

namespace understudy::solvers::flow {

/// A line (2-D; its area is a length) or a triangle.
struct SurfacePiece {
  std::array<mesh::Point, 3> corner{};  ///< 2-D: the first two
  mesh::Point centre{}, normal{};       ///< the unit normal points into the fluid
  double area = 0;                      ///< m2; 2-D: m
  int body = 0;                         ///< to which it belongs, in the deck's order
  /// Distances (m) along the normal of the first places where velocity and pressure can be read (their
  /// linear interpolation has no point in a body, or no cell that is buried), and whether they can be one
  /// spacing further, too. <= 0: there is no such place near.
  double first_velocity = 0, first_pressure = 0;
  bool second_velocity = false, second_pressure = false;
};

/// Those of all ranks, the same on each. Collective.
std::vector<SurfacePiece> surface_pieces(const Bodies& bodies, const mesh::BoxGrid& grid);

double largest_spacing_of(const mesh::BoxGrid& grid);

}  // namespace understudy::solvers::flow
