// The deck of a physics-informed network: its keys depend on the problem, and every mistake that can be made
// in it gets a message that says what, where and what would be valid.
#include <gtest/gtest.h>

#include "apps/deck/deck_writer.hpp"
#include "support/apps_pinn_deck.hpp"

namespace understudy::apps {
namespace {

using tests::expect_pinn_deck_error;
using tests::read_pinn_deck;

const std::string poisson = "app: pinn\nproblem: {name: poisson}\n";

TEST(PinnDeck, ConstantsAreTheProblemsOwn) {
  const PinnJob plain = read_pinn_deck(poisson);
  const std::map<std::string, double> defaults{{"dimension", 1}, {"waves", 1}};
  EXPECT_EQ(plain.deck.problem.constants.values, defaults);
  EXPECT_EQ(plain.entry().name, "poisson");
  const PinnJob job =
      read_pinn_deck("app: pinn\nproblem: {name: poisson, constants: {dimension: 2}}\n",
                     {"problem.constants.waves=3", "precision=double", "seed=7"});
  EXPECT_EQ(job.deck.problem.constants.values.at("dimension"), 2);
  EXPECT_EQ(job.deck.problem.constants.values.at("waves"), 3);
  EXPECT_EQ(job.deck.settings.precision, "double");
  EXPECT_EQ(job.deck.settings.seed, 7u);
  for (const auto& entry : pinn_problems()) {
    if (entry.wants_data || entry.name == "from_deck") continue;
    const PinnJob other = read_pinn_deck("app: pinn\nproblem: {name: " + entry.name + "}\n");
    for (const auto& info : entry.constants)
      EXPECT_EQ(other.deck.problem.constants.values.at(info.name), info.value) << info.name;
  }
}

TEST(PinnDeck, WeightsAreNamedByTermAndEquation) {
  const PinnJob job = read_pinn_deck(poisson + "weights: {x_lower.u: 10, x_upper: {u: 4}}\n",
                                     {"weights.poisson.balance=0.5"});
  const std::map<std::string, double> wanted{
      {"x_lower.u", 10}, {"x_upper.u", 4}, {"poisson.balance", 0.5}};
  EXPECT_EQ(job.deck.settings.weights, wanted);
  expect_pinn_deck_error(poisson + "weights: {x_lower.u: -1}\n",
                         {"weights.x_lower.u", "out of bounds", ">= 0"});
  expect_pinn_deck_error(poisson + "weights: {x_lower.u: heavy}\n",
                         {"sample.yaml:3", "weights.x_lower.u", "expected a number"});
  expect_pinn_deck_error(poisson + "weights: [1, 2]\n", {"weights", "expected a map of keys"});
}

TEST(PinnDeck, ProblemsThatDoNotExistAreSaidAlone) {
  expect_pinn_deck_error(
      "app: pinn\nproblem: {name: poison, constants: {depth: 3}}\n",
      {"sample.yaml:2", "problem.name", "'poison'", "did you mean 'poisson'", "burgers"});
  expect_pinn_deck_error("app: pinn\n", {"problem.name", "is missing; there are", "poisson"});
}

TEST(PinnDeck, ConstantsOutOfBoundsOrUnknown) {
  expect_pinn_deck_error(poisson, {"problem.constants.waves", "99 is out of bounds", "<= 16"},
                         {"problem.constants.waves=99"});
  expect_pinn_deck_error(
      poisson, {"problem.constants.wave", "unknown key", "problem.constants.waves", "dimension"},
      {"problem.constants.wave=2"});
  expect_pinn_deck_error(poisson, {"problem.data", "takes no samples"},
                         {"problem.data=samples.h5"});
  expect_pinn_deck_error(poisson, {"curriculum.stages.0.constant", "must name one"},
                         {"curriculum.stages.0.value=2"});
  expect_pinn_deck_error(poisson, {"stages name the constant 'viscosity'", "dimension, waves"},
                         {"curriculum.stages.0.constant=viscosity"});
}

TEST(PinnDeck, StagesKeepToTheBoundsOfTheirConstant) {
  const std::string stage = "curriculum.stages=[{constant: waves, steps: 5, value: ";
  expect_pinn_deck_error(
      poisson,
      {"curriculum", "stages set the constant 'waves' to 99", "out of bounds: >= 1, <= 16"},
      {stage + "99}]"});
  EXPECT_EQ(read_pinn_deck(poisson, {stage + "16}]"}).deck.settings.curriculum.stages.front().value,
            16);
}

TEST(PinnDeck, NoiseAndNumbersOfSamplesWhereThereAreNone) {
  expect_pinn_deck_error(poisson, {"problem.noise", "is 0.1, and problem poisson has no samples"},
                         {"problem.noise=0.1"});
  expect_pinn_deck_error(poisson,
                         {"problem.data_points", "is 5, and problem poisson has no samples"},
                         {"problem.data_points=5"});
  const std::string inverse = "app: pinn\nproblem: {name: earthquake_location}\n";
  EXPECT_EQ(read_pinn_deck(inverse, {"problem.noise=0.1"}).deck.problem.noise, 0.1);
}

TEST(PinnDeck, OptionsThatMakeNoSense) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases{
      {"network.kind=unet", {"network.kind", "'unet'", "mlp, modified_mlp, pirate_net"}},
      {"network.activation=tahn", {"network.activation", "did you mean 'tanh'"}},
      {"network.width=0", {"network.width", ">= 1"}},
      {"sampling.method=grid", {"sampling.method", "uniform, latin_hypercube, sobol, halton"}},
      {"sampling.interior=0", {"sampling.interior", ">= 1"}},
      {"sampling={adapt_every: 10, adapt_candidates: 100, interior: 200}",
       {"sampling.adapt_candidates", "is 100, fewer than the 200 points"}},
      {"optimiser.kind=adam", {"optimiser.kind", "adamw, soap, gauss_newton"}},
      {"optimiser.steps=0", {"optimiser.steps", "lbfgs_iterations", "nothing would be trained"}},
      {"optimiser={steps: 10, warm_up_steps: 20}",
       {"optimiser.warm_up_steps", "is 20, more than the 10 steps"}},
      {"weighting.kind=grad_norm", {"weighting.kind", "did you mean 'gradient_norm'"}},
      {"causal.chunks=1", {"causal.chunks", "0 turns it off"}},
      {"parallel.mode=domains", {"parallel.domains", "parts along each input"}},
      {"parallel.domains=[2]", {"parallel.domains", "mode is points"}},
      {"optimizer.steps=3", {"optimizer", "unknown key", "'optimiser'"}},
      {"precision=half", {"precision", "single, double"}}};
  for (const auto& [setting, parts] : cases) expect_pinn_deck_error(poisson, parts, {setting});
}

TEST(PinnDeck, TheResolvedDeckReadsBackAsItself) {
  PinnJob job =
      read_pinn_deck(poisson +
                     "weights: {x_lower.u: 10}\ncurriculum: {stages: [{constant: waves, value: "
                     "2, steps: 5}]}\noutput: {points: [31]}\n");
  const std::string text = write_deck(job.deck, true);
  PinnJob again = read_pinn_deck(text);
  EXPECT_EQ(write_deck(again.deck, true), text);
  EXPECT_EQ(again.provenance.deck_hash, job.provenance.deck_hash);
}

TEST(PinnDeck, TrainingHashLeavesOutWhatTrainingDoesNotSee) {
  const auto hash = [](const std::vector<std::string>& settings) {
    return read_pinn_deck(poisson, settings).training_hash;
  };
  EXPECT_EQ(hash({}), hash({"output.vtk=false", "compare.resolutions=2"}));
  EXPECT_NE(hash({}), hash({"network.width=65"}));
  EXPECT_NE(hash({}), hash({"problem.constants.waves=2"}));
  EXPECT_NE(hash({}), hash({"weights.x_lower.u=2"}));
  EXPECT_NE(hash({}), hash({"seed=2"}));
}

}  // namespace
}  // namespace understudy::apps
