// The whole path on a small wake: generate, train, compare and study, their files and their messages.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <map>
#include <thread>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small{"grid.cells=[64,32]",
                                     "ensemble.parameters.0.values=[80,100,140]",
                                     "ensemble.validation=[1]",
                                     "ensemble.test=[]",
                                     "ensemble.spin_up_s=2",
                                     "ensemble.windows=12",
                                     "training.epochs=2",
                                     "training.max_time_s=0",
                                     "training.rollout_windows=4",
                                     "training.unroll=[1]",
                                     "training.unroll_fractions=[]",
                                     "network.width=8",
                                     "network.levels=1",
                                     "compare.spin_up_s=2",
                                     "compare.windows=4",
                                     "compare.picture_count=1",
                                     "compare.coarser=[]",
                                     "compare.looser=[]",
                                     "network.kind=unet",
                                     "network.constrain=true",
                                     "time.window_s=0.5",
                                     "contenders=[]",
                                     "training.validate_every=1"};

std::vector<std::string> call(const std::string& verb, const fs::path& out,
                              const std::vector<std::string>& more = {}) {
  return with_settings({verb, deck("cylinder_wake"), "--out", out}, small, more);
}

// One study for all cases: its dataset and model are the material of the messages.
class Study : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch = new Scratch;
    outcome = understudy(call("study", *scratch / "out"));
  }
  static void TearDownTestSuite() {
    delete scratch;
    scratch = nullptr;
  }
  static fs::path copy(const std::string& name) {
    fs::copy(*scratch / "out", *scratch / name, fs::copy_options::recursive);
    return *scratch / name;
  }
  static Scratch* scratch;
  static Outcome outcome;
};
Scratch* Study::scratch = nullptr;
Outcome Study::outcome;

TEST_F(Study, LeavesDatasetModelReportAndSummary) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path out = *scratch / "out";
  for (const char* file :
       {"dataset/train/member_000.hdf5", "dataset/valid/member_001.hdf5",
        "dataset/train/member_002.hdf5", "model/card.yaml", "model/weights.pt", "model/README.md",
        "training.csv", "comparison.csv", "report.html", "summary.json"})
    EXPECT_TRUE(fs::exists(out / file)) << file;
  const auto s = summary(out);
  EXPECT_EQ(s["verb"], "study");
  const auto& m = s["metrics"];
  for (const char* field : {"u", "v", "p"}) {
    EXPECT_TRUE(std::isfinite(m["error"][field]["rel_l2_final"].get<double>())) << field;
    EXPECT_GT(m["error"][field]["rel_l2_mean"].get<double>(), 0) << field;
  }
  // One summary for the three stages.
  EXPECT_EQ(m["members"], 3);
  EXPECT_EQ(m["calibration"]["split"], "valid") << "there is no test sample";
  EXPECT_GT(m["data_core_s"].get<double>(), 0);
  EXPECT_EQ(m["dataset_hash"].get<std::string>().size(), 16u);
  EXPECT_EQ(m["training"]["epochs"], 2);
  EXPECT_GT(m["training"]["core_s"].get<double>(), 0);
  EXPECT_GE(m["training"]["threads"].get<int>(), 1);
  EXPECT_EQ(m["training"]["ranks"], 1);
  EXPECT_EQ(m["training"]["precision"], "float32");
  EXPECT_GT(m["training"]["peak_memory_bytes"].get<double>(), 1e7);
  EXPECT_TRUE(m["training"]["validation"]["u"].contains("rel_l2_rollout"));
  EXPECT_GT(s["timing"]["training_s"].get<double>(), 0);
  EXPECT_EQ(m["case"]["standing"], "inside");
  EXPECT_GT(m["speedup"]["same_grid"].get<double>(), 0);
  EXPECT_TRUE(m["speedup"].contains("equal_error"));
  EXPECT_TRUE(m["speedup"].contains("break_even_runs"));
  // Energy is a number where the machine's counters may be read, else null with a reason.
  const auto& energy = m["energy"];
  EXPECT_NE(energy["simulation_j"].is_null(), energy.value("reason", "").empty());
  EXPECT_EQ(std::ranges::count(slurp(out / "backends.csv"), '\n'), 2);
  EXPECT_EQ(m["swap"]["accepted_fraction"], 1.0);
  for (const char* side : {"simulation", "replacement"})
    for (const char* name : {"strouhal", "drag_mean", "lift_amplitude", "kinetic_energy"})
      EXPECT_TRUE(m[side]["flow"].contains(name)) << side << " " << name;
  const std::string report = slurp(out / "report.html");
  for (const char* part : {"flow.reynolds = 120, not in the training set, inside its range",
                           "simulation in double precision, network in float32 on cpu",
                           "the replacement never sees the simulation again"})
    EXPECT_NE(report.find(part), std::string::npos) << part;
  EXPECT_NE(report.find(s["provenance"]["deck_hash"].get<std::string>()), std::string::npos);
}

