// PNG pictures of a 2-D slice of a cell field, through VTK's image pipeline (no display needed):
// one colour a cell, no interpolation, y (or z) upwards. A colour bar is the caller's. Pictures are
// part of builds with VTK, gather_slice and gather_picture of every build.
//
// A sphere is shown as a map, longitude across and latitude upwards in equal steps (plate carree), with
// lines every 30 degrees: for panels of n x n cells a multiple of 4n x 2n pixels, at least 480 wide, interpolated
// between cells; rank 0 holds the whole field.
//
// Colour maps: coolwarm, diverging about grey (Moreland 2009); viridis and inferno, perceptually
// uniform (van der Walt, Smith 2015), by ten control points.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "mesh/field.hpp"

namespace understudy::mesh {

/// A slice gathered on rank 0: values row by row, row 0 at the lower y (or z) edge.
struct Slice {
  int width = 0, height = 0;
  std::vector<double> values;  ///< [height, width]; NaN is drawn grey (inside a body)
  /// Longitude -180 to 180 degrees across, latitude -90 to 90 upwards: drawn with its graticule.
  bool is_map = false;
  int normal = 2;          ///< axis normal to the plane
  bool of_volume = false;  ///< there are other planes along it
};

/// The axes across and up a plane normal to `normal`: (y, z), (x, z), (x, y).
constexpr std::array<int, 2> plane_axes(int normal) {
  return {normal == 0 ? 1 : 0, normal == 2 ? 1 : 2};
}

struct PictureStyle {
  std::string colour_map = "coolwarm";  ///< coolwarm (diverging), viridis, inferno
  double lower = 0, upper = 0;  ///< equal: the slice's own range (coolwarm: symmetric about zero)
  int pixels_per_cell =
      0;  ///< 0: the width comes to 600 to 1200 pixels (averaged down where larger)
};

/// Gathers the plane `index` (global cell) normal to `axis` on rank 0 (empty elsewhere).
/// Collective. The picture's axes are (y, z), (x, z), (x, y) for axis 0, 1, 2. 2-D: axis 2, index
/// 0. UserError for a plane outside the grid.
template <class Real>
Slice gather_slice(const Grid& grid, const Array3<Real>& cell_values, int axis, int index);

/// The normals of the planes that pictures of the grid show, in their order: z, y and x of a 3-D box, z of
/// all others.
std::vector<int> picture_normals(const Grid& grid);

/// What a picture of the grid shows: the plane in the middle of an axis of a box (of an even number of cells the
/// upper of the two), a map of a sphere (normal 2). On rank 0 (empty elsewhere). Collective.
template <class Real>
Slice gather_picture(const Grid& grid, const Array3<Real>& cell_values, int normal = 2);

/// The range that the colours span: the style's, or where that is empty the slice's.
struct ColourRange {
  double lower = 0, upper = 1;
};
ColourRange colour_range(const Slice& slice, const PictureStyle& style);

/// Writes the picture; rank 0 only. UserError for an unknown colour map, an empty slice, or naming
/// path and cause when it cannot be written.
void write_png(const std::filesystem::path& path, const Slice& slice, const PictureStyle& style);
/// The same as PNG bytes (for embedding in a report).
std::string png_bytes(const Slice& slice, const PictureStyle& style);

}  // namespace understudy::mesh
