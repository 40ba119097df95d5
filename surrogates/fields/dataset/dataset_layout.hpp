// Private to dataset_*.cpp: the names of the layout and the order of its axes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mesh/field.hpp"
#include "mesh/grid_shape.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::surrogates::layout {

inline constexpr std::array axis_names{"x", "y", "z"};
inline constexpr std::array splits{"train", "valid", "test"};

/// What each cell measures, of grids whose cells are not alike; axes as the fields'.
inline constexpr const char* measures = "cell_measures/cells";

inline constexpr const char* sphere_type = "cubed_sphere";  ///< @grid_type; of a box "cartesian"

/// The axes of a grid's arrays in the order of a file: x, y, (z) of a box, panel, y, x of a cubed sphere.
inline std::vector<int> axes_of(const mesh::GridParams& grid) {
  if (grid.is_sphere()) return {2, 1, 0};
  std::vector<int> axes;
  for (int axis = 0; axis < grid.dimension(); ++axis) axes.push_back(axis);
  return axes;
}
/// The name of an axis in a file.
inline std::string axis_name(const mesh::GridParams& grid, int axis) {
  return grid.is_sphere() && axis == 2 ? "panel" : axis_names.at(axis);
}

/// The grid's cells after the given leading lengths.
inline mesh::H5Shape global_shape(const mesh::GridParams& grid, mesh::H5Shape leading) {
  const auto shape = mesh::shape_of(grid);
  for (const int axis : axes_of(grid)) leading.push_back(static_cast<std::uint64_t>(shape[axis]));
  return leading;
}
/// A chunk is read and tested as a whole by every rank that wants a part of it; HDF5 keeps one of this size in its
/// cache.
inline constexpr std::uint64_t chunk_bytes = 1 << 20;
/// The chunks of a dataset of `shape`, whose last axes are the grid's: all that lies there at a time where that is no
/// more than chunk_bytes, else blocks of it. A cubed sphere is cut into its panels first; then the longest axis is
/// halved, of equally long ones the last, which best_split() cuts first, too: few blocks of ranks cut a chunk.
mesh::H5Shape chunk_of(const mesh::GridParams& grid, const mesh::H5Shape& shape,
                       std::uint64_t value_bytes);

/// All cells of the grid.
inline mesh::Range3 whole(const mesh::GridParams& grid) {
  mesh::Range3 all;
  const auto shape = mesh::shape_of(grid);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) all.end[axis] = int(shape[axis]);
  return all;
}

/// The first frame's time and the type of the values.
struct Values {
  double start_s;
  mesh::H5Type type;
};
/// Everything of a sample's file but the values themselves. Collective.
void write_schema(mesh::Hdf5File& file, const DatasetInfo& dataset, const SampleInfo& sample,
                  const Values& values);

/// A field's component as a dataset: "u"; of several components "velocity_0".
inline std::string channel_name(const mesh::FieldInfo& field, int component) {
  return field.components == 1 ? field.name : field.name + "_" + std::to_string(component);
}

/// The axis along which the field has a closing face that the cells do not cover; -1 if none.
inline int closing_axis(const mesh::FieldInfo& field, const SideKinds& boundaries, int dimension) {
  for (int axis = 0; axis < dimension; ++axis)
    if (mesh::staggered(field.location, axis) && boundaries.at(2 * axis) != SideKind::periodic)
      return axis;
  return -1;
}

/// Box [begin, end) of cells as the hyperslab of the file's axes after the given leading entries.
inline mesh::H5Block block_of(const mesh::Range3& cells, const std::vector<int>& axes,
                              mesh::H5Shape leading_offset, mesh::H5Shape leading_count) {
  mesh::H5Block block{std::move(leading_offset), std::move(leading_count)};
  for (const int axis : axes) {
    block.offset.push_back(cells.begin[axis]);
    block.count.push_back(cells.size(axis));
  }
  return block;
}

/// Values [k, j, i] -> the file's order, [i, j, (k)] of a box and [k, j, i] of a cubed sphere, or back.
template <class From, class To>
void transpose(const From* from, To* to, const std::array<int, 3>& n, const std::vector<int>& axes,
               bool to_file) {
  if (axes.front() == 2) {
    const std::size_t count = std::size_t(n[0]) * n[1] * n[2];
    for (std::size_t at = 0; at < count; ++at) to[at] = static_cast<To>(from[at]);
    return;
  }
  for (int k = 0; k < n[2]; ++k)
    for (int j = 0; j < n[1]; ++j)
      for (int i = 0; i < n[0]; ++i) {
        const std::size_t ours = (static_cast<std::size_t>(k) * n[1] + j) * n[0] + i;
        const std::size_t theirs = (static_cast<std::size_t>(i) * n[1] + j) * n[2] + k;
        if (to_file)
          to[theirs] = static_cast<To>(from[ours]);
        else
          to[ours] = static_cast<To>(from[theirs]);
      }
}

/// "u [m/s] at face_x, p [Pa] at cell"
std::string fields_text(const std::vector<mesh::FieldInfo>& fields);
/// "256 x 128"
std::string cells_text(const mesh::GridParams& grid);
/// "" if the two agree, else what `found` has and what was wanted, to follow "it ".
std::string first_difference(const DatasetInfo& found, const DatasetInfo& wanted);

/// The Well's name of a kind. It has none for the joints of panels: what leaves at one side enters at another.
inline std::string well_name(SideKind kind) {
  if (kind == SideKind::periodic || kind == SideKind::joint) return "PERIODIC";
  return kind == SideKind::wall ? "WALL" : "OPEN";
}

}  // namespace understudy::surrogates::layout
