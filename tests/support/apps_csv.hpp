// A column of a table that the program wrote.
#pragma once

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "support/apps_cli.hpp"

namespace understudy::tests {

/// Of the first column whose name begins so; without that row of names.
inline std::vector<double> column(const fs::path& csv, const std::string& name) {
  std::istringstream text(slurp(csv));
  std::string line, field;
  std::getline(text, line);
  const auto before = std::ranges::count(line.substr(0, line.find(name)), ',');
  std::vector<double> values;
  while (std::getline(text, line)) {
    std::istringstream fields(line);
    for (long n = 0; n <= before; ++n) std::getline(fields, field, ',');
    values.push_back(std::stod(field));
  }
  return values;
}

}  // namespace understudy::tests
