// An inflow's velocity from a table (core/table.hpp) over the side's coordinates. Host only.
//
//   2-D  coordinate (m) along the side, u, v (m/s); a header is optional
//   3-D  both coordinates, u, v, w: all points of a rectangular lattice, in any order; without a header the
//        coordinates stand in the order x, y, z. Or one coordinate that the header names, along which the
//        profile varies: z, u, v, w
//
// A header gives the columns in any order, as x, y, z and u, v, w, with units where they are not m and m/s:
// "z [mm]". One behind '#' serves, too, where its names are known or carry units. Values are linear (bilinear) in
// between; beyond the table's ends (half a cell at most) they are those of its end.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace understudy::core {
class Table;
}

namespace understudy::solvers::flow {

class ProfileFile {
 public:
  /// The side that the table must cover.
  struct Side {
    int axis = 0, dimension = 2;  ///< axis: its normal
    std::array<double, 3> lower_m{}, upper_m{}, spacing_m{};
  };
  /// UserErrors, beginning with `key`: columns, coordinates that repeat or leave a gap in the lattice, a table
  /// that does not reach the side's ends.
  ProfileFile(const std::string& path, const Side& side, const std::string& key);
  double operator()(int component, const std::array<double, 3>& x_m) const;

 private:
  struct Columns;
  void read(const core::Table& table, const Columns& columns, const std::string& key);
  void require_cover(const Side& side, const std::string& key, const std::string& path) const;

  std::vector<int> axes_;                        ///< of the coordinates: one or two
  std::array<std::vector<double>, 2> at_m_;      ///< [coordinate][point], increasing
  std::vector<std::array<double, 3>> velocity_;  ///< [second coordinate, first coordinate]
};

}  // namespace understudy::solvers::flow
