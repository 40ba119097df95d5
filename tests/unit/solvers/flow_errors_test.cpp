// Every UserError of the flow solver that its parameters cause, by its text.
#include <array>
#include <filesystem>
#include <fstream>

#include "mesh/box_grid.hpp"
#include "solvers/flow/profile_file.hpp"
#include "support/solvers_flow_errors.hpp"

namespace {

using namespace flow_test;

TEST(FlowErrors, PeriodicOnOneSide) {
  FlowParams params = closed();
  params.boundaries.side[mesh::x_lower].kind = "periodic";
  expect_text(error_of(params),
              "x_lower is periodic but x_upper is 'wall'; both sides of an axis must");
}

TEST(FlowErrors, GridDisagreesOnPeriodicity) {
  FlowParams params = closed();
  const auto grid = std::make_shared<mesh::BoxGrid>(plane, std::array<bool, 3>{true, false, true},
                                                    core::Comm::world());
  expect_text(user_error([&] { solvers::FlowSolver<double>(params, grid, "."); }),
              "x_lower: is 'wall', but the grid was made periodic along x");
}

TEST(FlowErrors, InflowWithoutOutflow) {
  FlowParams params = channel();
  params.boundaries.side[mesh::x_upper].kind = "wall";
  expect_text(error_of(params),
              "inflow and walls bring in 2 m2/s net at t = 0 s, and no side is an outflow");
}

TEST(FlowErrors, InflowThatBecomesUnbalanced) {
  FlowParams params = channel();
  set_sides(params, {"inflow", "inflow"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1 + t", "0"};
  params.boundaries.side[mesh::x_upper].velocity_m_s = {"1", "0"};
  Case<double> c(params, plane);
  expect_text(user_error([&] { c.solver.advance(c.state, 0.1); }), "bring in ");
}

TEST(FlowErrors, NumberOfComponents) {
  FlowParams params = channel();
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0", "0"};
  expect_text(error_of(params),
              "flow.boundaries.x_lower.velocity_m_s: has 3 components, but the grid has 2 axes");
  params = closed();
  params.initial.velocity_m_s = {"1"};
  expect_text(error_of(params), "flow.initial.velocity_m_s: has 1 components, but the grid has 2");
  params = closed();
  params.acceleration_m_s2 = {1, 2, 3};
  expect_text(error_of(params), "flow.acceleration_m_s2: has 3 entries, but the grid has 2 axes");
}

TEST(FlowErrors, BadFormula) {
  FlowParams params = channel();
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1 + ", "0"};
  expect_text(error_of(params), "flow.boundaries.x_lower.velocity_m_s: component 0: ");
}

TEST(FlowErrors, ThreeDimensionalKeysInThePlane) {
  FlowParams params = closed();
  params.les.model = "wale";
  expect_text(error_of(params), "flow.les.model: 'wale' is for three-dimensional turbulence");
  params = closed();
  params.boundaries.side[mesh::z_lower].kind = "wall";
  expect_text(error_of(params),
              "flow.boundaries.z_lower: the grid has two axes, so there is no such");
}

TEST(FlowErrors, KeysThatDoNotBelong) {
  FlowParams params = channel();
  params.boundaries.side[mesh::x_upper].velocity_m_s = {"1", "0"};
  expect_text(error_of(params), "x_upper.velocity_m_s: a side of kind 'outflow' takes no velocity");
  params = channel();
  params.boundaries.side[mesh::x_upper].scalar = "1";
  expect_text(error_of(params), "x_upper.scalar: is given, but flow.scalar.enabled is false");
  params = channel();
  params.boundaries.side[mesh::x_lower].file = "profile.csv";
  expect_text(error_of(params), "x_lower.file: is given, but the profile is 'expression'");
  params = channel();
  params.boundaries.side[mesh::x_lower].profile = "uniform";
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"y", "0"};
  expect_text(error_of(params),
              "component 0 is 'y', which varies in space, but the profile is uniform");
}

TEST(FlowErrors, KeysThatWouldDoNothing) {
  FlowParams params = closed();
  params.boundaries.side[mesh::y_upper].profile = "parabolic";
  expect_text(error_of(params),
              "y_upper.profile: 'parabolic' shapes what comes in at a side of kind 'inflow', but "
              "this one is 'wall'");
  params = channel();
  params.boundaries.side[mesh::x_lower].velocity_m_s = {};
  expect_text(error_of(params),
              "x_lower.velocity_m_s: an inflow needs its velocity, one formula for each of the 2");
  params = channel();
  params.boundaries.side[mesh::x_lower].profile = "file";
  params.boundaries.side[mesh::x_lower].file = "profile.csv";
  expect_text(error_of(params),
              "x_lower.velocity_m_s: is given, but with profile: file the velocity comes from");
  params = closed();
  params.scalar.enabled = true;
  set_sides(params, {"periodic", "periodic"});
  params.boundaries.side[mesh::x_lower].scalar = "1";
  expect_text(error_of(params), "x_lower.scalar: a periodic side takes no value; wall, inflow");
  params = closed();
  params.les.constant = 0.1;
  expect_text(
      error_of(params),
      "flow.les.constant: is given, but flow.les.model is none; choose smagorinsky or wale");
  params = closed();
  params.initial.scalar = "x";
  expect_text(error_of(params),
              "flow.initial.scalar: is given, but flow.scalar.enabled is false; enable it");
  params = closed();
  params.scalar.diffusivity_m2_s = 0.5;
  expect_text(error_of(params), "flow.scalar.diffusivity_m2_s: is given, but flow.scalar.enabled");
  params = closed();
  params.scalar.enabled = true;
  params.scalar.at_bodies = "fixed";
  expect_text(error_of(params), "flow.scalar.at_bodies: is given, but flow.bodies is empty");
  params = closed();
  params.scalar.enabled = true;
  params.scalar.body_value = 1;
  expect_text(error_of(params),
              "flow.scalar.body_value: is given, but flow.scalar.at_bodies is insulated");
  params = closed();
  params.les.turbulent_schmidt = 0.9;
  expect_text(error_of(params), "flow.les.turbulent_schmidt: is given, but flow.les.model is none");
}

TEST(FlowErrors, ProfileFiles) {
  const auto folder = std::filesystem::temp_directory_path();
  const auto error = [&](const std::string& text) {
    const auto path = folder / "understudy_profile.csv";
    std::ofstream(path) << text;
    FlowParams params = channel();
    params.boundaries.side[mesh::x_lower].profile = "file";
    params.boundaries.side[mesh::x_lower].velocity_m_s = {};
    params.boundaries.side[mesh::x_lower].file = path.string();
    const std::string what = error_of(params);
    std::filesystem::remove(path);
    return what;
  };
  EXPECT_EQ(error("y,u,v\n0,0,0\n1,1,0\n2,0,0\n"), "");
  EXPECT_EQ(error("v;u;y [mm]\r\n0;0;0\r\n\r\n0;+1;1D3\r\n0;0;2000\r\n"), "");
  expect_text(error("0,0,0\n1,1\n"), "line 2: has 2 columns, and line 1 has 3");
  expect_text(
      error("0,0\n1,1\n"),
      "has 2 columns; wanted are y, u, v: the coordinate (m) and 2 velocity components (m/s)");
  expect_text(error("0,1,0,abc\n1,1,0\n"), "line 1, column 4: 'abc' is not a number");
  expect_text(error("0;0,5;0\n2;1;0\n"), "a decimal comma; write 0.5");
  expect_text(error("y,u,v,w\n0,0,0,0\n2,0,0,0\n"), "column 'w' is given, but the grid has 2 axes");
  expect_text(error("z,u,v\n0,0,0\n2,0,0\n"), "column 'z' does not run along the side");
  expect_text(error("y,u\n0,0\n2,0\n"), "column 'v' is missing");
  expect_text(error("y,u,T\n0,0,0\n2,0,0\n"), "column 'T' is not known; wanted are y, u, v");
  expect_text(error("y [s],u,v\n0,0,0\n2,0,0\n"), "is in 's', which measures something else; m is");
  // A header behind '#' is one where it has units or known names.
  for (const char* mark : {"", "# "}) {
    const auto headed = [&](const std::string& text) { return error(mark + text); };
    EXPECT_EQ(headed("v, u, y [mm]\n0,1,0\n0,0,2000\n"), "");
    expect_text(headed("y [mm], u, v\n0,0,0\n2,0,0\n"), "covers y from 0 to 0.002 m");
    expect_text(headed("r [mm], u [m/s], v\n0,0,0\n2,0,0\n"), "column 'r' is not known");
    expect_text(headed("y, u [kg], v\n0,0,0\n2,0,0\n"), "is in 'kg', which measures");
  }
  EXPECT_EQ(error("# measured in May\n0,1,0\n2,0,0\n"), "");
  expect_text(error("0,0,0\n0,1,0\n"), "line 2, column 1: the coordinate 0 does not increase");
  expect_text(error("0,0,0\n"), "has 1 rows; at least 2 are wanted");
  expect_text(error("0,0,0\n1,1,0\n"),
              "covers y from 0 to 1 m, but the side reaches from 0 to 2 m");
  FlowParams params = channel();
  params.boundaries.side[mesh::x_lower].profile = "file";
  params.boundaries.side[mesh::x_lower].velocity_m_s = {};
  expect_text(error_of(params), "x_lower.file: profile is file, but no file is named");
  params.boundaries.side[mesh::x_lower].file = "/nowhere/profile.csv";
  expect_text(error_of(params), "/nowhere/profile.csv");
}

// What a 3-D side takes: both coordinates, or one with its name.
TEST(FlowErrors, ProfileFilesIn3D) {
  const auto path = std::filesystem::path(testing::TempDir()) / "understudy_profile_3d.csv";
  using solvers::flow::ProfileFile;
  const ProfileFile::Side side{0, 3, {0, 0, 0}, {1, 1, 1}, {0.25, 0.25, 0.25}};
  const auto read = [&](const std::string& text) {
    std::ofstream(path) << text;
    return ProfileFile(path.string(), side, "key");
  };
  const auto error = [&](const std::string& text) -> std::string {
    try {
      read(text);
    } catch (const core::UserError& e) {
      return e.what();
    }
    return "";
  };
  const ProfileFile along_z = read("z,u,v,w\n0,0,0,0\n1,2,0,0\n");
  EXPECT_DOUBLE_EQ(along_z(0, {0, 0.5, 0.125}), 0.25);
  EXPECT_DOUBLE_EQ(along_z(0, {0, 0.1, 0.875}), 1.75);
  const ProfileFile along_y = read("u [mm/s] v w y\n0 0 0 0\n2e3 0 0 1\n");
  EXPECT_DOUBLE_EQ(along_y(0, {0, 0.125, 0.9}), 0.25);
  // u = y + 10 z + 100 y z, bilinear; the rows in no order.
  for (const char* header : {"", "y,z,u,v,w\n", "# y,z,u,v,w\n"}) {
    const ProfileFile both =
        read(std::string(header) + "0,0,0,1,0\n1,1,111,0,-1\n1,0,1,0,0\n0,1,10,0,0\n");
    EXPECT_DOUBLE_EQ(both(0, {0, 0.5, 0.25}), 0.5 + 2.5 + 12.5);
    EXPECT_DOUBLE_EQ(both(1, {0, 0, 0}), 1);
    EXPECT_DOUBLE_EQ(both(2, {0, 1, 1}), -1);
    EXPECT_DOUBLE_EQ(both(0, {0, 0.5, -1}), 0.5) << "the value of the table's end";
  }
  expect_text(
      error("0,0,0,0\n1,2,0,0\n"),
      "four columns without a header leave open along which axis the profile varies; name them in a "
      "first line: y, u, v, w or z, u, v, w");
  expect_text(error("y,z,u,v,w\n0,0.5,1,0,0\n1,0.5,1,0,0\n"),
              "covers z from 0.5 to 0.5 m, but the side");
  expect_text(error("x,u,v,w\n0,0,0,0\n1,2,0,0\n"), "column 'x' does not run along the side");
  expect_text(
      error("0,0,0,0,0\n1,0,0,0,0\n0,1,0,0,0\n"),
      "2 values along y and 2 along z make a lattice of 4 points, of which 3 are given: y = 1, z = 1");
  expect_text(error("0,0,0,0,0\n0,0,0,0,0\n"),
              "line 2, column 1: the point y = 0, z = 0 is there twice");
  // Scattered points: a lattice of them all would be of 240 GB.
  std::string scattered;
  for (int n = 0; n < 100000; ++n)
    scattered += std::to_string(n) + "," + std::to_string(n * 919LL % 100000) + ",0,0,0\n";
  expect_text(
      error(scattered),
      "100000 values along y and 100000 along z make a lattice of 10000000000 points, of which "
      "100000 are given: y = 1, z = 0 is not there");
  expect_text(error("0,0,0,0,0,0\n1,0,0,0,0,0\n"), "has 6 columns; wanted are y, z, u, v, w");
  std::filesystem::remove(path);
}

TEST(FlowErrors, Bodies) {
  FlowParams params = channel();
  mesh::BodyParams body;
  body.diameter_m = 0.5;
  body.center_m = {5, 1};
  params.bodies = {body};
  expect_text(error_of(params), "flow.bodies[0], cylinder");
  expect_text(error_of(params),
              "lies outside the grid's box: it reaches along x from 4.75 to 5.25");
  for (const double y : {1.72, 1.75, 2.0})  // close to the wall, on it, across it
    for (const char* shape : {"cylinder", "box"}) {
      params.bodies[0].shape = shape;
      params.bodies[0].size_m = {0.5, 0.5};
      params.bodies[0].center_m = {2, y};
      EXPECT_EQ(error_of(params), "");
    }
  params.bodies[0].shape = "cylinder";
  params.bodies[0].center_m = {2, 2.24};  // next to nothing of it
  expect_text(error_of(params), "flow.bodies[0], cylinder: is thinner than the grid resolves");
  params.bodies[0].center_m = {2, 1};
  params.bodies[0].diameter_m = 0.1;
  expect_text(error_of(params), "flow.bodies[0], cylinder: is thinner than the grid resolves");
  params = channel();
  set_sides(params, {"inflow", "outflow", "periodic", "periodic"});
  body.center_m = {2, 1.9};
  params.bodies = {body};
  EXPECT_EQ(error_of(params), "");  // comes in again at the other side
}

TEST(FlowErrors, SamplesOutsideTheDomain) {
  FlowParams params = closed();
  params.probes = {{"far", {5, 1}}};
  expect_text(error_of(params), "flow.probes[0].point_m: x = 5 m lies outside the domain");
  params = closed();
  params.lines = {{"line", {0, 0}, {0, 0, 1}, 5}};
  expect_text(error_of(params), "flow.lines[0].to_m: has 3 entries, but the grid has 2 axes");
}

TEST(FlowErrors, CubeIsFine) {
  FlowParams params;
  params.reynolds = 100;
  set_sides(params, {"wall", "wall", "wall", "wall", "slip", "slip"});
  params.les.model = "wale";
  EXPECT_EQ(error_of(params, cube), "");
}

}  // namespace
