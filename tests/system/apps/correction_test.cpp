// Corrections from the deck: a study of Kolmogorov flow on a few cells, a run on two ranks, one that is interrupted,
// and what is refused.
#include <gtest/gtest.h>

#include "support/apps_made_once.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small{"grid.cells=[32,32]",
                                     "flow.viscosity_m2_s=1e-3",
                                     "network.coarsening=[2]",
                                     "network.width=8",
                                     "network.layers=1",
                                     "ensemble.repeats=3",
                                     "ensemble.spin_up_s=0.2",
                                     "ensemble.windows=8",
                                     "training.epochs=2",
                                     "training.unroll=[1,2]",
                                     "training.unroll_fractions=[0.5]",
                                     "training.rollout_windows=4",
                                     "training.validate_every=1",
                                     "time.end_s=0.6",
                                     "time.output_every=3",
                                     "compare.spin_up_s=0.2",
                                     "compare.windows=4",
                                     "compare.repeats=1",
                                     "compare.coarser=[2]",
                                     "compare.looser=[]",
                                     "compare.picture_count=1",
                                     "output.vtk=false"};

std::vector<std::string> call(const std::string& verb, const fs::path& out,
                              const std::vector<std::string>& more = {}) {
  return with_settings({verb, deck("kolmogorov_2d"), "--out", out}, small, more);
}

class Corrections : public MadeOnce<Corrections> {
 public:
  static Outcome made(const fs::path& out) { return understudy(call("study", out)); }

 protected:
  static std::vector<std::string> with_model(const std::vector<std::string>& more = {}) {
    std::vector<std::string> all{model()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(Corrections, AreTrainedAndComparedInTheTimeOfCorrelation) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path out = *scratch / "out";
  const auto metrics = summary(out)["metrics"];
  EXPECT_TRUE(metrics["correlation_time_s"]["replacement"].contains("0.95")) << metrics;
  EXPECT_TRUE(metrics["classical"][0]["correlation_time_s"].contains("0.8"));
  EXPECT_TRUE(metrics["contenders"].contains("alone")) << "trained without the solver's gradient";
  EXPECT_NE(slurp(out / "comparison.csv").find("vorticity correlation"), std::string::npos);
  const std::string report = slurp(out / "report.html");
  EXPECT_NE(report.find("Correlation of vorticity over time"), std::string::npos);
  EXPECT_NE(report.find("Equal time of correlation"), std::string::npos);
  const std::string card = slurp(out / "model" / "card.yaml");
  EXPECT_NE(card.find("cells: [16, 16]"), std::string::npos) << card;
}

TEST_F(Corrections, RunOnTwoRanksAndGoOnAsIfNotInterrupted) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto energy = [](const fs::path& out) {
    return summary(out)["metrics"]["flow"]["kinetic_energy"].get<double>();
  };
  const fs::path one = *scratch / "one", two = *scratch / "two", parts = *scratch / "parts";
  ASSERT_EQ(understudy(call("run", one, with_model())).exit_code, 0);
  EXPECT_EQ(summary(one)["metrics"]["swap"]["accepted_fraction"], 1.0);
  ASSERT_EQ(understudy(call("run", two, with_model()), 2).exit_code, 0);
  EXPECT_NEAR(energy(two), energy(one), 1e-6 * energy(one)) << "the network is in single precision";
  EXPECT_EQ(summary(two)["metrics"]["inference"]["on"], "blocks");
  ASSERT_EQ(understudy(call("run", parts, with_model({"time.end_s=0.3"}))).exit_code, 0);
  auto rest = call("run", parts, with_model());
  rest.emplace_back("--resume");
  ASSERT_EQ(understudy(rest).exit_code, 0);
  EXPECT_EQ(energy(parts), energy(one)) << "bitwise";
}

TEST_F(Corrections, ACardOfAnotherFactorIsRefused) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  expect_refused(
      understudy(call("run", *scratch / "other", with_model({"network.coarsening=[4]"}))),
      {"corrects cells that are 2 times the deck's", "network.coarsening is 4"});
}

TEST(CorrectionRefusals, FactorsThatDoNotDivideBeforeAnythingIsMade) {
  const Scratch scratch;
  for (const char* verb : {"check", "generate", "study"}) {
    const Outcome refused = understudy(call(verb, scratch / verb, {"network.coarsening=[3]"}));
    expect_refused(refused, {"network.coarsening: 3 does not divide the 32 cells along x"});
    EXPECT_FALSE(fs::exists(scratch / verb)) << verb;
  }
}

TEST(CorrectionRefusals, FoldsThatDoNotDivideTheCoarseGrid) {
  const Scratch scratch;
  for (const char* verb : {"generate", "study"}) {
    expect_refused(understudy(call(verb, scratch / verb, {"network.fold=3"})),
                   {"network.fold: 3 does not divide the 16 cells of the coarse grid along x"});
    EXPECT_FALSE(fs::exists(scratch / verb)) << verb;
  }
}

TEST(CorrectionRefusals, MeasuresThatAreNotThere) {
  const Scratch scratch;
  expect_refused(understudy(call("check", scratch / "a", {"compare.correlation="})),
                 {"compare.equal", "compare.correlation, vorticity say"});
  expect_refused(understudy(call("check", scratch / "b", {"compare.correlation=vortex"})),
                 {"compare.correlation: 'vortex' is neither a field nor a derived quantity"});
}

// A scalar has no adjoint yet: said before the training begins, with the way out.
TEST(CorrectionRefusals, ASolverWithoutAnAdjoint) {
  const Scratch scratch;
  const std::vector<std::string> scalar{"flow.scalar.enabled=true", "ensemble.windows=4",
                                        "training.unroll=[1]", "training.unroll_fractions=[]"};
  ASSERT_EQ(understudy(call("generate", scratch / "out", scalar)).exit_code, 0);
  expect_refused(understudy(call("train", scratch / "out", scalar)),
                 {"training.through_solver", "flow.scalar.enabled",
                  "training.through_solver: false trains the correction without"});
}

}  // namespace
}  // namespace understudy::tests
