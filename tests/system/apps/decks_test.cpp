// Every deck in inputs/ runs in a small setting on one and on two ranks, and writes what the contract of
// the outputs says.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

const std::map<std::string, std::vector<std::string>> small_settings{
    {"cylinder_wake", {"grid.cells=[64,32]", "time.end_s=2", "swap.policy=never"}},
    {"cylinder_wake_ramp", {"grid.cells=[64,32]", "time.end_s=2", "swap.policy=never"}},
    {"cylinder_wake_far", {"grid.cells=[64,32]", "time.end_s=2", "swap.policy=never"}},
    {"wake_modes", {"grid.cells=[64,32]", "time.end_s=2", "swap.policy=never"}},
    {"cavity", {"grid.cells=[32,32]", "time.end_s=2", "time.output_every=1"}},
    {"taylor_green_2d", {"grid.cells=[32,32]", "time.end_s=2"}},
    {"taylor_green_3d", {"grid.cells=[16,16,16]", "time.end_s=0.5", "time.output_every=1"}},
    {"channel_dfg_2d2", {"grid.cells=[220,41]", "time.end_s=0.2", "time.output_every=5"}},
    {"airfoil", {"grid.cells=[256,128]", "time.end_s=0.5", "time.output_every=1"}},
    {"sphere_3d", {"grid.cells=[48,24,24]", "time.end_s=1", "time.output_every=1"}},
    {"stl_body", {"grid.cells=[80,32,32]", "time.end_s=1", "time.output_every=1"}},
    {"wake_samples",
     {"grid.cells=[64,32]", "time.end_s=0.5", "time.output_every=1", "output.derived=[vorticity]",
      "output.pictures=[vorticity]"}},
    {"reacting_scalar", {"grid.cells=[64,16]", "time.end_s=1"}},
    {"turbulence_2d",
     {"grid.cells=[32,32]", "time.end_s=3", "time.output_every=1", "swap.policy=never"}}};

class Decks : public testing::TestWithParam<std::string> {};

void expect_contract(const nlohmann::json& s, const std::string& name, int ranks) {
  for (const char* key :
       {"verb", "deck", "app", "version", "git", "provenance", "backend", "timing", "metrics"})
    EXPECT_TRUE(s.contains(key)) << key;
  EXPECT_EQ(s["verb"], "run");
  EXPECT_EQ(s["app"], "flow");
  EXPECT_EQ(s["backend"]["ranks"], ranks);
  for (const char* key :
       {"kokkos", "threads", "torch", "torch_device", "torch_threads", "precision"})
    EXPECT_TRUE(s["backend"].contains(key)) << key;
  for (const char* key : {"deck", "deck_hash", "host", "cpu", "compiler", "started", "command"})
    EXPECT_FALSE(s["provenance"].value(key, "").empty()) << key;
  EXPECT_GT(s["timing"]["total_s"].get<double>(), 0);
  EXPECT_GT(s["timing"]["regions"]["advance"].get<double>(), 0) << name;
  EXPECT_GT(s["metrics"]["rate_cells_per_s"].get<double>(), 0);
  EXPECT_GT(s["metrics"]["flow"]["kinetic_energy"].get<double>(), 0);
}

