#include "pinn/formulas/formula_region.hpp"

#include <algorithm>

#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/nearest.hpp"
#include "pinn/formulas/formula_values.hpp"

namespace understudy::pinn {

namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

// At the commas that stand in no parentheses.
std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts{""};
  int open = 0;
  for (const char c : text) {
    open += int(c == '(') - int(c == ')');
    if (c == ',' && open <= 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::vector<std::string> names_of(const std::vector<InputInfo>& inputs) {
  std::vector<std::string> names;
  for (const auto& input : inputs) names.push_back(input.name);
  return names;
}

}  // namespace

FormulaRegion region_of(const std::string& at, const std::vector<InputInfo>& inputs,
                        const std::map<std::string, double>& constants, const FormulaPlace& place) {
  FormulaRegion region;
  for (const auto& input : inputs) {
    region.lower.push_back(input.lower);
    region.upper.push_back(input.upper);
  }
  std::vector<bool> given(inputs.size());
  for (const auto& part : trimmed(at).empty() ? std::vector<std::string>{} : parts_of(at)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos)
      place.refuse(core::format("'{}' is no place; x = 0 and x = 0 to 1 are valid", trimmed(part)));
    const std::string name = trimmed(part.substr(0, equals)), value = part.substr(equals + 1);
    const auto input = std::ranges::find(inputs, name, &InputInfo::name);
    if (input == inputs.end())
      place.refuse(core::format("'{}' is no input; did you mean '{}'? There are {}", name,
                                core::nearest(name, names_of(inputs)),
                                core::joined(names_of(inputs))));
    const auto n = std::size_t(input - inputs.begin());
    if (given[n]) place.refuse(core::format("'{}' is given twice", name));
    given[n] = true;
    const std::size_t to = value.find(" to ");
    region.lower[n] = number_of(trimmed(value.substr(0, to)), constants, place);
    region.upper[n] = to == std::string::npos
                          ? region.lower[n]
                          : number_of(trimmed(value.substr(to + 4)), constants, place);
    if (region.lower[n] < input->lower || region.upper[n] > input->upper)
      place.refuse(core::format("'{}' lies outside of the box: {} runs from {} to {}",
                                trimmed(part), name, input->lower, input->upper));
    if (to != std::string::npos && !(region.upper[n] > region.lower[n]))
      place.refuse(core::format("'{}' ends where it begins or below", trimmed(part)));
  }
  for (std::size_t n = 0; n < inputs.size(); ++n) {
    const bool holds = region.lower[n] == region.upper[n];
    region.held += int(holds);
    region.is_start =
        region.is_start || (holds && inputs[n].is_time && region.lower[n] == inputs[n].lower);
  }
  region.is_start = region.is_start && region.held == 1;
  return region;
}

}  // namespace understudy::pinn
