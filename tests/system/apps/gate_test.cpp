// The guarded swap through the program: a small study calibrates its gates, runs by them, resumes
// exactly, agrees on two ranks, and says what is wrong with a model whose calibration is.
#include <gtest/gtest.h>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small{"grid.cells=[64,32]",
                                     "ensemble.parameters.0.values=[80,90,100,140]",
                                     "ensemble.validation=[1]",
                                     "ensemble.test=[2]",
                                     "ensemble.spin_up_s=4",
                                     "ensemble.windows=24",
                                     "training.epochs=2",
                                     "training.max_time_s=0",
                                     "training.rollout_windows=4",
                                     "training.unroll=[1]",
                                     "training.unroll_fractions=[]",
                                     "network.kind=unet",
                                     "network.constrain=true",
                                     "contenders=[]",
                                     "network.width=8",
                                     "network.levels=1",
                                     "time.window_s=0.5",
                                     "training.members=2",
                                     "swap.gate.error_limit=10",
                                     "swap.gate.quantile=0.95",
                                     "swap.gate.calibration.windows=12",
                                     "swap.gate.calibration.starts=4"};

std::vector<std::string> call(const std::string& verb, const fs::path& out,
                              const std::vector<std::string>& more = {}) {
  return with_settings({verb, deck("cylinder_wake"), "--out", out}, small, more);
}

// A run by the gates of the study's model.
std::vector<std::string> gated(const fs::path& model, const fs::path& out, const std::string& name,
                               const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"run", deck(name), "--out", out};
  add_settings(arguments,
               {"grid.cells=[64,32]", "time.window_s=0.5", "swap.policy=gate", "output.pictures=[]",
                "swap.gate.reentry=1", "swap.model=" + model.string(), "swap.gate.error_limit=10"});
  add_settings(arguments, more);
  return arguments;
}

class Gates : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch = new Scratch;
    made = understudy(call("generate", *scratch / "out"));
    if (made.exit_code == 0) made = understudy(call("train", *scratch / "out"));
  }
  static void TearDownTestSuite() {
    delete scratch;
    scratch = nullptr;
  }
  void SetUp() override { ASSERT_EQ(made.exit_code, 0) << made.err; }
  static fs::path model() { return *scratch / "out" / "model"; }
  static fs::path copy(const std::string& name) {
    fs::copy(*scratch / "out", *scratch / name, fs::copy_options::recursive);
    return *scratch / name;
  }
  static Scratch* scratch;
  static Outcome made;
};
Scratch* Gates::scratch = nullptr;
Outcome Gates::made;

TEST_F(Gates, TrainingCalibratesThem) {
  for (const char* file : {"trust.safetensors", "card.yaml", "member_2/weights.safetensors"})
    EXPECT_TRUE(fs::exists(model() / file)) << file;
  const auto m = summary(*scratch / "out")["metrics"]["calibration"];
  EXPECT_EQ(m["windows"], 4 * 12);
  EXPECT_EQ(m["rollouts"], 4);
  EXPECT_GE(m["accepts"].get<double>(), 0.94);
  EXPECT_GT(m["mean_error"].get<double>(), 0);
  EXPECT_EQ(m["split"], "test") << "on what chose no weights";
  EXPECT_GT(m["core_s"].get<double>(), 0);
  for (const char* gate : {"range", "diagnostics", "distance"})
    EXPECT_GT(m["gates"][gate]["threshold"].get<double>(), 0) << gate;
  const std::string card = slurp(model() / "card.yaml");
  for (const char* part : {"card_version: 4", "kind: \"distance\"", "quantile: 0.95", "file_hash",
                           "split: \"test\"", "weights_hash"})
    EXPECT_NE(card.find(part), std::string::npos) << part;
  EXPECT_NE(slurp(model() / "README.md").find("| distance |"), std::string::npos);
  // The networks differ.
  EXPECT_NE(slurp(model() / "weights.safetensors"),
            slurp(model() / "member_2/weights.safetensors"));
}

