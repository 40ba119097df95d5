// Equations written in the deck, through the program: Burgers' equation as the problem in C++ has it, Fisher's,
// which no problem in C++ has, its rate from samples, and what a model folder keeps of them.
#include <gtest/gtest.h>

#include <cmath>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

std::string input(const std::string& name) {
  return std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/pinn/" + name + ".yaml";
}

Outcome pinn(const std::string& deck, const fs::path& out, const std::vector<std::string>& settings,
             const std::string& verb = "pinn") {
  std::vector<std::string> arguments{verb, deck, "--out", out.string(), "--threads", "1"};
  add_settings(arguments, settings);
  return understudy(arguments);
}

TEST(AppsPinnFormulas, BurgersEndsWhereTheProblemInCDoes) {
  const Scratch scratch;
  const std::vector<std::string> quick{
      "network={depth: 2, width: 12}", "sampling={method: sobol, interior: 200, adapt_every: 0}",
      "optimiser.steps=6", "evaluate_every=0", "output={pictures: false, vtk: false}"};
  for (const char* deck : {"burgers", "burgers_formulas"}) {
    const auto outcome = pinn(input(deck), scratch / deck, quick);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  const auto own = summary(scratch / "burgers")["metrics"]["pinn"],
             deck = summary(scratch / "burgers_formulas")["metrics"]["pinn"];
  EXPECT_EQ(own["weights"], deck["weights"]);
  EXPECT_NEAR(double(deck["loss"]) / double(own["loss"]), 1, 1e-8);
}

TEST(AppsPinnFormulas, FishersWaveIsReached) {
  const Scratch scratch;
  const auto outcome =
      pinn(input("fisher_kpp"), scratch / "out", {"output={pictures: false, vtk: false}"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto m = summary(scratch / "out")["metrics"];
  EXPECT_LT(double(m["pinn"]["error"]["u"]["rel_l2"]), 1e-4);
  EXPECT_EQ(m["validation"]["from_deck"]["passed"], true);
  EXPECT_EQ(m["validation"]["from_deck"]["reference"], 1e-4);
}

TEST(AppsPinnFormulas, TheRateOfGrowthIsFoundFromATable) {
  const Scratch scratch;
  std::string table = "u,t [s],x [m]\n";
  for (int i = 0; i < 20; ++i)
    for (int n = 0; n < 12; ++n) {
      const double x = -9.7 + 1.5 * i, t = 0.01 + 0.41 * n;
      const double u = std::pow(1 + std::exp(x / std::sqrt(6.0) - 5.0 / 6 * t), -2);
      table += std::to_string(u) + "," + std::to_string(t) + "," + std::to_string(x) + "\n";
    }
  spit(scratch / "front.csv", table);
  const auto outcome = pinn(
      input("fisher_kpp_inverse"), scratch / "out",
      {"problem.data=" + (scratch / "front.csv").string(), "problem.data_points=0",
       "problem.inputs=[{name: x, unit: m, lower: -10, upper: 20}, {name: t, unit: s, lower: 0, "
       "upper: 5, time: true}]",
       "output={pictures: false, vtk: false}"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto s = summary(scratch / "out")["metrics"];
  EXPECT_NEAR(double(s["pinn"]["parameter"]["r"]["value"]), 1, 1e-3);
  EXPECT_EQ(s["validation"]["from_deck"]["r"]["passed"], true);
  EXPECT_NE(slurp(scratch / "out" / "model" / "card.yaml").find("data_hash: \""),
            std::string::npos);
}

// Waves that run around a ring: p_t = -c q_x, q_t = -c p_x.
TEST(AppsPinnFormulas, TwoFieldsOfInputsWithLongNamesOnAPeriod) {
  const Scratch scratch;
  spit(scratch / "ring.yaml", R"deck(app: pinn
precision: double
problem:
  name: from_deck
  inputs:
    - {name: place, lower: 0, upper: 2*pi, unit: m, periodic: true}
    - {name: time, time: true, unit: s}
  constants: {c: 1.5}
  fields:
    - {name: p, reference: sin(place - c*time)}
    - {name: q, reference: sin(place - c*time), exact: sin(place) + time*q_network}
  residuals:
    - {name: a, formula: "d(p, time) = -c*d(q, place)", unit: 1/s}
    - {name: b, formula: "d(q, time) = -c*d(p, place)", unit: 1/s}
  conditions:
    - {name: p, at: time = 0, formula: p = sin(place)}
network: {depth: 2, width: 16}
sampling: {interior: 400, initial: 40, method: sobol}
optimiser: {kind: gauss_newton, steps: 40}
evaluate_every: 0
output: {pictures: false, vtk: false}
)deck");
  const auto outcome = pinn((scratch / "ring.yaml").string(), scratch / "out", {});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto error = summary(scratch / "out")["metrics"]["pinn"]["error"];
  EXPECT_LT(double(error["p"]["rel_l2"]), 1e-3);
  EXPECT_LT(double(error["q"]["rel_l2"]), 1e-3);
}

TEST(AppsPinnFormulas, AModelFolderKeepsTheEquations) {
  const Scratch scratch;
  const std::vector<std::string> quick{"network={depth: 1, width: 8}",
                                       "sampling={method: sobol, interior: 50, boundary: 8, "
                                       "initial: 8}",
                                       "optimiser.steps=3", "output={pictures: false, vtk: false}"};
  const auto first = pinn(input("fisher_kpp"), scratch / "first", quick);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const std::string card = slurp(scratch / "first" / "model" / "card.yaml");
  EXPECT_NE(card.find("growth: u_t = u_xx + r*u*(1 - u)"), std::string::npos) << card;
  EXPECT_NE(card.find("left (x = -10): u = "), std::string::npos) << card;
  EXPECT_NE(slurp(scratch / "first" / "model" / "README.md").find("    growth: u_t = u_xx"),
            std::string::npos);

  auto again = quick;
  again.push_back("start=" + (scratch / "first" / "model").string());
  again.push_back("problem.constants.r=1.1");
  const auto second = pinn(input("fisher_kpp"), scratch / "second", again);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  // The same names of other equations are taken for them, other names are not.
  expect_refused(pinn(input("burgers_formulas"), scratch / "third",
                      {again[0], again[1], "problem.fields=[{name: w}]",
                       "problem.residuals=[{name: momentum, formula: w_t - nu*w_xx}]", again[4]}),
                 {"its card says problem.fields: u, the deck w"});
}

TEST(AppsPinnFormulas, CheckSaysTermsAndRefusesFormulas) {
  const Scratch scratch;
  const auto checked = pinn(input("fisher_kpp"), scratch / "out", {}, "check");
  ASSERT_EQ(checked.exit_code, 0) << checked.err;
  for (const char* words :
       {"# fields: u", "interior.growth, initial.start, left.value, right.value",
        "formula: \"u_t = u_xx + r*u*(1 - u)\""})
    EXPECT_NE(checked.out.find(words), std::string::npos) << checked.out;
  expect_refused(pinn(input("fisher_kpp"), scratch / "out",
                      {"problem.residuals=[{name: growth, formula: u_t = u_yy}]"}, "check"),
                 {"problem.residuals: entry 0 (growth), formula: 'u_t = u_yy' cannot be read at "
                  "character 7: there is no 'u_yy'; did you mean 'u_"});
  expect_refused(pinn(input("fisher_kpp"), scratch / "out", {"weights={growth: 2}"}, "check"),
                 {"has no term 'growth'", "interior.growth"});
  expect_refused(
      pinn(input("fisher_kpp"), scratch / "out", {"problem.reference_file=truth.csv"}, "check"),
      {"reference: is given, and so is reference_file"});
}

}  // namespace
}  // namespace understudy::tests
