// Files that make room for others, and those that killed processes leave.
#include "core/kept_files.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

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
  for (const std::string name : {"checkpoint.h5", "fields/fields_000001.vti", "a/b/c/deep.csv"})
    core::write_file(folder / (name + "." + gone + ".part"), "x");
  const std::vector<std::string> stay{"summary.json." + alive + ".part",  // somebody writes it
                                      "summary.json.part",                // no number
                                      "film.mp4." + gone + ".part",       // not of ours
                                      "summary.json." + gone + ".parts",
                                      "summary.json.12x.part",
                                      "a/b/c/d/too_deep.csv." + gone + ".part"};
  for (const auto& name : stay) core::write_file(folder / name, "x");
  EXPECT_EQ(core::sweep_parts(folder.path()), 3);
  for (const auto& name : stay) EXPECT_TRUE(fs::exists(folder / name)) << name;
  EXPECT_EQ(core::sweep_parts(folder / "not there"), 0);
}