TEST_P(Decks, RunsSmallOnOneAndTwoRanks) {
  const std::string name = GetParam();
  const Scratch scratch;
  double energy[2] = {0, 0};
  for (const int ranks : {1, 2}) {
    const fs::path out = scratch / std::to_string(ranks);
    std::vector<std::string> arguments{"run", deck(name), "--out", out};
    add_settings(arguments, small_settings.at(name));
    const Outcome outcome = understudy(arguments, ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto s = summary(out);
    expect_contract(s, name, ranks);
    energy[ranks - 1] = s["metrics"]["flow"]["kinetic_energy"];
    EXPECT_NE(slurp(out / "fields.pvd").find(ranks == 1 ? ".vti" : ".pvti"), std::string::npos);
    EXPECT_GT(fs::file_size(out / "checkpoint.h5"), 1000u);
    EXPECT_TRUE(fs::exists(out / "diagnostics.csv"));
    const auto frames = std::distance(fs::directory_iterator(out / "pictures"), {});
    EXPECT_GE(frames, 2) << "frames of the first and the last window";
  }
  // Single precision sums in another order on two ranks.
  EXPECT_NEAR(energy[0], energy[1], 1e-6 * energy[0]);
}

INSTANTIATE_TEST_SUITE_P(Inputs, Decks,
                         testing::Values("cylinder_wake", "cylinder_wake_ramp", "cylinder_wake_far",
                                         "wake_modes", "cavity", "taylor_green_2d",
                                         "taylor_green_3d", "channel_dfg_2d2", "airfoil",
                                         "sphere_3d", "stl_body", "turbulence_2d", "wake_samples",
                                         "reacting_scalar"),
                         [](const auto& info) { return info.param; });

TEST(Inputs, EveryDeckIsTestedAndChecks) {
  for (const auto& entry :
       fs::directory_iterator(fs::path(UNDERSTUDY_SOURCE_DIR) / "inputs/flow")) {
    if (entry.path().extension() != ".yaml") continue;
    EXPECT_TRUE(small_settings.contains(entry.path().stem())) << entry.path();
    const Outcome outcome = understudy({"check", entry.path()});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("app: flow"), std::string::npos);
  }
}

TEST(Inputs, ResolvedDeckIsADeckOfTheSameHash) {
  const Scratch scratch;
  const Outcome first = understudy({"check", deck("cavity")});
  spit(scratch / "cavity.yaml", first.out);
  const Outcome second = understudy({"check", scratch / "cavity.yaml"});
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(first.out.substr(first.out.find('\n')), second.out.substr(second.out.find('\n')));
}

TEST(Inputs, SamplersWriteTheirFiles) {
  const Scratch scratch;
  std::vector<std::string> arguments{"run", deck("channel_dfg_2d2"), "--out", scratch / "out"};
  add_settings(arguments, small_settings.at("channel_dfg_2d2"));
  add_settings(arguments, {"flow.lines.0.name=outlet", "flow.lines.0.from_m=[2, 0]",
                           "flow.lines.0.to_m=[2, 0.41]", "flow.lines.0.points=5"});
  const Outcome outcome = understudy(arguments);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string probes = slurp(scratch / "out" / "probes.csv");
  EXPECT_TRUE(probes.starts_with("time_s,front u [m/s],back u [m/s]")) << probes;
  EXPECT_EQ(std::ranges::count(probes, '\n'), 12);  // heading, start, ten windows
  const std::string line = slurp(scratch / "out" / "lines" / "outlet_000010.csv");
  EXPECT_TRUE(line.starts_with("x_m,y_m,z_m,u [m/s]")) << line;
  EXPECT_EQ(std::ranges::count(line, '\n'), 6);
}

TEST(Catalog, ListSaysWhatThisBuildHas) {
  const Outcome outcome = understudy({"list"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* word : {"flow", "seismic", "pinn", "points", "unet", "never", "always",
                           "schedule", "gate", "distance", "fft", "kokkos", "torch"})
    EXPECT_NE(outcome.out.find(word), std::string::npos) << word;
}

TEST(Catalog, CommittedDeckReferenceIsCurrent) {
  const Outcome outcome = understudy({"list", "--deck-reference"});
  EXPECT_EQ(outcome.exit_code, 0);
  const std::string committed = slurp(fs::path(UNDERSTUDY_SOURCE_DIR) / "docs/deck_reference.md");
  const auto [at, other] =
      std::mismatch(outcome.out.begin(), outcome.out.end(), committed.begin(), committed.end());
  EXPECT_TRUE(at == outcome.out.end() && other == committed.end())
      << "differs at line " << 1 + std::count(outcome.out.begin(), at, '\n')
      << "; make it anew: ./understudy list --deck-reference > docs/deck_reference.md";
}

}  // namespace
}  // namespace understudy::tests
