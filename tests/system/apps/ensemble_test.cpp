// generate: members side by side on groups of ranks, members that fail, signals, what a deck may say.
#include <gtest/gtest.h>

#include <csignal>

#include "support/apps_cli.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::tests {
namespace {

const char* const cavity = R"(app: flow
grid: {cells: [24, 16]}
time: {end_s: 1, window_s: 0.05}
flow:
  reynolds: 100
  boundaries:
    x_lower: {kind: wall}
    x_upper: {kind: wall}
    y_lower: {kind: wall}
    y_upper: {kind: wall, velocity_m_s: ["1", "0"]}
  pressure: {method: multigrid}
ensemble:
  parameters: [{key: flow.reynolds, from: 20, to: 500, scale: log}]
  sampling: latin_hypercube
  samples: 6
  windows: 4
  spin_up_s: 0.1
  validation_fraction: 0.2
  ranks_per_member: 1
)";

struct Ensemble {
  Scratch scratch;
  fs::path deck = scratch / "ensemble.yaml";
  Ensemble() { spit(deck, cavity); }
  std::vector<std::string> call(const std::string& out, const std::vector<std::string>& settings,
                                bool resume = false) const {
    std::vector<std::string> words{"generate", deck, "--out", scratch / out};
    if (resume) words.push_back("--resume");
    add_settings(words, settings);
    return words;
  }
};

std::vector<std::string> files_of(const fs::path& dataset) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(dataset))
    if (entry.is_regular_file()) names.push_back(fs::relative(entry.path(), dataset));
  std::ranges::sort(names);
  return names;
}

// Every value of every sample, and what it was made with.
void expect_same_values(const fs::path& a, const fs::path& b) {
  ASSERT_EQ(files_of(a), files_of(b));
  const surrogates::DatasetReader one(a), other(b);
  ASSERT_EQ(one.samples().size(), other.samples().size());
  for (std::size_t n = 0; n < one.samples().size(); ++n) {
    const auto &x = one.samples()[n], &y = other.samples()[n];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.provenance.deck_hash, y.provenance.deck_hash);
    ASSERT_EQ(x.frames, y.frames);
    const auto at = static_cast<int>(n);
    EXPECT_EQ(one.prognostic(at, 0, x.frames), other.prognostic(at, 0, y.frames)) << x.name;
  }
}

}  // namespace

TEST(AppsEnsemble, ValuesDoNotDependOnTheNumberOfGroups) {
  const Ensemble e;
  for (const int ranks : {1, 2, 4}) {
    const auto done = understudy(e.call(std::to_string(ranks), {}), ranks);
    ASSERT_EQ(done.exit_code, 0) << done.err;
    const auto metrics = summary(e.scratch / std::to_string(ranks))["metrics"];
    EXPECT_EQ(metrics["ensemble"]["groups"], ranks);
    EXPECT_EQ(metrics["members_simulated"], 6);
    EXPECT_EQ(metrics["members_failed"], 0);
    EXPECT_GT(metrics["rate_cells_per_s"], 0);
  }
  expect_same_values(e.scratch / "1/dataset", e.scratch / "2/dataset");
  expect_same_values(e.scratch / "1/dataset", e.scratch / "4/dataset");
}

TEST(AppsEnsemble, GroupsOfTwoRanksGiveWhatTwoRanksGive) {
  const Ensemble e;
  const std::vector<std::string> two{"ensemble.ranks_per_member=2"};
  const auto alone = understudy(e.call("2", two), 2), grouped = understudy(e.call("4", two), 4);
  ASSERT_EQ(alone.exit_code, 0) << alone.err;
  ASSERT_EQ(grouped.exit_code, 0) << grouped.err;
  EXPECT_EQ(summary(e.scratch / "4")["metrics"]["ensemble"]["groups"], 2);
  expect_same_values(e.scratch / "2/dataset", e.scratch / "4/dataset");
}

// PETSc and parallel HDF5 must know the group only; of four groups two have nothing to do.
TEST(AppsEnsemble, IdleGroupsWaitForNobody) {
#ifndef UNDERSTUDY_WITH_PETSC
  GTEST_SKIP() << "this build has no PETSc";
#endif
  const Ensemble e;
  const auto done = understudy(e.call("out", {"ensemble.samples=2", "flow.pressure.method=petsc",
                                              "ensemble.validation_fraction=0"}),
                               4);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(summary(e.scratch / "out")["metrics"]["members_simulated"], 2);
}

TEST(AppsEnsemble, ChoosesAsManyGroupsAsThereAreMembersFor) {
  const Ensemble e;
  const auto done =
      understudy(e.call("out", {"ensemble.samples=2", "ensemble.ranks_per_member=0"}), 4);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(summary(e.scratch / "out")["metrics"]["ensemble"]["ranks_per_member"], 2);
}

