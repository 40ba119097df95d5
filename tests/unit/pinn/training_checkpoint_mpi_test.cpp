// Checkpoints to which every rank adds a file: only those that were written together are one.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "pinn/training/rank_files.hpp"
#include "support/scratch.hpp"
#include "support/torch_pinn_training_case.hpp"
#include "surrogates/network/torch_archive.hpp"

namespace understudy::pinn {

namespace {

using namespace cases;
namespace fs = std::filesystem;

constexpr const char* name = "training.safetensors";

struct Case {
  const char* name;
  void (*set)(Settings&);
};

const std::vector<Case> all{{"self-adaptive",
                             [](Settings& s) {
                               s.weighting.kind = "self_adaptive";
                               s.sampling.resample_every = 0;
                             }},
                            {"domains", [](Settings& s) {
                               s.parallel.mode = "domains";
                               s.parallel.domains = {5};
                             }}};

TrainingTask task_in(const fs::path& folder, const Case& c) {
  Settings s = quick();
  s.optimiser.steps = 12;
  s.record_every = 1;
  c.set(s);
  auto task = task_of(unknown_decay(), s, core::Comm::world());
  task.checkpoint = folder / name;
  task.identity = "network:\n  width: 12\nseed: 1\n";
  return task;
}

// What lies in the folder after so many steps.
void train_until(TrainingTask& task, long long step) {
  task.pause_after_steps = step;
  EXPECT_THROW(train(task), core::Interrupted);
  task.pause_after_steps = 0;
  task.resume = true;
}

// Rank 0 alone touches files, when all are there.
template <class Action>
void between_runs(const Action& action) {
  const auto world = core::Comm::world();
  world.barrier();
  if (world.is_root()) action();
  world.barrier();
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& beginning = name) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().starts_with(beginning)) files.push_back(entry.path());
  return files;
}

void expect_equal_training(const TrainingResult& a, const TrainingResult& b, const char* what) {
  const Points points{{0.2}, {0.9}};
  EXPECT_EQ(a.solution->fields(points), b.solution->fields(points)) << what;
  EXPECT_EQ(a.history.back().losses, b.history.back().losses) << what;
}

}  // namespace

TEST(PinnCheckpointParts, AWriteThatWasCutOffLeavesTheCheckpointBefore) {
  const auto world = core::Comm::world();
  if (world.size() == 1) GTEST_SKIP() << "for several ranks";
  for (const Case& c : all) {
    const tests::Scratch work, before, reference;
    const auto whole = train(task_in(reference.path(), c));
    auto task = task_in(work.path(), c);
    train_until(task, 6);
    between_runs([&] { fs::copy(work.path(), before.path(), fs::copy_options::recursive); });
    train_until(task, 9);
    // Killed when the others' new files were there, and rank 0's was not.
    between_runs([&] {
      EXPECT_EQ(files_in(work.path()).size(), std::size_t(world.size()))
          << "older ones are removed";
      fs::copy(before.path(), work.path(),
               fs::copy_options::recursive | fs::copy_options::skip_existing);
      fs::copy_file(before / name, work / name, fs::copy_options::overwrite_existing);
    });
    std::vector<long long> steps;
    task.progress = [&](const HistoryLine& line) { steps.push_back(line.step); };
    expect_equal_training(train(task), whole, c.name);
    if (world.is_root()) {
      ASSERT_FALSE(steps.empty());
      EXPECT_EQ(steps.front(), 6) << c.name << ": the step after the checkpoint before";
    }
    between_runs([&] { EXPECT_EQ(files_in(work.path()).size(), std::size_t(world.size())); });
  }
}

TEST(PinnCheckpointParts, PartsOfTwoTrainingsAreRefused) {
  const auto world = core::Comm::world();
  if (world.size() == 1) GTEST_SKIP() << "for several ranks";
  for (const Case& c : all) {
    const tests::Scratch work, elsewhere;
    auto task = task_in(work.path(), c), other = task_in(elsewhere.path(), c);
    train_until(task, 6);
    other.settings.seed = 77;
    train_until(other, 6);
    const std::string part = std::string(name) + ".rank1";
    between_runs([&] {
      fs::copy_file(files_in(elsewhere.path(), part).at(0), files_in(work.path(), part).at(0),
                    fs::copy_options::overwrite_existing);
    });
    EXPECT_NE(message_of(task).find("copy all files of one checkpoint back"), std::string::npos)
        << c.name << ": " << message_of(task);
    between_runs([&] { fs::remove(files_in(work.path(), part).at(0)); });
    EXPECT_NE(message_of(task).find("no such file"), std::string::npos) << message_of(task);
  }
}

// Which had one name for a rank's file, and no generation.
TEST(PinnCheckpointParts, ThoseOfEarlierVersionsAreRead) {
  const auto world = core::Comm::world();
  if (world.size() == 1) GTEST_SKIP() << "for several ranks";
  const Case& c = all.front();
  const tests::Scratch work, reference;
  const auto whole = train(task_in(reference.path(), c));
  auto task = task_in(work.path(), c);
  train_until(task, 6);
  const auto rewrite = [&](const fs::path& from, const fs::path& to, const auto& change) {
    auto content = surrogates::read_archive(from, "checkpoint");
    change(content.texts);
    fs::remove(from);
    surrogates::write_archive(to, content);
  };
  const auto part = rank_file(task.checkpoint, 1, "");
  between_runs([&] {
    for (int rank = 0; rank < world.size(); ++rank) {
      const auto to = rank_file(task.checkpoint, rank, "");
      const auto from = rank == 0 ? to : files_in(work.path(), to.filename().string()).at(0);
      rewrite(from, to, [](auto& texts) { texts.erase("generation"); });
    }
    rewrite(part, part, [](auto& texts) { texts["identity"] += "samples: 0123\n"; });
  });
  EXPECT_NE(message_of(task).find("is of another deck"), std::string::npos) << message_of(task);
  between_runs(
      [&] { rewrite(part, part, [&](auto& texts) { texts["identity"] = task.identity; }); });
  expect_equal_training(train(task), whole, c.name);
  between_runs([&] { EXPECT_FALSE(fs::exists(part)) << "the files of the end took their place"; });
}

}  // namespace understudy::pinn
