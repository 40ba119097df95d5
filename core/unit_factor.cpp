#include "core/unit_factor.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numbers>
#include <string_view>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::core {

namespace {

using Dimensions = std::array<int, 7>;  // m, kg, s, K, A, mol, rad

struct Unit {
  double factor = 1;  ///< of the SI's unit
  Dimensions powers{};
};

struct Named {
  std::string_view name;
  Unit unit;
  bool prefixed = true;
};

constexpr std::array names{
    Named{"m", {1, {1}}},
    Named{"g", {1e-3, {0, 1}}},
    Named{"s", {1, {0, 0, 1}}},
    Named{"K", {1, {0, 0, 0, 1}}},
    Named{"A", {1, {0, 0, 0, 0, 1}}},
    Named{"mol", {1, {0, 0, 0, 0, 0, 1}}},
    Named{"rad", {1, {0, 0, 0, 0, 0, 0, 1}}},
    Named{"deg", {std::numbers::pi / 180, {0, 0, 0, 0, 0, 0, 1}}, false},
    Named{"N", {1, {1, 1, -2}}},
    Named{"Pa", {1, {-1, 1, -2}}},
    Named{"J", {1, {2, 1, -2}}},
    Named{"W", {1, {2, 1, -3}}},
    Named{"V", {1, {2, 1, -3, 0, -1}}},
    Named{"Hz", {1, {0, 0, -1}}},
    Named{"bar", {1e5, {-1, 1, -2}}},
    Named{"atm", {101325, {-1, 1, -2}}, false},
    Named{"psi", {6894.757293168361, {-1, 1, -2}}, false},
    Named{"min", {60, {0, 0, 1}}, false},
    Named{"h", {3600, {0, 0, 1}}, false},
    Named{"d", {86400, {0, 0, 1}}, false},
    Named{"ft", {0.3048, {1}}, false},
    Named{"in", {0.0254, {1}}, false},
    Named{"t", {1e3, {0, 1}}, false},
    Named{"1", {1, {}}, false},
    Named{"%", {0.01, {}}, false},
};

constexpr std::array<std::pair<std::string_view, double>, 12> prefixes{{{"T", 1e12},
                                                                        {"G", 1e9},
                                                                        {"M", 1e6},
                                                                        {"k", 1e3},
                                                                        {"h", 1e2},
                                                                        {"d", 1e-1},
                                                                        {"c", 1e-2},
                                                                        {"m", 1e-3},
                                                                        {"u", 1e-6},
                                                                        {"\xC2\xB5", 1e-6},
                                                                        {"\xCE\xBC", 1e-6},
                                                                        {"n", 1e-9}}};

std::optional<Unit> named(std::string_view name) {
  for (const Named& n : names)
    if (n.name == name) return n.unit;
  for (const auto& [prefix, factor] : prefixes) {
    if (!name.starts_with(prefix)) continue;
    for (const Named& n : names)
      if (n.prefixed && n.name == name.substr(prefix.size()))
        return Unit{n.unit.factor * factor, n.unit.powers};
  }
  return std::nullopt;
}

// "m2", "m^2", "s-1", "m**2".
std::optional<Unit> power_of(std::string_view text) {
  std::size_t end = text.size();
  while (end > 1 && (std::isdigit(static_cast<unsigned char>(text[end - 1])) != 0)) --end;
  int power = 1;
  if (end < text.size() && text != "1") {
    if (end > 1 && (text[end - 1] == '-' || text[end - 1] == '+')) --end;
    const auto digits = text.substr(end + (text[end] == '+' ? 1 : 0));
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), power);
    if (read.ec != std::errc() || power < -9 || power > 9) return std::nullopt;
  }
  std::string_view name = text.substr(0, end);
  while (name.size() > 1 && (name.ends_with('^') || name.ends_with('*'))) name.remove_suffix(1);
  auto unit = named(name);
  if (!unit) return std::nullopt;
  unit->factor = std::pow(unit->factor, power);
  for (int& p : unit->powers) p *= power;
  return unit;
}

std::optional<Unit> parsed(std::string_view text) {
  Unit all;
  bool any = false;
  int sign = 1;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == ' ' || c == '.' || c == '*') {
      ++at;
      continue;
    }
    if (c == '/') {
      if (!any || sign < 0) return std::nullopt;
      sign = -1;
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && text[end] != ' ' && text[end] != '/' && text[end] != '.' &&
           !(text[end] == '*' && text.substr(end, 2) != "**"))
      end += text.substr(end, 2) == "**" ? 2 : 1;
    const auto one = power_of(text.substr(at, end - at));
    if (!one) return std::nullopt;
    all.factor *= std::pow(one->factor, sign);
    for (std::size_t n = 0; n < all.powers.size(); ++n) all.powers[n] += sign * one->powers[n];
    any = true;
    sign = 1;
    at = end;
  }
  return any && sign > 0 ? std::optional(all) : std::nullopt;
}

}  // namespace

std::optional<double> unit_factor(const std::string& from, const std::string& to) {
  if (from == to) return 1;
  const auto a = parsed(from), b = parsed(to);
  if (!a || !b || a->powers != b->powers) return std::nullopt;
  return a->factor / b->factor;
}

double require_unit_factor(const std::string& from, const std::string& to,
                           const std::string& where) {
  if (const auto factor = unit_factor(from, to)) return *factor;
  throw UserError(core::format(
      "{}: is in '{}', which {}; {} is wanted", where, from,
      parsed(from) ? "measures something else" : "is not a unit that is known here", to));
}

}  // namespace understudy::core
