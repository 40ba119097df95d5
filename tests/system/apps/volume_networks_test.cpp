// Networks of a volume from the deck: the study of a sphere's wake on a few cells, with the U-Net and with the
// autoencoder, on one and on two ranks, as a file for other programs, and what is refused.
#include <gtest/gtest.h>

#include "support/apps_made_once.hpp"

namespace understudy::tests {
namespace {

// 14 cells along z are no multiple of patch x 2^levels.
const std::vector<std::string> small{"grid.cells=[24,12,14]",
                                     "ensemble.parameters=[{key: flow.reynolds, values: "
                                     "[260, 280, 340], validation: [280]}]",
                                     "ensemble.spin_up_s=1",
                                     "ensemble.windows=8",
                                     "network.width=4",
                                     "network.levels=2",
                                     "training.epochs=2",
                                     "swap.policy=always",
                                     "training.unroll=[1]",
                                     "training.unroll_fractions=[]",
                                     "training.rollout_windows=4",
                                     "training.validate_every=1",
                                     "time.end_s=2",
                                     "flow.bodies.0.diameter_m=2.4",
                                     "time.output_every=2",
                                     "compare.parameters=[{key: flow.reynolds, value: 300}]",
                                     "compare.spin_up_s=1",
                                     "compare.windows=4",
                                     "compare.repeats=1",
                                     "compare.coarser=[2]",
                                     "compare.looser=[]",
                                     "compare.picture_count=1"};

std::vector<std::string> call(const std::string& verb, const fs::path& out,
                              const std::vector<std::string>& more = {}) {
  return with_settings({verb, deck("sphere_3d"), "--out", out}, small, more);
}

double energy(const fs::path& out) {
  return summary(out)["metrics"]["flow"]["kinetic_energy"].get<double>();
}

class VolumeNetworks : public MadeOnce<VolumeNetworks> {
 public:
  static Outcome made(const fs::path& out) { return understudy(call("study", out)); }
};

TEST_F(VolumeNetworks, AStudyGoesToItsReport) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path out = *scratch / "out";
  const auto metrics = summary(out)["metrics"];
  EXPECT_TRUE(metrics["speedup"].contains("same_grid")) << metrics;
  EXPECT_TRUE(metrics["error"].contains("u")) << metrics;
  const std::string card = slurp(out / "model" / "card.yaml");
  EXPECT_NE(card.find("cells: [24, 12, 14]"), std::string::npos) << card;
  EXPECT_TRUE(fs::exists(out / "report.html"));
}

TEST_F(VolumeNetworks, StandInOnOneAndOnTwoRanks) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path one = *scratch / "one", two = *scratch / "two", never = *scratch / "never";
  ASSERT_EQ(understudy(call("run", one, {model()})).exit_code, 0);
  EXPECT_EQ(summary(one)["metrics"]["swap"]["accepted_fraction"], 1.0);
  ASSERT_EQ(understudy(call("run", two, {model()}), 2).exit_code, 0);
  EXPECT_NEAR(energy(two), energy(one), 1e-5 * energy(one)) << "all is in single precision";
  ASSERT_EQ(understudy(call("run", never, {"swap.policy=never"})).exit_code, 0);
  EXPECT_NE(energy(never), energy(one)) << "the network advances";
}

TEST_F(VolumeNetworks, TrainedOnTwoRanksTheyAreTheSame) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path one = *scratch / "out", two = with_dataset("trained_on_two");
  const Outcome trained = understudy(call("train", two), 2);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto error = [](const fs::path& out) {
    return summary(out)["metrics"]["training"]["validation"]["u"]["rel_l2_rollout"].get<double>();
  };
  EXPECT_NEAR(error(two), error(one), 1e-3 * error(one));
}

TEST_F(VolumeNetworks, AutoencodersHaveTheirModesInTheReport) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path out = with_dataset("autoencoder");
  const std::vector<std::string> autoencoder{"network.kind=conv_autoencoder",
                                             "network.latent_size=2"};
  const Outcome trained = understudy(call("train", out, autoencoder));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Outcome compared = understudy(call("compare", out, autoencoder), 2);
  ASSERT_EQ(compared.exit_code, 0) << compared.err;
  EXPECT_NE(slurp(out / "report.html").find("Modes"), std::string::npos);
  expect_refused(
      understudy(call("run", out,
                      {"network.kind=conv_autoencoder", "grid.upper_m=[9,3,3.4285714285714284]",
                       "grid.cells=[24,12,15]"})),
      {"on 14 cells along z; this run has 15"});
}

TEST_F(VolumeNetworks, AreExported) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const std::string format : {"torchscript", "onnx"}) {
    const Outcome exported = understudy({"export", *scratch / "out" / "model", "--to", format,
                                         "--out", *scratch / ("model." + format)});
    EXPECT_EQ(exported.exit_code, 0) << exported.err;
    EXPECT_GT(fs::file_size(*scratch / ("model." + format)), 1000u);
  }
}

TEST(VolumeRefusals, ARoundAxisOfAnotherNumberOfCellsBeforeAnythingIsMade) {
  const Scratch scratch;
  for (const char* verb : {"check", "study"}) {
    const Outcome refused = understudy(
        call(verb, scratch / verb,
             {"flow.boundaries.z_lower.kind=periodic", "flow.boundaries.z_upper.kind=periodic"}));
    expect_refused(refused, {"14 cells along z, which is periodic", "8 or 16 would be"});
    EXPECT_FALSE(fs::exists(scratch / verb)) << verb;
  }
}

}  // namespace
}  // namespace understudy::tests
