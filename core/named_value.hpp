// A named number with its unit: a parameter of a simulation ("flow.reynolds") that varies over an
// ensemble and that a network is told.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::surrogates {

struct NamedValue {
  std::string name;
  std::string unit;
  double value = 0;
  /// Of earlier versions, whose cards and datasets have them. Not described.
  std::vector<std::string> old_names = {};
  void describe(core::ParamVisitor& v);
};

/// The value of that name, present or old; UserError listing those that there are (`where` says whose they
/// are).
double value_of(const std::vector<NamedValue>& values, const std::string& name,
                const std::string& where);

}  // namespace understudy::surrogates
