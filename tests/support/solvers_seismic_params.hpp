// What the tests of solvers/seismic share: the conditions that a Params struct states about itself.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::tests {

/// Collects what describe() finds wrong: choices and bounds that a value breaks, and conditions.
class Problems : public core::ParamVisitor {
 public:
  std::vector<std::string> found;

  void require(bool holds, const char* key, const std::string& message) override {
    if (!holds) found.push_back(std::string(key) + ": " + message);
  }

 protected:
  void visit(const char* key, core::ValueRef value, const core::ValueInfo& info) override {
    std::visit([&](auto* v) { check(key, *v, info.bounds); }, value);
  }
  bool begin_group(const char*, const char*) override { return true; }
  void end_group() override {}
  std::size_t begin_list(const char*, std::size_t size, const char*) override { return size; }
  void begin_item(std::size_t) override {}
  void end_item() override {}
  void end_list() override {}

 private:
  template <class Number>
  void check(const char* key, const Number& value, const core::Bounds& b) {
    const auto v = static_cast<double>(value);
    if (!(v >= b.at_least && v <= b.at_most && v > b.above && v < b.below))
      found.push_back(std::string(key) + ": out of bounds");
  }
  template <class Value>
  void check(const char* key, const std::vector<Value>& values, const core::Bounds& b) {
    for (const Value& v : values) check(key, v, b);
  }
  void check(const char*, const std::string&, const core::Bounds&) {}
  void check(const char*, const bool&, const core::Bounds&) {}
  void check(const char* key, const core::Choice& choice, const core::Bounds&) {
    if (std::ranges::find(choice.allowed, choice.text) == choice.allowed.end())
      found.push_back(std::string(key) + ": not a choice");
  }
};

template <class Params>
std::vector<std::string> problems_of(Params params) {
  Problems problems;
  params.describe(problems);
  return problems.found;
}

}  // namespace understudy::tests