TEST_F(Gates, FarOutsideTheSimulationRunsAndTheSummarySaysSo) {
  const fs::path out = *scratch / "far";
  const Outcome outcome = understudy(gated(model(), out, "cylinder_wake_far", {"time.end_s=8"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto swap = summary(out)["metrics"]["swap"];
  EXPECT_EQ(swap["policy"], "gate");
  EXPECT_EQ(swap["windows"], 16);
  EXPECT_EQ(swap["accepted_fraction"], 0.0);
  EXPECT_FALSE(swap["rejected"].empty());
  EXPECT_EQ(swap["rollbacks"], 0) << "the state's own gates spare the network";
  EXPECT_NE(outcome.err.find("the surrogate advanced 0 of 16 windows"), std::string::npos)
      << outcome.err;
}

// Takes all that was ever near the training states, until the inflow rises.
const std::vector<std::string> ramp{
    "time.end_s=16", "swap.gate.use=[range, diagnostics]", "swap.gate.reentry_windows=1",
    "flow.boundaries.x_lower.velocity_m_s=[\"1 + 0.1 * max(t - 10, 0)\", \"0\"]"};

TEST_F(Gates, ARunHandsOverWhenItsInflowRises) {
  const fs::path out = *scratch / "ramp";
  const Outcome outcome = understudy(gated(model(), out, "cylinder_wake_ramp", ramp));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto swap = summary(out)["metrics"]["swap"];
  EXPECT_GT(swap["accepted_fraction"].get<double>(), 0.1) << swap.dump(1);
  EXPECT_LT(swap["accepted_fraction"].get<double>(), 0.8);
  const auto& last = swap["events"].back();
  EXPECT_EQ(last["who"], "simulation") << swap.dump(1);
  // In time: the first windows of the rise, not the last.
  EXPECT_LE(last["time_s"].get<double>(), 12) << swap.dump(1);
  const std::string csv = slurp(out / "diagnostics.csv");
  EXPECT_NE(csv.find("swap.surrogate,swap.trust"), std::string::npos) << csv.substr(0, 300);
}

TEST_F(Gates, AStoppedGatedRunResumesBitwise) {
  const fs::path whole = *scratch / "whole", parts = *scratch / "parts";
  ASSERT_EQ(understudy(gated(model(), whole, "cylinder_wake_ramp", ramp)).exit_code, 0);
  auto shorter = ramp;
  for (const char* end : {"time.end_s=6.5", "time.end_s=11", "time.end_s=16"}) {
    shorter[0] = end;
    auto arguments = gated(model(), parts, "cylinder_wake_ramp", shorter);
    arguments.push_back("--resume");
    const Outcome outcome = understudy(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  expect_same_file(whole / "diagnostics.csv", parts / "diagnostics.csv");
}

TEST_F(Gates, TwoRanksDecideAsOne) {
  const fs::path one = *scratch / "one", two = *scratch / "two";
  ASSERT_EQ(understudy(gated(model(), one, "cylinder_wake_ramp", ramp)).exit_code, 0);
  const Outcome outcome = understudy(gated(model(), two, "cylinder_wake_ramp", ramp), 2);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto a = summary(one)["metrics"]["swap"], b = summary(two)["metrics"]["swap"];
  EXPECT_EQ(a["accepted_fraction"], b["accepted_fraction"]);
  EXPECT_EQ(a["rejected"], b["rejected"]);
}

TEST_F(Gates, CalibrationCanBeMadeAnewWithCostlyGates) {
  const fs::path out = copy("again");
  // Not calibrated so far.
  expect_refused(understudy(gated(out / "model", out, "cylinder_wake",
                                  {"time.end_s=1", "swap.gate.use=[residual]"})),
                 {"residual has no calibration in this model (it has range, diagnostics, distance)",
                  "understudy calibrate"});
  const std::vector<std::string> all{
      "swap.gate.use=[range, diagnostics, distance, residual, disagreement]"};
  const Outcome anew = understudy(call("calibrate", out, all));
  ASSERT_EQ(anew.exit_code, 0) << anew.err;
  const auto m = summary(out)["metrics"]["calibration"];
  for (const char* gate : {"residual", "disagreement"})
    EXPECT_GT(m["gates"][gate]["threshold"].get<double>(), 0) << gate;
  auto more = ramp;
  more.push_back(all[0]);
  more.push_back("time.end_s=9");
  const Outcome run = understudy(gated(out / "model", out, "cylinder_wake_ramp", more));
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST_F(Gates, CalibrationLeavesOutWhatTrainingLeftOut) {
  // 25 frames: without the first 16 eight windows are left, of one start.
  const fs::path out = copy("skipped");
  const Outcome trained =
      understudy(call("train", out, {"training.skip_windows=16", "training.members=1"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_EQ(summary(out)["metrics"]["calibration"]["windows"], 8);
  EXPECT_NE(slurp(out / "model/card.yaml").find("skip_windows: 16"), std::string::npos);
}

TEST_F(Gates, ANetworkOfAnotherTrainingIsRefused) {
  const fs::path out = copy("exchanged"), card = out / "model/card.yaml";
  // One that is whole in itself.
  for (const char* file : {"card.yaml", "weights.safetensors"})
    fs::copy_file(out / "model" / file, out / "model/member_2" / file,
                  fs::copy_options::overwrite_existing);
  const auto run = [&](const std::string& gates) {
    return understudy(gated(out / "model", out / "run", "cylinder_wake",
                            {"time.end_s=1", "swap.gate.use=" + gates}));
  };
  const std::vector<std::string> parts{"model/member_2 is not the network that",
                                       "model/card.yaml was written with", "understudy train"};
  expect_refused(run("[disagreement]"), parts);
  expect_refused(understudy(call("calibrate", out, {"swap.gate.use=[disagreement]"})), parts);
  EXPECT_EQ(run("[range]").exit_code, 0) << "which does not ask it";
  // Cards of earlier versions do not say which it is.
  std::string text = slurp(card);
  text.erase(0, text.find('\n') + 1);
  const auto hashes = text.find("\nmember_hashes:"), cases = text.find("\ncases:");
  ASSERT_LT(hashes, cases) << text;
  spit(card, text.erase(hashes, cases - hashes));
  expect_refused(run("[disagreement]"), {"disagreement has no calibration in this model"});
}

// Another training into the folder of a calibrated model fails in its second network.
TEST_F(Gates, ATrainingThatEndsEarlyLeavesNoMixture) {
  const fs::path out = copy("half");
  const std::string before = slurp(out / "model/weights.safetensors");
  fs::remove(out / "training_checkpoint_2.safetensors");
  fs::create_directory(out / "training_checkpoint_2.safetensors");
  const std::vector<std::string> other{"network.width=4"};
  EXPECT_EQ(understudy(call("train", out, other)).exit_code, 2);
  EXPECT_NE(slurp(out / "model/weights.safetensors"), before) << "the first network is whole";
  EXPECT_FALSE(fs::exists(out / "model/member_2")) << "it was the other model's";
  for (const char* curve : {"training.before_1.csv", "training_2.before_1.csv"})
    EXPECT_TRUE(fs::exists(out / curve)) << curve;
  expect_refused(understudy(gated(out / "model", out / "run", "cylinder_wake", {"time.end_s=1"})),
                 {"has no calibration"});
  fs::remove(out / "training_checkpoint_2.safetensors");
  const Outcome whole = understudy(call("train", out, other));
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_TRUE(fs::exists(out / "model/member_2/card.yaml"));
  const auto gates = understudy(call("calibrate", out, {other[0], "swap.gate.use=[disagreement]"}));
  EXPECT_EQ(gates.exit_code, 0) << gates.err;
}

TEST_F(Gates, AGatedComparisonPaysForItsCalibration) {
  const fs::path out = copy("compared");
  for (const std::string policy : {"gate", "always"}) {
    const Outcome outcome = understudy(call(
        "compare", out,
        {"swap.policy=" + policy, "compare.spin_up_s=4", "compare.windows=4", "compare.coarser=[]",
         "compare.looser=[]", "compare.picture_count=1", "network.precision=auto"}));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const std::string page = slurp(out / "report.html");
    EXPECT_EQ(page.find(", calibration ") != std::string::npos, policy == "gate") << policy;
    // Thresholds hold for the precision that they were measured in: the machine has no choice.
    if (policy == "gate") {
      EXPECT_EQ(summary(out)["metrics"]["inference"]["precision"], "float32");
    }
  }
}

TEST_F(Gates, MessagesOfAModelWithoutCalibration) {
  const fs::path out = copy("broken");
  const auto run = [&](const std::vector<std::string>& more = {}) {
    auto settings = more;
    settings.push_back("time.end_s=1");
    return understudy(gated(out / "model", out / "run", "cylinder_wake", settings));
  };
  expect_refused(run({"swap.gate.use=[rang]"}), {"swap.gate.use", "names 'rang', which is no gate",
                                                 "range, diagnostics, distance"});
  expect_refused(run({"swap.gate.use=[range, range]"}), {"names range more than once"});
  expect_refused(
      understudy(call("train", out, {"training.members=1", "swap.gate.use=[disagreement]"})),
      {"swap.gate.use names disagreement", "training.members"});
  expect_refused(run({"swap.gate.neighbours=7"}), {"calibrated with 3 neighbours", "asks for 7"});
  const std::string trust = slurp(out / "model/trust.safetensors");
  spit(out / "model/trust.safetensors", trust.substr(0, trust.size() / 2));
  expect_refused(run(),
                 {"trust.safetensors", "is not the calibration that", "understudy calibrate"});
  fs::remove(out / "model/trust.safetensors");
  expect_refused(run(), {"trust.safetensors is missing", "understudy calibrate"});
  // A card from before there were gates.
  std::string card = slurp(out / "model/card.yaml");
  card.erase(0, card.find('\n') + 1);
  card.replace(card.find("card_version: 4"), 15, "card_version: 2");
  const auto gates = card.find("\ngates:"), cost = card.find("\ncost:");
  ASSERT_LT(gates, cost);
  card.erase(gates, cost - gates);
  spit(out / "model/card.yaml", card);
  expect_refused(run(), {"has no calibration", "understudy calibrate", "understudy train"});
  // It still serves the other policies, and can be calibrated.
  EXPECT_EQ(run({"swap.policy=always"}).exit_code, 0);
  const Outcome anew = understudy(call("calibrate", out));
  ASSERT_EQ(anew.exit_code, 0) << anew.err;
  EXPECT_EQ(run().exit_code, 0);
  // Not by another dataset.
  fs::rename(out / "dataset/train/member_000.hdf5", out / "dataset/train/member_007.hdf5");
  expect_refused(understudy(call("calibrate", out)), {"was trained on a dataset of hash"});
  fs::remove_all(out / "dataset");
  expect_refused(understudy(call("calibrate", out)), {"no dataset in"});
}

}  // namespace
}  // namespace understudy::tests
