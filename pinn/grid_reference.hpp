// A solution given as a table (core/table.hpp) on a grid: a column for each input and each field, a row for each
// point of a grid whose places along an axis need not be even, in any order. Between them the polynomial through
// the four nearest places along each axis (fewer, where the axis has fewer). Outside of the grid: NaN.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pinn/problem_info.hpp"

namespace understudy::pinn {

class GridReference {
 public:
  /// UserError as samples.hpp has them, and for rows that are no grid.
  GridReference(const std::filesystem::path& table, const std::vector<InputInfo>& inputs,
                const std::vector<UnknownInfo>& fields);

  /// [field][point] at points [point][input].
  std::vector<std::vector<double>> at(const std::vector<std::vector<double>>& points) const;

 private:
  std::size_t place(const std::vector<double>& point) const;

  std::vector<std::vector<double>> axes_;    ///< [input], ascending
  std::vector<std::vector<double>> values_;  ///< [field][node], the first input fastest
};

}  // namespace understudy::pinn
