// What a flow run writes beside its fields: averages over time, forces by part, surfaces, the balance of the box,
// and a run that ends when it is steady; each over a restart and over ranks.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

constexpr const char* cylinder = R"deck(app: flow
grid: {lower_m: [-2, -2], upper_m: [4, 2], cells: [48, 32]}
time: {end_s: 1, window_s: 0.1, output_every: 5}
output:
  statistics: {from_s: 0.2, fields: [u, p, vorticity]}
flow:
  reynolds: 40
  boundaries:
    x_lower: {kind: inflow, velocity_m_s: ["1 + 0.1 * sin(5 * t)", "0"]}
    x_upper: {kind: outflow}
  initial: {velocity_m_s: ["1", "0"]}
  bodies: [{shape: cylinder, diameter_m: 1}]
  surface: {files: true, moment_point_m: [0, 0]}
  balance: true
)deck";

class FlowOutputs : public testing::Test {
 protected:
  FlowOutputs() { spit(deck_, cylinder); }

  Outcome run(const fs::path& out, const std::vector<std::string>& settings = {}, int ranks = 1,
              bool resume = false) const {
    std::vector<std::string> arguments{"run", deck_, "--out", out};
    if (resume) arguments.push_back("--resume");
    add_settings(arguments, settings);
    return understudy(arguments, ranks);
  }
  // The last row of a table, by column.
  static std::map<std::string, double> last_row(const fs::path& csv) {
    std::istringstream file(slurp(csv));
    std::string header, line, last;
    std::getline(file, header);
    while (std::getline(file, line)) last = line;
    std::map<std::string, double> row;
    std::istringstream names(header), cells(last);
    for (std::string name, cell; std::getline(names, name, ',') && std::getline(cells, cell, ',');)
      row[name] = std::stod(cell);
    return row;
  }

  Scratch scratch_;
  std::string deck_ = scratch_ / "cylinder.yaml";
};

TEST_F(FlowOutputs, AreAllThereAndARestartHasTheSame) {
  const fs::path whole = scratch_ / "whole", parts = scratch_ / "parts";
  const Outcome outcome = run(whole);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* file : {"statistics.h5", "statistics.pvd", "surface.pvd", "surface/times.csv",
                           "surface/surface_000005.csv", "surface/surface_000002.vtp"})
    EXPECT_TRUE(fs::exists(whole / file)) << file;
  const auto row = last_row(whole / "diagnostics.csv");
  for (const char* column :
       {"flow.drag_pressure_coefficient", "flow.drag_friction_coefficient",
        "flow.moment_coefficient", "flow.y_plus_max", "flow.momentum_convected_x [N/m]",
        "flow.momentum_rate_y [N/m]", "flow.energy_in [W/m]", "flow.dissipation [W/m]"})
    EXPECT_TRUE(row.contains(column)) << column;
  EXPECT_NEAR(row.at("flow.drag_pressure_coefficient") + row.at("flow.drag_friction_coefficient"),
              row.at("flow.drag_coefficient"), 0.15 * row.at("flow.drag_coefficient"));
  const auto summary = nlohmann::json::parse(slurp(whole / "summary.json"));
  for (const char* name :
       {"drag_rms", "lift_rms", "drag_pressure_mean", "drag_friction_mean", "moment_mean"})
    EXPECT_TRUE(summary["metrics"]["flow"].contains(name)) << name;
  EXPECT_NEAR(summary["metrics"]["statistics"]["duration_s"].get<double>(), 0.8, 0.05);

  ASSERT_EQ(run(parts, {"time.end_s=0.6"}).exit_code, 0);
  const Outcome resumed = run(parts, {}, 1, true);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(resumed.err.find("begin at"), std::string::npos) << resumed.err;
  expect_same_file(whole / "diagnostics.csv", parts / "diagnostics.csv");
  expect_same_file(whole / "surface/surface_000010.csv", parts / "surface/surface_000010.csv");
  EXPECT_EQ(nlohmann::json::parse(slurp(parts / "summary.json"))["metrics"]["statistics"],
            summary["metrics"]["statistics"]);
  expect_same_file(whole / "statistics/statistics_000001.vti",
                   parts / "statistics/statistics_000002.vti");
}

TEST_F(FlowOutputs, TwoRanksSayWhatOneSays) {
  const fs::path one = scratch_ / "one", two = scratch_ / "two";
  ASSERT_EQ(run(one).exit_code, 0);
  ASSERT_EQ(run(two, {}, 2).exit_code, 0);
  const auto a = last_row(one / "diagnostics.csv"), b = last_row(two / "diagnostics.csv");
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, value] : a)
    EXPECT_NEAR(b.at(name), value, 1e-9 * std::max(1.0, std::abs(value))) << name;
  const auto c = last_row(one / "surface/surface_000010.csv"),
             d = last_row(two / "surface/surface_000010.csv");
  for (const auto& [name, value] : c)
    EXPECT_NEAR(d.at(name), value, 1e-8 * std::max(1.0, std::abs(value))) << name;
}

