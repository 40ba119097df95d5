// Private to mesh/io/vtkhdf_*.cpp: what one step of a series is, array by array.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/cell_field.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "mesh/io/vtk_writer.hpp"

namespace understudy::mesh::vtkhdf {

/// A name in CellData or PointData.
struct ArrayInfo {
  std::string name, unit;
  std::vector<std::size_t> parts;  ///< which fields it is made of, one a component
  /// As VTK has it: vectors in a plane have a third component of 0.
  std::size_t components() const { return parts.size() > 1 ? 3 : 1; }
};

/// The fields at one time. Holds references.
template <class Real>
class Step {
 public:
  /// Collective.
  Step(double time_s, const BoxGrid& grid, const std::vector<CellField<Real>>& fields, VtkData data,
       const std::map<std::string, double>& scalars);

  const std::vector<ArrayInfo>& arrays() const { return arrays_; }
  const std::map<std::string, double>& numbers() const { return numbers_; }  ///< with TimeValue
  const BoxGrid& grid() const { return grid_; }
  std::string place() const { return points_ ? "PointData" : "CellData"; }
  /// [(z,) y, x(, component)] of all ranks.
  H5Shape shape(const ArrayInfo& array) const;
  /// This rank's part of it, as row `n`. At corners that two ranks have, the lower rank's part ends.
  H5Block block(const ArrayInfo& array, std::uint64_t n) const;
  /// The values of that part.
  std::vector<Real> values(const ArrayInfo& array) const;
  /// What all ranks' values take, from above.
  std::uint64_t bytes() const;

 private:
  int count(int axis) const;  ///< of this rank's part

  const BoxGrid& grid_;
  const std::vector<CellField<Real>>& fields_;
  bool points_;
  std::vector<std::vector<Real>> corners_;
  std::vector<ArrayInfo> arrays_;
  std::map<std::string, double> numbers_;
};

}  // namespace understudy::mesh::vtkhdf
