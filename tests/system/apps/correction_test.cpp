// Corrections from the deck: a study of Kolmogorov flow on a few cells, a run on two ranks, one that is interrupted,
// and what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/apps_csv.hpp"
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

// The truth's own error and profiles, on one rank and on two.
TEST_F(Corrections, AreComparedBesideTheTruthsOwnErrorAndByProfiles) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto compared = [](const std::string& name, int ranks) {
    const fs::path out = *scratch / name;
    const Outcome made = understudy(call("compare", out,
                                         with_model({"contenders=[]", "compare.truth_error=true",
                                                     "compare.profiles={axis: y, from_s: 0.2}"})),
                                    ranks);
    EXPECT_EQ(made.exit_code, 0) << made.err;
    EXPECT_NE(made.err.find("own error beside a run of 64 x 64 cells"), std::string::npos)
        << made.err;
    return out;
  };
  const fs::path out = compared("truth", 1), on_two = compared("truth_on_two", 2);
  const auto metrics = summary(out)["metrics"], two = summary(on_two)["metrics"];
  const auto& truth = metrics["truth"];
  EXPECT_EQ(truth["finer_grid"], "64 x 64");
  EXPECT_GT(truth["finer_run_s"].get<double>(), 0);
  for (const char* field : {"u", "v"}) {
    const double mean = truth["error"][field]["rel_l2_mean"].get<double>();
    EXPECT_GT(mean, 0) << field;
    EXPECT_LT(mean, 1) << field;
    EXPECT_GT(truth["error"][field]["rel_l2_final"].get<double>(), 0);
    EXPECT_NEAR(two["truth"]["error"][field]["rel_l2_mean"].get<double>(), mean, 1e-6 * mean);
    const auto& profile = metrics["profile"][field];
    const double variance = profile["variance_rel_l2"].get<double>();
    EXPECT_GT(variance, 0);
    EXPECT_NEAR(two["profile"][field]["variance_rel_l2"].get<double>(), variance, 1e-3 * variance)
        << "the network is in single precision";
  }
  EXPECT_TRUE(metrics["profile"]["u"]["mean_rel_l2"].is_number()) << metrics["profile"];
  EXPECT_TRUE(metrics["profile"]["v"]["mean_rel_l2"].is_null())
      << "no flow goes through a row of a periodic box: " << metrics["profile"];
  EXPECT_EQ(metrics["profile_windows"], 3) << "of four, from 0.2 s on";
  EXPECT_EQ(metrics["error"]["within_truth"].get<bool>(),
            metrics["error"]["mean"].get<double>() < truth["error"]["mean"].get<double>());
  EXPECT_TRUE(metrics["correlation_time_s"]["simulation"].contains("0.95"));
  EXPECT_TRUE(metrics["classical"][0].contains("within_truth")) << metrics["classical"];
  const std::string csv = slurp(out / "comparison.csv"), profiles = slurp(out / "profiles.csv");
  EXPECT_NE(csv.find(",u truth_rel_l2,v truth_rel_l2,p truth_rel_l2,vorticity "
                     "truth_correlation"),
            std::string::npos)
      << csv.substr(0, csv.find('\n'));
  EXPECT_NE(profiles.find("u y_m,u simulation mean,u simulation variance,u replacement mean"),
            std::string::npos)
      << profiles.substr(0, profiles.find('\n'));
  EXPECT_EQ(std::ranges::count(profiles, '\n'), 33) << "a row of names, one a row of cells";
  const std::string report = slurp(out / "report.html");
  for (const char* text : {"Simulation's own, mean", "the simulation itself, beside 64 x 64 cells",
                           "Error of the variance", "Variance of u"})
    EXPECT_NE(report.find(text), std::string::npos) << text;
}

struct Moments {
  double mean = 0, deviation = 0;
};

// The first value, of the common start, left out.
Moments moments_of(const std::vector<double>& values) {
  Moments m;
  const auto count = static_cast<double>(values.size() - 1);
  for (std::size_t n = 1; n < values.size(); ++n) m.mean += values[n] / count;
  for (std::size_t n = 1; n < values.size(); ++n)
    m.deviation += (values[n] - m.mean) * (values[n] - m.mean) / count;
  m.deviation = std::sqrt(m.deviation);
  return m;
}

