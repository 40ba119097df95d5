// Every mistake that can be made from the command line ends with its exit code and a message that says
// what, where and what would be valid; nothing is left half-written.
#include <gtest/gtest.h>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

struct Mistake {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<std::string> message;
  int ranks = 1;
};

std::vector<std::string> with(std::vector<std::string> arguments,
                              const std::vector<std::string>& settings) {
  add_settings(arguments, settings);
  return arguments;
}

TEST(Messages, CommandLine) {
  expect_refused(understudy({}), {"subcommand", "--help"});
  expect_refused(understudy({"rnu", deck("cavity")}),
                 {"unknown verb 'rnu'", "did you mean 'run'", "study"});
  expect_refused(understudy({"run"}), {"deck is required"});
  expect_refused(understudy({"run", deck("cavity"), "--threads", "0"}), {"--threads"});
  expect_refused(understudy({"run", deck("cavity"), "--log-level", "loud"}),
                 {"--log-level", "info"});
  const Outcome help = understudy({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("study"), std::string::npos);
  const Outcome word = understudy({"help"}), verb = understudy({"help", "run"});
  EXPECT_EQ(word.exit_code, 0);
  EXPECT_EQ(word.out, help.out);
  EXPECT_EQ(verb.exit_code, 0);
  EXPECT_EQ(verb.out, understudy({"run", "--help"}).out);
  EXPECT_NE(verb.out.find("--resume"), std::string::npos);
  expect_refused(understudy({"help", "rnu"}), {"unknown verb 'rnu'", "did you mean 'run'"});
}

// The states that both sides keep at the ends of a block's windows: 5 fields of 512 x 512 at least, 2003 times.
TEST(Messages, AComparisonThatDoesNotFitInMemory) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer's own memory passes any limit";
#endif
  const Scratch scratch;
  std::vector<std::string> arguments{"compare", deck("cavity"), "--out", scratch / "out"};
  add_settings(arguments, {"grid.cells=[512,512]", "swap.policy=never", "compare.windows=1000",
                           "compare.block_windows=1000"});
  const Call call{.arguments = arguments, .data_limit = 5'000'000'000};
  expect_refused(Process(call).wait(), {"comparing, with 1000 states a side and block",
                                        "compare.block_windows", "ulimit -d", "fewer cells"});
  EXPECT_FALSE(fs::exists(scratch / "out"));
}

// Three simulations of 3072 x 3072 cells and one of four times as many, of which two would have room.
TEST(Messages, ARunAtTwiceTheResolutionThatDoesNotFitInMemory) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer's own memory passes any limit";
#endif
  const Scratch scratch;
  std::vector<std::string> arguments{"compare", deck("cavity"), "--out", scratch / "out"};
  add_settings(arguments,
               {"grid.cells=[3072,3072]", "swap.policy=never", "compare.truth_error=true"});
  const Call call{.arguments = arguments, .data_limit = 5'000'000'000};
  expect_refused(Process(call).wait(), {"a run at twice the resolution, of 6144 x 6144 cells",
                                        "leave compare.truth_error out", "fewer cells"});
  EXPECT_FALSE(fs::exists(scratch / "out"));
}

TEST(Messages, Deck) {
  const auto cavity = deck("cavity");
  expect_refused(understudy(with({"run", cavity}, {"flow.reynods=100"})),
                 {"--set flow.reynods=100", "flow.reynods: unknown key", "'flow.reynolds'"});
  expect_refused(understudy(with({"run", cavity}, {"flow.reynolds=fast"})),
                 {"flow.reynolds", "given 'fast'", "expected a number"});
  expect_refused(understudy(with({"run", cavity}, {"time.end_s=-1"})),
                 {"time.end_s", "-1 s is out of bounds", "> 0 s"});
  expect_refused(understudy(with({"run", cavity}, {"flow.cfl=3"})), {"flow.cfl", "<= 1"});
  expect_refused(understudy(with({"run", cavity}, {"app=weather"})), {"app", "'weather'", "flow"});
  expect_refused(understudy(with({"run", cavity}, {"time.end_s=1.5"})),
                 {"time.end_s", "not a whole number of windows"});
  expect_refused(understudy(with({"run", cavity}, {"grid.cells=[8,8,8]"})),
                 {"grid.cells", "has 3 entries, lower_m 2 and upper_m 2"});
  expect_refused(understudy(with({"run", cavity}, {"flow.initial.velocity_m_s=[\"sin(\", \"0\"]"})),
                 {"sin("});
  expect_refused(understudy(with({"run", cavity}, {"output.pictures=[colour]"})),
                 {"output.pictures", "'colour'", "vorticity"});
  expect_refused(understudy(with({"check", cavity}, {"ensemble.parameters.0.key=flow.nope",
                                                     "ensemble.parameters.0.values=[1]"})),
                 {"flow.nope"});
}

// Before anything is computed: a network or a batch that no machine holds.
TEST(Messages, TrainingsBeyondTheMemory) {
  for (const std::string verb : {"check", "study"}) {
    const Scratch scratch;
    expect_refused(
        understudy(
            with({verb, deck("cylinder_wake"), "--out", scratch / "out"},
                 {"network.kind=unet", "network.width=1024", "network.max_width=4096",
                  "training.batch=4096", "training.unroll=[32]", "training.unroll_fractions=[]"})),
        {"the training (", "of a batch's values", "would take at least", "TB", "training.batch"});
    EXPECT_FALSE(fs::exists(scratch / "out"));
  }
}

TEST(Messages, DeckFile) {
  const Scratch scratch;
  expect_refused(understudy({"run", "no/such/deck.yaml"}), {"no/such/deck.yaml"});
  expect_refused(understudy({"run", std::string(UNDERSTUDY_SOURCE_DIR)}), {"is a directory"});
  const std::string bad = scratch / "bad.yaml";
  spit(bad, "app: flow\ngrid: {cells: [8, 8]}\ngrid: {cells: [8, 8]}\n");
  expect_refused(understudy({"run", bad}), {bad + ":3: duplicate key 'grid'"});
  spit(bad, "app: flow\ngrid: {cells: [8, 8, 8]}\n");
  expect_refused(understudy({"run", bad}), {bad + ":2: grid.cells", "has 3 entries, lower_m 2"});
  spit(bad, "grid: {cells: [8, 8]}\n");
  expect_refused(understudy({"run", bad}), {"app: is required"});
  spit(bad, "app: flow\nflow: {boundaries: {x_lower: {kind: periodic}}}\n");
  expect_refused(understudy({"run", bad}), {"x_lower is periodic but x_upper is 'slip'"});
  EXPECT_FALSE(fs::exists("out/bad"));
}

TEST(Messages, Bodies) {
  const Scratch scratch;
  expect_refused(understudy(with({"run", deck("cylinder_wake"), "--out", scratch / "a"},
                                 {"swap.policy=never", "flow.bodies.0.center_m=[50, 0]"})),
                 {"flow.bodies[0]", "box"});
  EXPECT_FALSE(fs::exists(scratch / "a"));
  expect_refused(understudy(with({"run", deck("stl_body")}, {"flow.bodies.0.file=none.stl"})),
                 {"none.stl"});
  // Three faces of a tetrahedron: the fourth is missing.
  const std::string open = scratch / "open.stl";
  auto facet = [](const std::string& a, const std::string& b, const std::string& c) {
    return "facet normal 0 0 0\nouter loop\nvertex " + a + "\nvertex " + b + "\nvertex " + c +
           "\nendloop\nendfacet\n";
  };
  const std::string o = "0 0 0", x = "1 0 0", y = "0 1 0", z = "0 0 1";
  spit(open, "solid open\n" + facet(o, y, x) + facet(o, x, z) + facet(o, z, y) + "endsolid open\n");
  expect_refused(understudy(with({"run", deck("stl_body")}, {"flow.bodies.0.file=" + open})),
                 {"open.stl", "not closed"});
}

TEST(Messages, TooManyRanks) {
  const Outcome outcome =
      understudy(with({"run", deck("cavity")}, {"grid.cells=[4,4]", "time.end_s=1"}), 5);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  const auto said = outcome.err.find("5 ranks");
  EXPECT_NE(said, std::string::npos) << outcome.err;
  // All ranks met it: one speaks, and none has to be killed.
  EXPECT_EQ(outcome.err.find("5 ranks", said + 1), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("MPI_ABORT"), std::string::npos) << outcome.err;
}

TEST(Messages, NoModelAndNoDataset) {
  const Scratch scratch;
  const std::vector<std::string> small{"grid.cells=[64,32]"};
  expect_refused(understudy(with({"run", deck("cylinder_wake"), "--out", scratch / "a"}, small)),
                 {"no model in", "card.yaml", "understudy train", "swap.policy=never"});
  expect_refused(understudy(with({"train", deck("cylinder_wake"), "--out", scratch / "b"}, small)),
                 {"no dataset in", "understudy generate"});
}

TEST(Messages, FieldBeyondItsContractFailsTheRun) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  std::vector<std::string> arguments =
      with({"run", deck("taylor_green_2d"), "--out", out},
           {"grid.cells=[32,32]", "time.end_s=2", "time.checkpoint_every=1", "output.vtk=false"});
  ASSERT_EQ(understudy(arguments).exit_code, 0);
  const std::string checkpoint = slurp(out / "checkpoint.h5");
  // The lid's speed jumps: the field leaves its bounds in a window in the middle.
  arguments = with(
      {"run", deck("cavity"), "--out", scratch / "lid"},
      {"grid.cells=[16,16]", "time.end_s=10", "time.checkpoint_every=1", "time.max_abs_value=4",
       "flow.boundaries.y_upper.velocity_m_s=[\"t < 4.5 ? 1 : 90\", \"0\"]"});
  const Outcome outcome = understudy(arguments);
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  for (const char* part : {"field ", "cell (", "step ", "time "})
    EXPECT_NE(outcome.err.find(part), std::string::npos) << part << " not in " << outcome.err;
  // The last good state is there, and a run goes on from it.
  ASSERT_TRUE(fs::exists(scratch / "lid" / "checkpoint.h5"));
  arguments.insert(arguments.begin() + 4, "--resume");
  const Outcome resumed = understudy(arguments);
  EXPECT_EQ(resumed.exit_code, 3) << resumed.err;
  EXPECT_NE(resumed.err.find("resuming at"), std::string::npos) << resumed.err;
  EXPECT_EQ(slurp(out / "checkpoint.h5"), checkpoint);
}

