// Words of messages about decks and of the deck reference: kinds of values, ranges, units, and the nearest
// of the words that there are.
#pragma once

#include <string>
#include <vector>

#include "core/nearest.hpp"
#include "core/params.hpp"

namespace understudy::apps {

/// "number", "3 whole numbers", "texts": how a kind of value is called.
inline std::string kind_name(const double&, std::size_t = 0) { return "number"; }
inline std::string kind_name(const long long&, std::size_t = 0) { return "whole number"; }
inline std::string kind_name(const bool&, std::size_t = 0) { return "flag"; }
inline std::string kind_name(const std::string&, std::size_t = 0) { return "text"; }
inline std::string kind_name(const core::Choice&, std::size_t = 0) { return "choice"; }
template <class Value>
std::string kind_name(const std::vector<Value>&, std::size_t count) {
  return (count == 0 ? "" : std::to_string(count) + " ") + kind_name(Value{}) + "s";
}

/// " m/s" and " in m/s"; empty where there is none, or it is 1.
std::string with_unit(const std::string& unit);
std::string in_unit(const std::string& unit);

/// ">= 0 and < 1 m/s": the allowed range of a number, "any number" without bounds.
std::string allowed_range(const core::Bounds& bounds, const std::string& unit);

using core::edit_distance;
using core::nearest;

/// What `word` is called here, where the field has another word for it: "no-slip" among {wall, slip} is wall.
/// Empty: none of the candidates is known to mean it. Case, spaces, - and _ do not count.
std::string synonym(const std::string& word, const std::vector<std::string>& candidates);

/// The candidate that was likely meant: another word for it, a name that `word` begins (a key without its
/// unit), else the one with the fewest edits.
template <class Words>
std::string suggestion(const std::string& word, const Words& candidates) {
  const std::vector<std::string> all(candidates.begin(), candidates.end());
  if (std::string meant = synonym(word, all); !meant.empty()) return meant;
  for (const std::string& candidate : all)
    if (word.size() > 1 && candidate.starts_with(word + "_")) return candidate;
  return nearest(word, all);
}

}  // namespace understudy::apps
