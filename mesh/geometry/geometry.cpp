#include "mesh/geometry/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/geometry/geometry_shapes.hpp"
#ifdef UNDERSTUDY_WITH_VTK
#include "mesh/geometry/stl_surface.hpp"
#endif

namespace understudy::mesh {

using core::UserError;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool two_or_three(const std::vector<double>& values) {
  return values.size() == 2 || values.size() == 3;
}

/// The centre with z = 0 where it is not given; `needs_z`: a shape of finite length along z.
Point center_of(const BodyParams& params, bool needs_z) {
  if (!two_or_three(params.center_m) || (needs_z && params.center_m.size() != 3))
    throw UserError(core::format("center_m of a {} has {} values; it needs {}", params.shape,
                                 params.center_m.size(),
                                 needs_z ? "three (x, y, z) on a 3-D grid" : "two or three"));
  return {params.center_m[0], params.center_m[1],
          params.center_m.size() == 3 ? params.center_m[2] : 0};
}

std::unique_ptr<Body> make_box(const BodyParams& params, int dimension) {
  if (!two_or_three(params.size_m))
    throw UserError(
        core::format("size_m of a box has {} values; it needs two or three", params.size_m.size()));
  const bool prism = dimension == 2 || params.size_m.size() == 2;
  return shapes::box(
      center_of(params, !prism),
      {params.size_m[0] / 2, params.size_m[1] / 2, prism ? infinity : params.size_m[2] / 2},
      params.angle_deg * std::numbers::pi / 180);
}

std::unique_ptr<Body> make_stl(const BodyParams& params, int dimension,
                               const std::string& directory) {
  if (dimension == 2)
    throw UserError(core::format("{}: an STL body needs a 3-D grid; this one is 2-D", params.file));
#ifdef UNDERSTUDY_WITH_VTK
  const std::filesystem::path file(params.file);
  return make_stl_body(file.is_absolute() ? file : std::filesystem::path(directory) / file,
                       params.scale, center_of(params, true));
#else
  static_cast<void>(directory);
  throw UserError(core::format("{}: STL bodies need VTK, and this build has no VTK", params.file));
#endif
}

std::string text(const Point& x, int dimension) {
  return dimension == 2 ? core::format("({:.6g}, {:.6g})", x[0], x[1])
                        : core::format("({:.6g}, {:.6g}, {:.6g})", x[0], x[1], x[2]);
}

}  // namespace

std::unique_ptr<Body> make_body(const BodyParams& params, int dimension,
                                const std::string& deck_directory) {
  if (params.shape == "cylinder")
    return shapes::cylinder(center_of(params, false), params.diameter_m / 2);
  if (params.shape == "sphere")  // on a 2-D grid the circle in which z = 0 cuts it
    return dimension == 2 ? shapes::cylinder(center_of(params, false), params.diameter_m / 2)
                          : shapes::sphere(center_of(params, true), params.diameter_m / 2);
  if (params.shape == "box") return make_box(params, dimension);
  if (params.shape == "naca") {
    const std::string problem = shapes::naca_problem(params.digits);
    if (!problem.empty()) throw UserError(problem);
    return shapes::naca(center_of(params, false), params.digits, params.chord_m,
                        params.angle_deg * std::numbers::pi / 180);
  }
  if (params.shape == "stl") return make_stl(params, dimension, deck_directory);
  throw UserError(core::format("shape '{}' is unknown; there are cylinder, box, sphere, naca, stl",
                               params.shape));
}

void require_inside(const Body& body, const std::string& what, const BoxGrid& grid,
                    double margin_m) {
  const auto [lower, upper] = body.bounds();
  bool inside = true;
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    if (grid.periodic(axis) || std::isinf(lower[axis]) || std::isinf(upper[axis])) continue;
    inside = inside && lower[axis] >= grid.lower(axis) + margin_m &&
             upper[axis] <= grid.upper(axis) - margin_m;
  }
  if (inside) return;
  const int dimension = grid.dimension();
  throw UserError(core::format(
      "{} reaches from {} to {} m; it must lie at least {:.6g} m inside the grid's box from {} to "
      "{} m. Move or shrink the body, or widen the grid.",
      what, text(lower, dimension), text(upper, dimension), margin_m,
      text({grid.lower(0), grid.lower(1), grid.lower(2)}, dimension),
      text({grid.upper(0), grid.upper(1), grid.upper(2)}, dimension)));
}

}  // namespace understudy::mesh
