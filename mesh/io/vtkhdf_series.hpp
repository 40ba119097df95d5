// Time series of a box in one file of the VTKHDF format (version 2.0, ImageData with steps), written by all ranks
// in collective calls, whatever their number. ParaView from 5.12 on and VTK's vtkHDFReader from 9.3 on read it.
//
// In the file:
//   series/all/<name>   [step, (z,) y, x(, component)]: every field, and `velocity`; attribute unit
//   series/first/<name> [(z,) y, x(, component)]: the same of the first step, without values of its own
//   series/times_0, _1  tables of times: attribute NSteps, Values [step] (s), offsets of each array
//   series/index        [step] 0, 1, 2...: the offsets
//   VTKHDF              what VTK reads: the image's place; FieldData with TimeValue, further numbers [step] and
//                       unit:<name>; links Steps to one of the tables, CellData (or PointData) to series/all.
//                       Of one step there is no Steps, and the link leads to series/first: VTK 9.3 takes no
//                       series of one.
//
// A step is written in two phases. First its values, and the table that is not shown; all of that is on its way to the
// disk before the links are turned, which are one small block of the file. So a process that is killed leaves a
// file that shows all whole steps, and only these; what HDF5 changes of older blocks before is nothing that older
// steps need. Going on with such a file HDF5 would write over what it had begun: a resumed run whose file is longer
// than HDF5 knows copies the whole steps into a new one first. A system that crashes may write in another order.
// The file is open only while a step is written.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mesh/cell_field.hpp"
#include "mesh/io/vtk_writer.hpp"

namespace understudy::mesh {

class VtkHdfSeries {
 public:
  /// `compression`: zlib's level, 1 to 9; 0: none.
  explicit VtkHdfSeries(std::filesystem::path path, VtkData data = VtkData::cells,
                        int compression = 0);
  /// Appends one time. The first one puts a new file in place of an older one. `scalars`: numbers of that time (who
  /// advanced, trust) as field data. Every time has the same fields. Collective. UserError naming path and
  /// cause when the file cannot be written, and where the grid is no box.
  template <class Real>
  void write(double time_s, const Grid& grid, const std::vector<CellField<Real>>& fields,
             const std::map<std::string, double>& scalars = {});
  /// On restart: goes on with the file that an earlier run left, without the steps after `time_s`, which the
  /// next write() removes. A missing file is a new one; one of other fields or another grid is renamed
  /// <name>.before_1.vtkhdf by the next write(), and one of another compression keeps it, which a warning
  /// says. UserError where it is damaged or none of this program's. Collective.
  void resume_after(double time_s, const core::Comm& comm);

 private:
  std::filesystem::path path_;
  VtkData data_;
  int compression_;
  std::vector<double> times_;  ///< of the steps that stay (s)
  bool unseen_ = false;        ///< taken up, but not yet compared with what is to be written
};

}  // namespace understudy::mesh
