// Triangle surfaces that the project makes itself, and their files in binary STL (80-byte header,
// count, and per triangle a normal, three corners and two zero bytes, little-endian floats).
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "mesh/geometry/geometry.hpp"

namespace understudy::mesh {

struct TriangleSurface {
  std::vector<Point> points;                  ///< m
  std::vector<std::array<int, 3>> triangles;  ///< corners, counter-clockwise seen from outside
};

/// Closed ellipsoid about the origin, its poles on the x axis, with `rings` bands from pole to pole
/// and `around` corners on each circle.
TriangleSurface ellipsoid(const Point& semi_axes_m, int rings, int around);
/// Closed ring about the z axis: `major_m` to the tube's centre line, `minor_m` the tube's radius.
TriangleSurface torus(double major_m, double minor_m, int around, int across);

/// `title`: at most 79 bytes, not starting with "solid". UserError when the file cannot be written.
void write_stl(const std::filesystem::path& path, const TriangleSurface& surface,
               const std::string& title);

}  // namespace understudy::mesh
