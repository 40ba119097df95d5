// Names of a checkpoint's files of ranks, and what is removed beside a new one.
#include "pinn/training/rank_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "support/scratch.hpp"

namespace fs = std::filesystem;
namespace core = understudy::core;
namespace pinn = understudy::pinn;
namespace tests = understudy::tests;

namespace {

constexpr const char* generation = "0123456789abcdef";

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

void make_files(const fs::path& folder) {
  for (const char* name :
       {"t.safetensors", "t.safetensors.rank1", "t.safetensors.rank2.0123456789abcdef",
        "t.safetensors.rank1.fedcba9876543210", "t.safetensors.rank1.bak",
        "t.safetensors.rank1.0123456789abcdef.99.understudy.part", "u.safetensors.rank1"})
    std::ofstream(folder / name) << "x";
}

}  // namespace

TEST(PinnRankFiles, NamesHaveRankAndGeneration) {
  EXPECT_EQ(pinn::rank_file("a/t.safetensors", 0, generation), "a/t.safetensors");
  EXPECT_EQ(pinn::rank_file("a/t.safetensors", 2, generation),
            "a/t.safetensors.rank2.0123456789abcdef");
  EXPECT_EQ(pinn::rank_file("a/t.safetensors", 2, ""), "a/t.safetensors.rank2")
      << "as earlier versions called it";
  const auto self = core::Comm::self();
  EXPECT_NE(pinn::new_generation(self), pinn::new_generation(self));
  EXPECT_EQ(pinn::new_generation(self).size(), 16u);
}

TEST(PinnRankFiles, OtherGenerationsGoAndWhatIsNotOursStays) {
  const tests::Scratch work(core::Comm::self());
  fs::create_directories(work / "some");
  make_files(work / "some");
  pinn::remove_other_generations(work / "some" / "t.safetensors", 3, generation);
  EXPECT_EQ(names_in(work / "some"),
            (std::set<std::string>{"t.safetensors", "t.safetensors.rank2.0123456789abcdef",
                                   "t.safetensors.rank1.bak", "u.safetensors.rank1"}));
  fs::create_directories(work / "one");
  make_files(work / "one");
  pinn::remove_other_generations(work / "one" / "t.safetensors", 1, "");
  EXPECT_EQ(
      names_in(work / "one"),
      (std::set<std::string>{"t.safetensors", "t.safetensors.rank1.bak", "u.safetensors.rank1"}));
}