TEST_F(Study, GenerateResumesBySample) {
  const fs::path out = copy("resumed");
  fs::remove(out / "dataset/train/member_002.hdf5");
  const auto kept = fs::last_write_time(out / "dataset/train/member_000.hdf5");
  auto arguments = call("generate", out);
  arguments.push_back("--resume");
  const Outcome again = understudy(arguments);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(summary(out)["metrics"]["members_simulated"], 1);
  EXPECT_EQ(fs::last_write_time(out / "dataset/train/member_000.hdf5"), kept);
  // A sample of other parameters is not taken for this one.
  arguments = call("generate", out, {"flow.cfl=0.4"});
  arguments.push_back("--resume");
  ASSERT_EQ(understudy(arguments).exit_code, 0);
  EXPECT_EQ(summary(out)["metrics"]["members_simulated"], 3);
}

TEST_F(Study, GenerateRefusesSamplesOfAnotherEnsemble) {
  const fs::path out = copy("strangers");
  // One member fewer: what was computed for it is neither used nor deleted.
  const std::vector<std::string> fewer{"ensemble.parameters.0.values=[80,100]"};
  expect_refused(understudy(call("generate", out, fewer)),
                 {"no members of this deck's ensemble", "train/member_002.hdf5", "another --out"});
  EXPECT_TRUE(fs::exists(out / "dataset/train/member_002.hdf5"));
  // Another split: the sample would be there twice.
  expect_refused(understudy(call("generate", out, {"ensemble.validation=[2]"})),
                 {"train/member_002.hdf5, valid/member_001.hdf5"});
  fs::remove(out / "dataset/train/member_002.hdf5");
  EXPECT_EQ(understudy(call("generate", out, fewer)).exit_code, 0);
}

TEST_F(Study, GenerateWorksOnTwoRanks) {
  const fs::path out = *scratch / "two_ranks";
  const Outcome two = understudy(call("generate", out), 2);
  ASSERT_EQ(two.exit_code, 0) << two.err;
  EXPECT_EQ(understudy(call("train", out)).exit_code, 0);
}

TEST_F(Study, RunAndCompareUseTheModelOnOneAndTwoRanks) {
  for (const int ranks : {1, 2}) {
    const fs::path out = *scratch / ("run_" + std::to_string(ranks));
    const std::string model = "swap.model=" + (*scratch / "out/model").string();
    const Outcome ran = understudy(call("run", out, {model, "time.end_s=3"}), ranks);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(summary(out)["metrics"]["swap"]["accepted_fraction"], 1.0);
    const Outcome scheduled = understudy(
        call("run", out, {model, "time.end_s=3", "swap.policy=schedule", "swap.physics_every=3"}),
        ranks);
    ASSERT_EQ(scheduled.exit_code, 0) << scheduled.err;
    EXPECT_NEAR(summary(out)["metrics"]["swap"]["accepted_fraction"].get<double>(), 4.0 / 6, 1e-12);
    const Outcome compared = understudy(
        call("compare", out, {model, "swap.policy=schedule", "swap.physics_every=2"}), ranks);
    ASSERT_EQ(compared.exit_code, 0) << compared.err;
    // Windows count from time 0; 4 were spun up.
    EXPECT_NE(slurp(out / "report.html").find("own state in 2 of 4 windows (policy schedule)"),
              std::string::npos);
  }
}

TEST_F(Study, SurrogateRunResumesBitwise) {
  const std::string model = "swap.model=" + (*scratch / "out/model").string();
  const fs::path whole = *scratch / "surrogate_whole", parts = *scratch / "surrogate_parts";
  const std::vector<std::string> schedule{model, "swap.policy=schedule", "swap.physics_every=3"};
  auto with_end = [&](const char* end) {
    auto settings = schedule;
    settings.push_back(end);
    return settings;
  };
  ASSERT_EQ(understudy(call("run", whole, with_end("time.end_s=5"))).exit_code, 0);
  ASSERT_EQ(understudy(call("run", parts, with_end("time.end_s=2"))).exit_code, 0);
  auto arguments = call("run", parts, with_end("time.end_s=5"));
  arguments.push_back("--resume");
  ASSERT_EQ(understudy(arguments).exit_code, 0);
  expect_same_file(whole / "diagnostics.csv", parts / "diagnostics.csv");
}

