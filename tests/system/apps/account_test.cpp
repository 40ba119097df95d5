// What a study's account must not do: judge fields that are zero, divide by different timings, call conserved
// what is not, read amplitudes off a few samples without a word.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

// Flow in a channel that is driven by a body force: v and p are zero but for round-off.
constexpr const char* channel = R"(app: flow
grid: {lower_m: [0, 0], upper_m: [2, 1], cells: [16, 16]}
time: {end_s: 1, window_s: 0.1}
flow:
  viscosity_m2_s: 0.1
  acceleration_m_s2: [1, 0]
  boundaries:
    x_lower: {kind: periodic}
    x_upper: {kind: periodic}
    y_lower: {kind: wall}
    y_upper: {kind: wall}
ensemble:
  parameters: [{key: flow.viscosity_m2_s, values: [0.05, 0.1, 0.14, 0.2]}]
  validation: [1]
  test: [2]
  windows: 12
network: {kind: unet, width: 8, levels: 1, patch: 2}
training: {epochs: 2, batch: 4, rollout_windows: 6, validate_every: 1, threads: 1, unroll: [1], unroll_fractions: []}
contenders: [{name: pod, settings: [network.kind=pod, network.latent_size=3, network.latent_map=linear]}]
swap: {policy: always}
compare: {parameters: [{key: flow.viscosity_m2_s, value: 0.12}], windows: 6, repeats: 3, coarser: [2], looser: [], picture_count: 1}
)";

TEST(Account, OfFieldsThatAreZeroEverywhere) {
  const Scratch scratch;
  const fs::path deck = scratch / "channel.yaml", out = scratch / "out";
  spit(deck, channel);
  const Outcome studied = understudy({"study", deck, "--out", out, "--threads", "1"});
  ASSERT_EQ(studied.exit_code, 0) << studied.err;
  const auto m = summary(out)["metrics"];
  const std::string card = slurp(out / "model/card.yaml");
  // u varies; v does not, nor does p.
  EXPECT_NE(card.find("constant: false"), std::string::npos);
  EXPECT_NE(card.find("constant: true"), std::string::npos);
  for (const char* field : {"u", "v", "p"})
    EXPECT_LT(m["training"]["validation"][field]["rel_l2_rollout"].get<double>(), 100) << field;
  EXPECT_FALSE(m["error"]["u"].contains("relative_to"));
  EXPECT_EQ(m["error"]["v"]["relative_to"], "the norm of u");
  EXPECT_NEAR(m["error"]["mean"].get<double>(), m["error"]["u"]["rel_l2_mean"].get<double>(),
              1e-12);
  EXPECT_LT(m["calibration"]["gates"]["range"]["threshold"].get<double>(), 1e3);
  EXPECT_LT(m["calibration"]["gates"]["diagnostics"]["threshold"].get<double>(), 1e6);
  EXPECT_NE(slurp(out / "report.html").find("v is zero in the simulation"), std::string::npos);

  // Timings: all in turns, medians and ranges, one time of the simulation.
  EXPECT_EQ(m["timing"]["repeats"], 3);
  EXPECT_NE(m["timing"]["machine"].get<std::string>().find("processors"), std::string::npos);
  const auto range = m["speedup"]["same_grid_range"];
  ASSERT_EQ(range.size(), 2u);
  EXPECT_LE(range[0].get<double>(), range[1].get<double>());
  EXPECT_TRUE(m["contenders"]["pod"]["speedup"].contains("same_grid_range"));

  // A run by the model: what it predicts of v is zero.
  const fs::path always = scratch / "always";
  const Outcome ran = understudy({"run", deck, "--out", always, "--threads", "1", "--set",
                                  "swap.model=" + (out / "model").string()});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(fs::exists(always / "run.html"));
}

TEST(Account, ConservesInflowLessOutflow) {
  const Scratch scratch;
  const fs::path deck = scratch / "plug.yaml", out = scratch / "out";
  spit(deck, R"yaml(app: flow
grid: {lower_m: [0, 0], upper_m: [4, 1], cells: [32, 8]}
time: {end_s: 1, window_s: 0.1}
flow:
  viscosity_m2_s: 0.01
  boundaries:
    x_lower: {kind: inflow, velocity_m_s: ["1 + 0.5 * sin(2 * pi * t)", "0"]}
    x_upper: {kind: outflow}
    y_lower: {kind: slip}
    y_upper: {kind: slip}
  initial: {velocity_m_s: ["1", "0"]}
output: {vtk: false}
)yaml");
  ASSERT_EQ(understudy({"run", deck, "--out", out}).exit_code, 0);
  const auto conservation = summary(out)["metrics"]["conservation"];
  EXPECT_FALSE(conservation.contains("mass_flux_drift"));
  EXPECT_LT(conservation["mass_imbalance_drift"].get<double>(), 1e-10);
}

TEST(Account, LooksAtDiagnosticsWithinWindowsWithoutChangingTheRun) {
  const Scratch scratch;
  const std::vector<std::string> run{"run",   deck("cylinder_wake"), "--set", "grid.cells=[64,32]",
                                     "--set", "time.end_s=2",        "--set", "time.window_s=1",
                                     "--set", "output.vtk=false",    "--set", "swap.policy=never"};
  auto coarse = run, fine = run;
  coarse.insert(coarse.end(), {"--out", scratch / "coarse"});
  fine.insert(fine.end(), {"--out", scratch / "fine", "--set", "time.diagnostics_every_s=0.25"});
  ASSERT_EQ(understudy(coarse).exit_code, 0);
  ASSERT_EQ(understudy(fine).exit_code, 0);
  const std::string rows = slurp(scratch / "coarse/diagnostics.csv"),
                    more = slurp(scratch / "fine/diagnostics.csv");
  EXPECT_EQ(std::ranges::count(rows, '\n'), 1 + 3);
  EXPECT_EQ(std::ranges::count(more, '\n'), 1 + 3 + 6);
  // The rows of the windows are the same to the last digit: nothing was disturbed.
  std::istringstream lines(rows);
  for (std::string line; std::getline(lines, line);)
    EXPECT_NE(more.find(line + "\n"), std::string::npos) << line;
}

}  // namespace
}  // namespace understudy::tests
