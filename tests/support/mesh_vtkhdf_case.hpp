// What the tests of .vtkhdf files share: a series whose every number is known, and what VTK's own reader makes of it.
#pragma once

#include <gtest/gtest.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkDoubleArray.h>
#include <vtkFieldData.h>
#include <vtkFloatArray.h>
#include <vtkHDFReader.h>
#include <vtkImageData.h>
#include <vtkInformation.h>
#include <vtkMatrix3x3.h>
#include <vtkNew.h>
#include <vtkStreamingDemandDrivenPipeline.h>
#include <vtkStringArray.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mesh/io/vtk_errors.hpp"
#include "mesh/io/vtkhdf_series.hpp"
#include "support/mesh_io_scratch.hpp"
#include "support/mesh_vtk_fields.hpp"

namespace understudy::tests::vtkhdf {

using mesh::BoxGrid;

inline std::shared_ptr<const BoxGrid> make_grid(int dimension,
                                                const core::Comm& comm = core::Comm::world()) {
  return odd_box(dimension, 20, {false, true, false}, comm);
}

// A number that only this cell of this field at this time has, exact in single precision.
inline double cell_value(double time_s, int field, int k, int j, int i) {
  return place_value<float>(field, 0, k, j, i) + 8 * time_s;
}

inline std::vector<std::string> names_in(int dimension) {
  if (dimension == 2) return {"u", "v", "p"};
  return {"u", "v", "w", "p"};
}

template <class Real>
std::vector<mesh::CellField<Real>> make_fields(const BoxGrid& grid, double time_s) {
  return fields_of<Real>(grid, names_in(grid.dimension()), [&](int k, int j, int i, int field) {
    return cell_value(time_s, field, k, j, i);
  });
}

inline std::map<std::string, double> numbers_at(double time_s) {
  return {{"surrogate", time_s > 1 ? 1.0 : 0.0}, {"trust", 0.5 + time_s}};
}

template <class Real>
void write_times(mesh::VtkHdfSeries& series, const BoxGrid& grid,
                 const std::vector<double>& times) {
  for (const double time : times)
    series.write(time, grid, make_fields<Real>(grid, time), numbers_at(time));
}

/// What VTK makes of a file.
class Read {
 public:
  explicit Read(const std::filesystem::path& path) : errors_(reader_) {
    EXPECT_EQ(reader_->CanReadFile(path.c_str()), 1);
    reader_->SetFileName(path.c_str());
    reader_->UpdateInformation();
    vtkInformation* information = reader_->GetOutputInformation(0);
    auto* key = vtkStreamingDemandDrivenPipeline::TIME_STEPS();
    for (int n = 0; information->Has(key) && n < information->Length(key); ++n)
      times.push_back(information->Get(key, n));
  }
  vtkImageData* at(double time_s) {
    if (times.empty())
      reader_->Update();
    else
      reader_->UpdateTimeStep(time_s);
    EXPECT_EQ(errors_.text(), "");
    return vtkImageData::SafeDownCast(reader_->GetOutputDataObject(0));
  }
  std::vector<double> times;  ///< none: of a file of one step

 private:
  vtkNew<vtkHDFReader> reader_;
  mesh::VtkErrors errors_;
};

inline double number(vtkImageData* image, const char* name) {
  auto* array = image->GetFieldData()->GetArray(name);
  return array != nullptr && array->GetNumberOfTuples() == 1 ? array->GetComponent(0, 0) : NAN;
}

inline std::string word(vtkImageData* image, const char* name) {
  auto* array = vtkStringArray::SafeDownCast(image->GetFieldData()->GetAbstractArray(name));
  return array != nullptr && array->GetNumberOfValues() == 1 ? array->GetValue(0)
                                                             : std::string("none");
}

/// The image's own place, its numbers and units.
inline void expect_frame(vtkImageData* image, const BoxGrid& grid, double time_s) {
  ASSERT_NE(image, nullptr);
  const bool flat = grid.dimension() == 2;
  const std::array<int, 6> extent{0, 20, 0, 9, 0, flat ? 0 : 8};
  for (int axis = 0; axis < 3; ++axis) {
    EXPECT_EQ(image->GetExtent()[2 * axis], extent[2 * axis]);
    EXPECT_EQ(image->GetExtent()[2 * axis + 1], extent[2 * axis + 1]);
    EXPECT_EQ(image->GetOrigin()[axis], grid.lower(axis));
    EXPECT_EQ(image->GetSpacing()[axis], grid.spacing(axis));
    for (int other = 0; other < 3; ++other)
      EXPECT_EQ(image->GetDirectionMatrix()->GetElement(axis, other), axis == other ? 1 : 0);
  }
  EXPECT_EQ(number(image, "TimeValue"), time_s);
  for (const auto& [name, value] : numbers_at(time_s))
    EXPECT_EQ(number(image, name.c_str()), value) << name;
  EXPECT_EQ(word(image, "unit:u"), "m/s");
  EXPECT_EQ(word(image, "unit:p"), "Pa");
  EXPECT_EQ(word(image, "unit:velocity"), "m/s");
}

template <class Array>
void expect_cells(vtkImageData* image, const BoxGrid& grid, double time_s) {
  const int dimension = grid.dimension();
  const std::array<int, 3> cells{20, 9, dimension == 3 ? 8 : 1};
  auto* data = image->GetCellData();
  ASSERT_EQ(data->GetNumberOfArrays(), dimension + 2);
  auto* velocity = Array::SafeDownCast(data->GetArray("velocity"));
  ASSERT_NE(velocity, nullptr);
  ASSERT_EQ(velocity->GetNumberOfComponents(), 3);
  const auto names = names_in(dimension);
  for (int f = 0; f < int(names.size()); ++f) {
    auto* array = Array::SafeDownCast(data->GetArray(names[f].c_str()));  // in the run's precision
    ASSERT_NE(array, nullptr) << names[f];
    ASSERT_EQ(array->GetNumberOfTuples(), vtkIdType(cells[0]) * cells[1] * cells[2]);
    vtkIdType n = 0;
    for (int k = 0; k < cells[2]; ++k)
      for (int j = 0; j < cells[1]; ++j)
        for (int i = 0; i < cells[0]; ++i, ++n) {
          const double wanted =
              static_cast<typename Array::ValueType>(cell_value(time_s, f, k, j, i));
          ASSERT_EQ(array->GetComponent(n, 0), wanted)
              << names[f] << " at " << time_s << " s: " << k << ", " << j << ", " << i;
          ASSERT_EQ(velocity->GetComponent(n, std::min(f, 2)), f < dimension ? wanted
                                                               : dimension == 2
                                                                   ? 0
                                                                   : velocity->GetComponent(n, 2));
        }
  }
}

template <class Real, class Array>
void expect_series(const std::filesystem::path& path, const std::vector<double>& times,
                   const BoxGrid& grid) {
  grid.comm().barrier();
  Read read(path);
  EXPECT_EQ(read.times, times.size() > 1 ? times : std::vector<double>());
  for (const double time : times) {
    vtkImageData* image = read.at(time);
    expect_frame(image, grid, time);
    expect_cells<Array>(image, grid, time);
  }
  grid.comm().barrier();
}

}  // namespace understudy::tests::vtkhdf
