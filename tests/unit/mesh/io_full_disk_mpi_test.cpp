// A disk that is full in mid-write, played by a limit on the size of files (the system then refuses
// the write as it does on a full disk): the error names path and cause, no temporary file is left,
// and the previous file stands. UNDERSTUDY_TEST_FULL_FOLDER may name a folder on a really full or
// very small file system, which is then used in addition.

#include <cstdlib>

#include "core/atomic_file.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/io/checkpoint.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "mesh/io/vtkhdf_series.hpp"
#ifdef UNDERSTUDY_WITH_VTK
#include "mesh/io/vtk_writer.hpp"
#endif
#include "support/file_size_limit.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::contains;
using tests::Scratch;
using tests::user_error;

State<double> make_state(const Comm& comm, long long cells) {
  GridParams params;
  params.cells = {cells, 64};
  const auto grid = std::make_shared<const BoxGrid>(params, std::array<bool, 3>{}, comm);
  State<double> state(
      grid, {{.name = "u", .unit = "m/s", .location = Location::face_x, .role = Role::prognostic},
             {.name = "p", .unit = "Pa", .location = Location::cell, .role = Role::prognostic}});
  tests::fill_with_places(state);
  state.step = cells;
  return state;
}

long long files_in(const std::filesystem::path& folder) {
  long long count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    count += entry.is_regular_file();
  return count;
}

TEST(FullDisk, CheckpointKeepsThePreviousFile) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto path = scratch / "checkpoint.h5";
  write_checkpoint(path, make_state(comm, 64), {});
  std::string error;
  {
    const tests::FileSizeLimit limit(100000);
    const auto larger = make_state(comm, 256);
    error = user_error([&] { write_checkpoint(path, larger, {}); });
  }
  EXPECT_TRUE(contains(error, path.string()));
  EXPECT_TRUE(contains(error, "cannot write"));
  EXPECT_TRUE(contains(error, "File too large"));
  comm.barrier();
  EXPECT_EQ(files_in(scratch.path()), 1) << "a temporary file was left";
  auto state = make_state(comm, 64);
  state.step = 0;
  Kokkos::deep_copy(state["u"].data, 0.0);
  read_checkpoint(path, state);
  EXPECT_EQ(state.step, 64);
  EXPECT_EQ(tests::wrong_places(state), 0);
}

TEST(FullDisk, StructureThatCannotBeWrittenIsNoticedAtClose) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto error = user_error([&] {
    const tests::FileSizeLimit limit(1000);
    write_hdf5_atomically(scratch / "small.h5", comm, [](Hdf5File& file) {
      for (int n = 0; n < 50; ++n) file.create_group("group" + std::to_string(n));
    });
  });
  EXPECT_TRUE(contains(error, "small.h5"));
  EXPECT_TRUE(contains(error, "File too large"));
  comm.barrier();
  EXPECT_EQ(files_in(scratch.path()), 0);
}

TEST(FullDisk, VtkHdfSeriesKeepsItsSteps) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto path = scratch / "fields.vtkhdf";
  const auto state = make_state(comm, 256);
  VtkHdfSeries series(path);
  for (const double time : {0.0, 1.0}) series.write(time, state.grid(), cell_fields(state));
  const auto steps = [&] {
    const Hdf5File file(path, H5Mode::read, comm);
    return file.attribute<long long>("VTKHDF/Steps", "NSteps");
  };
  EXPECT_EQ(steps(), 2);
  std::string error;
  {
    const tests::FileSizeLimit limit(3000);
    error = user_error([&] { series.write(2.0, state.grid(), cell_fields(state)); });
  }
  EXPECT_TRUE(contains(error, path.string() + ": cannot write it: File too large"));
  comm.barrier();
  EXPECT_EQ(steps(), 2);
  series.write(2.0, state.grid(), cell_fields(state));  // there is room again
  EXPECT_EQ(steps(), 3);
  EXPECT_EQ(files_in(scratch.path()), 1);
}

#ifdef UNDERSTUDY_WITH_VTK
TEST(FullDisk, VtkSeriesKeepsWhatWasWritten) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto state = make_state(comm, 256);
  VtkSeries series(scratch.path());
  series.write(0.0, state.grid(), cell_fields(state));
  comm.barrier();
  const long long before = files_in(scratch.path());
  const std::string index = core::read_file(scratch / "fields.pvd");
  std::string error;
  {
    const tests::FileSizeLimit limit(3000);
    error = user_error([&] { series.write(1.0, state.grid(), cell_fields(state)); });
  }
  EXPECT_TRUE(contains(error, "fields_000001"));
  EXPECT_TRUE(contains(error, "cannot write"));
  comm.barrier();
  EXPECT_EQ(files_in(scratch.path()), before);
  EXPECT_EQ(core::read_file(scratch / "fields.pvd"), index);
  series.write(1.0, state.grid(), cell_fields(state));  // there is room again
  EXPECT_TRUE(contains(core::read_file(scratch / "fields.pvd"), "timestep=\"1\""));
}
#endif

TEST(FullDisk, OnAFullFileSystem) {
  const char* folder = std::getenv("UNDERSTUDY_TEST_FULL_FOLDER");
  if (folder == nullptr) GTEST_SKIP() << "UNDERSTUDY_TEST_FULL_FOLDER is not set";
  const Comm comm = Comm::world();
  const std::filesystem::path path = std::filesystem::path(folder) / "checkpoint.h5";
  const auto state = make_state(comm, 16384);
  const auto error = user_error([&] { write_checkpoint(path, state, {}); });
  EXPECT_TRUE(contains(error, path.string()));
  EXPECT_TRUE(contains(error, "No space left on device"));
#ifdef UNDERSTUDY_WITH_VTK
  VtkSeries series(folder);
  const auto vtk = user_error([&] { series.write(0.0, state.grid(), cell_fields(state)); });
  EXPECT_TRUE(contains(vtk, "fields_000000"));
  EXPECT_TRUE(contains(vtk, "No space left on device"));
#endif
  comm.barrier();
  EXPECT_EQ(files_in(folder), 0);
}

}  // namespace
}  // namespace understudy::mesh
