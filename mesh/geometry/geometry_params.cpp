// The deck's keys of bodies (geometry.hpp).
#include "mesh/geometry/geometry.hpp"
#include "mesh/geometry/geometry_shapes.hpp"

namespace understudy::mesh {

namespace {

bool two_or_three(const std::vector<double>& values) {
  return values.size() == 2 || values.size() == 3;
}

}  // namespace

void BodyParams::describe(core::ParamVisitor& v) {
  v.choice("shape", shape, {"cylinder", "box", "sphere", "naca", "stl"},
           "cylinder (a circle, along z in 3-D), box, sphere, naca (four-digit airfoil), or stl (a "
           "closed surface from a file)");
  v.reals(
      "center_m", center_m, 0, {}, "m",
      "centre: two values, or three in 3-D; naca: mid-chord; stl: where the file's origin goes");
  v.require(two_or_three(center_m), "center_m", "needs two or three values");
  v.real("diameter_m", diameter_m, {.above = 0}, "m", "cylinder, sphere: diameter");
  v.reals("size_m", size_m, 0, {.above = 0}, "m",
          "box: full lengths; two values in 3-D: infinite along z");
  v.require(two_or_three(size_m), "size_m", "needs two or three values");
  v.real("angle_deg", angle_deg, {.at_least = -360, .at_most = 360}, "deg",
         "box, naca: nose-up turn about the centre in the x-y plane");
  v.text("digits", digits, "naca: the four digits, quoted, e.g. \"2412\"");
  const std::string problem = shapes::naca_problem(digits);
  v.require(problem.empty(), "digits", problem);
  v.real("chord_m", chord_m, {.above = 0}, "m", "naca: chord");
  v.text("file", file, "stl: file of the closed surface, relative to the deck");
  v.require(shape != "stl" || !file.empty(), "file", "shape stl needs the file of its surface");
  v.real("scale", scale, {.above = 0}, "1", "stl: factor on the lengths in the file");
}

}  // namespace understudy::mesh
