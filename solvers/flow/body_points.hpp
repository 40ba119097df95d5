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
#pragma once

#include <array>
#include <memory>
#include <string>
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

struct ForcedPoints {
  std::vector<int> solid;  ///< linear indices [k, j, i]
  InterpolatedPoints interface;
  int blocked = 0;  ///< interface points without a free stencil
};

/// The bodies of a deck as one, checked against the grid.
class Bodies {
 public:
  /// Collective. UserErrors: body outside the box, across a periodic side, or thinner than two
  /// cells.
  Bodies(const std::vector<mesh::BodyParams>& params, std::shared_ptr<const mesh::BoxGrid> grid,
         const std::string& deck_directory);
  bool empty() const { return bodies_.empty(); }
  /// Forced points of the velocity component at `location`.
  ForcedPoints find(mesh::Location location) const;
  /// The cells of the bodies beside the fluid, whose scalar acts on the fluid: a weighted sum that
  /// mirrors it (no flux), or `fixed`: whose weights leave room for 1 - their sum of the body's value.
  InterpolatedPoints find_scalar(bool fixed) const;
  std::size_t count() const { return bodies_.size(); }
  /// Which body is nearest to a point.
  std::size_t nearest(const mesh::Point& x) const;
  /// Linear indices of this rank's cells whose faces are all forced: no free velocity feels their
  /// pressure.
  std::vector<int> buried_cells() const;
  /// Signed distance (m) near the bodies; far from them a large positive number.
  double distance(const mesh::Point& x) const;

 private:
  void require_thick(const mesh::Body& body, const std::string& what) const;
  mesh::Point normal(const mesh::Point& x) const;
  std::shared_ptr<const mesh::BoxGrid> grid_;
  std::vector<std::unique_ptr<mesh::Body>> bodies_;
  std::vector<std::array<mesh::Point, 2>> reach_;  ///< bounds widened by five spacings
};

}  // namespace understudy::solvers::flow
