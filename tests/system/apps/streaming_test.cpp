// Training through the program with less memory than the samples take: the same weights, and the summary says how.
#include <gtest/gtest.h>

#include "support/apps_made_once.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small =
    small_wake_unet({"training.epochs=2", "training.validate_every=1", "training.unroll=[1,2]",
                     "training.unroll_fractions=[0.5]"});

class StreamedTraining : public MadeOnce<StreamedTraining> {
 public:
  static Outcome made(const fs::path& out) { return understudy(call("generate", out)); }

 protected:
  static std::vector<std::string> call(const std::string& verb, const fs::path& out,
                                       const std::vector<std::string>& more = {}) {
    return with_settings({verb, deck("cylinder_wake"), "--out", out}, small, more);
  }
  // The number that the message of a limit that is too small gives.
  static std::string least() {
    const auto refused = understudy(call("train", *scratch / "out", {"training.memory_gb=1e-6"}));
    expect_refused(refused, {"training.memory_gb: 1e-06 is too little", "would do"});
    const auto end = refused.err.find(" would do"), begin = refused.err.rfind("; ", end);
    return refused.err.substr(begin + 2, end - begin - 2);
  }
};

TEST_F(StreamedTraining, WritesTheWeightsOfSamplesInMemory) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string limit = least();
  const fs::path a = *scratch / "out", b = with_dataset("streamed");
  const auto memory = understudy(call("train", a));
  ASSERT_EQ(memory.exit_code, 0) << memory.err;
  const auto streamed = understudy(call("train", b, {"training.memory_gb=" + limit}));
  ASSERT_EQ(streamed.exit_code, 0) << streamed.err;
  EXPECT_NE(streamed.err.find("samples are read from"), std::string::npos) << streamed.err;
  expect_same_file(a / "model" / "weights.safetensors", b / "model" / "weights.safetensors");
  const auto x = summary(a)["metrics"]["training"], y = summary(b)["metrics"]["training"];
  EXPECT_EQ(x["samples_held"], "in memory");
  EXPECT_EQ(y["samples_held"], "streamed");
  EXPECT_EQ(x["validation"], y["validation"]);
  EXPECT_GT(y["bytes_read"].get<double>(), x["bytes_read"].get<double>());
  EXPECT_GT(x["bytes_read"].get<double>(), 3 * 13 * 64 * 32 * 4);
  EXPECT_GT(y["peak_memory_bytes_per_rank"].get<double>(), 1e7);
}

TEST_F(StreamedTraining, OnTwoRanksEndsWhereItsFilesAreGone) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path out = with_dataset("gone");
  Process process({call("train", out,
                        {"training.memory_gb=" + least(), "training.epochs=100000",
                         "training.checkpoint_every=1", "training.validate_every=1000"}),
                   2});
  const fs::path checkpoint = out / "training_checkpoint.safetensors";
  for (int n = 0; n < 60000 && !fs::exists(checkpoint); ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ASSERT_TRUE(fs::exists(checkpoint));
  for (const auto& file : fs::directory_iterator(out / "dataset" / "train")) fs::remove(file);
  const auto stopped = process.wait();
  EXPECT_EQ(stopped.exit_code, 2) << stopped.err;
  EXPECT_NE(stopped.err.find("vanished while it was being read"), std::string::npos) << stopped.err;
  EXPECT_TRUE(fs::exists(checkpoint));
}

}  // namespace
}  // namespace understudy::tests