TEST(Messages, FullDiskLeavesThePreviousFile) {
  // A limit on the size of files stands for the full disk: above what MPI keeps for itself, below the
  // checkpoint.
  constexpr long limit = 12 << 20;
  const Scratch scratch;
  const fs::path out = scratch / "out";
  const auto arguments = with({"run", deck("cavity"), "--out", out},
                              {"grid.cells=[640,640]", "time.end_s=0.002", "time.window_s=0.002",
                               "output.vtk=false", "output.pictures=[]", "flow.lines=[]"});
  ASSERT_EQ(understudy(arguments).exit_code, 0);
  const std::string checkpoint = slurp(out / "checkpoint.h5");
  ASSERT_GT(checkpoint.size(), static_cast<std::size_t>(limit));
  const Outcome full = Process({arguments, 1, limit}).wait();
  EXPECT_EQ(full.exit_code, 2) << full.err;
  EXPECT_NE(full.err.find("checkpoint.h5"), std::string::npos) << full.err;
  EXPECT_TRUE(slurp(out / "checkpoint.h5") == checkpoint) << "the previous checkpoint changed";
  for (const auto& entry : fs::directory_iterator(out)) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(name == "checkpoint.h5" || name == "summary.json" || name == "diagnostics.csv" ||
                name == "run.html" || name == ".ro-crate-metadata.earlier.json")
        << "left behind: " << entry.path();
  }
}

