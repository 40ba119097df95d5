// A sphere through the whole program with the calls of every domain: run with all outputs on one rank and two,
// restart, study with a U-Net, and what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "support/apps_cli.hpp"
#include "support/apps_csv.hpp"

namespace understudy::tests {
namespace {

const char* const jet = R"(app: shallow_water
grid: {cells: 16}
time: {end_s: 14400, window_s: 3600, output_every: 2, checkpoint_every: 2}
shallow_water: {start: galewsky, viscosity_m2_s: 1.0e+5, perturbation: {seed: 1}}
output: {derived: [vorticity], pictures: [vorticity], netcdf: true, latitudes: 24}
ensemble: {repeats: 3, validation: [1], test: [], windows: 6}
network: {kind: unet, width: 8, levels: 1, patch: 2, conserve: [depth]}
training: {epochs: 2, batch: 4, rollout_windows: 4, unroll: [1], unroll_fractions: [], validate_every: 1}
swap: {policy: always}
compare:
  parameters: [{key: shallow_water.perturbation.seed, value: 1000}]
  windows: 4
  repeats: 1
  picture_count: 1
  coarser: []
  looser: [shallow_water.order=3]
)";

class Sphere : public testing::Test {
 protected:
  Sphere() { spit(scratch / "jet.yaml", jet); }
  Outcome call(const std::string& verb, const std::string& out,
               const std::vector<std::string>& more = {}, int ranks = 1) {
    std::vector<std::string> arguments{verb, scratch / "jet.yaml", "--out", scratch / out};
    for (const auto& one : more) arguments.push_back(one);
    return understudy(arguments, ranks);
  }
  Scratch scratch;
};

TEST_F(Sphere, RunWritesMapsSurfacesAndNetcdf) {
  const std::vector<std::string> simulation{"--set", "swap.policy=never"};
  const Outcome outcome = call("run", "out", simulation);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* file :
       {"fields.pvd", "fields/fields_000000.vtu", "fields.nc", "pictures/vorticity_000002.png",
        "run.html", "checkpoint.h5", "diagnostics.csv", "summary.json"})
    EXPECT_TRUE(fs::exists(scratch / "out" / file)) << file;
  EXPECT_EQ(slurp(scratch / "out" / "fields.nc").substr(0, 3), "CDF");
  EXPECT_NE(slurp(scratch / "out" / "run.html").find("longitude [degrees]"), std::string::npos);

  // Restarted half way it is bitwise the same run.
  const Outcome half =
      call("run", "half", {"--set", "swap.policy=never", "--set", "time.end_s=7200"});
  ASSERT_EQ(half.exit_code, 0) << half.err;
  const Outcome rest = call("run", "half", {"--set", "swap.policy=never", "--resume"});
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  expect_same_file(scratch / "out" / "fields.nc", scratch / "half" / "fields.nc");
  expect_same_file(scratch / "out" / "fields" / "fields_000002.vtu",
                   scratch / "half" / "fields" / "fields_000002.vtu");
  // Another deck's file is kept.
  const Outcome other = call(
      "run", "half",
      {"--set", "swap.policy=never", "--set", "time.end_s=7200", "--set", "shallow_water.order=3"});
  ASSERT_EQ(other.exit_code, 0) << other.err;
  expect_same_file(scratch / "out" / "fields.nc", scratch / "half" / "fields.before_1.nc");
  EXPECT_NE(other.err.find("fields.nc as fields.before_1.nc"), std::string::npos) << other.err;

  const Outcome two = call("run", "two", simulation, 2);
  ASSERT_EQ(two.exit_code, 0) << two.err;
  EXPECT_TRUE(fs::exists(scratch / "two" / "fields" / "fields_000000.pvtu"));
  const double one_mass = summary(scratch / "out")["metrics"]["weather"]["vorticity_most"];
  const double two_mass = summary(scratch / "two")["metrics"]["weather"]["vorticity_most"];
  EXPECT_NEAR(two_mass / one_mass, 1, 1e-9);
}

TEST_F(Sphere, StudyGoesTheWholeWay) {
  const Outcome outcome = call("study", "out");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* file : {"dataset/train/member_000.hdf5", "model/card.yaml", "report.html"})
    EXPECT_TRUE(fs::exists(scratch / "out" / file)) << file;
  const auto m = summary(scratch / "out")["metrics"];
  for (const char* field : {"depth", "velocity"})
    EXPECT_TRUE(std::isfinite(m["error"][field]["rel_l2_final"].get<double>())) << field;
  EXPECT_GT(m["speedup"]["same_grid"].get<double>(), 0);
  // Errors a fifth and three fifths of the way and at the end, beside forecasts without a model.
  EXPECT_EQ(m["climatology"], "the mean of 2 training samples at the same time");
  const auto frozen = column(scratch / "out" / "comparison.csv", "depth persistence");
  const auto mean = column(scratch / "out" / "comparison.csv", "depth climatology");
  const auto& leads = m["error"]["depth"]["leads"];
  ASSERT_EQ(leads.size(), 3u);
  const std::size_t windows[3] = {1, 3, 4};
  for (std::size_t n = 0; n < 3; ++n) {
    EXPECT_EQ(leads[n]["after_s"].get<double>(), 3600.0 * double(windows[n]));
    EXPECT_EQ(leads[n]["persistence"].get<double>(), frozen.at(windows[n]));
    EXPECT_EQ(leads[n]["climatology"].get<double>(), mean.at(windows[n]));
    EXPECT_GT(mean.at(windows[n]), 0);
  }
  EXPECT_NE(slurp(scratch / "out" / "report.html").find("Climatology is the mean of 2 training"),
            std::string::npos);
  const auto masses = column(scratch / "out" / "comparison.csv", "shallow_water.mass replacement");
  ASSERT_EQ(masses.size(), 5u);
  EXPECT_NEAR(masses.back() / masses.front(), 1, 1e-12) << "the network keeps the mass";
  EXPECT_EQ(m["classical"].size(), 1u);
  const Outcome guarded = call("run", "out", {"--set", "output.netcdf=false"});
  EXPECT_EQ(guarded.exit_code, 0) << guarded.err;
}

TEST_F(Sphere, PodStepsASphere) {
  const Outcome outcome = call(
      "study", "out",
      {"--set", "network.kind=pod", "--set", "network.latent_size=4", "--set",
       "network.latent_map=linear", "--set", "network.conserve=[]", "--set", "swap.policy=always"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(Sphere, RefusesWhatDoesNotFit) {
  ASSERT_EQ(call("generate", "out").exit_code, 0);
  Outcome outcome = call("train", "out", {"--set", "network.kind=fno"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("fno does not know the panels of a cubed sphere; unet, pod, dmd do"),
            std::string::npos)
      << outcome.err;
  outcome = call("train", "out", {"--set", "network.levels=4"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("which ends at other panels"), std::string::npos) << outcome.err;
  outcome = understudy({"check", deck("cavity"), "--set", "output.netcdf=true"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("this grid is a box"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace understudy::tests
