// Where an equation of a deck holds: "x = -1", "t = 0, x = 0 to 1".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pinn/formulas/formula.hpp"
#include "pinn/problem_info.hpp"

namespace understudy::pinn {

struct FormulaRegion {
  std::vector<double> lower, upper;  ///< [input]
  int held = 0;                      ///< inputs with lower == upper
  bool is_start = false;             ///< the time alone is held, where it begins
};

/// Of "" the whole box. FormulaError for another input, a place outside of the box, an empty range.
FormulaRegion region_of(const std::string& at, const std::vector<InputInfo>& inputs,
                        const std::map<std::string, double>& constants, const FormulaPlace& place);

}  // namespace understudy::pinn