TEST(Messages, DamagedCheckpoint) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  auto arguments = with({"run", deck("cavity"), "--out", out},
                        {"grid.cells=[16,16]", "time.end_s=1", "output.vtk=false"});
  ASSERT_EQ(understudy(arguments).exit_code, 0);
  const std::string whole = slurp(out / "checkpoint.h5");
  spit(out / "checkpoint.h5", whole.substr(0, whole.size() / 2));
  arguments.push_back("--resume");
  expect_refused(understudy(arguments), {"checkpoint.h5"});
  spit(out / "checkpoint.h5", whole);
  add_settings(arguments, {"grid.cells=[20,20]"});
  expect_refused(understudy(arguments), {"checkpoint.h5", "20", "16"});
}

TEST(Messages, OutputFolderThatCannotBeMade) {
  const Scratch scratch;
  spit(scratch / "file", "x");
  expect_refused(understudy({"run", deck("cavity"), "--out", scratch / "file/sub"}),
                 {"cannot make the output folder", "file/sub"});
}

TEST(Messages, FolderOfAnotherDeckIsWarnedOf) {
  const Scratch scratch;
  auto arguments = with({"run", deck("cavity"), "--out", scratch / "out"},
                        {"grid.cells=[16,16]", "time.end_s=1", "output.vtk=false"});
  Outcome first = understudy(arguments);
  EXPECT_EQ(first.err.find("another deck"), std::string::npos) << first.err;
  add_settings(arguments, {"flow.reynolds=50"});
  const Outcome second = understudy(arguments);
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_NE(second.err.find("results of another deck"), std::string::npos) << second.err;
}

}  // namespace
}  // namespace understudy::tests
