// What a deck can ask for and cannot get: names that leave the output folder, formulas that are no number, sizes
// beyond any machine, ranks that do not divide. Each is said before anything is written.
#include <gtest/gtest.h>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

class DeckFaults : public testing::Test {
 protected:
  /// A closed box at rest, unless `flow` says otherwise.
  std::string flow(const std::string& more) const {
    spit(
        scratch_ / "flow.yaml",
        "app: flow\ngrid: {cells: [8, 8]}\ntime: {end_s: 0.2, window_s: 0.1}\noutput: {vtk: false}\n"
        "flow:\n  viscosity_m2_s: 0.01\n" +
            more);
    return scratch_ / "flow.yaml";
  }
  std::string waves(const std::string& more = "") const {
    spit(scratch_ / "waves.yaml",
         "app: seismic\ngrid: {lower_m: [0, -600], upper_m: [600, 0], cells: [60, 60]}\n"
         "time: {end_s: 0.02}\nseismic:\n  model: {kind: homogeneous, p_speed_m_s: 2000}\n"
         "  wavelet: {kind: ricker, frequency_hz: 10}\n"
         "  sources: [{first_m: [200, 300], last_m: [400, 300], count: 5}]\n"
         "  receivers: [{first_m: [400, 300]}]\noutput: {vtk: false, pictures: false}\n" +
             more);
    return scratch_ / "waves.yaml";
  }
  Outcome call(const std::string& verb, const std::string& deck,
               const std::vector<std::string>& settings = {}, int ranks = 1) const {
    std::vector<std::string> arguments{verb, deck, "--out", out()};
    add_settings(arguments, settings);
    return understudy(arguments, ranks);
  }
  void refused(const std::string& deck, const std::vector<std::string>& parts,
               const std::vector<std::string>& settings = {}) const {
    for (const char* verb : {"check", "run"}) {
      SCOPED_TRACE(verb);
      expect_refused(call(verb, deck, settings), parts);
    }
    EXPECT_FALSE(fs::exists(out()));
  }
  fs::path out() const { return scratch_ / "sub/out"; }

  Scratch scratch_;
};

TEST_F(DeckFaults, NamesStayInTheirFolder) {
  const auto line = [&](const std::string& name) {
    return flow("  lines: [{name: " + name + ", from_m: [0, 0.2], to_m: [1, 0.2]}]\n");
  };
  refused(line("../../escaped"), {"flow.lines.0.name", "cannot be a name"});
  refused(line("/tmp/escaped"), {"flow.lines.0.name", "'/'"});
  refused(line("\"a\\nb\""), {"flow.lines.0.name", "control character"});
  refused(flow("  probes: [{name: \"a, b\", point_m: [0.5, 0.5]}]\n"),
          {"flow.probes.0.name", "contains ','"});
  refused(flow("  probes: [{name: a, point_m: [0.5, 0.5]}, {name: A, point_m: [0.1, 0.5]}]\n"),
          {"flow.probes", "has two of the name 'A'"});
  refused(flow("contenders: [{name: a}, {name: A}]\n"), {"contenders", "two of the name 'A'"});
}

TEST_F(DeckFaults, LinesAndProbesWithoutNamesAreTold) {
  const auto deck = flow(
      "  probes: [{point_m: [0.5, 0.5]}, {point_m: [0.1, 0.5]}]\n"
      "  lines: [{from_m: [0, 0.2], to_m: [1, 0.2]}, {from_m: [0, 0.4], to_m: [1, 0.4]}]\n");
  const Outcome outcome = call("run", deck);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(out() / "lines/line_1_000002.csv"));
  EXPECT_TRUE(fs::exists(out() / "lines/line_2_000002.csv"));
  const std::string probes = slurp(out() / "probes.csv");
  EXPECT_NE(probes.find("probe_1 u [m/s],probe_2 u [m/s]"), std::string::npos) << probes;
}

TEST_F(DeckFaults, FormulasAreNumbersWhereTheyAreUsed) {
  refused(flow("  initial: {velocity_m_s: [\"sqrt(0.2 - y)\", \"0\"]}\n"),
          {"flow.initial.velocity_m_s: component 0", "sqrt(0.2 - y)", "t = 0 s"});
  refused(flow("  initial: {velocity_m_s: [\"1,5\", \"0\"]}\n"), {"'1,5'", "decimal comma"});
  refused(flow("  initial: {velocity_m_s: [\"x = 3\", \"0\"]}\n"), {"'x = 3'", "would assign"});
  refused(
      flow("  boundaries: {y_upper: {kind: wall, velocity_m_s: [\"sqrt(0.15 - t)\", \"0\"]}}\n"),
      {"flow.boundaries.y_upper.velocity_m_s: component 0", "t = 0.1"});
}

