// The spectral flow solver through the program: among the classical runs of a comparison, on its own, resumed, and
// what is refused.
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "mesh/loops.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small{
    "grid.cells=[32,32]",      "flow.viscosity_m2_s=1e-3", "time.end_s=0.6",
    "time.output_every=3",     "compare.spin_up_s=1",      "compare.windows=4",
    "compare.repeats=1",       "compare.coarser=[2]",      "compare.looser=[]",
    "compare.picture_count=0", "compare.spectra_every=0",  "contenders=[]",
    "swap.policy=never",       "output.vtk=false",         "network.coarsening=[2]",
    "flow.convection=central"};

std::vector<std::string> call(const std::string& verb, const fs::path& out,
                              const std::vector<std::string>& more = {}) {
  return with_settings({verb, deck("kolmogorov_2d"), "--out", out}, small, more);
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class SpectralDecks : public testing::Test {
 protected:
  void SetUp() override {
    if (!mesh::on_host) GTEST_SKIP() << "spectral flow needs a build for the host";
  }
  Scratch scratch;
};

TEST_F(SpectralDecks, CompareHasSpectralRunsAmongTheClassicalOnes) {
  const fs::path out = scratch / "compared";
  const Outcome done =
      understudy(call("compare", out, {"compare.spectral=[2,4]", "compare.looser=[auto]"}));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const auto m = summary(out)["metrics"];
  std::map<std::string, double> error;
  for (const auto& point : m["classical"]) {
    error[point["name"]] = point["error"];
    EXPECT_GT(point["cost_s"].get<double>(), 0);
    EXPECT_TRUE(point["correlation_time_s"].contains("0.95")) << point;
  }
  for (const char* name : {"16 x 16", "spectral 16 x 16",
                           "spectral 16 x 16, precision=single, flow.cfl=1", "spectral 8 x 8"}) {
    ASSERT_TRUE(error.contains(name)) << name << " of " << m["classical"];
    EXPECT_GT(error[name], 0) << name;
    EXPECT_LT(error[name], 2) << name;
  }
  EXPECT_LT(error["spectral 16 x 16"], error["spectral 8 x 8"]);
  // Its larger step and single precision are not what its error comes from.
  EXPECT_NEAR(error["spectral 16 x 16, precision=single, flow.cfl=1"], error["spectral 16 x 16"],
              0.05 * error["spectral 16 x 16"]);
  EXPECT_TRUE(m["classical_refused"].empty()) << m["classical_refused"];
  EXPECT_NE(slurp(out / "report.html").find("<td>spectral 16 x 16</td>"), std::string::npos);
}

TEST_F(SpectralDecks, OnSeveralRanksItIsARefusedBaselineWithItsReason) {
  const fs::path out = scratch / "ranks";
  const Outcome done = understudy(call("compare", out, {"compare.spectral=[2,4]"}), 2);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const auto m = summary(out)["metrics"];
  ASSERT_EQ(m["classical_refused"].size(), 1u) << m["classical_refused"];
  EXPECT_EQ(m["classical_refused"][0]["name"], "spectral 16 x 16");
  EXPECT_NE(m["classical_refused"][0]["why"].get<std::string>().find(
                "compare.spectral: spectral runs have 1 rank at most, and these are 2"),
            std::string::npos);
  EXPECT_EQ(count_of(done.err, "no spectral classical run"), 1) << done.err;
  ASSERT_EQ(m["classical"].size(), 1u);
  EXPECT_EQ(m["classical"][0]["name"], "16 x 16");
}

TEST_F(SpectralDecks, CheckSaysThatSeveralRanksHaveNone) {
  const std::string said =
      "compare will have no spectral classical run: compare.spectral: spectral "
      "runs have 1 rank at most, and these are 2";
  for (const auto& [settings, ranks, times] :
       {std::tuple{std::vector<std::string>{"compare.spectral=[2,4]"}, 2, 1},
        {{"compare.spectral=[2,4]"}, 1, 0},
        {{"compare.spectral=[]"}, 2, 0},
        {{"compare.spectral=[16]"}, 2, 0}}) {  // 2 cells are too few anyway
    const Outcome done = understudy(call("check", scratch / "check", settings), ranks);
    ASSERT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(count_of(done.err, said), times) << settings.front() << done.err;
  }
  // A deck of its own is refused, once and by its key.
  const Outcome own =
      understudy(call("check", scratch / "own",
                      {"flow.discretisation=spectral", "training.through_solver=false"}),
                 2);
  expect_refused(own, {"flow.discretisation: spectral runs on one rank, and these are 2"});
}

TEST_F(SpectralDecks, AreRefusedWhereTheAppHasNone) {
  expect_refused(understudy({"check", deck("cylinder_wake"), "--out", scratch / "wake", "--set",
                             "compare.spectral=[4]"}),
                 {"compare.spectral: asks for spectral runs, but app flow has no spectral method"});
  const auto vortices = [&](const std::vector<std::string>& settings) {
    std::vector<std::string> arguments{"check", deck("taylor_green_2d"), "--out", scratch / "own"};
    add_settings(arguments, settings);
    return understudy(arguments);
  };
  expect_refused(vortices({"flow.discretisation=spectral", "compare.spectral=[4]"}),
                 {"compare.spectral: asks for spectral runs"});
  const Outcome alone = vortices({"flow.discretisation=spectral"});
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
}

// Before anything runs: the error that would be measured is that of interpolation.
TEST_F(SpectralDecks, HaveNoErrorOfTheirOwnBesideAnInterpolatedStart) {
  for (const char* verb : {"check", "compare", "study"})
    expect_refused(understudy(call(verb, scratch / verb,
                                   {"flow.discretisation=spectral", "compare.truth_error=true",
                                    "training.through_solver=false"})),
                   {"compare.truth_error: wants a run on twice the cells", "(flow, spectral)"});
}

TEST_F(SpectralDecks, ARunIsResumedBitwise) {
  const auto energy = [](const fs::path& out) {
    return summary(out)["metrics"]["flow"]["kinetic_energy"].get<double>();
  };
  const auto spectral = [&](const fs::path& out, const std::string& end) {
    return call("run", out, {"flow.discretisation=spectral", end});
  };
  const fs::path whole = scratch / "whole", parts = scratch / "parts";
  ASSERT_EQ(understudy(spectral(whole, "time.end_s=0.6")).exit_code, 0);
  ASSERT_EQ(understudy(spectral(parts, "time.end_s=0.3")).exit_code, 0);
  auto rest = spectral(parts, "time.end_s=0.6");
  rest.emplace_back("--resume");
  const Outcome resumed = understudy(rest);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(energy(parts), energy(whole));
  expect_same_file(whole / "diagnostics.csv", parts / "diagnostics.csv");
}

TEST_F(SpectralDecks, WhatIsNotServedIsRefusedByKey) {
  expect_refused(
      understudy(call("check", scratch / "sides",
                      {"flow.discretisation=spectral", "flow.boundaries.x_lower.kind=wall",
                       "flow.boundaries.x_upper.kind=wall", "flow.initial.random.spectrum=none"})),
      {"flow.boundaries.x_lower.kind: is wall", "flow.discretisation"});
  expect_refused(understudy(call("check", scratch / "word", {"flow.discretisation=spectrall"})),
                 {"flow.discretisation", "spectral"});
  expect_refused(understudy({"invert", deck("taylor_green_assimilation"), "--out",
                             scratch / "invert", "--set", "flow.discretisation=spectral"}),
                 {"flow.discretisation: is spectral, which has no adjoint"});
}

}  // namespace
}  // namespace understudy::tests
