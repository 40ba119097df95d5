// What --resume goes on with, and what a verb may replace: nothing that was measured is lost, and only what
// belongs to the deck is taken.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "core/comm.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

// A uniform flow that is pushed: u = 1 + t everywhere.
constexpr const char* pushed = R"(app: flow
grid: {cells: [8, 8]}
time: {end_s: 0.2, window_s: 0.1}
output: {vtk: false}
flow:
  viscosity_m2_s: 0.01
  acceleration_m_s2: [1, 0]
  boundaries: {x_lower: {kind: periodic}, x_upper: {kind: periodic}}
  initial: {velocity_m_s: ["1", "0"]}
  probes: [{name: a, point_m: [0.5, 0.5]}]
  lines:
    - {from_m: [0, 0.2], to_m: [1, 0.2], points: 3}
    - {from_m: [0.7, 0], to_m: [0.7, 1], points: 3}
)";

class Resume : public testing::Test {
 protected:
  Resume() { spit(deck_, pushed); }

  Outcome run(const std::vector<std::string>& settings = {}, bool resume = false,
              const std::string& verb = "run") const {
    std::vector<std::string> arguments{verb, deck_, "--out", out_};
    if (resume) arguments.push_back("--resume");
    add_settings(arguments, settings);
    return understudy(arguments);
  }
  Outcome resume(const std::vector<std::string>& settings = {}) const {
    return run(settings, true);
  }
  std::vector<std::vector<std::string>> table(const std::string& name) const {
    std::istringstream file(slurp(out_ / name));
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(file, line);) {
      rows.emplace_back(1);
      for (const char c : line)
        if (c == ',')
          rows.back().emplace_back();
        else
          rows.back().back() += c;
    }
    return rows;
  }

  Scratch scratch_;
  std::string deck_ = scratch_ / "pushed.yaml";
  fs::path out_ = scratch_ / "out";
};

TEST_F(Resume, AFinishedRunKeepsItsNumbers) {
  ASSERT_EQ(run().exit_code, 0);
  const auto first = summary(out_);
  EXPECT_NEAR(double(first["metrics"]["flow"]["kinetic_energy"]), 0.5 * 1.15 * 1.15, 0.02);
  const std::string diagnostics = slurp(out_ / "diagnostics.csv");
  for (int n = 0; n < 2; ++n) {
    ASSERT_EQ(resume().exit_code, 0);
    const auto again = summary(out_);
    EXPECT_EQ(again["metrics"], first["metrics"]);
    EXPECT_EQ(again["timing"]["advance_s"], first["timing"]["advance_s"]);
    EXPECT_EQ(slurp(out_ / "diagnostics.csv"), diagnostics);
  }
  // Killed before its summary: what can be read off the files is there.
  fs::remove(out_ / "summary.json");
  ASSERT_EQ(resume().exit_code, 0);
  EXPECT_EQ(summary(out_)["metrics"]["flow"], first["metrics"]["flow"]);
  EXPECT_EQ(summary(out_)["metrics"].contains("conservation"),
            first["metrics"].contains("conservation"));
}

TEST_F(Resume, ThePageSaysFromWhereThisCallWent) {
  ASSERT_EQ(run().exit_code, 0);
  EXPECT_EQ(summary(out_)["metrics"]["from_s"], 0.0);
  EXPECT_NE(slurp(out_ / "run.html").find("0.2 s of simulated time in 2 windows"),
            std::string::npos);
  ASSERT_EQ(resume({"time.end_s=0.3"}).exit_code, 0);
  EXPECT_NEAR(double(summary(out_)["metrics"]["from_s"]), 0.2, 1e-12);
  EXPECT_NE(slurp(out_ / "run.html")
                .find("This call: from 0.2 s to 0.3 s of simulated time in 1 windows"),
            std::string::npos);
}

