// An equiangular cubed sphere (Sadourny 1972; Ronchi, Iacono, Paolucci 1996): six panels of n x n cells, the
// faces of a cube blown up to the sphere. topology.hpp has their numbering and their joints.
//
// In every panel -pi/4 <= alpha, beta <= pi/4, in equal steps of pi/2/n; x (i) is alpha, y (j) is beta, and k
// is the panel: arrays are [6, extent y, extent x], without ghosts along k. With X = tan(alpha), Y = tan(beta)
// a point of panel 0 lies in the direction (1, X, Y); the other panels are turned (topology.hpp). The
// same formula beyond the panel's sides continues its coordinates there: ghosts lie on that continuation.
//
// With rho^2 = 1 + X^2 + Y^2 and the radius R:
//   J        = R^2 (1 + X^2)(1 + Y^2) / rho^3                            area per d(alpha) d(beta), m2
//   J |grad alpha| = R (1 + Y^2) sqrt(1 + X^2) / rho^2                   length of an x face per d(beta), m
//   grad alpha / |grad alpha| = (-sin(alpha), cos(alpha), 0)             in panel 0; the same along a face
// and the same with X and Y, alpha and beta changed (Ullrich, Jablonowski, van Leer 2010, section 2).
//
// What a cell measures is J at its centre times the steps, times end-corrected weights of the midpoint rule in the six
// cells beside each edge: values at centres are integrated to sixth order, and so differences of point values can
// conserve (solvers/weather/shallow_water/panel_edges.hpp). All add up to 4 pi R^2 to sixth order.
//
// Every rank owns the same block (i, j) of all six panels, so that loads are equal wherever n divides evenly.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/cell_measure.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh {

/// What the deck says of a cubed sphere.
struct CubedSphereParams {
  long long cells = 48;          ///< along an edge of a panel
  double radius_m = 6.37122e6;   ///< of the earth, as Williamson et al. 1992 take it
  std::vector<long long> ranks;  ///< along x and y of a panel; empty: chosen
  void describe(core::ParamVisitor& v);
  /// The same as what every grid's description is.
  GridParams grid_params() const;
};
/// And back.
CubedSphereParams cubed_sphere_params(const GridParams& grid);

using Vector3 = std::array<double, 3>;

/// From the frame of a panel, in which it is (1, X, Y), to the sphere's: rows of a turn that permutes axes.
std::array<Vector3, 3> panel_frame(int panel);
/// The unit vector to (alpha, beta) of `panel`; beyond its sides, to the continuation.
Vector3 panel_direction(int panel, double alpha, double beta);
/// Where a panel meets a direction.
struct PanelPoint {
  int panel;
  double alpha, beta;
};
/// The panel that holds a direction, and where it does.
PanelPoint locate_panel(const Vector3& direction);
/// alpha and beta of a direction in the continuation of `panel`, which it must be in front of.
PanelPoint in_panel(int panel, const Vector3& direction);

/// Longitude (-pi, pi] and latitude, radians. Panel 0 is centred on longitude 0 of the equator.
struct LongitudeLatitude {
  double longitude, latitude;
};
LongitudeLatitude longitude_latitude(const Vector3& direction);
Vector3 direction_of(const LongitudeLatitude& place);

class CubedSphereGrid : public Grid {
 public:
  /// Collective. UserError when there are more ranks than a panel's cells allow (each block keeps at least
  /// `ghosts` cells per axis), naming a number that fits.
  CubedSphereGrid(const CubedSphereParams& params, const core::Comm& comm, int ghosts = 2);

  int cells_per_edge() const { return global_cells(0); }
  double radius() const { return radius_; }  ///< m
  double step() const { return step_; }      ///< of alpha and beta, radians
  /// alpha or beta of the centre of local index `index` along `axis`; of its lower side.
  double centre(int axis, int index) const;
  double lower_side(int axis, int index) const { return centre(axis, index) - step_ / 2; }
  Vector3 direction(int k, int j, int i) const;  ///< to a cell's centre, ghosts on the continuation

  CellMeasure cell_measure() const override { return measure_; }  ///< of each cell
  std::array<double, 3> position(Location location, int k, int j, int i) const override;
  GridGeometry geometry() const override;  ///< radius_m

 private:
  double radius_, step_;
  CellMeasure measure_;
};

/// Cells beside an edge that the weights differ in from 1.
inline constexpr int edge_cells = 6;
/// The weight of the m-th cell from an edge, m >= 0: with (m + 1/2)^q for q = 0 to 5 the weighed sum is the
/// integral (Euler and Maclaurin's corrections as weights; Gregory's rule for midpoints).
KOKKOS_INLINE_FUNCTION constexpr double edge_weight(int m) {
  return m == 0   ? 1152511.0 / 967680
         : m == 1 ? 435301.0 / 967680
         : m == 2 ? 164923.0 / 96768
         : m == 3 ? 235297.0 / 483840
         : m == 4 ? 1162883.0 / 967680
         : m == 5 ? 935561.0 / 967680
                  : 1.0;
}

/// J at (alpha, beta), m2.
double sphere_jacobian(double radius, double alpha, double beta);
/// Length of an x face at (alpha, beta) per d(beta), m; of a y face with the angles changed.
double face_length(double radius, double alpha, double beta);

/// The grid as a cubed sphere. UserError where it is none, naming `what` needs one.
std::shared_ptr<const CubedSphereGrid> as_cubed_sphere(const std::shared_ptr<const Grid>& grid,
                                                       const char* what);

}  // namespace understudy::mesh
