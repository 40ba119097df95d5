// Training on blocks through the program: what it leaves behind names it, what cannot be is refused before anything is
// written, and a training whose rank is killed goes on from its checkpoint as if nobody had been.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "support/apps_made_once.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small = small_wake_unet(
    {"training.epochs=30", "training.validate_every=10", "training.checkpoint_every=1",
     "training.unroll=[1]", "training.unroll_fractions=[]", "training.threads=1",
     "training.ranks_per_sample=2"});

class TrainingOnBlocks : public MadeOnce<TrainingOnBlocks> {
 public:
  static Outcome made(const fs::path&) { return understudy(call("generate", "out")); }

 protected:
  static std::vector<std::string> call(const std::string& verb, const std::string& name,
                                       const std::vector<std::string>& more = {}) {
    return with_settings({verb, deck("cylinder_wake"), "--out", *scratch / name}, small, more);
  }
  // Of the processes that this one started.
  static std::vector<int> children(int parent) {
    std::vector<int> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      std::ifstream file(entry.path() / "stat");
      std::string line;
      if (!std::getline(file, line)) continue;
      // "1234 (a name) S 1200 ..."
      char state = 0;
      int its_parent = 0;
      std::istringstream rest(line.substr(line.rfind(')') + 1));
      if (rest >> state >> its_parent && its_parent == parent) found.push_back(std::stoi(name));
    }
    return found;
  }
};

TEST_F(TrainingOnBlocks, WhatCannotBeIsRefusedBeforeAnythingIsWritten) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path out = with_dataset("refused");
  expect_refused(understudy(call("train", "refused")),
                 {"training.ranks_per_sample: 2 does not divide the 1 rank of this run"});
  expect_refused(understudy(call("train", "refused", {"network.kind=conv_autoencoder"}), 2),
                 {"network.kind conv_autoencoder is trained on whole samples", "unet, fno, pod"});
  expect_refused(understudy(call("train", "refused", {"network.levels=5"}), 2),
                 {"begin at multiples of 64 cells", "64 x 32 cells cannot be cut into 2",
                  "1 would do on 2 ranks"});
  expect_refused(
      understudy(call("train", "refused",
                      {"contenders=[{name: modes, settings: [network.kind=conv_autoencoder]}]"}),
                 2),
      {"contender modes", "network.kind conv_autoencoder is trained on whole samples"});
  // Four frames of one member are three sequences, and eight ranks four groups.
  expect_refused(
      understudy(call("check", "refused",
                      {"ensemble.parameters.0.values=[80,100]", "training.batch=8",
                       "training.skip_windows=9", "training.rollout_windows=1"}),
                 8),
      {"a step has 3 sequences (all that the samples have)", "1 group would have nothing to do",
       "More samples or windows or a shorter training.unroll, at most 6 ranks"});
  EXPECT_FALSE(fs::exists(out / "model"));
}

TEST_F(TrainingOnBlocks, ModesAreTrainedSo) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path out = with_dataset("modes");
  const auto trained =
      understudy(call("train", "modes", {"network.kind=dmd", "network.latent_size=2"}), 2);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_EQ(summary(out)["metrics"]["training"]["ranks_per_sample"], 2);
  EXPECT_NE(slurp(out / "model" / "card.yaml").find("ranks_per_sample: 2"), std::string::npos);
}

TEST_F(TrainingOnBlocks, GoesOnAfterARankWasKilled) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path whole = with_dataset("whole"), parts = with_dataset("parts");
  const auto uninterrupted = understudy(call("train", "whole"), 2);
  ASSERT_EQ(uninterrupted.exit_code, 0) << uninterrupted.err;
  const auto training = summary(whole)["metrics"]["training"];
  EXPECT_EQ(training["ranks"], 2);
  EXPECT_EQ(training["ranks_per_sample"], 2);
  EXPECT_GT(training["peak_memory_bytes_per_rank"].get<double>(), 1e7);
  for (const char* sent : {"count", "bytes", "collectives", "collective_bytes"})
    EXPECT_GT(training["messages"][sent + std::string("_per_step")].get<double>(), 0) << sent;
  EXPECT_NE(slurp(whole / "model" / "card.yaml").find("ranks_per_sample: 2"), std::string::npos);

  Process process({call("train", "parts"), 2});
  const fs::path checkpoint = parts / "training_checkpoint.safetensors";
  for (int n = 0; n < 60000 && !fs::exists(checkpoint); ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ASSERT_TRUE(fs::exists(checkpoint));
  const auto ranks = children(process.id());
  ASSERT_FALSE(ranks.empty());
  kill(ranks.back(), SIGKILL);
  EXPECT_NE(process.wait().exit_code, 0) << "the other rank does not wait for ever";
  ASSERT_TRUE(fs::exists(checkpoint));
  EXPECT_FALSE(fs::exists(parts / "model"));

  auto again = call("train", "parts");
  again.push_back("--resume");
  const auto resumed = understudy(again, 2);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("training resumes after epoch"), std::string::npos) << resumed.err;
  expect_same_file(whole / "model" / "weights.safetensors",
                   parts / "model" / "weights.safetensors");
}

}  // namespace
}  // namespace understudy::tests
