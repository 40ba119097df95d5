// Files of ours with bytes that were changed or lost: the answer is a UserError or the very numbers that were
// written, never others. The files are read in a child process, for libHDF5 may end it.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::Scratch;

const std::vector<double> speeds{1.5, -2.25, 3.125, 4, 5e-3, 6, 7, 8};
const std::vector<std::int64_t> counts{1, 20, 300, 4000};

void write_file(const std::filesystem::path& path) {
  Hdf5File file(path, H5Mode::create, Comm::self());
  file.keep_texts_whole();
  file.put("fields/speed", speeds, {2, 4});
  file.put("counts", counts, {4});
  file.set_attribute("", "time_s", 12.5);
  file.set_attribute("", "kind", "a checkpoint of the test");
  file.set_attribute("fields/speed", "unit", "m/s");
  file.set_attribute("fields/speed", "steps", std::vector<long long>{3, 5, 7});
  file.close();
}

// As our readers do: by name, all of it.
bool is_as_written(const std::filesystem::path& path) {
  const Hdf5File file(path, H5Mode::read, Comm::self());
  return file.get<double>("fields/speed") == speeds &&
         file.shape("fields/speed") == H5Shape{2, 4} &&
         file.get<std::int64_t>("counts") == counts &&
         file.attribute<double>("", "time_s") == 12.5 &&
         file.attribute<std::string>("", "kind") == "a checkpoint of the test" &&
         file.attribute<std::string>("fields/speed", "unit") == "m/s" &&
         file.attribute<std::vector<long long>>("fields/speed", "steps") ==
             std::vector<long long>{3, 5, 7};
}

enum class Answer : char { same = 's', refused = 'r', other = 'o', crashed = 'c' };

Answer answer_to(const std::filesystem::path& path) {
  try {
    return is_as_written(path) ? Answer::same : Answer::other;
  } catch (const core::UserError&) {
    return Answer::refused;
  }
}

// One or a few bytes changed, or the end cut off: every tenth.
std::string damaged(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  if (below(10) == 0) {
    bytes.resize(below(bytes.size()));
    return bytes;
  }
  for (std::size_t left = 1 + below(3); left > 0; --left)
    bytes[below(bytes.size())] ^= static_cast<char>(1 + below(255));
  return bytes;
}

/// Reads the files from `first` on and reports a letter each; ends early where libHDF5 ends it.
void read_all(const std::vector<std::string>& files, std::size_t first,
              const std::filesystem::path& path, int report) {
  [[maybe_unused]] const rlimit none{0, 0}, memory{rlim_t(1) << 36, rlim_t(1) << 36};
  setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__  // which takes 20 TB of addresses, and limits allocations by itself
  setrlimit(RLIMIT_AS, &memory);
#endif
  alarm(60);
  for (std::size_t n = first; n < files.size(); ++n) {
    core::write_file(path, files[n]);
    const char letter = static_cast<char>(answer_to(path));
    if (write(report, &letter, 1) != 1) _exit(1);
  }
  _exit(0);
}

std::string answers_of(const std::vector<std::string>& files, const std::filesystem::path& path) {
  std::string answers;
  while (answers.size() < files.size()) {
    int ends[2];
    if (pipe(ends) != 0) return "no pipe";
    const pid_t child = fork();
    if (child == 0) read_all(files, answers.size(), path, ends[1]);
    close(ends[1]);
    for (char letter = 0; read(ends[0], &letter, 1) == 1;) answers += letter;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (answers.size() < files.size()) answers += static_cast<char>(Answer::crashed);
  }
  return answers;
}

TEST(Hdf5Damage, ChangedBytesAreRefusedOrHarmless) {
  const Scratch scratch;
  write_file(scratch / "whole.h5");
  const std::string whole = core::read_file(scratch / "whole.h5");
  ASSERT_EQ(answer_to(scratch / "whole.h5"), Answer::same);
  constexpr int count = 400;
  std::mt19937 random(1);
  std::vector<std::string> files;
  for (int n = 0; n < count; ++n) files.push_back(damaged(whole, random));
  const std::string answers = answers_of(files, scratch / "damaged.h5");
  ASSERT_EQ(answers.size(), files.size()) << answers;
  const auto number_of = [&](Answer a) {
    return std::ranges::count(answers, static_cast<char>(a));
  };
  EXPECT_EQ(number_of(Answer::other), 0) << answers;
  EXPECT_EQ(number_of(Answer::crashed), 0) << answers;
  EXPECT_GT(number_of(Answer::refused), count / 4) << answers;
  EXPECT_EQ(number_of(Answer::refused) + number_of(Answer::same), count) << answers;
}

}  // namespace
}  // namespace understudy::mesh
