#include "apps/deck/deck_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

#include "apps/deck/words.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

constexpr const char* old_names_end = "0.3";

template <class Number>
bool parse_number(const std::string& text, Number& value) {
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  return error == std::errc() && stop == end && begin != end;
}

// "1e3", "2.5e2": a whole number with an exponent, up to 2^53, where every whole number is a double.
bool parse_number_with_exponent(const std::string& text, long long& value) {
  constexpr double largest = 9007199254740992;
  double parsed = 0;
  if (text.find_first_of("eE") == std::string::npos || !parse_number(text, parsed)) return false;
  if (std::abs(parsed) > largest || parsed != std::trunc(parsed)) return false;
  value = static_cast<long long>(parsed);
  return true;
}

// Of a text that is no number of its kind.
enum class NotRead { other, too_large, decimal_comma, inexact };

bool digits(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "0,01", "-1,5e-3": a comma between digits and no other mark that lists or thousands have.
bool has_decimal_comma(const std::string& text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos || text.find(',', comma + 1) != std::string::npos) return false;
  std::string with_point = text;
  with_point[comma] = '.';
  double ignored = 0;
  return parse_number(with_point, ignored);
}

template <class Number>
NotRead why_not(const std::string& text) {
  if (has_decimal_comma(text)) return NotRead::decimal_comma;
  if constexpr (std::is_same_v<Number, double>) {
    // from_chars says the same of what is too large and too small for it.
    const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
    const char* end = text.data() + text.size();
    double ignored = 0;
    const auto [stop, error] = std::from_chars(begin, end, ignored);
    return error == std::errc::result_out_of_range && stop == end ? NotRead::too_large
                                                                  : NotRead::other;
  }
  const bool sign = text.starts_with('-') || text.starts_with('+');
  if (digits(text.substr(sign ? 1 : 0))) return NotRead::too_large;
  double large = 0;
  if (text.find_first_of("eE") == std::string::npos || !parse_number(text, large))
    return why_not<double>(text);
  return std::abs(large) >= 0x1p63                          ? NotRead::too_large
         : std::isfinite(large) && std::abs(large) > 0x1p53 ? NotRead::inexact
                                                            : NotRead::other;
}

// A whole number has the ends of its type, too, where the key says nothing.
core::Bounds whole_bounds(core::Bounds b) {
  constexpr auto least = static_cast<double>(std::numeric_limits<long long>::min());
  if (std::isinf(b.at_least) && std::isinf(b.above)) b.at_least = least;
  return b;
}

std::string whole_range(const core::Bounds& b) {
  const bool open = std::isinf(b.at_most) && std::isinf(b.below);
  core::Bounds lower = whole_bounds(b);
  return allowed_range(lower, "") +
         (open ? core::format(" and <= {}", std::numeric_limits<long long>::max()) : "");
}

bool inside(double x, const core::Bounds& b) {
  return x >= b.at_least && x <= b.at_most && x > b.above && x < b.below;
}

}  // namespace

DeckReader::DeckReader(const DeckTree& tree) : tree_(tree) { push(&tree.root, ""); }

std::string DeckReader::path_of(const std::string& key) const {
  const std::string& outer = frames_.back().path;
  return outer.empty() ? key : outer + "." + key;
}

const DeckNode* DeckReader::child(const char* key) const {
  const DeckNode* node = frames_.back().node;
  return node && node->kind == DeckNode::Kind::map ? node->find(key) : nullptr;
}

const DeckNode* DeckReader::take(const char* key) {
  Frame& frame = frames_.back();
  frame.known.insert(key);
  known_paths_.insert(path_of(key));
  const auto old = frame.by_old.find(key);
  return old != frame.by_old.end() ? old->second : child(key);
}

