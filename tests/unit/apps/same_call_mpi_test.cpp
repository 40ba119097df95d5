// Ranks that were started with different decks or arguments: said at once, on all of them.
#include <gtest/gtest.h>

#include "apps/study/same_call.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "support/scratch.hpp"

namespace understudy::apps {
namespace {

std::string message_of(const JobOptions& options) {
  try {
    require_same_call(options, core::Comm::world());
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(SameCall, RanksThatDifferAreNamed) {
  const auto world = core::Comm::world();
  const tests::Scratch scratch;
  const bool last = world.rank() == world.size() - 1, several = world.size() > 1;
  const std::string who = std::to_string(world.size() - 1);
  if (world.is_root()) {
    core::write_file(scratch / "a/deck.yaml", "app: flow\n");
    core::write_file(scratch / "b/deck.yaml", "app: flow\n");
    core::write_file(scratch / "c/deck.yaml", "app: flow # another\n");
  }
  world.barrier();
  const auto expect = [&](const JobOptions& options, const std::vector<std::string>& words) {
    const std::string text = message_of(options);
    if (!several) {
      EXPECT_EQ(text, "");
      return;
    }
    for (const auto& word : words) EXPECT_NE(text.find(word), std::string::npos) << text;
    EXPECT_EQ(text, world.broadcast(text)) << "one text on all ranks";
  };
  JobOptions options{.verb = "run", .deck = (scratch / "a/deck.yaml").string()};
  options.settings = {"time.end_s=1"};
  EXPECT_EQ(message_of(options), "");

  JobOptions other = options;
  if (last) other.deck = (scratch / "c/deck.yaml").string();
  expect(other,
         {"rank " + who + " differs from rank 0", "of hash", "All ranks must see the same deck"});
  other = options;
  if (last) other.deck = (scratch / "none.yaml").string();
  expect(other, {"rank " + who, "none.yaml that cannot be read"});
  other = options;
  if (last) other.settings = {"time.end_s=2"};
  expect(other, {"rank " + who + " has --set time.end_s=2 and rank 0 has --set time.end_s=1"});
  other = options;
  if (!world.is_root()) other.resume = true;
  expect(other, {"has --resume and rank 0 has no --resume"});
  other = options;
  if (last) other.out = "x";
  expect(other, {"has --out x and rank 0 has no --out"});
  other = options;
  if (last) other.verb = "train";
  expect(other, {"has `train` and rank 0 has `run`"});
  other = options;
  other.plugins = {{.file = "a.so", .sha256 = last ? "12" : "34", .stamp = "", .brings = ""}};
  expect(other, {"has plugin a.so of hash 12 and rank 0 has plugin a.so of hash 34"});
  other = options;
  if (last) other.plugins = {{.file = "a.so", .sha256 = "12", .stamp = "", .brings = ""}};
  expect(other, {"has plugin a.so of hash 12 and rank 0 has no plugin"});
  // A deck that nobody can read is said where it is read.
  other = options;
  other.deck = (scratch / "none.yaml").string();
  EXPECT_EQ(message_of(other), "");
}

}  // namespace
}  // namespace understudy::apps
