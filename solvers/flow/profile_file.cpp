#include "solvers/flow/profile_file.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/table.hpp"
#include "core/unit_factor.hpp"

namespace understudy::solvers::flow {

namespace {

constexpr const char* axis_names = "xyz";
constexpr const char* component_names = "uvw";

// What a column holds: coordinate or velocity component along an axis; along the side, where the name leaves
// it open.
struct Meaning {
  enum class Kind { unknown, coordinate, velocity } kind = Kind::unknown;
  int axis = -1;
};

Meaning meaning_of(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string suffix : {"_m_s", "_m"})
    if (name.size() > suffix.size() && name.ends_with(suffix))
      name.resize(name.size() - suffix.size());
  using Kind = Meaning::Kind;
  for (int axis = 0; axis < 3; ++axis) {
    const std::string a(1, axis_names[axis]), c(1, component_names[axis]);
    if (name == a) return {Kind::coordinate, axis};
    if (name == c || name == "u" + a || name == "v" + a || name == "u_" + a || name == "v_" + a ||
        name == "velocity_" + a)
      return {Kind::velocity, axis};
  }
  if (name == "coordinate" || name == "position" || name == "distance" || name == "s")
    return {Kind::coordinate, -1};
  return {};
}

std::vector<int> axes_of(const ProfileFile::Side& side) {
  std::vector<int> axes;
  for (int axis = 0; axis < side.dimension; ++axis)
    if (axis != side.axis) axes.push_back(axis);
  return axes;
}

// "y, u, v"; in 3-D "y, z, u, v, w (or one of the coordinates)".
std::string wanted(const ProfileFile::Side& side) {
  std::string text;
  for (const int axis : axes_of(side)) text += std::string(1, axis_names[axis]) + ", ";
  for (int c = 0; c < side.dimension; ++c)
    text += std::string(c > 0 ? ", " : "") + component_names[c];
  return text + (side.dimension == 3 ? " (or one of the two coordinates)" : "");
}

// Where x lies between the points: the one before and the part of the way to the next.
std::pair<std::size_t, double> place(const std::vector<double>& points, double x) {
  if (points.size() < 2) return {0, 0};
  std::size_t n = 1;
  while (n + 1 < points.size() && points[n] < x) ++n;
  return {n - 1, std::clamp((x - points[n - 1]) / (points[n] - points[n - 1]), 0.0, 1.0)};
}

}  // namespace

struct ProfileFile::Columns {
  std::vector<int> axes;                 ///< of the coordinates, in rising order
  std::vector<std::size_t> coordinates;  ///< their columns
  std::vector<std::size_t> velocity;     ///< [component]
  std::vector<double> coordinate_factor, velocity_factor;

  static Columns by_place(const core::Table& table, const Side& side, const std::string& key);
  static Columns by_name(const core::Table& table, const Side& side, const std::string& key);
};

ProfileFile::Columns ProfileFile::Columns::by_place(const core::Table& table, const Side& side,
                                                    const std::string& key) {
  const auto axes = axes_of(side);
  const std::size_t d = side.dimension, given = table.columns();
  if (d == 3 && given == 4)
    throw core::UserError(core::format(
        "{}: {}: four columns without a header leave open along which axis the profile varies; name "
        "them in a first line: {}, u, v, w or {}, u, v, w",
        key, table.source(), axis_names[axes[0]], axis_names[axes[1]]));
  if (given != axes.size() + d)
    throw core::UserError(core::format(
        "{}: {}: has {} columns; wanted are {}: the coordinate{} (m) and {} velocity components (m/s)",
        key, table.source(), given, wanted(side), d == 3 ? "s" : "", d));
  Columns columns{axes, {}, {}, std::vector<double>(axes.size(), 1), std::vector<double>(d, 1)};
  for (std::size_t n = 0; n < axes.size(); ++n) columns.coordinates.push_back(n);
  for (std::size_t c = 0; c < d; ++c) columns.velocity.push_back(axes.size() + c);
  return columns;
}

ProfileFile::Columns ProfileFile::Columns::by_name(const core::Table& table, const Side& side,
                                                   const std::string& key) {
  const auto axes = axes_of(side);
  const auto refuse = [&](const std::string& what) {
    throw core::UserError(
        core::format("{}: {}: {}; wanted are {}", key, table.source(), what, wanted(side)));
  };
  Columns columns;
  std::array<int, 3> at{-1, -1, -1}, component{-1, -1, -1};
  for (std::size_t n = 0; n < table.columns(); ++n) {
    const auto& head = table.header()[n];
    Meaning meaning = meaning_of(head.name);
    const bool coordinate = meaning.kind == Meaning::Kind::coordinate;
    if (coordinate && meaning.axis < 0 && side.dimension == 2) meaning.axis = axes[0];
    if (meaning.kind == Meaning::Kind::unknown || meaning.axis < 0)
      refuse(core::format("column '{}' is not known", head.name));
    if (coordinate && std::ranges::find(axes, meaning.axis) == axes.end())
      refuse(core::format("column '{}' does not run along the side", head.name));
    if (!coordinate && meaning.axis >= side.dimension)
      refuse(core::format("column '{}' is given, but the grid has {} axes", head.name,
                          side.dimension));
    int& slot = (coordinate ? at : component)[meaning.axis];
    if (slot >= 0) refuse(core::format("column '{}' is there twice", head.name));
    slot = static_cast<int>(n);
  }
  const auto factor = [&](int column, const char* unit) {
    const auto& head = table.header()[column];
    if (head.unit.empty()) return 1.0;
    return core::require_unit_factor(
        head.unit, unit, core::format("{}: {}, column '{}'", key, table.source(), head.name));
  };
  for (const int axis : axes) {
    if (at[axis] < 0) continue;
    columns.axes.push_back(axis);
    columns.coordinates.push_back(at[axis]);
    columns.coordinate_factor.push_back(factor(at[axis], "m"));
  }
  if (columns.axes.empty()) refuse("there is no coordinate");
  for (int c = 0; c < side.dimension; ++c) {
    if (component[c] < 0) refuse(core::format("column '{}' is missing", component_names[c]));
    columns.velocity.push_back(component[c]);
    columns.velocity_factor.push_back(factor(component[c], "m/s"));
  }
  return columns;
}

