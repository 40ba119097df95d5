#include "apps/deck/deck_keys.hpp"

#include <algorithm>
#include <map>

#include "core/format.hpp"
#include "core/provenance.hpp"

namespace understudy::apps {

namespace {

std::string text_of(const auto& value) { return core::format("{}", value); }
std::string text_of(const core::Choice& value) { return value.text; }
template <class Value>
std::string text_of(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values) text += (text.empty() ? "" : ", ") + text_of(value);
  return "[" + text + "]";
}

std::map<std::string, std::string> by_name(const DeckKeys& keys) {
  return {keys.begin(), keys.end()};
}

}  // namespace

void KeyLister::visit(const char* key, core::ValueRef value, const core::ValueInfo&) {
  std::visit([&](auto* v) { keys_.emplace_back(path(key), text_of(*v)); }, value);
}

std::size_t KeyLister::begin_list(const char* key, std::size_t size, const char*) {
  keys_.emplace_back(path(key), core::format("{} entries", size));
  outer_.push_back(path(key));
  return size;
}

DeckKeys without(const DeckKeys& keys, const std::vector<std::string>& names) {
  DeckKeys rest;
  for (const auto& entry : keys) {
    const bool left_out = std::ranges::any_of(names, [&](const std::string& name) {
      return entry.first == name || entry.first.starts_with(name + ".");
    });
    if (!left_out) rest.push_back(entry);
  }
  return rest;
}

std::string hash_of(const DeckKeys& keys) {
  std::string text;
  for (const auto& [key, value] : keys) text += key + ": " + value + "\n";
  return core::sha256(text).substr(0, 16);
}

std::string differences(const DeckKeys& there, const DeckKeys& here) {
  const auto theirs = by_name(there), ours = by_name(here);
  constexpr int most = 5;
  int count = 0;
  std::string text;
  const auto note = [&](const std::string& key, const std::string& was, const std::string& is) {
    if (++count <= most)
      text += core::format("{}{} is {} there and {} here", count > 1 ? "; " : "", key, was, is);
  };
  for (const auto& [key, value] : here) {
    const auto other = theirs.find(key);
    if (other == theirs.end())
      note(key, "not given", value);
    else if (other->second != value)
      note(key, other->second, value);
  }
  for (const auto& [key, value] : there)
    if (!ours.contains(key)) note(key, value, "not given");
  if (count > most) text += core::format("; and {} more", count - most);
  return text;
}

}  // namespace understudy::apps