void DeckReader::renamed(const char* old_key, const char* key) {
  frames_.back().old.insert(old_key);
  const DeckNode* old = child(old_key);
  if (!old) return;
  const DeckNode* present = take(key);
  if (present && present->setting == old->setting) {
    refuse(*old, path_of(old_key),
           core::format("is now called {}, which is given, too ({}); give {} alone", key,
                        tree_.where(*present), key));
    return;
  }
  warnings_.push_back(core::format("{}: {} is now called {}; the old name is read until version {}",
                                   tree_.where(*old), path_of(old_key), key, old_names_end));
  static std::set<std::string> said;  // an ensemble reads its deck anew for each member
  if (said.insert(tree_.name + ": " + path_of(old_key)).second)
    core::log::warn("{}", warnings_.back());
  // The setting of an ensemble's member or a contender goes before the deck, whichever name they use.
  if (!present || old->setting > present->setting) frames_.back().by_old[key] = old;
}

DeckReader::Problem DeckReader::problem(const DeckNode& node, const std::string& path,
                                        const std::string& what) const {
  const int order = node.setting >= 0 ? 10000000 + node.setting : node.line;
  return {order, core::format("{}: {}: {}", tree_.where(node), path, what)};
}

bool DeckReader::refuse(const DeckNode& node, const std::string& path, const std::string& what) {
  problems_.push_back(problem(node, path, what));
  return false;
}

bool DeckReader::refuse_kind(const DeckNode& node, const std::string& path,
                             const std::string& expected) {
  return refuse(node, path, core::format("given {}, expected {}", given(node), expected));
}

template <class Number>
bool DeckReader::refuse_number(const DeckNode& node, const std::string& path,
                               const std::string& expected, const std::string& range) {
  if (node.kind == DeckNode::Kind::scalar && !node.quoted) switch (why_not<Number>(node.text)) {
      case NotRead::too_large:
        return refuse(
            node, path,
            core::format("{} is out of bounds; allowed is {}", printable(node.text), range));
      case NotRead::decimal_comma:
        return refuse(
            node, path,
            core::format("given {}, expected {}; numbers have a decimal point, not a comma",
                         given(node), expected));
      case NotRead::inexact:
        return refuse(node, path,
                      core::format("given {}, expected {}; beyond 2^53 write all its digits",
                                   given(node), expected));
      case NotRead::other:
        break;
    }
  return refuse_kind(node, path, expected);
}

bool DeckReader::read(const DeckNode& node, const std::string& path, double& value,
                      const core::ValueInfo& info) {
  double parsed = 0;
  if (node.kind != DeckNode::Kind::scalar || node.quoted || !parse_number(node.text, parsed) ||
      !std::isfinite(parsed))
    return refuse_number<double>(node, path, "a number" + in_unit(info.unit),
                                 allowed_range(info.bounds, info.unit));
  if (!inside(parsed, info.bounds))
    return refuse(node, path,
                  core::format("{}{} is out of bounds; allowed is {}", printable(node.text),
                               with_unit(info.unit), allowed_range(info.bounds, info.unit)));
  value = parsed;
  return true;
}

bool DeckReader::read(const DeckNode& node, const std::string& path, long long& value,
                      const core::ValueInfo& info) {
  long long parsed = 0;
  if (node.kind != DeckNode::Kind::scalar || node.quoted ||
      !(parse_number(node.text, parsed) || parse_number_with_exponent(node.text, parsed))) {
    double large = 0;  // out of bounds whatever its digits are
    if (node.kind == DeckNode::Kind::scalar && !node.quoted && parse_number(node.text, large) &&
        std::isfinite(large) && std::abs(large) > 0x1p53 && !inside(large, info.bounds))
      return refuse(node, path,
                    core::format("{} is out of bounds; allowed is {}", printable(node.text),
                                 whole_range(info.bounds)));
    return refuse_number<long long>(node, path, "a whole number", whole_range(info.bounds));
  }
  if (!inside(static_cast<double>(parsed), info.bounds))
    return refuse(
        node, path,
        core::format("{} is out of bounds; allowed is {}", parsed, allowed_range(info.bounds, "")));
  value = parsed;
  return true;
}

bool DeckReader::read(const DeckNode& node, const std::string& path, bool& value,
                      const core::ValueInfo&) {
  const bool is_true = node.text == "true", is_false = node.text == "false";
  if (node.kind != DeckNode::Kind::scalar || node.quoted || (!is_true && !is_false))
    return refuse_kind(node, path, "true or false");
  value = is_true;
  return true;
}