TEST_F(FlowOutputs, StatisticsThatARunDidNotTakeBeginAtItsRestart) {
  const fs::path out = scratch_ / "out";
  ASSERT_EQ(run(out, {"time.end_s=0.5", "output.statistics.fields=[]"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(out / "statistics.h5"));
  const Outcome resumed = run(out, {}, 1, true);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("output.statistics: the run so far did not take these averages; they "
                             "begin at 0.5 s"),
            std::string::npos)
      << resumed.err;
}

TEST_F(FlowOutputs, ASteadyRunEndsEarlyAndSaysSo) {
  const fs::path out = scratch_ / "out";
  const std::vector<std::string> steady{
      "time.end_s=200", "time.steady.change=1e-3", "time.steady.over_s=1",
      "flow.boundaries.x_lower.velocity_m_s=[\"1\",\"0\"]", "output.vtk=false"};
  const Outcome outcome = run(out, steady);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("steady: over 1 s no field changes by more than 0.001 of itself"),
            std::string::npos)
      << outcome.err;
  const auto summary = nlohmann::json::parse(slurp(out / "summary.json"));
  EXPECT_LT(summary["metrics"]["time_s"].get<double>(), 150);
  EXPECT_EQ(summary["metrics"]["ended_early"].get<std::string>().substr(0, 6), "steady");
  const Outcome again = run(out, steady, 1, true);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(nlohmann::json::parse(slurp(out / "summary.json"))["metrics"]["time_s"],
            summary["metrics"]["time_s"]);
}

TEST_F(FlowOutputs, AVolumeIsPicturedOnAPlaneOfEveryAxis) {
  spit(deck_, R"deck(app: flow
grid: {lower_m: [0, 0, 0], upper_m: [3, 2, 1], cells: [24, 16, 8]}
time: {end_s: 0.1, window_s: 0.1}
output: {vtk: false, derived: [q_criterion], pictures: [speed, q_criterion]}
flow:
  reynolds: 40
  boundaries:
    x_lower: {kind: periodic}
    x_upper: {kind: periodic}
  initial: {velocity_m_s: ["sin(3.14159265 * y / 2)", "0", "0"]}
)deck");
  const fs::path out = scratch_ / "volume";
  const Outcome outcome = run(out, {}, 2);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* name : {"speed_xy", "speed_xz", "speed_yz", "q_criterion_xy"})
    EXPECT_TRUE(fs::exists(out / "pictures" / (std::string(name) + "_000001.png"))) << name;
  EXPECT_FALSE(fs::exists(out / "pictures" / "speed_000001.png"));
  const std::string page = slurp(out / "run.html");
  for (const char* text : {"middle of z", "middle of y", "middle of x", "z [m]"})
    EXPECT_NE(page.find(text), std::string::npos) << text;
}

struct Fault {
  std::vector<std::string> settings;
  const char* message;
};

class FlowOutputFaults : public FlowOutputs, public testing::WithParamInterface<Fault> {};

TEST_P(FlowOutputFaults, AreNamed) {
  const Outcome outcome = run(scratch_ / "out", GetParam().settings);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_NE(outcome.err.find(GetParam().message), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(scratch_ / "out"));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, FlowOutputFaults,
    testing::Values(
        Fault{{"output.statistics.fields=[U]"}, "output.statistics.fields: 'U' is neither a field"},
        Fault{{"output.statistics.fields=[u,u]"}, "names 'u' twice"},
        Fault{{"output.statistics.from_s=-1"}, "from_s"},
        Fault{{"output.statistics.from_s=1"}, "the run ends at 1 s: there would be no sample"},
        Fault{{"output.statistics.every_s=-1"}, "every_s"},
        Fault{{"time.steady.change=1e-3"}, "steady.change needs at least one window of 0.1 s"},
        Fault{{"time.steady.change=-1"}, "change"},
        Fault{{"flow.surface.moment_point_m=[0]"},
              "flow.surface.moment_point_m: has 1 entries, but the grid has 2 axes"},
        Fault{{"flow.surface.reference_point_m=[9,0]"}, "lies outside the domain"},
        Fault{{"flow.surface.files=false", "flow.surface.reference_point_m=[1,0]"},
              "flow.surface.reference_point_m: is given, but flow.surface.files is false"},
        Fault{{"flow.bodies=[]"}, "flow.surface.files: is given, but flow.bodies is empty"},
        Fault{{"flow.bodies=[]", "flow.surface.files=false"},
              "flow.surface.moment_point_m: is given, but flow.bodies is empty"},
        Fault{{"flow.scalar.buoyancy_m_s2=[0,1]"},
              "flow.scalar.buoyancy_m_s2: is given, but flow.scalar.enabled is false"},
        Fault{{"flow.scalar.enabled=true", "flow.scalar.buoyancy_m_s2=[1]"},
              "flow.scalar.buoyancy_m_s2: has 1 entries, but the grid has 2 axes"},
        Fault{{"flow.scalar.enabled=true", "flow.scalar.buoyancy_from=1"},
              "flow.scalar.buoyancy_from: is given, but flow.scalar.buoyancy_m_s2 is empty"},
        Fault{{"flow.balance=perhaps"}, "flow.balance"}));

}  // namespace
}  // namespace understudy::tests
