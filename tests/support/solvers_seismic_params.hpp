// What the tests of solvers/seismic share: the conditions that a Params struct states about itself.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::tests {

/// Collects what describe() finds wrong: choices and bounds that a value breaks, and conditions.
class Problems : public core::ParamVisitor {
 public:
  std::vector<std::string> found;

  using core::ParamVisitor::integer;
  void real(const char* key, double& value, core::Bounds b, const char*, const char*) override {
    check(key, value, b);
  }
  void integer(const char* key, long long& value, core::Bounds b, const char*) override {
    check(key, static_cast<double>(value), b);
  }
  void flag(const char*, bool&, const char*) override {}
  void text(const char*, std::string&, const char*) override {}
  void choice(const char* key, std::string& value, std::vector<std::string> allowed,
              const char*) override {
    for (const auto& a : allowed)
      if (a == value) return;
    found.push_back(std::string(key) + ": not a choice");
  }
  void reals(const char* key, std::vector<double>& value, std::size_t, core::Bounds b, const char*,
             const char*) override {
    for (const double v : value) check(key, v, b);
  }
  void integers(const char* key, std::vector<long long>& value, std::size_t, core::Bounds b,
                const char*) override {
    for (const long long v : value) check(key, static_cast<double>(v), b);
  }
  void texts(const char*, std::vector<std::string>&, const char*) override {}
  void require(bool holds, const char* key, const std::string& message) override {
    if (!holds) found.push_back(std::string(key) + ": " + message);
  }

 protected:
  bool begin_group(const char*, const char*) override { return true; }
  void end_group() override {}
  std::size_t begin_list(const char*, std::size_t size, const char*) override { return size; }
  void begin_item(std::size_t) override {}
  void end_item() override {}
  void end_list() override {}

 private:
  void check(const char* key, double v, const core::Bounds& b) {
    if (!(v >= b.at_least && v <= b.at_most && v > b.above && v < b.below))
      found.push_back(std::string(key) + ": out of bounds");
  }
};

template <class Params>
std::vector<std::string> problems_of(Params params) {
  Problems problems;
  params.describe(problems);
  return problems.found;
}

}  // namespace understudy::tests
