// Time series for ParaView, written through VTK: per time one .vti piece per rank with a parallel
// .pvti header (one rank: the .vti alone), and a fields.pvd that names them with their times.
// With VtkData::points the values are those at the corners of cells (corner_values.hpp), as point data.
// Staggered fields are shown at cell centres (mean of the two faces), components u, v, w also as
// one vector `velocity`. Units are kept as field data ("unit:<name>") and as VTK's information key
// UNITS_LABEL of each array. Pieces carry no ghost cells;
// extents are global. A 2-D grid is a flat image (extent 0..0 along z). On a cubed sphere pieces are .vtu
// (.pvtu over several ranks): quadrilaterals on the sphere's surface, with the Cartesian components velocity_0
// to velocity_2 also as one vector `velocity`.
//
// Values are appended to the XML in binary and compressed with LZ4. Of 2.10 MB of a cylinder's wake
// in double precision LZ4 leaves 1.68 MB in 0.7 ms and zlib 1.52 MB in 45 ms (one core; sphere in
// single precision: 29.9 MB, 27.0 MB in 32 ms, 23.9 MB in 796 ms): it costs nearly nothing, zlib
// too much. Files are written under a temporary name and renamed; the index is rewritten last, so
// that it never names a file that is not there. Part of builds with VTK.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mesh/cell_field.hpp"

namespace understudy::mesh {

/// Where the values of a series on a box stand.
enum class VtkData { cells, points };

class VtkSeries {
 public:
  /// Files go to `directory`/fields/; the index to `directory`/fields.pvd.
  explicit VtkSeries(std::filesystem::path directory, std::string name = "fields",
                     VtkData data = VtkData::cells);
  /// Appends one time. Collective. `scalars`: values of that time (who advanced, trust...) as field
  /// data. UserError naming path and cause when a file cannot be written, and where the grid
  /// is neither a box nor a cubed sphere, or a sphere's values are to stand at points.
  template <class Real>
  void write(double time_s, const Grid& grid, const std::vector<CellField<Real>>& fields,
             const std::map<std::string, double>& scalars = {});
  /// Appends one time as one file of that extension, written by rank 0 alone: what is no field of the grid
  /// (a surface). Collective. UserError as write().
  void write_whole(double time_s, const core::Comm& comm, const std::string& extension,
                   const std::function<std::string()>& text);
  /// On restart: takes up the index that an earlier run left, without the entries after `time_s`.
  /// The next write() puts the shortened index in place. A missing index is an empty one.
  void truncate_after(double time_s);

 private:
  void write_index() const;

  std::filesystem::path directory_;
  std::string name_;
  VtkData data_;
  std::vector<std::pair<double, std::string>> entries_;  ///< time (s), file relative to directory_
};

}  // namespace understudy::mesh
