// A .vtkhdf file over a restart: steps after it go, a step that was not finished is not seen, and files that cannot be
// gone on with are kept or named.
#ifdef UNDERSTUDY_WITH_VTK
#include "core/atomic_file.hpp"
#include "core/format.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/mesh_vtkhdf_case.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::contains;
using tests::Scratch;
using tests::user_error;
using tests::vtkhdf::expect_series;
using tests::vtkhdf::make_fields;
using tests::vtkhdf::make_grid;
using tests::vtkhdf::numbers_at;
using tests::vtkhdf::Read;
using tests::vtkhdf::write_times;

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

// Gone on with in the file itself, and copied into a new one.
TEST(VtkHdf, AFileKeepsTheCompressionItWasBegunWith) {
  const Scratch scratch;
  const auto grid = make_grid(2);
  const auto path = scratch / "fields.vtkhdf";
  for (const int begun_with : {4, 0})
    for (const bool killed : {false, true}) {
      {
        VtkHdfSeries series(path, VtkData::cells, begun_with);
        write_times<double>(series, *grid, {0, 1});
      }
      grid->comm().barrier();
      if (killed && grid->comm().is_root())  // what was reserved is cut off last
        std::filesystem::resize_file(path, std::filesystem::file_size(path) + 10000);
      grid->comm().barrier();
      EXPECT_EQ(Hdf5File::unfinished(path, grid->comm()), killed);
      VtkHdfSeries series(path, VtkData::cells, 2);
      series.resume_after(1, grid->comm());
      testing::internal::CaptureStderr();
      write_times<double>(series, *grid, {2, 3});
      const std::string log = testing::internal::GetCapturedStderr();
      const std::string warning = core::format(
          "{} goes on as it was begun, with output.compression: {}; 2 is for a new file",
          path.string(), begun_with);
      EXPECT_EQ(log.find(warning) != std::string::npos, grid->comm().is_root()) << log;
      EXPECT_EQ(log.find(warning, log.find(warning) + 1), std::string::npos) << "once: " << log;
      expect_series<double, vtkDoubleArray>(path, {0, 1, 2, 3}, *grid);
      {
        const Hdf5File file(path, H5Mode::read, grid->comm());
        for (const char* name : {"u", "v", "p", "velocity"})
          EXPECT_EQ(file.info(std::string("series/all/") + name).deflate, begun_with) << name;
      }
      grid->comm().barrier();
    }
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

}  // namespace
}  // namespace understudy::mesh

#endif  // UNDERSTUDY_WITH_VTK
