// What a verb may replace of what lies in its output folder.
#include "apps/study/results.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/atomic_file.hpp"
#include "support/scratch.hpp"

namespace understudy::apps {

namespace fs = std::filesystem;

namespace {

constexpr const char* trained = R"({"verb": "train", "verbs": {"train": {
  "verb": "train", "provenance": {"deck_hash": "aaaa", "started": "2024-01-01T00:00:00Z"}}}})";

std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      names.insert(entry.path().lexically_relative(folder).generic_string());
  return names;
}

}  // namespace

TEST(Results, CurvesOfAllNetworksAndContendersMakeRoom) {
  const tests::Scratch folder(core::Comm::self());
  // Members, points, the two networks of the app seismic, contenders.
  const std::set<std::string> curves{"training",
                                     "training_0",
                                     "training_2",
                                     "training_12",
                                     "training_inversion",
                                     "training_forward",
                                     "contenders/a/training",
                                     "contenders/b/training"};
  const std::set<std::string> others{"training_notes.csv", "training_2.damaged.csv",
                                     "training_.csv", "contenders/notes.txt",
                                     "contenders/a/notes.csv"};
  std::set<std::string> before{"summary.json"}, after = before;
  core::write_file(folder / "summary.json", trained);
  for (const auto& name : curves) {
    core::write_file(folder / (name + ".csv"), name);
    before.insert(name + ".csv");
    after.insert(name + ".before_1.csv");
  }
  for (const auto& name : others) core::write_file(folder / name, "mine");
  before.insert(others.begin(), others.end());
  after.insert(others.begin(), others.end());

  Job job;
  job.verb = "train";
  job.out = folder.path();
  job.provenance.deck_hash = "aaaa";
  make_room(job);
  EXPECT_EQ(files_in(folder.path()), before) << "its own are replaced";
  job.provenance.deck_hash = "bbbb";
  job.resume = true;
  make_room(job);
  EXPECT_EQ(files_in(folder.path()), before) << "gone on with";
  job.resume = false;
  make_room(job);
  EXPECT_EQ(files_in(folder.path()), after);
  for (const auto& name : curves)
    EXPECT_EQ(core::read_file(folder / (name + ".before_1.csv")), name);
}

}  // namespace understudy::apps
