// Arrival times of one's own in the travel-time tomography.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "core/error.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/solver.hpp"
#include "support/scratch.hpp"

namespace {

using namespace understudy;
using namespace understudy::pinn;

std::shared_ptr<const Problem> with_picks(const tests::Scratch& folder, const std::string& text) {
  std::ofstream(folder / "picks.csv") << text;
  const auto entry = eikonal_tomography();
  EXPECT_TRUE(entry.takes_data);
  ProblemChoice choice;
  for (const auto& constant : entry.constants) choice.constants[constant.name] = constant.value;
  choice.data = "picks.csv";
  choice.directory = folder.path().string();
  return entry.make(choice);
}

std::string error_of(const tests::Scratch& folder, const std::string& text) {
  try {
    with_picks(folder, text);
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(PinnPicks, EverySourceHasAFieldAndNothingIsKnownBeside) {
  const tests::Scratch folder;
  std::string text = "source_x,source_z,x,z,time\n";
  for (int n = 0; n < 12; ++n)
    text += (n % 3 == 0 ? "0,500," : "100,0,") + std::to_string(200 * (n + 1)) + ",0,0.5\n";
  const auto description = describe(*with_picks(folder, text));
  ASSERT_EQ(description.fields.size(), 3u);
  EXPECT_EQ(description.fields[0].name, "time1");
  EXPECT_EQ(description.fields[2].name, "velocity");
  EXPECT_FALSE(description.has_reference);
  EXPECT_EQ(description.residuals,
            (std::vector<std::string>{"eikonal.source1", "eikonal.source2"}));
}

TEST(PinnPicks, BadPicksAreNamed) {
  const tests::Scratch folder;
  const std::string head = "source_x,source_z,x,z,time\n";
  EXPECT_NE(error_of(folder, head + "0,0,1,1,0.5\n").find("1 samples are too few; at least 10"),
            std::string::npos);
  EXPECT_NE(error_of(folder, head + "-5,0,1,1,0.5\n")
                .find("source_x = -5 lies outside of the problem's box"),
            std::string::npos);
  EXPECT_NE(error_of(folder, "x,z,time\n1,1,0.5\n")
                .find("has no column 'source_x'; its first line names x, z, time"),
            std::string::npos);
  std::string many = head;
  for (int n = 0; n < 65; ++n) many += std::to_string(n) + ",0,1,1,0.5\n";
  EXPECT_NE(error_of(folder, many).find("has 65 sources; at most 64"), std::string::npos);
}

}  // namespace
