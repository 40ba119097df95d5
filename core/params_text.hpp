// Any struct that describes itself (core/params.hpp) as lines of text and back: to send it between
// ranks, to compare two, and to test. Not a deck: order and completeness are taken for granted, and old
// names of keys are taken silently.
// Private to surrogates/.
#pragma once

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>
#include <string>
#include <system_error>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/params.hpp"

namespace understudy::surrogates {

/// Old names of keys to the present ones.
using RenamedKeys = std::map<std::string, std::string>;

/// A text of an earlier version with the present names of its keys.
inline std::string with_present_keys(const std::string& text, const RenamedKeys& renamed) {
  std::string present, line;
  for (std::istringstream lines(text); std::getline(lines, line); present += line + "\n") {
    const auto key = renamed.find(line.substr(0, line.find(' ')));
    if (key != renamed.end()) line.replace(0, key->first.size(), key->second);
  }
  if (!text.empty() && text.back() != '\n') present.pop_back();
  return present;
}

namespace detail {

/// Writes, or reads where constructed with a text. Numbers are written so that they read back
/// exactly.
class TextVisitor : public core::ParamVisitor {
 public:
  TextVisitor() = default;
  explicit TextVisitor(const std::string& text)
      : reading_(true), in_(text), longest_list_(static_cast<long long>(text.size())) {}
  std::string text() const { return out_; }
  /// Old names of keys to the present ones, as far as describe() has come.
  const RenamedKeys& renamed_keys() const { return renamed_; }
  void renamed(const char* old_key, const char* key) override { renamed_[old_key] = key; }

 protected:
  void visit(const char* key, core::ValueRef value, const core::ValueInfo& info) override {
    std::visit([&](auto* v) { line(key, *v); }, value);
    // Whole numbers size networks and lists, and a text may be a stranger's.
    const auto* whole = std::get_if<long long*>(&value);
    if (!reading_ || !whole) return;
    const auto x = static_cast<double>(**whole);
    const core::Bounds& b = info.bounds;
    if (x < b.at_least || x > b.at_most || x <= b.above || x >= b.below)
      throw core::Error(core::format("{} {} is out of bounds", key, **whole), 1);
  }
  bool begin_group(const char*, const char*) override { return true; }
  void end_group() override {}
  std::size_t begin_list(const char* key, std::size_t size, const char*) override {
    long long count = static_cast<long long>(size);
    line(key, count);
    if (reading_ && (count < 0 || count > longest_list_))
      throw core::Error(core::format("{}: a list of {}", key, count), 1);
    return static_cast<std::size_t>(count);
  }
  void begin_item(std::size_t) override {}
  void end_item() override {}
  void end_list() override {}

 private:
  template <class Number>
  void line(const char* key, Number& value) {
    if (reading_)
      value = number<Number>(next(key));
    else
      put(key, core::format("{}", value));
  }
  void line(const char* key, bool& value) {
    if (reading_)
      value = next(key) == "1";
    else
      put(key, value ? "1" : "0");
  }
  void line(const char* key, std::string& value) {
    if (reading_) {
      value = next(key);
    } else {
      std::string one_line = value;
      for (char& c : one_line) c = c == '\n' ? ' ' : c;
      put(key, one_line);
    }
  }
  void line(const char* key, core::Choice& value) {
    line(key, value.text);
    if (reading_ && std::ranges::find(value.allowed, value.text) == value.allowed.end())
      throw core::Error(core::format("{} {}: not one of its words", key, value.text), 1);
  }
  template <class Value>
  void line(const char* key, std::vector<Value>& values) {
    values.resize(begin_list(key, values.size(), ""));
    for (Value& value : values) line(key, value);
  }
  void put(const char* key, const std::string& value) {
    out_ += std::string(key) + " " + value + "\n";
  }
  std::string next(const char* key) {
    std::string line;
    std::getline(in_, line);
    if (const auto old = renamed_.find(line.substr(0, line.find(' ')));
        old != renamed_.end() && old->second == key)
      line.replace(0, old->first.size(), key);
    const std::string start = std::string(key) + " ";
    if (!line.starts_with(start)) throw core::Error("expected " + start + "in '" + line + "'", 1);
    return line.substr(start.size());
  }
  template <class Number>
  static Number number(const std::string& text) {
    Number value{};
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stopped != end) throw core::Error("no number: '" + text + "'", 1);
    return value;
  }

  bool reading_ = false;
  std::istringstream in_;
  long long longest_list_ = 0;  // each item has a line
  std::string out_;
  RenamedKeys renamed_;
};

}  // namespace detail

template <class Params>
std::string params_text(Params& params) {
  detail::TextVisitor visitor;
  params.describe(visitor);
  return visitor.text();
}

/// What keys of these parameters were called earlier.
template <class Params>
RenamedKeys renamed_keys(Params& params) {
  detail::TextVisitor visitor;
  params.describe(visitor);
  return visitor.renamed_keys();
}

template <class Params>
void read_params_text(const std::string& text, Params& params) {
  detail::TextVisitor visitor(text);
  params.describe(visitor);
}

}  // namespace understudy::surrogates