TEST_F(Resume, ProbesMayComeAndGoAndTheRowsStay) {
  ASSERT_EQ(run().exit_code, 0);
  const auto before = table("probes.csv");
  const auto outcome =
      resume({"time.end_s=0.4", "flow.probes=[{name: b, point_m: [0.2, 0.5]}]", "flow.cfl=0.3"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto after = table("probes.csv");
  ASSERT_EQ(after.size(), 6u);
  ASSERT_EQ(after[0].size(), 7u) << "time_s, u v p at b, u v p at a";
  EXPECT_EQ(after[0][1], "b u [m/s]");
  EXPECT_EQ(after[0][4], "a u [m/s]");
  for (std::size_t row = 1; row < 4; ++row)
    for (std::size_t n = 1; n < 4; ++n) {
      EXPECT_EQ(after[row][n], "");
      EXPECT_EQ(after[row][n + 3], before[row][n]);
    }
  EXPECT_NEAR(std::stod(after[5][1]), 1.4, 1e-9);
  EXPECT_EQ(after[5][4], "");
}

// A column is of one point.
TEST_F(Resume, AMovedProbeBeginsATableOfItsOwn) {
  ASSERT_EQ(run().exit_code, 0);
  const std::string before = slurp(out_ / "probes.csv");
  const auto outcome = resume({"time.end_s=0.4", "flow.probes=[{name: a, point_m: [0.2, 0.5]}]"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("flow.probes: a lies elsewhere than until the restart"),
            std::string::npos)
      << outcome.err;
  EXPECT_EQ(slurp(out_ / "probes.before_1.csv"), before);
  const auto after = table("probes.csv");
  ASSERT_EQ(after.size(), 3u) << "the windows since the restart alone";
  EXPECT_NEAR(std::stod(after[2][0]), 0.4, 1e-9);
  // The same probes again go on.
  ASSERT_EQ(resume({"time.end_s=0.5", "flow.probes=[{name: a, point_m: [0.2, 0.5]}]"}).exit_code,
            0);
  EXPECT_EQ(table("probes.csv").size(), 4u);
  EXPECT_FALSE(fs::exists(out_ / "probes.before_2.csv"));
}

TEST_F(Resume, TimeIsTheStatesOwnWhateverTheWindow) {
  ASSERT_EQ(run({"time.end_s=0.3"}).exit_code, 0);
  const auto u = [&](const std::string& file) { return std::stod(table(file)[1][3]); };
  EXPECT_NEAR(u("lines/line_1_000003.csv"), 1.3, 1e-9);
  // 0.3 s is no multiple of 0.2 s.
  const std::string probes = slurp(out_ / "probes.csv");
  const auto refused = resume({"time.window_s=0.2", "time.end_s=0.6"});
  expect_refused(refused, {"0.3 s", "0.2 s", "not a multiple", "time.window_s"});
  EXPECT_EQ(slurp(out_ / "probes.csv"), probes);

  const auto outcome = resume({"time.window_s=0.15", "time.end_s=0.6"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const auto& row : table("probes.csv"))
    if (row[0] != "time_s") {
      EXPECT_NEAR(std::stod(row[1]), 1 + std::stod(row[0]), 1e-9);
    }
  // Windows are counted on, so that no file of earlier ones is written over; their times are beside them.
  EXPECT_NEAR(u("lines/line_1_000002.csv"), 1.2, 1e-9);
  EXPECT_NEAR(u("lines/line_1_000005.csv"), 1.6, 1e-9);
  const auto times = table("lines/times.csv");
  ASSERT_EQ(times.size(), 7u);
  EXPECT_EQ(times[4], (std::vector<std::string>{times[4][0], "3"}));
  EXPECT_NEAR(std::stod(times[6][0]), 0.6, 1e-12);
  EXPECT_EQ(times[6][1], "5");
}

TEST_F(Resume, LinesWithoutNamesHaveFilesOfTheirOwn) {
  ASSERT_EQ(run().exit_code, 0);
  EXPECT_EQ(table("lines/line_1_000000.csv")[3][0], "1") << "along x";
  EXPECT_EQ(table("lines/line_2_000000.csv")[3][0], "0.7") << "along y";
  ASSERT_EQ(run({"flow.lines=[{from_m: [0, 0.2], to_m: [1, 0.2]}]"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(out_ / "lines" / "line_1_000000.csv"));
}

TEST_F(Resume, AnotherDecksCheckpointIsRefused) {
  ASSERT_EQ(run().exit_code, 0);
  const std::string probes = slurp(out_ / "probes.csv"), sums = slurp(out_ / "summary.json");
  for (const char* other : {"flow.viscosity_m2_s=0.02", "seed=7", "flow.convection=upwind3"}) {
    const auto outcome = resume({"time.end_s=0.4", other});
    const std::string key(other, std::string(other).find('='));
    expect_refused(outcome, {"checkpoint.h5 is of another deck (hash ", ", this one ", key + " is ",
                             " there and ", "--out"});
  }
  EXPECT_EQ(slurp(out_ / "probes.csv"), probes);
  EXPECT_EQ(slurp(out_ / "summary.json"), sums);
  // How long, how often, where to and how fast may change.
  const auto outcome = resume({"time.end_s=0.4", "time.output_every=2", "time.checkpoint_every=1",
                               "flow.pressure.tolerance=1e-9", "flow.lines=[]", "output.vtk=true",
                               "grid.ranks=[1, 1]", "swap.policy=never", "training.epochs=7"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

// A run that is started anew in a used folder and killed before its first checkpoint must not go on from the
// older run's.
TEST_F(Resume, AnOlderRunsCheckpointIsNotTaken) {
  const std::vector<std::string> longer{"time.end_s=3"};
  ASSERT_EQ(run(longer).exit_code, 0);
  const std::string whole = slurp(out_ / "diagnostics.csv");
  std::vector<std::string> arguments{"run", deck_, "--out", out_};
  add_settings(arguments, {"time.end_s=1000"});
  Process process({arguments});
  const auto rows = [&] {
    const std::string text = slurp(out_ / "diagnostics.csv");
    return std::ranges::count(text, '\n');
  };
  for (int n = 0; n < 4000 && (rows() < 3 || rows() > 31); ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  for (int n = 0; n < 4000 && rows() == 32; ++n)  // still the older file
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  kill(process.id(), SIGKILL);
  process.wait();
  const auto outcome = resume(longer);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("resuming at 0 s"), std::string::npos) << outcome.err;
  EXPECT_EQ(slurp(out_ / "diagnostics.csv"), whole);
}

TEST_F(Resume, EveryVerbKeepsItsOwnNumbers) {
  const std::vector<std::string> ensemble{
      "ensemble.parameters=[{key: flow.viscosity_m2_s, values: [0.01, 0.02]}]",
      "ensemble.windows=2", "ensemble.validation=[]", "ensemble.test=[]"};
  ASSERT_EQ(run(ensemble, false, "generate").exit_code, 0);
  auto sums = summary(out_);
  EXPECT_EQ(sums["verb"], "generate");
  const auto members = sums["metrics"];
  EXPECT_EQ(members["members"], 2);
  ASSERT_EQ(run(ensemble).exit_code, 0);
  sums = summary(out_);
  EXPECT_EQ(sums["verb"], "run");
  EXPECT_TRUE(sums["metrics"].contains("flow"));
  EXPECT_FALSE(sums["metrics"].contains("members"));
  EXPECT_EQ(sums["verbs"]["generate"]["metrics"], members);
  EXPECT_EQ(sums["verbs"]["run"]["metrics"], sums["metrics"]);
  // Nothing to simulate: the rate of what was simulated stays.
  ASSERT_EQ(run(ensemble, true, "generate").exit_code, 0);
  EXPECT_EQ(summary(out_)["metrics"]["members_simulated"], 0);
  EXPECT_EQ(summary(out_)["metrics"]["rate_cells_per_s"], members["rate_cells_per_s"]);
  EXPECT_TRUE(summary(out_)["verbs"]["run"]["metrics"].contains("flow"));
}

// As a program wrote the resolved deck of a sample that did not know the key yet; and one of another deck.
void set_deck(const fs::path& sample, const std::function<void(std::string&)>& change) {
  mesh::Hdf5File file(sample, mesh::H5Mode::update, core::Comm::self());
  std::string deck = file.attribute<std::string>("", "provenance.deck");
  const std::string before = deck;
  change(deck);
  ASSERT_NE(deck, before);
  file.set_attribute("", "provenance.deck", deck);
  file.set_attribute("", "provenance.deck_hash", std::string("0123456789abcdef"));
  file.close();
}

void replace(std::string& text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what << " in " << text;
  text.replace(at, what.size(), by);
}

TEST_F(Resume, MembersMadeBeforeAKeyWasThereAreKept) {
  const std::vector<std::string> ensemble{
      "ensemble.parameters=[{key: flow.viscosity_m2_s, values: [0.01, 0.02]}]",
      "ensemble.windows=2", "ensemble.validation=[]", "ensemble.test=[]"};
  ASSERT_EQ(run(ensemble, false, "generate").exit_code, 0);
  const fs::path sample = fs::path(out_) / "dataset/train/member_001.hdf5";
  // Is it said that one is kept whose deck has another text?
  bool said = false;
  const auto simulated = [&] {
    const auto outcome = run(ensemble, true, "generate");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    said = outcome.err.find("1 of 2 members were made from decks of another text") !=
           std::string::npos;
    return summary(out_)["metrics"]["members_simulated"].get<int>();
  };
  set_deck(sample,
           [](std::string& deck) { replace(deck, "  discretisation: finite_volume\n", ""); });
  EXPECT_EQ(simulated(), 0);
  EXPECT_TRUE(said);
  set_deck(sample, [](std::string& deck) { replace(deck, "  cfl: 0.5\n", "  cfl: 0.4\n"); });
  EXPECT_EQ(simulated(), 1);
  set_deck(sample, [](std::string& deck) { replace(deck, "after 0 windows", "after 1 windows"); });
  EXPECT_EQ(simulated(), 1);
  set_deck(sample, [](std::string& deck) { replace(deck, "  cfl: 0.5\n", "  no_key: 1\n"); });
  EXPECT_EQ(simulated(), 1);
  EXPECT_EQ(simulated(), 0);
  EXPECT_FALSE(said);
}

TEST_F(Resume, ADatasetWhoseCallWasKilledBeforeItsStatisticsGetsThem) {
  const std::vector<std::string> ensemble{
      "ensemble.parameters=[{key: flow.viscosity_m2_s, values: [0.01, 0.02]}]",
      "ensemble.windows=2", "ensemble.validation=[]", "ensemble.test=[]"};
  ASSERT_EQ(run(ensemble, false, "generate").exit_code, 0);
  const auto statistics = out_ / "dataset/stats.yaml";
  const std::string whole = slurp(statistics);
  ASSERT_FALSE(whole.empty());
  fs::remove(statistics);
  ASSERT_EQ(run(ensemble, true, "generate").exit_code, 0);
  EXPECT_EQ(slurp(statistics), whole);
  // Of another set of samples: made anew with the one that is missing.
  spit(statistics, "mean:\n  p: 1\n");
  fs::remove(out_ / "dataset/train/member_001.hdf5");
  ASSERT_EQ(run(ensemble, true, "generate").exit_code, 0);
  EXPECT_EQ(slurp(statistics), whole);
}

TEST_F(Resume, AnotherDecksResultsMakeRoomUnderAnotherName) {
  ASSERT_EQ(run().exit_code, 0);
  const std::string probes = slurp(out_ / "probes.csv");
  EXPECT_EQ(run().err.find("before_1"), std::string::npos) << "its own are replaced";
  const auto other = run({"flow.viscosity_m2_s=0.02"});
  ASSERT_EQ(other.exit_code, 0) << other.err;
  EXPECT_NE(other.err.find("probes.csv as probes.before_1.csv"), std::string::npos) << other.err;
  EXPECT_EQ(slurp(out_ / "probes.before_1.csv"), probes);
  EXPECT_TRUE(fs::exists(out_ / "diagnostics.before_1.csv"));
}

TEST_F(Resume, ASummaryThatIsNoneIsKeptAside) {
  spit(out_ / "summary.json", "{\"verb\": \"run\", \"metr");
  const auto outcome = run();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("summary.before_1.json"), std::string::npos) << outcome.err;
  // One of an earlier version is the section of its verb.
  spit(out_ / "summary.json", R"({"verb": "study", "metrics": {"speedup": {"same_grid": 3}}})");
  ASSERT_EQ(run().exit_code, 0);
  EXPECT_EQ(summary(out_)["verbs"]["study"]["metrics"]["speedup"]["same_grid"], 3);
}

TEST_F(Resume, UnfinishedFilesOfKilledRunsAreSwept) {
  const std::string process = ".2147483646";  // above the largest process number
  for (const std::string name :
       {"summary.json", "training_checkpoint.safetensors", "gathers_pressure.sgy", "sources.vtp",
        "open_in_paraview.py", "checkpoint.safetensors.rank1.0123abcd", "lines/line_1_000001.csv"})
    spit(out_ / (name + process + ".understudy.part"), "x");
  spit(out_ / ("checkpoint.h5" + process + ".part"), "an earlier version's");
  spit(out_ / "notes.txt.part", "mine");
  const auto outcome = run();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("8 unfinished files"), std::string::npos) << outcome.err;
  for (const auto& entry : fs::recursive_directory_iterator(out_))
    EXPECT_EQ(entry.path().string().find(process), std::string::npos) << entry.path();
  EXPECT_TRUE(fs::exists(out_ / "notes.txt.part"));
}

TEST_F(Resume, SwapModelStartsInTheDecksFolder) {
  const auto outcome = run({"swap={policy: always, model: models/one}"});
  expect_refused(outcome, {"no model in " + (scratch_ / "models/one").string()});
  // A model from the working folder on alone is still found, and that is said.
  Scratch here;
  spit(here / "models/one/card.yaml", "nonsense: 1\n");
  const fs::path before = fs::current_path();
  fs::current_path(here.path());
  const auto found = run({"swap={policy: always, model: models/one}"});
  spit(scratch_ / "models/one/card.yaml", "other: 1\n");
  const auto both = run({"swap={policy: always, model: models/one}"});
  fs::current_path(before);
  EXPECT_EQ(found.exit_code, 2);
  EXPECT_NE(found.err.find("swap.model: paths in a deck start in its folder"), std::string::npos)
      << found.err;
  EXPECT_NE(found.err.find("nonsense"), std::string::npos) << found.err;
  EXPECT_EQ(both.err.find("swap.model: paths"), std::string::npos) << both.err;
  EXPECT_NE(both.err.find("other"), std::string::npos) << both.err;
}

}  // namespace
}  // namespace understudy::tests