TEST_F(Corrections, AreComparedInMeanAndDeviationOfDiagnostics) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path out = *scratch / "statistics";
  const Outcome made =
      understudy(call("compare", out,
                      with_model({"contenders=[]", "compare.statistics=[kinetic_energy]",
                                  "compare.equal=statistics"})));
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto metrics = summary(out)["metrics"];
  // Over the windows after the start, as surrogates/comparison/statistics_error.cpp defines it.
  const auto truth = moments_of(column(out / "comparison.csv", "flow.kinetic_energy simulation")),
             other = moments_of(column(out / "comparison.csv", "flow.kinetic_energy replacement"));
  const double size = std::hypot(truth.mean, truth.deviation);
  const double expected =
      (std::abs(other.mean - truth.mean) / size +
       std::abs(other.deviation - truth.deviation) / std::max(truth.deviation, 1e-3 * size)) /
      2;
  EXPECT_GT(expected, 0) << "after two epochs";
  // The file has all digits: what is left is the order of sums over four windows.
  EXPECT_NEAR(metrics["statistics"]["error"].get<double>(), expected, 1e-9);
  EXPECT_GT(metrics["classical"][0]["statistics_error"].get<double>(), 0) << "of 16 x 16 cells";
  const std::string report = slurp(out / "report.html");
  EXPECT_NE(report.find("Equal statistics"), std::string::npos);
  EXPECT_NE(report.find("Error of mean and deviation"), std::string::npos);
  expect_refused(
      understudy(call("compare", *scratch / "nothing",
                      with_model({"contenders=[]", "compare.statistics=[drag]"}))),
      {"compare.statistics: 'drag' is no diagnostic of this run", "flow.kinetic_energy"});
  EXPECT_FALSE(fs::exists(*scratch / "nothing"));
}

TEST_F(Corrections, AreComparedInProfilesAndInSpectra) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const std::string equal : {"profiles", "spectra"}) {
    const fs::path out = *scratch / equal;
    const Outcome made =
        understudy(call("compare", out,
                        with_model({"contenders=[]", "compare.profiles.axis=y",
                                    "compare.spectra_every=2", "compare.equal=" + equal})));
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const auto metrics = summary(out)["metrics"];
    for (const std::string measure : {"profiles", "spectra"}) {
      EXPECT_GT(metrics[measure]["error"].get<double>(), 0) << measure;
      // A coarser grid has other profiles, and lacks waves.
      EXPECT_GT(metrics["classical"][0][measure + "_error"].get<double>(), 0) << measure;
    }
    const std::string report = slurp(out / "report.html");
    EXPECT_NE(report.find("Equal " + equal), std::string::npos);
    EXPECT_NE(report.find("Error of profiles"), std::string::npos);
    EXPECT_NE(report.find("Error of spectra"), std::string::npos);
  }
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
  expect_refused(understudy(call("check", scratch / "c", {"compare.equal=statistics"})),
                 {"compare.equal", "compare.statistics, [drag_coefficient, lift_coefficient] say"});
  expect_refused(understudy(call("check", scratch / "e", {"compare.equal=profiles"})),
                 {"compare.equal", "compare.profiles.axis, y say"});
  expect_refused(understudy(call("check", scratch / "f",
                                 {"compare.equal=spectra", "compare.spectra_every=0"})),
                 {"compare.equal", "compare.spectra_every, which is 0"});
  expect_refused(understudy(call("check", scratch / "b", {"compare.correlation=vortex"})),
                 {"compare.correlation: 'vortex' is neither a field nor a derived quantity"});
  // Before anything is generated.
  for (const char* verb : {"check", "study"}) {
    expect_refused(understudy(call(verb, scratch / "d", {"compare.statistics=[drag]"})),
                   {"compare.statistics: 'drag' is no diagnostic of this run; there are ",
                    "flow.kinetic_energy"});
    EXPECT_FALSE(fs::exists(scratch / "d" / "dataset"));
  }
}

TEST(CorrectionRefusals, ProfilesAndATruthThatCannotBe) {
  const Scratch scratch;
  expect_refused(understudy(call("check", scratch / "a", {"compare.profiles.axis=z"})),
                 {"compare.profiles.axis: is 'z'; the axes of this grid are x and y"});
  expect_refused(
      understudy(call("check", scratch / "b", {"compare.profiles={axis: x, from_s: 9}"})),
      {"compare.profiles.from_s: is 9 s after the start", "there would be no window"});
  const std::string sphere = std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/weather/solid_body.yaml";
  expect_refused(understudy(with_settings({"check", sphere}, {}, {"compare.profiles.axis=y"})),
                 {"compare.profiles.axis: is y, and this grid is a sphere"});
  expect_refused(
      understudy(
          call("check", scratch / "c", {"compare.truth_error=true", "grid.cells=[60000,32]"})),
      {"compare.truth_error: wants the case on twice the cells (grid.cells=[120000, 64])",
       "out of bounds"});
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
