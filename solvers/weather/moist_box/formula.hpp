// A formula of the deck whose errors name its key. Private to solvers/weather/moist_box.
#pragma once

#include <string>

#include "core/error.hpp"
#include "core/expression.hpp"
#include "core/format.hpp"

namespace understudy::solvers::moist {

inline core::Expression formula_of(const char* key, const std::string& text) {
  try {
    return core::Expression(text);
  } catch (const core::UserError& error) {
    throw core::UserError(core::format("{}: {}", key, error.what()));
  }
}

}  // namespace understudy::solvers::moist
