// A series in one .vtkhdf file, read back with VTK's own reader: every value of every step, times, numbers, units,
// the image's place; values at points; what is refused.
#ifdef UNDERSTUDY_WITH_VTK
#include <vtkPointData.h>

#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/io/corner_values.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/mesh_vtkhdf_case.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::Scratch;
using tests::user_error;
using tests::vtkhdf::expect_frame;
using tests::vtkhdf::expect_series;
using tests::vtkhdf::make_fields;
using tests::vtkhdf::make_grid;
using tests::vtkhdf::Read;
using tests::vtkhdf::write_times;

template <class Real, class Array>
void round_trip(int dimension, int compression) {
  const Scratch scratch;
  const auto grid = make_grid(dimension);
  const auto path = scratch / "fields.vtkhdf";
  VtkHdfSeries series(path, VtkData::cells, compression);
  std::vector<double> times;
  for (const double time : {0.0, 0.1, 0.1 + 0.1 + 0.1, 1.5, 2.0}) {  // to the last bit
    times.push_back(time);
    write_times<Real>(series, *grid, {time});
    expect_series<Real, Array>(path, times, *grid);
  }
  long long files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
    files += entry.is_regular_file();
  EXPECT_EQ(files, 1) << "one file, whatever the number of ranks";
  grid->comm().barrier();
}

TEST(VtkHdf, EveryValueOfEveryStepComesBack) {
  round_trip<double, vtkDoubleArray>(3, 0);
  round_trip<float, vtkFloatArray>(3, 0);
  round_trip<double, vtkDoubleArray>(2, 0);
}

TEST(VtkHdf, CompressedToo) {
  round_trip<double, vtkDoubleArray>(3, 4);
  round_trip<float, vtkFloatArray>(2, 1);
}

TEST(VtkHdf, ManyStepsKeepTheirTimes) {
  const Scratch scratch;
  const auto grid = make_grid(2);
  std::vector<double> times;
  const int steps = grid->comm().size() == 1 ? 70 : 10;  // 70: beyond the first blocks of an index
  for (int n = 0; n < steps; ++n) times.push_back(0.1 * n);
  VtkHdfSeries series(scratch / "fields.vtkhdf");
  write_times<float>(series, *grid, times);
  expect_series<float, vtkFloatArray>(scratch / "fields.vtkhdf", times, *grid);
  EXPECT_EQ(Hdf5File(scratch / "fields.vtkhdf", H5Mode::read, grid->comm()).pieces("VTKHDF"), 1)
      << "the links that show a step are not written at once";
  const double values = steps * 20.0 * 9 * 6 * sizeof(float);
  EXPECT_LT(double(std::filesystem::file_size(scratch / "fields.vtkhdf")), 1.1 * values + 300000);
}

template <class Real>
void expect_corners(int dimension) {
  const Scratch scratch;
  const auto grid = make_grid(dimension);
  const auto path = scratch / "fields.vtkhdf";
  VtkHdfSeries series(path, VtkData::points);
  write_times<Real>(series, *grid, {0.5, 1.5});
  grid->comm().barrier();
  const auto alone = make_grid(dimension, Comm::self());  // all corners on each rank
  Read read(path);
  ASSERT_EQ(read.times, (std::vector<double>{0.5, 1.5}));
  for (const double time : read.times) {
    vtkImageData* image = read.at(time);
    expect_frame(image, *grid, time);
    EXPECT_EQ(image->GetCellData()->GetNumberOfArrays(), 0);
    const auto fields = make_fields<Real>(*alone, time);
    const auto corners = corner_values(*alone, fields);
    for (std::size_t f = 0; f < fields.size(); ++f) {
      auto* array = image->GetPointData()->GetArray(fields[f].name.c_str());
      ASSERT_NE(array, nullptr);
      ASSERT_EQ(array->GetNumberOfTuples(), vtkIdType(corners[f].size()));
      for (std::size_t n = 0; n < corners[f].size(); ++n)
        ASSERT_EQ(array->GetComponent(vtkIdType(n), 0), corners[f][n]) << fields[f].name << n;
    }
  }
  grid->comm().barrier();
}

TEST(VtkHdf, ValuesAtPoints) {
  expect_corners<double>(3);
  expect_corners<float>(2);
}

TEST(VtkHdf, RefusesASphere) {
  const Scratch scratch;
  const auto grid =
      std::make_shared<const CubedSphereGrid>(CubedSphereParams{16, 1.0, {}}, Comm::world());
  const State<double> state(grid, {{"p", "Pa"}});
  VtkHdfSeries series(scratch / "fields.vtkhdf");
  EXPECT_EQ(user_error([&] { series.write(0, *grid, cell_fields(state)); }),
            "a .vtkhdf file needs a uniform box; this run's grid is another");
}

}  // namespace
}  // namespace understudy::mesh

#endif  // UNDERSTUDY_WITH_VTK