// The third member's speeds exceed what it allows; the others must not notice.
TEST(AppsEnsemble, AMemberThatFailsIsNamedAndTheOthersFinish) {
  const Ensemble e;
  std::vector<std::string> settings{"ensemble.sampling=grid", "ensemble.samples=0",
                                    "ensemble.parameters=[{key: time.max_abs_value, "
                                    "values: [1000, 2000, 0.01, 3000]}]",
                                    "ensemble.validation_fraction=0"};
  for (const int ranks : {1, 2}) {
    const std::string out = std::to_string(ranks);
    const auto failed = understudy(e.call(out, settings), ranks);
    EXPECT_EQ(failed.exit_code, 3) << failed.err;
    EXPECT_NE(failed.err.find("1 of 4 members failed"), std::string::npos) << failed.err;
    EXPECT_NE(failed.err.find("member_002 (flow.reynolds = 100, time.max_abs_value = 0.01): field"),
              std::string::npos)
        << failed.err;
    EXPECT_EQ(files_of(e.scratch / out / "dataset"),
              (std::vector<std::string>{"train/member_000.hdf5", "train/member_001.hdf5",
                                        "train/member_003.hdf5"}));
    EXPECT_EQ(summary(e.scratch / out)["metrics"]["members_failed"], 1);
    // What is there stays, and only the failed one is tried again.
    const auto again = understudy(e.call(out, settings, true), ranks);
    EXPECT_EQ(again.exit_code, 3) << again.err;
    EXPECT_EQ(summary(e.scratch / out)["metrics"]["members_simulated"], 0);
  }
}

class Stopped : public testing::TestWithParam<int> {};

TEST_P(Stopped, BySignalKeepsWhatIsFinishedAndResumes) {
  const int ranks = GetParam();
  const Ensemble e;
  const std::vector<std::string> settings{"ensemble.samples=12", "ensemble.windows=40"};
  Process process({e.call("out", settings), ranks});
  const fs::path first = e.scratch / "out/dataset/train";
  const auto finished = [&] {
    std::error_code none;
    long count = 0;
    for (const auto& entry : fs::directory_iterator(first, none))
      count += entry.path().extension() == ".hdf5";
    return count;
  };
  for (int n = 0; n < 6000 && finished() == 0; ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  // mpirun passes SIGUSR1 on and keeps the exit code.
  const int signal = ranks == 1 ? SIGTERM : SIGUSR1;
  kill(process.id(), signal);
  const auto stopped = process.wait();
  EXPECT_EQ(stopped.exit_code, 128 + signal) << stopped.err;
  EXPECT_NE(stopped.err.find("--resume makes the others"), std::string::npos) << stopped.err;
  for (const auto& name : files_of(e.scratch / "out/dataset"))
    EXPECT_EQ(fs::path(name).extension(), ".hdf5") << name;
  const auto resumed = understudy(e.call("out", settings, true), ranks);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_LT(summary(e.scratch / "out")["metrics"]["members_simulated"], 12);
  const auto whole = understudy(e.call("whole", settings));
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  expect_same_values(e.scratch / "out/dataset", e.scratch / "whole/dataset");
}

INSTANTIATE_TEST_SUITE_P(AppsEnsemble, Stopped, testing::Values(1, 2));

TEST(AppsEnsemble, RefusesWhatTheDeckMayNotSay) {
  const Ensemble e;
  const auto refuses = [&](const std::vector<std::string>& settings, const std::string& why,
                           int ranks = 1) {
    const auto refused = understudy(e.call("no", settings), ranks);
    EXPECT_EQ(refused.exit_code, 2) << refused.err;
    EXPECT_NE(refused.err.find(why), std::string::npos) << why << "\n" << refused.err;
  };
  refuses({"ensemble.ranks_per_member=3"}, "1 to 2 are possible, and 0 for an automatic choice", 2);
  refuses({"ensemble.samples=0"}, "needs the number of points to draw");
  refuses({"ensemble.sampling=grid"}, "give either values, or from, to and count");
  refuses({"ensemble.sampling=grid", "ensemble.parameters.0.count=3"},
          "with sampling grid each parameter has its values or count");
  refuses({"ensemble.parameters.0.count=3"}, "give from and a larger to");
  refuses({"ensemble.parameters.0.from=-1"}, "whose ends, from and to, are above 0");
  refuses({"ensemble.parameters=[]"}, "needs at least one parameter with its range");
  refuses({"ensemble.validation=[0]"}, "give either a fraction or the members (validation)");
  refuses({"ensemble.test=[0]", "ensemble.test_fraction=0.1"},
          "give either a fraction or the members (test)");
  refuses({"ensemble.test_fraction=0.8"}, "none would be left to train on");
  refuses({"ensemble.sampling=halton"}, "latin_hypercube");
  EXPECT_FALSE(fs::exists(e.scratch / "no"));
}

}  // namespace understudy::tests
