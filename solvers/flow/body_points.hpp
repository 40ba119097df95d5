// Which velocity points of this rank a body forces, and how: found once, on the host.
//
// At every velocity location with signed distance d (m, negative inside) and normal n = grad d:
//   interface  d > 0 and a neighbour along an axis has d <= 0: the parabola through the wall
//              (u = 0) and two places further out on the normal, whose values are (bi-, tri-)
//              linearly interpolated from points that are not forced (Fadlun et al. 2000 with the normal
//              line of Balaras 2004, one order higher)
//   solid      d <= 0: u = 0
// The first place out is the nearest with a free stencil, the second up to one spacing further; in
// a corner where there is none, forced points enter with their value before forcing. Stencils reach
// at most two cells, which is what the halo holds.
//
// Bodies may touch and cross the sides of the box. What lies beyond a side that is not periodic does
// not count: there the body is the mirror image of what lies inside, as the ghost values are that of
// the fluid. Beyond a periodic side it comes in again at the other one. Velocities on the sides
// themselves are the boundary conditions' and never forced.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_params.hpp"

namespace understudy::solvers::flow {

/// Points whose velocity is a weighted sum of others'.
struct InterpolatedPoints {
  std::vector<int> index;  ///< linear index [k, j, i]
  /// Linear indices of the summands; unused ones name the point itself.
  std::vector<std::array<int, 16>> stencil;
  std::vector<std::array<double, 16>> weight;  ///< the summands' weights; 0 for unused ones
};

/// Points whose control volumes a surface cuts, or that are forced in the fluid: the fluid's share of
/// the control volume, less 1 where the point is free.
struct PartlyForcedPoints {
  std::vector<int> index;  ///< linear indices [k, j, i]
  std::vector<double> share;
};

struct ForcedPoints {
  std::vector<int> solid;  ///< linear indices [k, j, i]
  InterpolatedPoints interface;
  PartlyForcedPoints partly;
  int blocked = 0;  ///< interface points without a free stencil
};

class Distances;  // body_stencils.hpp

/// The bodies of a deck as one, checked against the grid.
class Bodies {
 public:
  /// Collective. UserErrors: body outside the box, or thinner than two cells.
  Bodies(const std::vector<mesh::BodyParams>& params, std::shared_ptr<const mesh::BoxGrid> grid,
         const std::string& deck_directory);
  bool empty() const { return bodies_.empty(); }
  /// Some body lies within three cells of a side that is not periodic: stencils read its ghosts.
  bool near_sides() const { return near_sides_; }
  /// Some body goes on through a side that is not periodic: a cylinder between walls in 3-D.
  bool spans_sides() const { return spans_sides_; }
  /// Forced points of the velocity component at `location`.
  ForcedPoints find(mesh::Location location) const;
  /// The cells of the bodies beside the fluid, whose scalar acts on the fluid: a weighted sum that
  /// mirrors it (no flux), or `fixed`: whose weights leave room for 1 - their sum of the body's value.
  InterpolatedPoints find_scalar(bool fixed) const;
  /// The fluid's cells beside those of a body, each with its neighbours along the axes: weight 1 in the fluid,
  /// 1/2 across a side of the box (whose value is the mean of both), none in a body.
  InterpolatedPoints find_scalar_bounds() const;
  std::size_t count() const { return bodies_.size(); }
  /// Which body is nearest to a point.
  std::size_t nearest(const mesh::Point& x) const;
  /// Linear indices of this rank's cells whose faces are all forced or prescribed by a side: no free
  /// velocity feels their pressure.
  std::vector<int> buried_cells() const;
  /// Signed distance (m) near the bodies; far from them a large positive number. Points whose distance
  /// is round-off lie on the surface, 0.
  double distance(const mesh::Point& x) const;
  bool is_solid(const mesh::Point& x) const { return distance(x) <= 0; }

 private:
  /// A body as it is, or shifted by periods.
  struct Copy {
    std::size_t body;
    mesh::Point shift;
    std::array<mesh::Point, 2> reach;  ///< bounds widened by five spacings
  };
  void add_copies(std::size_t body);
  void require_resolved(std::size_t n, const std::string& what) const;
  double depth_of(const Copy& copy) const;
  bool is_thick_at(const mesh::Body& body, const mesh::Point& cell, const mesh::Point& shift) const;
  mesh::Point normal(const mesh::Point& x) const;
  /// The normal from a body's cell to the fluid beside it, and its depth (m) along it.
  std::pair<mesh::Point, double> way_out(const Distances& d, const std::array<int, 3>& at) const;
  /// The fluid's share of the control volume around a point.
  double fluid_share(const Distances& d, const std::array<int, 3>& at) const;
  std::shared_ptr<const mesh::BoxGrid> grid_;
  std::vector<std::unique_ptr<mesh::Body>> bodies_;
  std::vector<Copy> copies_;
  bool near_sides_ = false, spans_sides_ = false;
};

}  // namespace understudy::solvers::flow
