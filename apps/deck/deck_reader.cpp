#include "apps/deck/deck_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

namespace {

std::string with_unit(const std::string& unit) {
  return unit.empty() || unit == "1" ? "" : " " + unit;
}

template <class Number>
bool parse_number(const std::string& text, Number& value) {
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  return error == std::errc() && stop == end && begin != end;
}

bool inside(double x, const core::Bounds& b) {
  return x >= b.at_least && x <= b.at_most && x > b.above && x < b.below;
}

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

}  // namespace

std::string allowed_range(const core::Bounds& b, const std::string& unit) {
  std::string range;
  auto add = [&](const char* sign, double limit) {
    if (std::isinf(limit)) return;
    range += core::format("{}{} {:.12g}", range.empty() ? "" : " and ", sign, limit);
  };
  add(">=", b.at_least);
  add(">", b.above);
  add("<=", b.at_most);
  add("<", b.below);
  return (range.empty() ? "any number" : range) + with_unit(unit);
}

std::size_t edit_distance(const std::string& long_a, const std::string& long_b) {
  constexpr std::size_t longest = 64;  // keys are shorter; hostile ones need no exact answer
  const std::string a = long_a.substr(0, longest), b = long_b.substr(0, longest);
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

DeckReader::DeckReader(const DeckTree& tree) : tree_(tree) { push(&tree.root, ""); }

std::string DeckReader::path_of(const std::string& key) const {
  const std::string& outer = frames_.back().path;
  return outer.empty() ? key : outer + "." + key;
}

const DeckNode* DeckReader::take(const char* key) {
  Frame& frame = frames_.back();
  frame.known.insert(key);
  known_paths_.insert(path_of(key));
  return frame.node && frame.node->kind == DeckNode::Kind::map ? frame.node->find(key) : nullptr;
}

void DeckReader::report(const DeckNode& node, const std::string& path, const std::string& what) {
  const int order = node.setting >= 0 ? 10000000 + node.setting : node.line;
  problems_.push_back({order, core::format("{}: {}: {}", tree_.where(node), path, what)});
}

void DeckReader::wrong_type(const DeckNode& node, const std::string& path,
                            const std::string& expected) {
  report(node, path, core::format("given {}, expected {}", given(node), expected));
}

bool DeckReader::read_real(const DeckNode& node, const std::string& path, double& value,
                           const core::Bounds& bounds, const std::string& unit) {
  double parsed = 0;
  if (node.kind != DeckNode::Kind::scalar || node.quoted || !parse_number(node.text, parsed) ||
      !std::isfinite(parsed)) {
    wrong_type(node, path,
               core::format("a number{}", with_unit(unit).empty() ? "" : " in" + with_unit(unit)));
    return false;
  }
  if (!inside(parsed, bounds)) {
    report(node, path,
           core::format("{}{} is out of bounds; allowed is {}", printable(node.text),
                        with_unit(unit), allowed_range(bounds, unit)));
    return false;
  }
  value = parsed;
  return true;
}

bool DeckReader::read_integer(const DeckNode& node, const std::string& path, long long& value,
                              const core::Bounds& bounds) {
  long long parsed = 0;
  if (node.kind != DeckNode::Kind::scalar || node.quoted || !parse_number(node.text, parsed)) {
    wrong_type(node, path, "a whole number");
    return false;
  }
  if (!inside(static_cast<double>(parsed), bounds)) {
    report(node, path,
           core::format("{} is out of bounds; allowed is {}", parsed, allowed_range(bounds, "")));
    return false;
  }
  value = parsed;
  return true;
}

bool DeckReader::is_list(const DeckNode& node, const std::string& path, std::size_t count,
                         const std::string& of) {
  const std::string expected =
      count == 0 ? "a list of " + of : core::format("a list of {} {}", count, of);
  if (node.kind != DeckNode::Kind::list) {
    wrong_type(node, path, expected);
    return false;
  }
  if (count != 0 && node.children.size() != count) {
    report(node, path,
           core::format("{} values given, expected {}", node.children.size(), expected));
    return false;
  }
  return true;
}

void DeckReader::real(const char* key, double& value, core::Bounds bounds, const char* unit,
                      const char*) {
  if (const DeckNode* node = take(key)) read_real(*node, path_of(key), value, bounds, unit);
}

void DeckReader::integer(const char* key, long long& value, core::Bounds bounds, const char*) {
  if (const DeckNode* node = take(key)) read_integer(*node, path_of(key), value, bounds);
}

void DeckReader::flag(const char* key, bool& value, const char*) {
  const DeckNode* node = take(key);
  if (!node) return;
  const bool is_true = node->text == "true", is_false = node->text == "false";
  if (node->kind != DeckNode::Kind::scalar || node->quoted || (!is_true && !is_false))
    wrong_type(*node, path_of(key), "true or false");
  else
    value = is_true;
}

void DeckReader::text(const char* key, std::string& value, const char*) {
  const DeckNode* node = take(key);
  if (!node) return;
  if (node->kind != DeckNode::Kind::scalar)
    wrong_type(*node, path_of(key), "a text");
  else
    value = node->text;
}

void DeckReader::choice(const char* key, std::string& value, std::vector<std::string> allowed,
                        const char*) {
  const DeckNode* node = take(key);
  if (!node) return;
  std::string list;
  for (const auto& word : allowed) list += (list.empty() ? "" : ", ") + word;
  if (node->kind != DeckNode::Kind::scalar)
    wrong_type(*node, path_of(key), "one of " + list);
  else if (std::ranges::find(allowed, node->text) == allowed.end())
    report(*node, path_of(key),
           core::format("given {}, which is not one of {}; did you mean '{}'?", given(*node), list,
                        nearest(node->text, allowed)));
  else
    value = node->text;
}

void DeckReader::reals(const char* key, std::vector<double>& value, std::size_t count,
                       core::Bounds bounds, const char* unit, const char*) {
  const DeckNode* node = take(key);
  if (!node || !is_list(*node, path_of(key), count,
                        "numbers" + (with_unit(unit).empty() ? "" : " in" + with_unit(unit))))
    return;
  std::vector<double> parsed(node->children.size());
  bool good = true;
  for (std::size_t n = 0; n < parsed.size(); ++n)
    good &= read_real(node->children[n], core::format("{}.{}", path_of(key), n), parsed[n], bounds,
                      unit);
  if (good) value = std::move(parsed);
}

void DeckReader::integers(const char* key, std::vector<long long>& value, std::size_t count,
                          core::Bounds bounds, const char*) {
  const DeckNode* node = take(key);
  if (!node || !is_list(*node, path_of(key), count, "whole numbers")) return;
  std::vector<long long> parsed(node->children.size());
  bool good = true;
  for (std::size_t n = 0; n < parsed.size(); ++n)
    good &=
        read_integer(node->children[n], core::format("{}.{}", path_of(key), n), parsed[n], bounds);
  if (good) value = std::move(parsed);
}

void DeckReader::texts(const char* key, std::vector<std::string>& value, const char*) {
  const DeckNode* node = take(key);
  if (!node || !is_list(*node, path_of(key), 0, "texts")) return;
  std::vector<std::string> parsed;
  for (std::size_t n = 0; n < node->children.size(); ++n) {
    const DeckNode& item = node->children[n];
    if (item.kind != DeckNode::Kind::scalar) {
      wrong_type(item, core::format("{}.{}", path_of(key), n), "a text");
      return;
    }
    parsed.push_back(item.text);
  }
  value = std::move(parsed);
}

void DeckReader::require(bool holds, const char* key, const std::string& message) {
  if (holds) return;
  const DeckNode* node = take(key);
  for (auto frame = frames_.rbegin(); !node && frame != frames_.rend(); ++frame) node = frame->node;
  const int order = node->setting >= 0 ? 10000000 + node->setting : node->line;
  broken_conditions_.push_back(
      {order, core::format("{}: {}: {}", tree_.where(*node), path_of(key), message)});
}

bool DeckReader::begin_group(const char* key, const char*) {
  const DeckNode* node = take(key);
  const std::string path = path_of(key);
  if (node && node->kind != DeckNode::Kind::map && node->kind != DeckNode::Kind::null) {
    wrong_type(*node, path, "a map of keys");
    node = nullptr;
  }
  push(node, path);
  return true;
}

void DeckReader::end_group() { pop(); }

std::size_t DeckReader::begin_list(const char* key, std::size_t size, const char*) {
  const DeckNode* node = take(key);
  const std::string path = path_of(key);
  if (node && !is_list(*node, path, 0, "maps")) node = nullptr;
  push(node, path);
  return node ? node->children.size() : size;
}

void DeckReader::begin_item(std::size_t index) {
  const Frame& list = frames_.back();
  const DeckNode* node = list.node ? &list.node->children[index] : nullptr;
  const std::string path = core::format("{}.{}", list.path, index);
  if (node && node->kind != DeckNode::Kind::map) {
    wrong_type(*node, path, "a map of keys");
    node = nullptr;
  }
  push(node, path);
}

void DeckReader::end_item() { pop(); }
void DeckReader::end_list() { frames_.pop_back(); }

void DeckReader::push(const DeckNode* node, const std::string& path) {
  frames_.push_back({node, path, {}});
}

void DeckReader::pop() {
  const Frame& frame = frames_.back();
  if (frame.node)
    for (std::size_t n = 0; n < frame.node->keys.size(); ++n)
      if (!frame.known.contains(frame.node->keys[n]))
        unknown_.push_back(
            {&frame.node->children[n], frame.path, frame.node->keys[n], frame.known});
  frames_.pop_back();
}

void DeckReader::report_unknown() {
  constexpr std::size_t enough = 20;  // each costs a search over all keys
  for (std::size_t n = 0; n < unknown_.size() && n < enough; ++n) {
    const auto& [node, frame, key, known] = unknown_[n];
    const std::string prefix = frame.empty() ? "" : frame + ".";
    // The nearest key here, unless the very word is a key elsewhere and nothing here is close.
    std::string best = nearest(key, known);
    std::string suggestion = prefix + best;
    if (edit_distance(key, best) > 2)
      for (const auto& path : known_paths_)
        if (path.ends_with("." + key)) suggestion = path;
    report(*node, prefix + printable(key),
           core::format("unknown key; did you mean '{}'? Valid here: {}", suggestion,
                        core::joined(known)));
  }
}

void DeckReader::finish() {
  while (!frames_.empty()) pop();
  report_unknown();
  // Conditions over several keys mean little while one of them could not be read.
  std::vector<Problem>& all = problems_.empty() ? broken_conditions_ : problems_;
  if (all.empty()) return;
  std::ranges::stable_sort(all, {}, &Problem::order);
  constexpr std::size_t enough = 10;
  std::string text;
  for (std::size_t n = 0; n < all.size() && n < enough; ++n)
    text += (n == 0 ? "" : "\n") + all[n].text;
  if (all.size() > enough) text += core::format("\n... and {} more", all.size() - enough);
  throw core::UserError(text);
}

}  // namespace understudy::apps