ProfileFile::ProfileFile(const std::string& path, const Side& side, const std::string& key) {
  core::Table table;
  try {
    table = core::Table::read(path);
  } catch (const core::UserError& error) {
    throw core::UserError(core::format("{}: {}", key, error.what()));
  }
  table.take_comment_as_header(
      [](const std::string& name) { return meaning_of(name).kind != Meaning::Kind::unknown; });
  if (table.rows() < 2)
    throw core::UserError(
        core::format("{}: {} has {} rows; at least 2 are wanted", key, path, table.rows()));
  read(
      table,
      table.has_header() ? Columns::by_name(table, side, key) : Columns::by_place(table, side, key),
      key);
  require_cover(side, key, path);
}

void ProfileFile::read(const core::Table& table, const Columns& columns, const std::string& key) {
  axes_ = columns.axes;
  const bool lattice = axes_.size() == 2;
  const auto value = [&](std::size_t row, std::size_t column, double factor) {
    try {
      return table.number(row, column) * factor;
    } catch (const core::UserError& error) {
      throw core::UserError(core::format("{}: {}", key, error.what()));
    }
  };
  std::array<std::vector<double>, 2> rows;  // coordinates of each row
  for (std::size_t n = 0; n < axes_.size(); ++n) {
    for (std::size_t row = 0; row < table.rows(); ++row)
      rows[n].push_back(value(row, columns.coordinates[n], columns.coordinate_factor[n]));
    at_m_[n] = rows[n];
    if (!lattice) continue;
    std::ranges::sort(at_m_[n]);
    at_m_[n].erase(std::ranges::unique(at_m_[n]).begin(), at_m_[n].end());
  }
  if (!lattice)
    for (std::size_t row = 1; row < table.rows(); ++row)
      if (rows[0][row] <= rows[0][row - 1])
        throw core::UserError(core::format("{}: {}: the coordinate {} does not increase", key,
                                           table.where(row, columns.coordinates[0]), rows[0][row]));
  const std::size_t width = at_m_[0].size(), height = lattice ? at_m_[1].size() : 1;
  // Rows by their place in the lattice. Scattered points make one that is far larger than the table: it is whole before
  // it is made.
  std::vector<std::pair<std::size_t, std::size_t>> places;  // and the row
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto index = [&](int c) {
      return static_cast<std::size_t>(std::ranges::lower_bound(at_m_[c], rows[c][row]) -
                                      at_m_[c].begin());
    };
    places.emplace_back(lattice ? index(1) * width + index(0) : row, row);
  }
  std::ranges::sort(places);
  std::size_t hole = 0;  // the first place without a row
  for (std::size_t n = 0; n < places.size(); ++n) {
    const auto [at, row] = places[n];
    if (n > 0 && places[n - 1].first == at)
      throw core::UserError(core::format("{}: {}: the point {} = {}, {} = {} is there twice", key,
                                         table.where(row, columns.coordinates[0]),
                                         axis_names[axes_[0]], rows[0][row], axis_names[axes_[1]],
                                         rows[1][row]));
    if (at == hole) ++hole;
  }
  if (hole < width * height)
    throw core::UserError(core::format(
        "{}: {}: {} values along {} and {} along {} make a lattice of {} points, of which {} are "
        "given: {} = {}, {} = {} is not there",
        key, table.source(), width, axis_names[axes_[0]], height, axis_names[axes_[1]],
        width * height, table.rows(), axis_names[axes_[0]], at_m_[0][hole % width],
        axis_names[axes_[1]], at_m_[1][hole / width]));
  velocity_.resize(width * height);
  for (const auto& [at, row] : places)
    for (std::size_t c = 0; c < columns.velocity.size(); ++c)
      velocity_[at][c] = value(row, columns.velocity[c], columns.velocity_factor[c]);
}

void ProfileFile::require_cover(const Side& side, const std::string& key,
                                const std::string& path) const {
  for (std::size_t n = 0; n < axes_.size(); ++n) {
    const int axis = axes_[n];
    const double slack = 0.5 * side.spacing_m[axis];
    const double first = at_m_[n].front(), last = at_m_[n].back();
    if (first > side.lower_m[axis] + slack || last < side.upper_m[axis] - slack)
      throw core::UserError(core::format(
          "{}: {} covers {} from {} to {} m, but the side reaches from {} to {} m", key, path,
          axis_names[axis], first, last, side.lower_m[axis], side.upper_m[axis]));
  }
}

double ProfileFile::operator()(int component, const std::array<double, 3>& x_m) const {
  const auto [i, s] = place(at_m_[0], x_m[axes_[0]]);
  const std::size_t width = at_m_[0].size();
  const auto along = [&, i = i, s = s](std::size_t j) {
    const double a = velocity_[j * width + i][component];
    return i + 1 < width ? a + s * (velocity_[j * width + i + 1][component] - a) : a;
  };
  if (axes_.size() < 2) return along(0);
  const auto [j, t] = place(at_m_[1], x_m[axes_[1]]);
  const double a = along(j);
  return j + 1 < at_m_[1].size() ? a + t * (along(j + 1) - a) : a;
}

}  // namespace understudy::solvers::flow
