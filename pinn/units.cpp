#include "pinn/units.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::pinn {

namespace {

constexpr std::array units{"1",  "m", "s", "kg", "K",  "A",  "mol", "rad", "deg", "N",
                           "Pa", "J", "W", "V",  "Hz", "km", "ms",  "h",   "d"};

std::string known() {
  std::string text;
  for (const char* unit : units) text += (text.empty() ? "" : ", ") + std::string(unit);
  return text;
}

}  // namespace

void require_unit(const std::string& unit, const std::string& what) {
  std::string factor;
  const auto check = [&] {
    std::string name = factor;
    while (name.size() > 1 && std::isdigit(static_cast<unsigned char>(name.back())))
      name.pop_back();
    if (std::find(units.begin(), units.end(), name) == units.end())
      throw core::UserError(
          core::format("{} has unit '{}': '{}' is not a unit; there are {}, with powers (m2) and "
                       "products and quotients of them (kg/m/s2)",
                       what, unit, factor, known()));
    factor.clear();
  };
  for (const char c : unit) {
    if (c == ' ' || c == '/')
      check();
    else
      factor += c;
  }
  check();
}

}  // namespace understudy::pinn
