// The whole path on a small wake: generate, train, compare and study, their files, ranks and restarts.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <map>
#include <thread>

#include "support/apps_study_cli.hpp"

namespace understudy::tests {
namespace {

TEST_F(Study, LeavesDatasetModelReportAndSummary) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path out = *scratch / "out";
  for (const char* file :
       {"dataset/train/member_000.hdf5", "dataset/valid/member_001.hdf5",
        "dataset/train/member_002.hdf5", "model/card.yaml", "model/weights.safetensors",
        "model/README.md", "training.csv", "comparison.csv", "report.html", "summary.json"})
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

// On one rank, on two with the network on their blocks (the default), and gathered.
TEST_F(Study, TheNetworkIsCalledOnTheRanksBlocks) {
  const std::string model = "swap.model=" + (*scratch / "out/model").string();
  const auto run = [&](const std::string& name, int ranks, const std::string& inference) {
    const fs::path out = *scratch / name;
    const Outcome ran =
        understudy(call("run", out, {model, "time.end_s=3", "swap.inference=" + inference}), ranks);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return summary(out)["metrics"];
  };
  const auto one = run("on_one", 1, "auto"), two = run("on_blocks", 2, "auto"),
             whole = run("on_gathered", 2, "gathered");
  EXPECT_EQ(one["inference"]["on"], "one rank");
  EXPECT_EQ(two["inference"]["on"], "blocks");
  EXPECT_EQ(whole["inference"]["on"], "gathered");
  EXPECT_EQ(whole["inference"]["on_reason"], "swap.inference asks for it");
  EXPECT_GT(two["inference"]["sent_per_call"]["messages"], 0);
  EXPECT_GT(two["inference"]["sent_per_call"]["bytes"], 0);
  EXPECT_FALSE(one["inference"].contains("sent_per_call"));
  const double energy = one["flow"]["kinetic_energy"].get<double>();
  EXPECT_GT(energy, 0);
  for (const auto& metrics : {two, whole})
    EXPECT_NEAR(metrics["flow"]["kinetic_energy"].get<double>(), energy, 1e-4 * energy);
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
  // Single precision, a larger time step, both; the coarser grid, with both, and by the other convection, too.
  std::map<std::string, double> error;
  for (const auto& point : m["classical"]) {
    error[point["name"]] = point["error"];
    EXPECT_GT(point["cost_s"].get<double>(), 0);
  }
  ASSERT_EQ(error.size(), 6u) << m["classical"];
  EXPECT_TRUE(error.contains("64 x 32, flow.convection=upwind3, precision=single, flow.cfl=0.8"));
  EXPECT_GT(error["128 x 64, precision=single"], 0);
  EXPECT_LT(error["128 x 64, precision=single"], 1e-3);
  EXPECT_GT(error["128 x 64, flow.cfl=0.8"], error["128 x 64, precision=single"]);
  EXPECT_GT(error["64 x 32"], error["128 x 64, flow.cfl=0.8"]);
  EXPECT_LT(error["64 x 32"], 1);
  EXPECT_NE(slurp(out / "report.html").find("<td>128 x 64, precision=single</td>"),
            std::string::npos);
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
  const double energy = metrics()["flow"]["kinetic_energy"].get<double>();
  run.emplace_back("swap.inference=blocks");
  ASSERT_EQ(understudy(call("run", out, run), 2).exit_code, 0);
  EXPECT_EQ(metrics()["inference"]["on"], "blocks");
  EXPECT_NEAR(metrics()["flow"]["kinetic_energy"].get<double>(), energy, 1e-4 * energy);
  expect_refused(understudy(call("study", out, {"network.kind=fno", "network.modes=[8,40]"})),
                 {"network.modes: 40 along y needs at least 80 cells", "Up to 16"});
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
  expect_same_file(whole / "model/weights.safetensors", parts / "model/weights.safetensors");
}

}  // namespace
}  // namespace understudy::tests
