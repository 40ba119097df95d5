// Gates on a sphere: they take a model's own windows, and refuse those of the same model when it is damaged.
#include <gtest/gtest.h>

#include <string>

#include "apps/study/model_folder.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

const char* const jet = R"(app: shallow_water
grid: {cells: 16}
time: {end_s: 43200, window_s: 3600, output_every: 12}
shallow_water: {start: galewsky, viscosity_m2_s: 1.0e+5, perturbation: {seed: 1}}
output: {vtk: false}
ensemble: {repeats: 5, validation: [1], test: [2, 3], windows: 12}
network: {kind: unet, width: 8, levels: 1, patch: 2, conserve: [depth]}
training: {epochs: 12, batch: 4, rollout_windows: 6, unroll: [1], unroll_fractions: [], validate_every: 4}
swap:
  policy: gate
  gate:
    quantile: 0.9
    reentry: 1
    reentry_windows: 1
    hold_windows: 0
    calibration: {windows: 8, starts: 3}
)";

nlohmann::json swap_of(const fs::path& deck, const fs::path& out, const fs::path& model) {
  const Outcome outcome =
      understudy({"run", deck, "--out", out, "--set", "shallow_water.perturbation.seed=1000",
                  "--set", "swap.model=" + model.string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return summary(out)["metrics"]["swap"];
}

// Every increment is `factor` times as large.
void damage(const fs::path& model, double factor) {
  auto card = apps::read_card(model);
  for (auto& field : card.fields) field.increment_std *= factor;
  apps::write_card(model, card);
}

TEST(SphereGates, RefuseTheWindowsOfADamagedModel) {
  const Scratch scratch;
  const fs::path deck = scratch / "jet.yaml", out = scratch / "out";
  spit(deck, jet);
  for (const char* verb : {"generate", "train"}) {
    const Outcome outcome = understudy({verb, deck, "--out", out});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  const auto calibration = summary(out)["metrics"]["calibration"];
  EXPECT_EQ(calibration["split"], "test");
  EXPECT_GE(calibration["accepts"].get<double>(), 0.8);

  const auto good = swap_of(deck, scratch / "good", out / "model");
  EXPECT_GE(good["accepted_fraction"].get<double>(), 0.5) << good.dump(1);

  for (const double factor : {10.0, -2.0}) {
    const fs::path model = scratch / ("damaged_" + std::to_string(int(factor)));
    fs::copy(out / "model", model, fs::copy_options::recursive);
    damage(model, factor);
    const auto bad = swap_of(deck, scratch / ("bad_" + std::to_string(int(factor))), model);
    EXPECT_LE(bad["accepted_fraction"].get<double>(), good["accepted_fraction"].get<double>() / 2)
        << factor << bad.dump(1);
    EXPECT_FALSE(bad["rejected"].empty()) << bad.dump(1);
  }
}

}  // namespace
}  // namespace understudy::tests
