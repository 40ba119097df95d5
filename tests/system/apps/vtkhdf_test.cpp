// output.format: vtkhdf through the program: over a restart, beside results of another deck, and what is refused.
#include <gtest/gtest.h>

#include "mesh/io/hdf5_file.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

std::vector<std::string> cavity(const std::string& verb, const fs::path& out,
                                const std::vector<std::string>& more) {
  std::vector<std::string> arguments{verb, deck("cavity"), "--out", out};
  add_settings(arguments, {"grid.cells=[16,16]", "time.window_s=0.1", "time.output_every=2",
                           "output.pictures=[]", "output.format=vtkhdf", "output.compression=1"});
  add_settings(arguments, more);
  return arguments;
}

Outcome resumed(const fs::path& out, const std::vector<std::string>& more, int ranks = 1) {
  auto arguments = cavity("run", out, more);
  arguments.push_back("--resume");
  return understudy(arguments, ranks);
}

struct Series {
  std::vector<double> times, u;
};

Series read_series(const fs::path& path) {
  const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  return {file.get<double>(file.link_target("VTKHDF/Steps") + "/Values"),
          file.get<double>("series/all/u")};
}

TEST(VtkHdf, ARunInTwoPartsIsTheUninterruptedOne) {
  for (const int ranks : {1, 2}) {
    const Scratch scratch;
    const fs::path whole = scratch / "whole", parts = scratch / "parts";
    ASSERT_EQ(understudy(cavity("run", whole, {"time.end_s=1"}), ranks).exit_code, 0);
    ASSERT_EQ(understudy(cavity("run", parts, {"time.end_s=0.6"}), ranks).exit_code, 0);
    EXPECT_EQ(read_series(parts / "fields.vtkhdf").times.size(), 4u);
    const Outcome outcome = resumed(parts, {"time.end_s=1"}, ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Series a = read_series(whole / "fields.vtkhdf"), b = read_series(parts / "fields.vtkhdf");
    EXPECT_EQ(a.times.size(), 6u);
    EXPECT_EQ(a.times, b.times);
    EXPECT_EQ(a.u.size(), 6u * 16 * 16);
    EXPECT_EQ(a.u, b.u);
    EXPECT_FALSE(fs::exists(whole / "fields.pvd") || fs::exists(whole / "fields"));
    EXPECT_NE(slurp(whole / "open_in_paraview.py").find("fields.vtkhdf"), std::string::npos);
  }
}

TEST(VtkHdf, AResumedFileKeepsItsCompressionAndSaysSo) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  ASSERT_EQ(understudy(cavity("run", out, {"time.end_s=0.4"})).exit_code, 0);
  const auto level = [&] {
    return mesh::Hdf5File(out / "fields.vtkhdf", mesh::H5Mode::read, core::Comm::self())
        .info("series/all/u")
        .deflate;
  };
  EXPECT_EQ(level(), 1);
  const std::string warning = "fields.vtkhdf goes on as it was begun, with output.compression: 1; ";
  Outcome outcome = resumed(out, {"time.end_s=0.6"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err.find("goes on as it was begun"), std::string::npos) << outcome.err;
  outcome = resumed(out, {"time.end_s=0.8", "output.compression=6"}, 2);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find(warning + "6 is for a new file (h5repack -f GZIP=6 changes"),
            std::string::npos)
      << outcome.err;
  outcome = resumed(out, {"time.end_s=1", "output.compression=0"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find(warning + "0 is for a new file (h5repack -f NONE changes"),
            std::string::npos)
      << outcome.err;
  EXPECT_EQ(level(), 1);
  EXPECT_EQ(read_series(out / "fields.vtkhdf").times.size(), 6u);
}

TEST(VtkHdf, AnotherDecksFileIsKept) {
  const Scratch scratch;
  ASSERT_EQ(understudy(cavity("run", scratch / "out", {"time.end_s=0.4"})).exit_code, 0);
  const Outcome outcome =
      understudy(cavity("run", scratch / "out", {"time.end_s=0.4", "flow.reynolds=50"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(read_series(scratch / "out" / "fields.before_1.vtkhdf").times.size(), 3u);
  EXPECT_NE(outcome.err.find("fields.vtkhdf as fields.before_1.vtkhdf"), std::string::npos)
      << outcome.err;
}

TEST(VtkHdf, AFileThatCannotBeGoneOnWithStopsARestart) {
  const Scratch scratch;
  ASSERT_EQ(understudy(cavity("run", scratch / "out", {"time.end_s=0.4"})).exit_code, 0);
  spit(scratch / "out" / "fields.vtkhdf", "not a series");
  const Outcome outcome = resumed(scratch / "out", {"time.end_s=0.8"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("fields.vtkhdf: not an HDF5 file, or its header is damaged; remove "
                             "the file to begin a new series"),
            std::string::npos)
      << outcome.err;
}

TEST(VtkHdf, RefusesWhatIsNotServed) {
  Outcome outcome =
      understudy({"check", std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/weather/galewsky.yaml",
                  "--set", "output.format=vtkhdf"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("is vtkhdf, and this grid is a sphere; vtkhdf is written of boxes, "
                             "vtk of both"),
            std::string::npos)
      << outcome.err;
  outcome = understudy({"check", deck("cavity"), "--set", "output.compression=4"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("is 4, and output.format is vtk, whose files are always compressed"),
            std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace understudy::tests