TEST_F(Study, CompareWithNeverFindsNoDifference) {
  const fs::path out = *scratch / "never";
  const Outcome same = understudy(call("compare", out,
                                       {"swap.policy=never", "compare.coarser=[2]",
                                        "compare.looser=[auto]", "grid.cells=[128,64]"}));
  ASSERT_EQ(same.exit_code, 0) << same.err;
  const auto m = summary(out)["metrics"];
  EXPECT_EQ(m["error"]["u"]["rel_l2_final"], 0.0);
  EXPECT_EQ(m["swap"]["accepted_fraction"], 0.0);
  // Single precision, a larger time step, both; the coarser grid, and with both.
  std::map<std::string, double> error;
  for (const auto& point : m["classical"]) {
    error[point["name"]] = point["error"];
    EXPECT_GT(point["cost_s"].get<double>(), 0);
  }
  ASSERT_EQ(error.size(), 5u) << m["classical"];
  EXPECT_GT(error["128 x 64, precision=single"], 0);
  EXPECT_LT(error["128 x 64, precision=single"], 1e-3);
  EXPECT_GT(error["128 x 64, flow.cfl=0.8"], error["128 x 64, precision=single"]);
  EXPECT_GT(error["64 x 32"], error["128 x 64, flow.cfl=0.8"]);
  EXPECT_LT(error["64 x 32"], 1);
  EXPECT_NE(slurp(out / "report.html").find("<td>128 x 64, precision=single</td>"),
            std::string::npos);
}

TEST_F(Study, ACaseOfTheModelIsRefusedWhateverTheDecksEnsembleSays) {
  // Another deck's ensemble does not have Reynolds number 80; the model was trained on it.
  const fs::path out = *scratch / "other_ensemble";
  const std::vector<std::string> other{"swap.model=" + (*scratch / "out/model").string(),
                                       "ensemble.parameters.0.values=[90,120]",
                                       "ensemble.validation=[1]", "compare.parameters.0.value=80"};
  expect_refused(understudy(call("compare", out, other)),
                 {"flow.reynolds = 80", "member_000", "train", "compare.allow_trained"});
  // And what that ensemble has, the model has not seen.
  auto unseen = other;
  unseen.back() = "compare.parameters.0.value=120";
  EXPECT_EQ(understudy(call("compare", out, unseen)).exit_code, 0);
}

TEST_F(Study, ATrainedCaseIsRefusedUnlessAllowed) {
  const fs::path out = copy("trained_case");
  expect_refused(understudy(call("compare", out, {"compare.parameters.0.value=80"})),
                 {"flow.reynolds = 80", "member_000", "train", "compare.allow_trained"});
  const Outcome allowed = understudy(
      call("compare", out, {"compare.parameters.0.value=80", "compare.allow_trained=true"}));
  EXPECT_EQ(allowed.exit_code, 0) << allowed.err;
  EXPECT_NE(slurp(out / "report.html").find("in the training set (member_000)"), std::string::npos);
}

TEST_F(Study, CaseOutsideTheEnvelopeIsWarnedOf) {
  const Outcome outside =
      understudy(call("compare", copy("outside"), {"compare.parameters.0.value=170"}));
  EXPECT_EQ(outside.exit_code, 0) << outside.err;
  EXPECT_NE(outside.err.find("flow.reynolds = 170"), std::string::npos) << outside.err;
  EXPECT_NE(outside.err.find("training envelope"), std::string::npos) << outside.err;
}

TEST_F(Study, DatasetOfAnotherGridOrOtherFields) {
  const fs::path out = copy("other_dataset");
  expect_refused(understudy(call("train", out, {"grid.cells=[80,40]"})), {"64", "80"});
  expect_refused(understudy(call("train", out, {"flow.scalar.enabled=true"})), {"scalar"});
  expect_refused(understudy(call("train", out, {"time.window_s=0.25"})), {"0.25"});
}

TEST_F(Study, TruncatedDataset) {
  const fs::path out = copy("truncated");
  const fs::path file = out / "dataset/train/member_000.hdf5";
  fs::resize_file(file, fs::file_size(file) / 2);
  expect_refused(understudy(call("train", out)), {"member_000.hdf5"});
  spit(file, "not HDF5 at all");
  expect_refused(understudy(call("train", out)), {"member_000.hdf5"});
}

