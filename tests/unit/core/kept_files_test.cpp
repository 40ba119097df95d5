// Files that make room for others, and those that killed processes leave.
#include "core/kept_files.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "core/atomic_file.hpp"
#include "support/scratch.hpp"

namespace core = understudy::core;
namespace fs = std::filesystem;

namespace {

// The number of a process that has ended.
std::string ended_process() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return std::to_string(child);
}

}  // namespace

TEST(KeptFiles, AsideIsTheFirstFreeName) {
  const understudy::tests::Scratch folder;
  const fs::path path = folder / "probes.csv";
  for (const char* text : {"one", "two"}) {
    core::write_file(path, text);
    core::set_aside(path);
    EXPECT_FALSE(fs::exists(path));
  }
  EXPECT_EQ(core::read_file(folder / "probes.before_1.csv"), "one");
  EXPECT_EQ(core::read_file(folder / "probes.before_2.csv"), "two");
  core::write_file(path, "three");
  EXPECT_EQ(core::copy_aside(path).filename(), "probes.before_3.csv");
  EXPECT_EQ(core::read_file(path), "three");
}

TEST(SweepParts, TakesWhatProcessesThatAreGoneLeft) {
  const understudy::tests::Scratch folder;
  const std::string gone = ended_process(), alive = std::to_string(::getpid());
  for (const std::string name : {"checkpoint.h5", "fields.of_a_kind_to_come", "a/b/c/deep.csv"})
    core::write_file(core::part_name(folder / name, std::stoll(gone)), "x");
  for (const std::string name :
       {"fields/fields_000001.vti", "training_checkpoint.safetensors", "gathers_pressure.sgy",
        "sources.vtp", "open_in_paraview.py", "checkpoint.safetensors.rank3"})
    core::write_file(folder / (name + "." + gone + ".part"), "x");  // earlier versions'
  const std::vector<std::string> stay{
      "summary.json." + alive + ".understudy.part",  // being written
      "summary.json." + alive + ".part",
      "summary.json.part",           // no number
      "film.mp4." + gone + ".part",  // not of ours
      "summary.json." + gone + ".parts",
      "summary.json.12x.part",
      "summary.json.12x.understudy.part",
      "summary.json.understudy.part",
      "a/b/c/d/too_deep.csv." + gone + ".understudy.part"};
  for (const auto& name : stay) core::write_file(folder / name, "x");
  EXPECT_EQ(core::sweep_parts(folder.path()), 9);
  for (const auto& name : stay) EXPECT_TRUE(fs::exists(folder / name)) << name;
  EXPECT_EQ(core::sweep_parts(folder / "not there"), 0);
}

// Of any name: nobody has to tell the sweep of new kinds of files.
TEST(SweepParts, TakesWhatWriteFileLeavesWhenItIsKilled) {
  const understudy::tests::Scratch folder(core::Comm::self());
  const pid_t child = ::fork();
  if (child == 0)
    core::write_file_with(folder / "file.anything", [](const fs::path& part) {
      std::ofstream(part) << "half";
      ::_exit(0);
    });
  ::waitpid(child, nullptr, 0);
  ASSERT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
  EXPECT_EQ(core::sweep_parts(folder.path()), 1);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}
