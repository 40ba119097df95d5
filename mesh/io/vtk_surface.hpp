// Surfaces as ParaView's .vtp: lines or triangles with numbers on each, and points with numbers and
// names. Part of builds with VTK.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace understudy::mesh {

struct SurfaceColumn {
  std::string name, unit;
  int components = 1;
  std::vector<double> values = {};  ///< [piece, component]
};

struct Surface {
  int corners = 3;                                 ///< of a piece: 1 (points), 2 (lines) or 3
  std::vector<std::array<double, 3>> points = {};  ///< m, [piece, corner]
  std::vector<SurfaceColumn> columns = {};  ///< cell data; of points point data, which glyphs take
  std::vector<std::string> names = {};  ///< of points, as their array `name`; none: no such array
};

/// The text of the file at a time (s), units as field data ("unit:<name>") and as UNITS_LABEL of the arrays.
/// UserError where VTK refuses it.
std::string surface_text(const Surface& surface, double time_s);

}  // namespace understudy::mesh
