// What does not fit in a deck of a physics-informed network, in the files that it names or between its settings
// and its problem is refused before anything is written; a failed training ends with code 3.
#include <gtest/gtest.h>

#include "support/apps_cli.hpp"
#include "support/apps_pinn_cli.hpp"

namespace understudy::tests {
namespace {

TEST(AppsPinn, CheckPrintsADeckThatReadsBackAndWritesNothing) {
  const Scratch scratch;
  const auto outcome = pinn_verb("check", scratch / "out", {"weights={x_lower.u: 3}"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* words : {"# terms (weights:): poisson.balance, x_lower.u, x_upper.u",
                            "# inputs: x (0 to 1)", "x_lower.u: 3", "waves: 1", "width: 16"})
    EXPECT_NE(outcome.out.find(words), std::string::npos) << words << "\n" << outcome.out;
  EXPECT_FALSE(fs::exists(scratch / "out"));
  spit(scratch / "again.yaml", outcome.out);
  const auto again = understudy({"check", scratch / "again.yaml"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out.substr(again.out.find("# inputs")),
            outcome.out.substr(outcome.out.find("# inputs")));
}

TEST(AppsPinn, ALossThatIsNotFiniteEndsTheRunWithThree) {
  const Scratch scratch;
  const auto outcome = pinn_verb("pinn", scratch / "out", {"weights={x_lower.u: 1e300}"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_NE(outcome.err.find("is not finite"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(scratch / "out" / "summary.json"));
}

// An overflow in the optimiser's factors: the term and the step, and nothing of LibTorch's stack.
TEST(AppsPinn, AnOptimiserThatCannotGoOnNamesTermAndStep) {
  const Scratch scratch;
  const auto outcome = pinn_verb(
      "pinn", scratch / "out",
      {"weights={x_lower.u: 1e35}", "optimiser={kind: soap, steps: 60}", "precision=single"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_NE(outcome.err.find("step "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("x_lower.u"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("Exception raised from"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("internal error"), std::string::npos) << outcome.err;
}

TEST(AppsPinn, AProblemNearAnEigenvalueIsCautionedAgainst) {
  const Scratch scratch;
  const std::string near =
      "problem={name: helmholtz_1d, constants: {waves: 1, wave_number: 1.5755}}";
  const auto checked = pinn_verb("check", scratch / "out", {near});
  ASSERT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_NE(checked.out.find("# caution: wave_number 1.5755 is near the eigenvalue"),
            std::string::npos)
      << checked.out;
  const auto outcome = pinn_verb("pinn", scratch / "out", {near, "optimiser.steps=3"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("near the eigenvalue"), std::string::npos) << outcome.err;
  EXPECT_EQ(summary(scratch / "out")["metrics"]["pinn"]["cautions"].size(), 1u);
  EXPECT_NE(slurp(scratch / "out/report.html").find("Caution: wave_number"), std::string::npos);
}

TEST(AppsPinn, ListNamesProblemsAndNetworks) {
  const auto outcome = understudy({"list"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* words : {"PINN problems", "poisson", "burgers", "PINN networks", "pirate_net"})
    EXPECT_NE(outcome.out.find(words), std::string::npos) << words;
}

struct Bad {
  std::string verb;
  std::vector<std::string> settings, parts;
};

TEST(AppsPinn, WhatDoesNotFitIsRefusedAndNothingIsWritten) {
  const Scratch scratch;
  const std::vector<Bad> cases{
      {"pinn", {"problem.name=poison"}, {"problem.name", "did you mean 'poisson'"}},
      {"pinn", {"problem.constants.waves=1.5"}, {"'waves' is 1.5", "whole number"}},
      {"pinn", {"sampling.boundary=0"}, {"sampling.boundary is 0", "too few points"}},
      {"pinn", {"weights={x_lower.v: 2}"}, {"no term 'x_lower.v'", "poisson.balance"}},
      {"pinn", {"curriculum.windows=2"}, {"curriculum.windows is 2", "has no time"}},
      {"pinn", {"output.points=[5, 5]"}, {"output.points has 2 entries", "1 inputs (x)"}},
      {"check", {"weights={x_lower.v: 2}"}, {"no term 'x_lower.v'"}},
      {"run",
       {},
       {"app: pinn does not take `run`; it takes pinn, compare, check",
        "run takes decks with app: flow"}},
  };
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.verb + " " + (bad.settings.empty() ? "" : bad.settings.back()));
    expect_refused(pinn_verb(bad.verb, scratch / "out", bad.settings), bad.parts);
    EXPECT_FALSE(fs::exists(scratch / "out")) << "something was written";
    fs::remove_all(scratch / "out");
  }
  expect_refused(understudy({"pinn", deck("cavity")}), {"pinn takes decks with app: pinn"});
}

TEST(AppsPinn, ResumingWithoutACheckpointStartsAnewAndSaysSo) {
  const Scratch scratch;
  const auto outcome = pinn_verb("pinn", scratch / "out", {"optimiser.steps=3"}, 1, true);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("checkpoint.safetensors: starting from the beginning"),
            std::string::npos)
      << outcome.err;
}

TEST(AppsPinn, FolderOfAnotherDeckIsWarnedOf) {
  const Scratch scratch;
  ASSERT_EQ(pinn_verb("pinn", scratch / "out", {"optimiser.steps=3"}).exit_code, 0);
  const auto other = pinn_verb("pinn", scratch / "out", {"optimiser.steps=4"});
  EXPECT_EQ(other.exit_code, 0);
  EXPECT_NE(other.err.find("results of another deck"), std::string::npos) << other.err;
}

TEST(AppsPinn, ACheckpointOfAnotherDeckIsRefused) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  ASSERT_EQ(pinn_verb("pinn", out, {"optimiser.steps=3"}).exit_code, 0);
  expect_refused(pinn_verb("pinn", out, {"optimiser.steps=4"}, 1, true),
                 {"is of another deck", "'optimiser.steps: 3'", "'optimiser.steps: 4'"});
  EXPECT_EQ(pinn_verb("pinn", out, {"optimiser.steps=3", "output.vtk=false"}, 1, true).exit_code, 0)
      << "what is written has no bearing on training";
}

TEST(AppsPinn, AStartThatDoesNotFitIsRefused) {
  const Scratch scratch;
  ASSERT_EQ(pinn_verb("pinn", scratch / "first", {"optimiser.steps=3"}).exit_code, 0);
  const std::string start = "start=" + (scratch / "first" / "model").string();
  expect_refused(pinn_verb("pinn", scratch / "third", {start, "network.width=17"}),
                 {"first/model", "network.width: 16, the deck 17", "must be the same"});
  expect_refused(
      pinn_verb("pinn", scratch / "third", {start, "problem={name: burgers, constants: {}}"}),
      {"problem: poisson, the deck burgers"});
  expect_refused(pinn_verb("pinn", scratch / "third", {"start=" + (scratch / "none").string()}),
                 {"no solution in", "none", "card.yaml is missing"});
  expect_refused(
      pinn_verb("check", scratch / "third",
                {start, "problem={name: burgers, constants: {}}", "curriculum.windows=2"}),
      {"start", "curriculum.windows is 2"});
  spit(scratch / "first" / "model" / "weights.safetensors", "other bytes");
  expect_refused(pinn_verb("check", scratch / "third", {start}),
                 {"weights.safetensors is not the file that the card"});
  EXPECT_FALSE(fs::exists(scratch / "third"));
}

}  // namespace
}  // namespace understudy::tests
