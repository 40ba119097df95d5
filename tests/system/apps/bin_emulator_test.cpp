// The bin scheme in a rising thermal, learned and replaced, as a person does it: collect the collisions of its drops,
// train on them, and let the network compute them under its gates.
#include <gtest/gtest.h>

#include <cmath>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

const fs::path inputs = fs::path(UNDERSTUDY_SOURCE_DIR) / "inputs";
const std::string process = "sub_models.bin_coalescence.";

// Few, large drops: rain within a quarter of an hour.
const std::vector<std::string> small{"grid.cells=[20,16]",
                                     "time.end_s=1200",
                                     "time.window_s=60",
                                     "time.output_every=20",
                                     "moist_box.time_step_s=4",
                                     "moist_box.bins.nuclei_1_m3=1e7",
                                     "moist_box.initial.bubbles.0.amplitude_k=4"};
constexpr long long cells = 20 * 16, steps = 300;

class BinEmulator : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    work_ = new Scratch(core::Comm::self());
    collected_ =
        new Outcome(run("collect", {process + "policy=collect", process + "store_every=1"}));
    std::vector<std::string> arguments{"train", inputs / "points/bin_coalescence.yaml", "--out",
                                       work("collect") / "sub_models" / "bin_coalescence"};
    add_settings(arguments, {"training.epochs=200", "training.threads=1", "training.batch=128",
                             "gate.quantile=0.99"});
    trained_ = new Outcome(understudy(arguments));
  }
  static void TearDownTestSuite() {
    delete trained_;
    delete collected_;
    delete work_;
  }
  void SetUp() override {
    ASSERT_EQ(collected_->exit_code, 0) << collected_->err;
    ASSERT_EQ(trained_->exit_code, 0) << trained_->err;
  }
  static fs::path work(const std::string& name) { return *work_ / name; }
  static Outcome run(const std::string& name, const std::vector<std::string>& settings) {
    return understudy(with_settings(
        {"run", inputs / "weather/bin_emulator.yaml", "--out", work(name)}, small, settings));
  }
  static nlohmann::json metrics(const std::string& name) { return summary(work(name))["metrics"]; }
  static Outcome replaced(const std::string& name, const std::string& policy,
                          std::vector<std::string> settings = {}) {
    settings.push_back(process + "policy=" + policy);
    settings.push_back(process +
                       "model=" + (work("collect") / "sub_models/bin_coalescence/model").string());
    return run(name, settings);
  }

 private:
  static inline Scratch* work_ = nullptr;
  static inline Outcome *collected_ = nullptr, *trained_ = nullptr;
};

TEST_F(BinEmulator, CollectIsTheBinScheme) {
  ASSERT_EQ(run("never", {}).exit_code, 0);
  expect_same_file(work("never") / "diagnostics.csv", work("collect") / "diagnostics.csv");
  const auto m = metrics("collect");
  EXPECT_EQ(m["steps"], steps);
  EXPECT_GT(m["weather"]["rain"].get<double>(), 1);
  EXPECT_LT(std::abs(m["conservation"]["water_drift"].get<double>()), 1e-12);
  const auto one = m["sub_models"]["bin_coalescence"];
  EXPECT_EQ(one["calls"], steps);
  const long long points = one["points"];
  EXPECT_GT(points, 1000);
  EXPECT_LT(points, steps * cells / 2) << "clear air is not asked for";
  EXPECT_EQ(one["stored"], points);
  EXPECT_GT(one["physics_s_per_point"].get<double>(), 0);
  EXPECT_FALSE(one.contains("network_s_per_point"));
}