TEST_F(DeckFaults, SizesAreComparedWithWhatIsThere) {
  refused(flow(""), {"a simulation of 100000 x 100000 x 100000 cells", "are there"},
          {"grid={lower_m: [0, 0, 0], upper_m: [1, 1, 1], cells: [100000, 100000, 100000]}"});
  refused(
      waves(), {"the model of 1e+15 cells"},
      {"grid={lower_m: [0, 0, -600], upper_m: [600, 600, 0], cells: [100000, 100000, 100000]}"});
  refused(flow(""), {"seed: 9223372036854775808 is out of bounds"}, {"seed=9223372036854775808"});
  refused(flow(""), {"seed: 18446744073709551616 is out of bounds"}, {"seed=18446744073709551616"});
  refused(flow(""), {"time.end_s", "windows"}, {"time.window_s=1e-300"});
  refused(flow(""), {"time.end_s", "shorter than one window"}, {"time.end_s=1e-9"});
}

TEST_F(DeckFaults, TheLargestSeedIsAsGoodAsAny) {
  const auto deck = flow("  initial: {noise_m_s: 0.1, noise_seed: 9223372036854775807}\n");
  const Outcome outcome = call(
      "generate", deck, {"seed=9223372036854775807", "ensemble.repeats=3", "ensemble.windows=1"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(DeckFaults, WavesEndAfterTheirFirstSample) {
  refused(waves(), {"time.end_s is 1e-05 s, before the first sample"}, {"time.end_s=1e-5"});
  refused(waves(), {"time.end_s of 0.02 s", "steps", "1e+25 m/s"},
          {"seismic.model.p_speed_m_s=1e25"});
  refused(waves(), {"steps of", "1e+25 m/s", "time.record_every_s"},
          {"seismic.model.p_speed_m_s=1e25", "time.record_every_s=0.002"});
  expect_refused(call("invert", waves(), {"time.end_s=1e-5"}), {"before the first sample"});
}

TEST_F(DeckFaults, SevenRanksComputeFiveShots) {
  const Outcome seven = call("run", waves(), {}, 7);
  ASSERT_EQ(seven.exit_code, 0) << seven.err;
  EXPECT_NE(seven.err.find("2 of 7 ranks are idle: 5 shots"), std::string::npos) << seven.err;
  EXPECT_EQ(summary(out())["metrics"]["seismic"]["shots"], 5);
}

TEST_F(DeckFaults, ThreeRanksSimulateTwoMembersOfTwo) {
  const auto deck = flow("  initial: {noise_m_s: 0.1}\n");
  const Outcome outcome = call("generate", deck,
                               {"ensemble.repeats=2", "ensemble.windows=1",
                                "ensemble.ranks_per_member=2", "grid.cells=[16,16]"},
                               3);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("1 of 3 ranks are idle"), std::string::npos) << outcome.err;
  EXPECT_EQ(summary(out())["metrics"]["members_simulated"], 2);
}

TEST_F(DeckFaults, ASlabOfOneCellIsAPlane) {
  refused(flow(""), {"grid.cells", "is 1 along z", "a layer of one cell is a plane"},
          {"grid={lower_m: [0, 0, 0], upper_m: [1, 1, 1], cells: [8, 8, 1]}"});
}

TEST_F(DeckFaults, TheFieldsWordsAreKnown) {
  refused(flow("  boundaries: {y_lower: {kind: no-slip}}\n"),
          {"'no-slip'", "did you mean 'wall'?"});
  refused(flow("  boundaries: {y_lower: {kind: symmetry}}\n"), {"did you mean 'slip'?"});
  refused(flow("  boundaries: {x_lower: {kind: inlet}}\n"), {"did you mean 'inflow'?"});
}

TEST_F(DeckFaults, CheckWarnsOfWhatIsAskedForAlone) {
  const Outcome quiet = call("check", flow(""));
  EXPECT_EQ(quiet.exit_code, 0) << quiet.err;
  EXPECT_EQ(quiet.err.find("coarser"), std::string::npos) << quiet.err;
  const Outcome asked = call("check", flow(""), {"compare.coarser=[3]"});
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_NE(asked.err.find("no classical run with 3 times coarser cells"), std::string::npos)
      << asked.err;
}

}  // namespace
}  // namespace understudy::tests
