#include <cmath>

#include "core/format.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates::layout {

std::string fields_text(const std::vector<mesh::FieldInfo>& fields) {
  std::string text;
  for (const auto& field : fields)
    text += core::format("{}{} [{}] at {}", text.empty() ? "" : ", ", field.name, field.unit,
                         mesh::to_string(field.location));
  return text;
}

std::string cells_text(const mesh::GridParams& grid) {
  std::string text;
  for (const long long cells : grid.cells)
    text += (text.empty() ? "" : " x ") + std::to_string(cells);
  return text;
}

namespace {

bool same_box(const mesh::GridParams& a, const mesh::GridParams& b) {
  if (a.lower_m.size() != b.lower_m.size()) return false;
  for (std::size_t axis = 0; axis < a.lower_m.size(); ++axis) {
    const double slack = 1e-9 * (a.upper_m[axis] - a.lower_m[axis]);
    if (std::abs(a.lower_m[axis] - b.lower_m[axis]) > slack ||
        std::abs(a.upper_m[axis] - b.upper_m[axis]) > slack)
      return false;
  }
  return true;
}

}  // namespace

std::string first_difference(const DatasetInfo& found, const DatasetInfo& wanted) {
  if (found.fields.size() != wanted.fields.size())
    return core::format("has the fields {}; wanted are {}", fields_text(found.fields),
                        fields_text(wanted.fields));
  for (std::size_t n = 0; n < found.fields.size(); ++n) {
    const auto &a = found.fields[n], &b = wanted.fields[n];
    if (a.name != b.name || a.unit != b.unit || a.location != b.location || a.role != b.role ||
        a.components != b.components)
      return core::format("has the fields {}; wanted are {}", fields_text(found.fields),
                          fields_text(wanted.fields));
  }
  if (found.grid.cells != wanted.grid.cells)
    return core::format("has a grid of {} cells; wanted are {}", cells_text(found.grid),
                        cells_text(wanted.grid));
  if (!same_box(found.grid, wanted.grid)) return "has another box (grid.lower_m, grid.upper_m)";
  if (found.boundaries != wanted.boundaries)
    return core::format("has the sides {}; wanted are {}", to_string(found.boundaries),
                        to_string(wanted.boundaries));
  if (std::abs(found.window_s - wanted.window_s) > 1e-6 * wanted.window_s)
    return core::format("has frames every {} s; wanted is time.window_s: {}", found.window_s,
                        wanted.window_s);
  return "";
}

}  // namespace understudy::surrogates::layout
