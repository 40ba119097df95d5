// A deck that writes its own equations: its keys, its constants, what is refused and where, and that the hash of
// training covers its formulas.
#include <gtest/gtest.h>

#include "apps/deck/deck_writer.hpp"
#include "support/apps_pinn_deck.hpp"

namespace understudy::apps {
namespace {

using tests::expect_pinn_deck_error;
using tests::read_pinn_deck;

const std::string burgers = R"(app: pinn
problem:
  name: from_deck
  inputs: [{name: x, lower: -1, upper: 1}, {name: t, time: true}]
  fields: [{name: u}]
  constants: {nu: 0.1}
  residuals:
    - {name: momentum, formula: u_t + u*u_x - nu*u_xx}
  conditions:
    - {name: start, at: t = 0, formula: u = -sin(pi*x)}
)";

TEST(PinnFormulasDeck, IsReadAndReadsBackAsItself) {
  const PinnJob job =
      read_pinn_deck(burgers, {"problem.constants.nu=0.2", "weights.interior.momentum=3"});
  EXPECT_EQ(job.entry().name, "from_deck");
  EXPECT_EQ(job.deck.problem.constants.values.at("nu"), 0.2);
  EXPECT_EQ(job.deck.problem.formulas.residuals.at(0).formula, "u_t + u*u_x - nu*u_xx");
  EXPECT_EQ(job.deck.settings.weights.at("interior.momentum"), 3);
  PinnDeck deck = job.deck;
  const std::string text = write_deck(deck, true);
  PinnJob again = read_pinn_deck(text);
  EXPECT_EQ(write_deck(again.deck, true), text);
}

TEST(PinnFormulasDeck, TheHashOfTrainingCoversTheFormulas) {
  const auto hash = [](const std::string& text, const std::vector<std::string>& settings = {}) {
    return read_pinn_deck(text, settings).training_hash;
  };
  const auto with = [](const std::string& from, const std::string& to) {
    std::string text = burgers;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string own = hash(burgers);
  EXPECT_EQ(hash(burgers, {"output.vtk=false"}), own);
  EXPECT_NE(hash(with("u*u_x", "2*u*u_x")), own);
  EXPECT_NE(hash(with("-sin(pi*x)", "sin(pi*x)")), own);
  EXPECT_NE(hash(with("lower: -1", "lower: -2")), own);
  EXPECT_NE(hash(burgers, {"problem.constants.nu=0.2"}), own);
  EXPECT_NE(hash(with("{name: u}", "{name: u, exact: t*u_network}")), own);
}

TEST(PinnFormulasDeck, MistakesNameTheirPlace) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string text = burgers;
    return text.replace(text.find(from), from.size(), to);
  };
  expect_pinn_deck_error(
      with("nu*u_xx", "mu*u_xx"),
      {"sample.yaml:7: problem.residuals: entry 0 (momentum), formula: 'u_t + u*u_x - mu*u_xx'",
       "character 15: there is no 'mu'; did you mean 'nu'?"});
  expect_pinn_deck_error(with("t = 0", "t = 7"),
                         {"problem.conditions: entry 0 (start), at", "outside of the box"});
  expect_pinn_deck_error(with("[{name: u}]", "[]"),
                         {"sample.yaml:5: problem.fields: there are none"});
  expect_pinn_deck_error(
      with("formula: u_t", "formulas: u_t"),
      {"problem.residuals.0.formulas", "unknown key", "problem.residuals.0.formula"});
  expect_pinn_deck_error(with("nu: 0.1", "nu: small"),
                         {"problem.constants.nu", "expected a number"});
  expect_pinn_deck_error(with("nu: 0.1", "x: 0.1"),
                         {"problem.constants", "'x' is the name of something else"});
  expect_pinn_deck_error(burgers, {"problem.data", "problem.samples says what they are"},
                         {"problem.data=seen.csv"});
  expect_pinn_deck_error(burgers,
                         {"stages name the constant 'viscosity'", "problem from_deck has nu"},
                         {"curriculum.stages=[{constant: viscosity, value: 1, steps: 2}]"});
  expect_pinn_deck_error("app: pinn\nproblem: {name: from_deck}\n",
                         {"problem.inputs: there are 0; 1 to 3"});
}

TEST(PinnFormulasDeck, OtherProblemsHaveTheirOwnEquations) {
  expect_pinn_deck_error(
      "app: pinn\nproblem: {name: poisson, residuals: []}\n",
      {"sample.yaml:2: problem.residuals: the problem poisson has equations of its own",
       "problem.name: from_deck"});
  expect_pinn_deck_error("app: pinn\nproblem: {name: poisson}\n",
                         {"problem.samples: the problem poisson has"},
                         {"problem.samples={columns: []}"});
}

}  // namespace
}  // namespace understudy::apps
