// `plan`: what it prints of a small wake, that it leaves no file, and what it refuses. Never what it says of times.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <regex>

#include "support/apps_seismic_cli.hpp"
#include "support/apps_study_cli.hpp"

namespace understudy::tests {
namespace {

class Plan : public testing::Test {
 protected:
  std::vector<std::string> call(const std::vector<std::string>& settings = {},
                                const std::vector<std::string>& options = {}) const {
    std::vector<std::string> small{"plan",  deck("cylinder_wake"), "--budget", "0.1",
                                   "--out", scratch_ / "out/wake"};
    small.insert(small.end(), options.begin(), options.end());
    return with_settings(small, small_study, settings);
  }
  bool nothing_left() const { return fs::is_empty(scratch_.path()); }

  Scratch scratch_;
};

struct Row {
  double wall = 0, core_h = 0;
  std::string disk;
};

// Rows of the table by their verb.
std::map<std::string, Row> rows(const std::string& text) {
  std::map<std::string, Row> found;
  std::istringstream lines(text);
  const std::regex row(
      R"((generate|train|compare|study|run) +([0-9.e+-]+) (ms|s|min|h) +([0-9.e+-]+) +[0-9.]+ [kMGT]?B +(.+))");
  for (std::string line; std::getline(lines, line);)
    if (std::smatch m; std::regex_match(line, m, row))
      found[m[1]] = {std::stod(m[2]), std::stod(m[4]), m[5]};
  return found;
}

TEST_F(Plan, ATableABreakEvenAndAssumptionsOnOneRankAndTwo) {
  for (const int ranks : {1, 2}) {
    const Outcome outcome =
        understudy(call({"contenders=[{name: wide, settings: [network.width=12]}]",
                         "compare.looser=[precision=single]", "compare.truth_error=true"}),
                   ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto table = rows(outcome.out);
    for (const char* verb : {"generate", "train", "compare", "study", "run"}) {
      ASSERT_TRUE(table.contains(verb)) << verb << " in\n" << outcome.out;
      EXPECT_GT(table.at(verb).wall, 0);
      EXPECT_GT(table.at(verb).core_h, 0);
      EXPECT_EQ(table.at(verb).disk == "-", std::string(verb) == "compare") << outcome.out;
    }
    const std::string sides = ranks == 1 ? "on 1 rank of 1 thread" : "on 2 ranks of 1 thread";
    for (const std::string& part :
         {sides, std::string("break-even"), std::string("member 1 (flow.reynolds = 80)"),
          std::string("member 3 (flow.reynolds = 140)"), std::string("64 x 32, precision=single"),
          std::string("contender wide"), std::string("assumed:"),
          std::string("the run at twice the resolution (compare.truth_error) is not in compare's")})
      EXPECT_NE(outcome.out.find(part), std::string::npos) << part << " in\n" << outcome.out;
    EXPECT_EQ(outcome.out.find("messages of") != std::string::npos, ranks == 2) << outcome.out;
    EXPECT_TRUE(nothing_left());
  }
}

TEST_F(Plan, ADeckWithoutAnEnsembleHasItsRunAlone) {
  const Outcome outcome = understudy({"plan", deck("cavity"), "--budget", "0.1", "--out",
                                      scratch_ / "out", "--set", "grid.cells=[16,16]"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto table = rows(outcome.out);
  EXPECT_EQ(table.size(), 1u) << outcome.out;
  EXPECT_TRUE(table.contains("run"));
  EXPECT_NE(outcome.out.find("no section `ensemble`"), std::string::npos) << outcome.out;
  EXPECT_TRUE(nothing_left());
}

TEST_F(Plan, AnotherMachineIsAnExtrapolationAndSaysSo) {
  const std::string file = std::string(UNDERSTUDY_SOURCE_DIR) + "/machines/a64fx_node.yaml";
  const Outcome outcome = understudy(call({}, {"--machine", file, "-n", "8"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {"EXTRAPOLATED", "8 ranks of 2 nodes 'A64FX node", "GB/s (triad)",
                           "messages are not in it", "launches of kernels"})
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << " in\n" << outcome.out;
  EXPECT_EQ(rows(outcome.out).size(), 5u) << outcome.out;
  EXPECT_TRUE(nothing_left());
  const Outcome more = understudy(call({}, {"--for-ranks", "4"}));
  EXPECT_NE(more.out.find("4 ranks are as fast as the pilot's 1 rank"), std::string::npos)
      << more.out << more.err;
}

TEST_F(Plan, WhatCannotBePlannedIsRefused) {
  expect_refused(understudy({"plan", seismic_deck("flat_layers")}),
                 {"does not take `plan`", "plan takes decks with app:", "flow", "shallow_water"});
  expect_refused(understudy(call({}, {"--machine", scratch_ / "none.yaml"})), {"none.yaml"});
  spit(scratch_ / "machine.yaml", "name: x\n");
  expect_refused(understudy(call({}, {"--machine", scratch_ / "machine.yaml"})),
                 {"machine.yaml: ranks is missing", "docs/planning.md"});
  fs::remove(scratch_ / "machine.yaml");
  expect_refused(understudy(call({}, {"-n", "100000"})), {"100000 ranks find no room"});
  expect_refused(understudy(call({}, {"-n", "0"})), {"--for-ranks"});
  expect_refused(understudy(call({}, {"--budget", "-1"})), {"--budget"});
  expect_refused(understudy(call({"training.unroll=[20]"})),
                 {"ensemble.windows: 12 is too little", "unroll 20"});
  expect_refused(understudy(call({"ensemble.validation=[]", "ensemble.test=[0,1,2]"})),
                 {"no member", "nothing to train on"});
  expect_refused(understudy({"run", deck("cavity"), "--machine", "x"}), {"--machine"});
  if (geteuid() != 0) {  // root may write everywhere
    fs::create_directory(scratch_ / "closed");
    fs::permissions(scratch_ / "closed", fs::perms::owner_read | fs::perms::owner_exec);
    expect_refused(understudy({"plan", deck("cavity"), "--out", scratch_ / "closed/out"}),
                   {"cannot make a folder for its pilot"});
    fs::remove(scratch_ / "closed");
  }
  EXPECT_TRUE(nothing_left());
}

// A member that leaves its bounds does so in the pilot already.
TEST_F(Plan, AFailingMemberIsSaidAndNothingIsLeft) {
  const Outcome outcome = understudy(call({"time.max_abs_value=0.5"}));
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_NE(outcome.err.find("0.5"), std::string::npos) << outcome.err;
  EXPECT_TRUE(nothing_left());
}

TEST_F(Plan, ASignalLeavesNothing) {
  std::vector<std::string> arguments = call();
  arguments[3] = "30";  // seconds a part
  Process process({arguments});
  // Once it has its folder.
  for (int n = 0; n < 600 && nothing_left(); ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(nothing_left());
  kill(process.id(), SIGTERM);
  const Outcome outcome = process.wait();
  EXPECT_EQ(outcome.exit_code, 143) << outcome.err;
  EXPECT_TRUE(nothing_left());
}

// A training that is stopped speaks of a checkpoint, which is not left.
TEST_F(Plan, ASignalInItsTrainingHasThePlansWords) {
  std::vector<std::string> arguments = call();
  arguments[3] = "5";  // seconds a part
  Process process({arguments});
  const auto data_are_there = [&] {
    std::error_code code;  // files come and go
    for (fs::recursive_directory_iterator entry(scratch_.path(), code), end; entry != end;
         entry.increment(code)) {
      if (code) return false;
      if (entry->path().filename() == "half") return true;
    }
    return false;
  };
  for (int n = 0; n < 1200 && !data_are_there(); ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(data_are_there());
  std::this_thread::sleep_for(std::chrono::seconds(1));
  kill(process.id(), SIGTERM);
  const Outcome outcome = process.wait();
  EXPECT_EQ(outcome.exit_code, 143) << outcome.err;
  EXPECT_NE(outcome.err.find("the plan was stopped by signal 15; nothing of it is left"),
            std::string::npos)
      << outcome.err;
  EXPECT_EQ(outcome.err.find("checkpoint"), std::string::npos) << outcome.err;
  EXPECT_TRUE(nothing_left());
}

}  // namespace
}  // namespace understudy::tests
