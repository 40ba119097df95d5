// A cubed sphere's fields over time in one NetCDF file, on a regular longitude-latitude grid, after the CF
// conventions 1.10: dimensions time (unlimited), lat, lon; bounds of both; units, long_name, standard_name where
// the table of the conventions has the quantity; cell_methods and cell_measures; grid_mapping with the sphere's radius.
//
// Scalars are remapped conservatively (longitude_latitude.hpp): with the file's own cell_area the integral is the
// sphere's to round-off. A vector of three Cartesian components (velocity_0, _1, _2) is turned into its components
// to the east and to the north in every cell of the sphere, which are then remapped as scalars; its radial
// component is nothing, and is not written.
//
// Times are counted from a nominal date, for CF knows no time without one. Files have 64-bit offsets (NetCDF 3)
// and are open only while a time is written: a run that is killed leaves all times before. Part of builds with NetCDF.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mesh/cell_field.hpp"
#include "mesh/io/longitude_latitude.hpp"

namespace understudy::mesh {

struct NetcdfInfo {
  std::string title = {};   ///< of the file
  std::string source = {};  ///< program and version
  int latitudes = 0;        ///< cells along a meridian; 0: twice the cells along a panel's edge
};

class NetcdfSeries {
 public:
  /// The grid's map is made here. UserError where the grid is no cubed sphere. Collective.
  NetcdfSeries(std::filesystem::path path, NetcdfInfo info,
               const std::shared_ptr<const Grid>& grid);
  /// Appends one time. `scalars`: values of that time (who advanced, trust). UserError naming path and cause when
  /// it cannot be written. Collective.
  template <class Real>
  void write(double time_s, const std::vector<CellField<Real>>& fields,
             const std::map<std::string, double>& scalars = {});
  /// On restart: goes on with the file that an earlier run left, up to `time_s`; later times are taken out of it. The
  /// next write() renames a file with other variables to <stem>.before_1.nc, says so in the log and begins anew. A
  /// missing file is a new one. UserError where it is of another shape. Collective.
  void resume_after(double time_s);

 private:
  struct Variable {
    std::string name, unit;
    std::vector<double> values;  ///< [row, column]
  };
  void define(const std::vector<Variable>& variables,
              const std::map<std::string, double>& scalars) const;
  void append(double time_s, const std::vector<Variable>& variables,
              const std::map<std::string, double>& scalars) const;
  void set_aside_others(const std::vector<Variable>& variables,
                        const std::map<std::string, double>& scalars);

  std::filesystem::path path_;
  NetcdfInfo info_;
  LongitudeLatitudeMap map_;
  std::size_t written_ = 0;  ///< times in the file; of rank 0
  bool unseen_ = false;      ///< an earlier run left the file
};

}  // namespace understudy::mesh
