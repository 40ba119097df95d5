// A series in one .vtkhdf file, read back with VTK's own reader: every value of every step, times, numbers, units,
// the image's place; one step alone; the file over a restart, and files that cannot be gone on with.
#ifdef UNDERSTUDY_WITH_VTK
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
#include <vtkPointData.h>
#include <vtkStreamingDemandDrivenPipeline.h>
#include <vtkStringArray.h>

#include <cmath>

#include "core/atomic_file.hpp"
#include "core/format.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/io/corner_values.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "mesh/io/vtk_errors.hpp"
#include "mesh/io/vtkhdf_series.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::contains;
using tests::Scratch;
using tests::user_error;

std::shared_ptr<const BoxGrid> make_grid(int dimension, const Comm& comm = Comm::world()) {
  GridParams params;
  params.lower_m = {-1, 0, 10};
  params.upper_m = {2, 1, 12};
  params.cells = {20, 9, 8};
  params.lower_m.resize(dimension);
  params.upper_m.resize(dimension);
  params.cells.resize(dimension);
  return std::make_shared<const BoxGrid>(params, std::array<bool, 3>{false, true, false}, comm);
}

// A number that only this cell of this field at this time has, exact in single precision.
double cell_value(double time_s, int field, int k, int j, int i) {
  return tests::place_value<float>(field, 0, k, j, i) + 8 * time_s;
}

// u, v (, w), p and a derived-like second scalar; ghosts hold what no output may show.
template <class Real>
std::vector<CellField<Real>> make_fields(const BoxGrid& grid, double time_s) {
  std::vector<CellField<Real>> fields;
  std::vector<std::string> names{"u", "v", "w", "p"};
  if (grid.dimension() == 2) names.erase(names.begin() + 2);
  for (const auto& name : names) {
    const int n = int(fields.size());
    CellField<Real> field{name, name == "p" ? "Pa" : "m/s",
                          Array3<Real>(name, grid.extent(2), grid.extent(1), grid.extent(0))};
    const auto host = Kokkos::create_mirror_view(field.data);
    Kokkos::deep_copy(host, Real(1e30));
    const Range3 r = grid.interior();
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          host(k, j, i) = Real(cell_value(time_s, n, k - grid.ghosts(2) + grid.offset(2),
                                          j - grid.ghosts(1) + grid.offset(1),
                                          i - grid.ghosts(0) + grid.offset(0)));
    Kokkos::deep_copy(field.data, host);
    fields.push_back(field);
  }
  return fields;
}

std::map<std::string, double> numbers_at(double time_s) {
  return {{"surrogate", time_s > 1 ? 1.0 : 0.0}, {"trust", 0.5 + time_s}};
}

template <class Real>
void write_times(VtkHdfSeries& series, const BoxGrid& grid, const std::vector<double>& times) {
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
  VtkErrors errors_;
};

double number(vtkImageData* image, const char* name) {
  auto* array = image->GetFieldData()->GetArray(name);
  return array != nullptr && array->GetNumberOfTuples() == 1 ? array->GetComponent(0, 0) : NAN;
}

std::string word(vtkImageData* image, const char* name) {
  auto* array = vtkStringArray::SafeDownCast(image->GetFieldData()->GetAbstractArray(name));
  return array != nullptr && array->GetNumberOfValues() == 1 ? array->GetValue(0)
                                                             : std::string("none");
}