TEST_F(Study, ModelThatDoesNotFit) {
  const fs::path out = copy("misfit");
  expect_refused(understudy(call("run", out, {"time.window_s=0.25", "time.end_s=1"})),
                 {"does not fit this run", "0.5 s", "time.window_s is 0.25"});
  expect_refused(understudy(call("run", out, {"grid.cells=[128,64]"})),
                 {"does not fit this run", "spacing along x"});
  expect_refused(understudy(call("run", out,
                                 {"flow.boundaries.y_lower.kind=periodic",
                                  "flow.boundaries.y_upper.kind=periodic"})),
                 {"does not fit this run", "y_lower", "periodic"});
}

TEST_F(Study, AFourierNetworkIsTrainedOnTwoRanksAndCalledInThePrecisionThatTheCardAllows) {
  const fs::path out = copy("fourier");
  const std::vector<std::string> network{"network.kind=fno", "network.layers=2",
                                         "network.modes=[8,6]", "training.epochs=1"};
  const Outcome trained = understudy(call("train", out, network), 2);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  auto metrics = [&] { return summary(out)["metrics"]; };
  EXPECT_EQ(metrics()["training"]["ranks"], 2);
  std::vector<std::string> run{"swap.policy=always", "time.end_s=1", "network.precision=auto"};
  const Outcome chosen = understudy(call("run", out, run));
  ASSERT_EQ(chosen.exit_code, 0) << chosen.err;
  const auto inference = metrics()["inference"];
  EXPECT_NE(inference["reason"].get<std::string>().find("the fastest measured: float32 contiguous"),
            std::string::npos)
      << inference.dump();
  run.pop_back();
  ASSERT_EQ(understudy(call("run", out, run)).exit_code, 0);
  EXPECT_EQ(metrics()["inference"]["precision"], "float32");
  expect_refused(understudy(call("study", out, {"network.kind=fno", "network.modes=[8,40]"})),
                 {"network.modes: 40 along y needs at least 80 cells", "Up to 16"});
}

TEST_F(Study, DamagedModel) {
  const fs::path out = copy("damaged");
  const std::string weights = slurp(out / "model/weights.pt"),
                    card = slurp(out / "model/card.yaml");
  spit(out / "model/weights.pt", weights.substr(0, weights.size() / 2));
  expect_refused(understudy(call("run", out)), {"weights.pt"});
  // Whole, but another training's.
  std::string other = weights;
  other[weights.size() / 2] ^= 1;
  spit(out / "model/weights.pt", other);
  expect_refused(understudy(call("run", out)),
                 {"weights.pt has the hash", "the card beside it was written for weights of hash",
                  "`understudy train`"});
  fs::remove(out / "model/weights.pt");
  expect_refused(understudy(call("run", out)), {"weights.pt"});
  spit(out / "model/weights.pt", weights);
  spit(out / "model/card.yaml", card + "extra: 1\n");
  expect_refused(understudy(call("run", out)), {"card.yaml", "extra", "unknown key"});
}

TEST_F(Study, TrainingResumesWhereItStopped) {
  const fs::path whole = copy("training_whole"), parts = copy("training_parts");
  fs::remove_all(parts / "model");
  const std::vector<std::string> longer{"training.epochs=40", "training.checkpoint_every=4"};
  ASSERT_EQ(understudy(call("train", whole, longer)).exit_code, 0);

  // Stopped by a signal as soon as a few epochs of this training are in its curve.
  fs::remove(parts / "training.csv");
  Process training({call("train", parts, longer)});
  for (int n = 0; n < 600 && std::ranges::count(slurp(parts / "training.csv"), '\n') < 4; ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  kill(training.id(), SIGTERM);
  const Outcome stopped = training.wait();
  ASSERT_EQ(stopped.exit_code, 128 + SIGTERM) << stopped.err;
  EXPECT_NE(stopped.err.find("training stopped by signal 15"), std::string::npos) << stopped.err;
  // The best model until then is there, and serves.
  EXPECT_NE(stopped.err.find("the best model until the interruption is in"), std::string::npos);
  EXPECT_EQ(understudy(call("run", parts, {"time.end_s=1", "swap.policy=always"})).exit_code, 0);
  auto arguments = call("train", parts, longer);
  arguments.push_back("--resume");
  const Outcome done = understudy(arguments);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("training resumes after epoch"), std::string::npos) << done.err;
  expect_same_file(whole / "model/weights.pt", parts / "model/weights.pt");
}

}  // namespace
}  // namespace understudy::tests