bool DeckReader::read(const DeckNode& node, const std::string& path, std::string& value,
                      const core::ValueInfo&) {
  if (node.kind != DeckNode::Kind::scalar) return refuse_kind(node, path, "a text");
  value = node.text;
  return true;
}

bool DeckReader::read(const DeckNode& node, const std::string& path, core::Choice& value,
                      const core::ValueInfo&) {
  const std::string list = core::joined(value.allowed);
  if (node.kind != DeckNode::Kind::scalar) return refuse_kind(node, path, "one of " + list);
  if (std::ranges::find(value.allowed, node.text) == value.allowed.end())
    return refuse(node, path,
                  core::format("given {}, which is not one of {}; did you mean '{}'?", given(node),
                               list, suggestion(node.text, value.allowed)));
  value.text = node.text;
  return true;
}

template <class Value>
bool DeckReader::read(const DeckNode& node, const std::string& path, std::vector<Value>& value,
                      const core::ValueInfo& info) {
  if (!is_list(node, path, info.count, kind_name(value, info.count) + in_unit(info.unit)))
    return false;
  constexpr bool stops = std::is_same_v<Value, std::string>;  // one list among texts says enough
  std::vector<Value> parsed(node.children.size());
  bool good = true;
  for (std::size_t n = 0; n < parsed.size() && (good || !stops); ++n)
    good &= read(node.children[n], core::format("{}.{}", path, n), parsed[n], info);
  if (good) value = std::move(parsed);
  return good;
}

bool DeckReader::is_list(const DeckNode& node, const std::string& path, std::size_t count,
                         const std::string& of) {
  if (node.kind != DeckNode::Kind::list) return refuse_kind(node, path, "a list of " + of);
  if (count != 0 && node.children.size() != count)
    return refuse(node, path,
                  core::format("{} values given, expected a list of {}", node.children.size(), of));
  return true;
}

void DeckReader::visit(const char* key, core::ValueRef value, const core::ValueInfo& info) {
  if (const DeckNode* node = take(key))
    std::visit([&](auto* v) { read(*node, path_of(key), *v, info); }, value);
}

void DeckReader::require(bool holds, const char* key, const std::string& message) {
  if (holds) return;
  const DeckNode* node = take(key);
  for (auto frame = frames_.rbegin(); !node && frame != frames_.rend(); ++frame) node = frame->node;
  broken_conditions_.push_back(problem(*node, path_of(key), message));
}

bool DeckReader::begin_group(const char* key, const char*) {
  const DeckNode* node = take(key);
  const std::string path = path_of(key);
  if (node && node->kind != DeckNode::Kind::map && node->kind != DeckNode::Kind::null) {
    refuse_kind(*node, path, "a map of keys");
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
    refuse_kind(*node, path, "a map of keys");
    node = nullptr;
  }
  push(node, path);
}

void DeckReader::end_item() { pop(); }
void DeckReader::end_list() { frames_.pop_back(); }

void DeckReader::push(const DeckNode* node, const std::string& path) {
  frames_.push_back({node, path});
}

void DeckReader::pop() {
  const Frame& frame = frames_.back();
  if (frame.node)
    for (std::size_t n = 0; n < frame.node->keys.size(); ++n)
      if (const std::string& key = frame.node->keys[n];
          !frame.known.contains(key) && !frame.old.contains(key))
        unknown_.push_back({&frame.node->children[n], frame.path, key, frame.known});
  frames_.pop_back();
}

void DeckReader::report_unknown() {
  constexpr std::size_t enough = 20;  // each costs a search over all keys
  for (std::size_t n = 0; n < unknown_.size() && n < enough; ++n) {
    const auto& [node, frame, key, known] = unknown_[n];
    const std::string prefix = frame.empty() ? "" : frame + ".";
    // The nearest key here, unless the very word is a key elsewhere and nothing here is close.
    const std::string best = suggestion(key, known);
    std::string meant = prefix + best;
    if (edit_distance(key, best) > 2)
      for (const auto& path : known_paths_)
        if (path.ends_with("." + key)) meant = path;
    refuse(
        *node, prefix + printable(key),
        core::format("unknown key; did you mean '{}'? Valid here: {}", meant, core::joined(known)));
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
