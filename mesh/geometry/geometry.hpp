// Bodies: shapes and closed STL surfaces as signed distances (negative inside), in m.
// Cylinder, box and sphere are exact; the airfoil (NACA four digits: Jacobs, Ward, Pinkerton 1933,
// NACA report 460, with the trailing edge closed) is exact to the polygon of 400 panels that stands
// for it; STL surfaces are exact to their triangles, through VTK's implicit distance
// (angle-weighted normals: Baerentzen, Aanaes 2005).
//
// On a 2-D grid bodies are taken in the x-y plane. On a 3-D grid cylinders, airfoils and boxes of
// two lengths reach through the whole box along z.
//
// Host only, and one thread at a time (VTK's distance keeps a cache): solvers sample a body onto
// the grid once.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "mesh/box_grid.hpp"

namespace understudy::mesh {

using Point = std::array<double, 3>;

struct BodyParams {
  std::string shape = "cylinder";      ///< cylinder, box, sphere, naca, stl
  std::vector<double> center_m{0, 0};  ///< naca: mid-chord; stl: where the file's origin goes
  double diameter_m = 1;               ///< cylinder (axis along z), sphere
  std::vector<double> size_m{1, 1};    ///< box: full lengths; two: infinite along z
  double angle_deg =
      0;  ///< box, naca: nose-up turn about the centre (lower-x side towards upper y)
  std::string digits = "0012";  ///< naca: camber, its place, thickness (% chord, tenths, % chord)
  double chord_m = 1;           ///< naca
  std::string file = "";        ///< stl: path, relative to the deck
  double scale = 1;             ///< stl: lengths in the file are multiplied by this
  void describe(core::ParamVisitor& v);
};

class Body {
 public:
  virtual ~Body() = default;
  /// Signed distance (m) to the surface, negative inside.
  virtual double distance(const Point& x) const = 0;
  /// The surface's axis-aligned box: lower, upper; infinite along an axis that it passes through.
  virtual std::array<Point, 2> bounds() const = 0;
};

/// UserError for an unreadable or open STL surface, bad digits, lengths that do not fit the
/// dimension, and any STL surface in a build without VTK.
std::unique_ptr<Body> make_body(const BodyParams& params, int dimension,
                                const std::string& deck_directory);
/// UserError unless the body lies at least `margin_m` inside the grid's box on its non-periodic
/// axes. `what` names the body in the message ("bodies[0], cylinder"). Axes along which a body is
/// infinite are not checked.
void require_inside(const Body& body, const std::string& what, const BoxGrid& grid,
                    double margin_m);

}  // namespace understudy::mesh