TEST_F(BinEmulator, GatedNetworkRainsAndKeepsWater) {
  const Outcome outcome = replaced("gate", "gate");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto m = metrics("gate"), truth = metrics("collect");
  const auto one = m["sub_models"]["bin_coalescence"];
  EXPECT_GT(one["to_network"].get<long long>(), one["points"].get<long long>() / 2);
  EXPECT_GT(one["network_s_per_point"].get<double>(), 0);
  EXPECT_GT(one["physics_s_per_point"].get<double>(), 0);
  EXPECT_NE((outcome.out + outcome.err).find(" us each"), std::string::npos);
  EXPECT_LT(std::abs(m["conservation"]["water_drift"].get<double>()), 1e-12);
  for (const char* name : {"rain", "rain_water"}) {  // on the ground, and most in the air
    const double expected = truth["weather"][name], found = m["weather"][name];
    EXPECT_NE(found, expected) << name;
    EXPECT_NEAR(found, expected, 0.1 * expected) << name;
  }
}

TEST_F(BinEmulator, WaterIsKeptWithoutGates) {
  for (const char* precision : {"double", "single"}) {
    const std::string name = std::string("always_") + precision;
    const Outcome outcome =
        replaced(name, "always", {"time.end_s=300", std::string("precision=") + precision});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto m = metrics(name);
    EXPECT_EQ(m["sub_models"]["bin_coalescence"]["to_physics"], 0);
    EXPECT_LT(std::abs(m["conservation"]["water_drift"].get<double>()),
              precision == std::string("double") ? 1e-12 : 1e-5);
  }
}

// What data and training took is known from the sub-model's card.
TEST_F(BinEmulator, ComparisonKnowsItsCost) {
  std::vector<std::string> arguments = with_settings(
      {"compare", inputs / "weather/bin_emulator.yaml", "--out", work("compare")}, small,
      {process + "policy=gate",
       process + "model=" + (work("collect") / "sub_models/bin_coalescence/model").string(),
       "compare.windows=6", "compare.warm_up_windows=0", "compare.pictures=[]"});
  const Outcome outcome = understudy(arguments);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto m = metrics("compare");
  EXPECT_GT(m["sub_models"]["bin_coalescence"]["to_network"].get<long long>(), 0);
  const auto& speedup = m["speedup"];
  if (speedup["break_even_runs"].is_null()) {
    EXPECT_EQ(speedup["break_even_runs_reason"],
              "the replacement is not faster: it never pays back");
  } else {
    EXPECT_GT(speedup["break_even_runs"].get<double>(), 0);
  }
  for (const char* side : {"simulation", "replacement"})
    EXPECT_LT(std::abs(m[side]["conservation"]["water_drift"].get<double>()), 1e-12) << side;
}

TEST_F(BinEmulator, SaysWhatIsWrong) {
  const auto refused = [](const std::vector<std::string>& settings,
                          const std::vector<std::string>& parts) {
    expect_refused(run("refused", settings), parts);
  };
  refused({"moist_box.microphysics=kessler", "moist_box.moisture=rain", process + "policy=collect",
           "output.pictures=[]"},
          {"sub_models.bin_coalescence.policy: is collect", "it has microphysics"});
  refused({"sub_models.bin_microphysics.policy=gate"},
          {"sub_models.bin_microphysics: unknown key", "bin_coalescence"});
  refused({"moist_box.moisture=rain"},
          {"moist_box.microphysics", "is bins with moisture: rain; bins need each other"});
  refused({"moist_box.microphysics=saturation"},
          {"moist_box.microphysics", "is saturation with moisture: bins"});
  refused({"moist_box.heat_capacities=moist"},
          {"moist_box.heat_capacities", "must be dry with microphysics: bins"});
  refused({"moist_box.base={profile: saturated}"},
          {"moist_box.base", "saturated has cloud of no drop size"});
  refused({"moist_box.bins.bins=12"}, {"12 bins from 2e-06 m on end at drops of"});
  refused({"moist_box.bins.kernel=none", process + "policy=collect"},
          {"sub_models.bin_coalescence.policy: is collect", "it has bin_condensation"});
  expect_refused(replaced("refused", "gate", {"moist_box.bins.bins=34"}),
                 {"sub-model bin_coalescence", "content_33"});
  EXPECT_FALSE(fs::exists(work("refused") / "summary.json"));
}

}  // namespace
}  // namespace understudy::tests
