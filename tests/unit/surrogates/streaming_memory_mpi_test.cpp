// What a streamed training holds: the limits that it names, the tensors of a validation, the files that are open.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "core/error.hpp"
#include "support/torch_held_bytes.hpp"
#include "support/torch_streaming_case.hpp"
#include "surrogates/fields/torch_channel_moments.hpp"
#include "surrogates/fields/torch_streamed_basis.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;
using tests::streaming::make;
using tests::streaming::setup_of;
using tests::streaming::world;
using tests::streaming::write_dataset;

namespace {

namespace fs = std::filesystem;

const std::filesystem::path& dataset() {
  static const std::filesystem::path folder = write_dataset("streaming_memory", 3, true);
  return folder;
}

TEST(Streaming, NamesWhatCannotBeStreamedAndWhatWouldDo) {
  const DatasetReader data(dataset());
  TrainingSetup setup = setup_of("unet");
  setup.training.memory_gb = 1e-6;
  std::string text = error_text([&] { train(data, setup, world()); });
  for (const char* part :
       {"training.memory_gb: 1e-06 is too little", "3 frames at a time", "would do"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  const double least = tests::streaming::least_memory_gb(data, setup, world());
  setup.training.memory_gb = 0.98 * least;
  EXPECT_NE(error_text([&] { train(data, setup, world()); }).find("is too little"),
            std::string::npos);

  setup.network.kind = "conv_autoencoder";
  setup.training.memory_gb = 1e-6;
  text = error_text([&] { train(data, setup, world()); });
  for (const char* part : {"training.memory_gb: 1e-06 is less than the", "of all samples",
                           "conv_autoencoder goes over all frames at once", "would do, or 0"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

// Modes are of frames with their closing faces: here `f` has one more value along x.
TEST(Streaming, TheLimitOfModesCountsClosingFaces) {
  const DatasetReader data(dataset());
  const TrainingSetup setup = setup_of("pod");
  const TrainingExtent extent = training_extent(data, setup);
  const auto points = static_cast<double>(data.layout().count);
  const double cells = 24 * 16;
  ASSERT_EQ(points, 2 * cells + 16);
  const TrainingNeeds needs = training_needs(extent, setup, 1);
  EXPECT_EQ(needs.samples, 4 * extent.frames * points);
  // A mask and weights of each of the four samples, a block of 16 frames with those under way, and the sketches.
  const double held = 4 * 4 * 2 * cells, blocks = 4 * (16 + frames_under_way) * points;
  EXPECT_EQ(needs.streamed, held + blocks + StreamedBasis::bytes(6, points));
  EXPECT_TRUE(needs.limit_decides);
  EXPECT_FALSE(training_needs(extent, setup_of("unet"), 1).limit_decides);
}

// A longer rollout reads more frames and holds no more of them.
TEST(Streaming, AValidationHoldsAsMuchForAnyNumberOfWindows) {
  const auto folder = tests::fresh_folder("streaming_validation", world());
  tests::write_sample<float>(folder, false, 0, "train", 12, world());
  tests::write_sample<float>(folder, false, 1, "valid", 61, world());
  const DatasetReader data(folder);
  for (const std::string kind : {"unet", "fno", "pod"}) {
    std::vector<double> most;  // in memory: the network's own; then streamed
    double read = 0;
    for (const auto& [windows, streamed] : {std::pair{20, false}, {20, true}, {60, true}}) {
      TrainingSetup setup = setup_of(kind);
      setup.training.epochs = 1;
      setup.training.rollout_windows = windows;
      setup.training.rollout_starts = 1;
      const auto made = make(data, setup, streamed ? SampleMemory{true, 1} : SampleMemory{});
      const at::Tensor weights = made.trainer->optimiser.averaged();
      made.trainer->validate(weights);
      const double before = made.trainer->bytes_read();
      const tests::HeldTensors held;
      made.trainer->validate(weights);
      most.push_back(held.most());
      EXPECT_GE(made.trainer->bytes_read(), before);
      read = made.trainer->bytes_read() - before;
    }
    const double frame = 4.0 * static_cast<double>(data.layout().count);
    // The one rollout is one rank's, but for modes, which every rank goes over.
    EXPECT_GT(world().sum(read), 50 * frame) << kind;
    EXPECT_LT(most[2], most[1] + 2 * frame) << kind << ", of " << frame << " bytes a frame";
    const double ahead = kind == "pod" ? 16 + frames_under_way : 2 * frames_under_way;
    EXPECT_LT(most[1], most[0] + ahead * frame) << kind;
  }
}

// Descriptors of this process of files below a folder.
int open_below(const fs::path& folder) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    count +=
        fs::read_symlink(entry.path(), gone).string().starts_with(fs::canonical(folder).string());
  }
  return count;
}

// Looks on in the middle of training.
class Watched : public FieldTrainer {
 public:
  using FieldTrainer::FieldTrainer;
  std::function<void()> look;
  double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) override {
    const double loss = FieldTrainer::step(batch, plan);
    look();
    return loss;
  }
  std::size_t most_held() const { return data_.stream->most_held(); }
};

TEST(Streaming, KeepsAFewFilesOpenAndClosesThem) {
  const fs::path folder = write_dataset("streaming_files", 10, true);
  const DatasetReader reader(folder);
  TrainingSetup setup = setup_of("unet");
  setup.training.epochs = 2;
  setup.training.batch = 8;
  {
    Watched trainer(load_training_data(reader, setup.training, setup.network, {true, 1}),
                    setup.network, setup.training, world());
    EXPECT_EQ(open_below(folder), 0) << "none before the stream is asked";
    int most = 0;
    trainer.look = [&] { most = std::max(most, open_below(folder)); };
    run_training(trainer, setup);
    EXPECT_GE(most, 2);
    EXPECT_LE(most, 8);
    EXPECT_LE(trainer.most_held(), 1U);
  }
  EXPECT_EQ(open_below(folder), 0);
}

TEST(SampleFiles, TheOneThatWasWantedLongestAgoIsClosedFirst) {
  const DatasetReader reader(dataset()), two = reader.keeping_open(2);
  for (int n = 0; n < 5; ++n) two.prognostic(0, n, 1);
  EXPECT_EQ(two.files_opened(), 1);
  two.points(1, 0, 3);  // closing faces, too
  EXPECT_EQ(two.files_opened(), 2);
  two.prognostic_channel(0, 1, 3, 1, two.all_cells());
  two.prognostic(2, 0, 1);  // in place of 1
  two.prognostic(0, 0, 1);
  EXPECT_EQ(two.files_opened(), 3);
  EXPECT_EQ(two.prognostic(1, 2, 2), reader.prognostic(1, 2, 2));
  EXPECT_EQ(two.files_opened(), 4);
  EXPECT_EQ(two.points(0, 4, 1), reader.points(0, 4, 1));
  EXPECT_EQ(two.files_opened(), 4);
  EXPECT_EQ(open_below(dataset()), 2);
  EXPECT_EQ(reader.files_opened(), 0);
}

}  // namespace

}  // namespace understudy
