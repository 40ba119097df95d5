#include "apps/study/restart.hpp"

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

constexpr const char* ways_out =
    "Give the deck that made it, another --out, or leave out --resume to start anew";

}  // namespace

void require_same_keys(const std::filesystem::path& file, const DeckKeys& theirs,
                       const DeckKeys& ours, const std::string& free) {
  const std::string there = hash_of(theirs), here = hash_of(ours);
  if (there == here) return;
  throw core::UserError(
      core::format("{} is of another deck (hash {}, this one {}): {}. --resume may change {}. {}",
                   file.string(), there, here, differences(theirs, ours), free, ways_out));
}

void require_same_hash(const std::filesystem::path& file, const std::string& theirs,
                       const std::string& ours, const std::string& reason) {
  if (theirs == ours) return;
  throw core::UserError(core::format("{} is of another deck (hash {}, this one {}){}. {}",
                                     file.string(), theirs, ours, reason, ways_out));
}

}  // namespace understudy::apps