/// The image's own place, its numbers and units.
void expect_frame(vtkImageData* image, const BoxGrid& grid, double time_s) {
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
  std::vector<const char*> names{"u", "v", "w", "p"};
  if (dimension == 2) names.erase(names.begin() + 2);
  for (int f = 0; f < int(names.size()); ++f) {
    auto* array = Array::SafeDownCast(data->GetArray(names[f]));  // in the run's precision
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

// --- restart -------------------------------------------------------------------------------------

TEST(VtkHdf, GoesOnAfterARestartWithoutLaterSteps) {
  const Scratch scratch;
  const auto grid = make_grid(2);
  const auto path = scratch / "fields.vtkhdf";
  for (const int kept : {3, 1, 0}) {  // steps that are not later than the restart
    {
      VtkHdfSeries series(path);
      write_times<double>(series, *grid, {0.0, 1.0, 2.0});
    }
    grid->comm().barrier();
    VtkHdfSeries series(path);
    series.resume_after(kept - 1, grid->comm());
    expect_series<double, vtkDoubleArray>(path, {0.0, 1.0, 2.0}, *grid);
    std::vector<double> times{0.0, 1.0, 2.0};
    times.resize(std::size_t(kept));
    for (const double time : {3.25, 3.5}) {
      write_times<double>(series, *grid, {time});
      times.push_back(time);
      expect_series<double, vtkDoubleArray>(path, times, *grid);
    }
    EXPECT_FALSE(std::filesystem::exists(scratch / "fields.before_1.vtkhdf"));
    grid->comm().barrier();
  }
}

TEST(VtkHdf, ARestartWithoutAFileBeginsOne) {
  const Scratch scratch;
  const auto grid = make_grid(2);
  VtkHdfSeries series(scratch / "fields.vtkhdf");
  series.resume_after(5, grid->comm());
  write_times<double>(series, *grid, {6, 7});
  expect_series<double, vtkDoubleArray>(scratch / "fields.vtkhdf", {6, 7}, *grid);
}

TEST(VtkHdf, AFileOfOtherFieldsIsKeptUnderAnotherName) {
  const Scratch scratch;
  const auto grid = make_grid(2);
  const auto path = scratch / "fields.vtkhdf";
  {
    VtkHdfSeries series(path);
    write_times<double>(series, *grid, {0, 1});
  }
  grid->comm().barrier();
  int n = 0;
  const auto resumed_with = [&](VtkData data, const auto& fields) {
    VtkHdfSeries series(path, data);
    series.resume_after(5, grid->comm());
    series.write(3, *grid, fields, numbers_at(3));
    grid->comm().barrier();
    EXPECT_TRUE(std::filesystem::exists(scratch / core::format("fields.before_{}.vtkhdf", ++n)));
    EXPECT_TRUE(Read(path).times.empty());
    grid->comm().barrier();
  };
  expect_series<double, vtkDoubleArray>(path, {0, 1}, *grid);
  auto fewer = make_fields<double>(*grid, 2);
  fewer.pop_back();
  resumed_with(VtkData::cells, fewer);
  resumed_with(VtkData::cells, make_fields<double>(*grid, 2));
  resumed_with(VtkData::cells, make_fields<float>(*grid, 2));
  resumed_with(VtkData::points, make_fields<float>(*grid, 2));
  expect_series<double, vtkDoubleArray>(scratch / "fields.before_1.vtkhdf", {0, 1}, *grid);
}

// Of one step VTK is shown a view of the first row: also while there are more, which are not shown (yet).
TEST(VtkHdf, TheOnlyStepIsSeenWhateverRowsThereAre) {
  const Scratch scratch;
  const auto grid = make_grid(3);
  const auto path = scratch / "fields.vtkhdf";
  {
    VtkHdfSeries series(path);
    write_times<double>(series, *grid, {0});
  }
  {
    Hdf5File file(path, H5Mode::update, grid->comm());
    for (const char* name : {"u", "v", "w", "p", "velocity"})
      file.extend(std::string("series/all/") + name, 2);
    file.close();
  }
  expect_series<double, vtkDoubleArray>(path, {0}, *grid);
}

TEST(VtkHdf, AnUnfinishedStepIsNotSeen) {
  const Scratch scratch;
  const auto grid = make_grid(3);
  const auto path = scratch / "fields.vtkhdf";
  {
    VtkHdfSeries series(path);
    write_times<double>(series, *grid, {0, 1, 2});
  }
  {  // as far as a process comes that is killed before the links are turned
    Hdf5File file(path, H5Mode::update, grid->comm());
    for (const char* name : {"u", "v", "w", "p", "velocity"})
      file.extend(std::string("series/all/") + name, 4);
    file.extend("series/index", 4);
    file.extend("VTKHDF/FieldData/TimeValue", 4);
    EXPECT_EQ(file.link_target("VTKHDF/Steps"), "series/times_1");
    file.extend("series/times_0/Values", 4);
    file.set_attribute("series/times_0", "NSteps", 4);
    file.close();
  }
  expect_series<double, vtkDoubleArray>(path, {0, 1, 2}, *grid);
  const auto unfinished = [&] { return Hdf5File::unfinished(path, grid->comm()); };
  EXPECT_FALSE(unfinished()) << "all that was begun is written";
  {
    VtkHdfSeries series(path);
    series.resume_after(2, grid->comm());
    write_times<double>(series, *grid, {3, 4});
  }
  expect_series<double, vtkDoubleArray>(path, {0, 1, 2, 3, 4}, *grid);
  EXPECT_FALSE(unfinished());
  grid->comm().barrier();
  if (grid->comm().is_root())  // what was reserved is cut off last
    std::filesystem::resize_file(path, std::filesystem::file_size(path) + 10000);
  grid->comm().barrier();
  EXPECT_TRUE(unfinished());
  for (const double from : {4.0, 2.0}) {
    VtkHdfSeries series(path);
    series.resume_after(from, grid->comm());
    write_times<double>(series, *grid, {from + 1});
    EXPECT_FALSE(unfinished());
  }
  expect_series<double, vtkDoubleArray>(path, {0, 1, 2, 3}, *grid);
}

TEST(VtkHdf, ForeignAndDamagedFilesAreNamed) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto path = scratch / "fields.vtkhdf";
  const std::string advice = "; remove the file to begin a new series";
  const auto resumed = [&] {
    comm.barrier();
    return user_error([&] { VtkHdfSeries(path).resume_after(1, comm); });
  };
  if (comm.is_root()) core::write_file(path, "no HDF5");
  EXPECT_EQ(resumed(), path.string() + ": not an HDF5 file, or its header is damaged" + advice);
  write_hdf5_atomically(path, comm, [](Hdf5File& file) { file.create_group("VTKHDF"); });
  EXPECT_EQ(resumed(),
            path.string() + ": an HDF5 file, but not a series that this program wrote" + advice);
  const auto grid = make_grid(2);
  {
    VtkHdfSeries series(path);
    write_times<double>(series, *grid, {0, 1});
  }
  comm.barrier();
  const auto size = std::filesystem::file_size(path);
  comm.barrier();
  if (comm.is_root()) std::filesystem::resize_file(path, size / 2);
  EXPECT_TRUE(contains(resumed(), "cannot open it, it is damaged"));
  EXPECT_TRUE(contains(resumed(), advice));
  {
    VtkHdfSeries series(path);  // not resumed: takes its place
    write_times<double>(series, *grid, {0, 1});
  }
  {
    Hdf5File file(path, H5Mode::update, comm);
    file.set_attribute("series/times_0", "NSteps", 9);
    file.close();
  }
  EXPECT_EQ(resumed(),
            path.string() + ": it is damaged: it names 9 steps and has 2 times" + advice);
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
