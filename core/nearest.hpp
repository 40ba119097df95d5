// The word that was likely meant by one that is not known, for messages.
#pragma once

#include <cstddef>
#include <string>

namespace understudy::core {

/// Number of single-letter edits (insert, delete, replace, swap of neighbours) between two words.
std::size_t edit_distance(const std::string& a, const std::string& b);

/// The first of those with the fewest edits; empty where there are no candidates.
template <class Words>
std::string nearest(const std::string& word, const Words& candidates) {
  std::string best;
  std::size_t least = std::string::npos;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace understudy::core
