#include "solvers/weather/moist_box/sounding.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/table.hpp"
#include "core/unit_factor.hpp"

namespace understudy::solvers::moist {

namespace {

constexpr const char* wanted =
    "height (m), theta (K), vapour (kg/kg) and, where there is wind, u, v (m/s)";
constexpr const char* units[5] = {"m", "K", "1", "m/s", "m/s"};

// Which of the five columns a name means; -1: none.
int meaning_of(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  const std::vector<std::vector<std::string>> names{{"z", "height", "height_m", "z_m"},
                                                    {"theta", "theta_k", "potential_temperature"},
                                                    {"qv", "vapour", "vapor", "q"},
                                                    {"u", "u_m_s"},
                                                    {"v", "v_m_s"}};
  for (std::size_t n = 0; n < names.size(); ++n)
    if (std::ranges::find(names[n], name) != names[n].end()) return int(n);
  return -1;
}

double factor_of(const core::Table& table, std::size_t column, int meaning,
                 const std::string& key) {
  const auto& head = table.header()[column];
  if (head.unit.empty()) return 1;
  const std::string where = core::format("{}: {}: column '{}'", key, table.source(), head.name);
  if (meaning == 2 && head.unit == "g/kg") return 1e-3;
  if (meaning == 2 && head.unit == "kg/kg") return 1;
  if (meaning == 1 && head.unit != "K")
    throw core::UserError(where + ": is in " + head.unit +
                          "; potential temperature is wanted in K");
  return core::require_unit_factor(head.unit, units[meaning], where);
}

struct Columns {
  std::array<int, 5> at{-1, -1, -1, -1, -1};
  std::array<double, 5> factor{1, 1, 1, 1, 1};
};

Columns columns_of(const core::Table& table, const std::string& key) {
  const auto refuse = [&](const std::string& what) {
    throw core::UserError(
        core::format("{}: {}: {}; wanted are {}", key, table.source(), what, wanted));
  };
  Columns columns;
  if (!table.has_header()) {
    if (table.columns() != 3 && table.columns() != 5)
      refuse(core::format("has {} columns", table.columns()));
    for (std::size_t n = 0; n < table.columns(); ++n) columns.at[n] = int(n);
    return columns;
  }
  for (std::size_t n = 0; n < table.columns(); ++n) {
    const std::string& name = table.header()[n].name;
    const int meaning = meaning_of(name);
    if (meaning < 0) refuse(core::format("column '{}' is not known", name));
    if (columns.at[meaning] >= 0) refuse(core::format("column '{}' is there twice", name));
    columns.at[meaning] = int(n);
    columns.factor[meaning] = factor_of(table, n, meaning, key);
  }
  for (int n = 0; n < 3; ++n)
    if (columns.at[n] < 0)
      refuse("has no column of the " + std::string(n == 0   ? "height"
                                                   : n == 1 ? "theta"
                                                            : "vapour"));
  if ((columns.at[3] < 0) != (columns.at[4] < 0)) refuse("has one component of the wind");
  return columns;
}

void check_point(const core::Table& table, std::size_t row, const Columns& columns,
                 const SoundingPoint& point, const std::string& key) {
  const auto refuse = [&](int column, const std::string& what) {
    throw core::UserError(
        core::format("{}: {}: {}", key, table.where(row, columns.at[column]), what));
  };
  if (!(point.theta_k >= 150 && point.theta_k <= 2000))
    refuse(1, core::format("a potential temperature of {:.6g} K; 150 to 2000 K is possible{}",
                           point.theta_k,
                           std::abs(point.theta_k) < 100 ? " (in degC? K is wanted)" : ""));
  if (!(point.vapour >= 0 && point.vapour <= 0.1))
    refuse(2, core::format(
                  "a vapour mixing ratio of {:.6g} kg/kg; 0 to 0.1 is possible{}", point.vapour,
                  point.vapour > 0.1 ? " (in g/kg? Name it in the header: qv [g/kg])" : ""));
  if (!(std::hypot(point.u_m_s, point.v_m_s) <= 200))
    refuse(3, core::format("a wind of {:.6g}, {:.6g} m/s; at most 200 m/s is possible", point.u_m_s,
                           point.v_m_s));
}

}  // namespace

Sounding::Sounding(const std::string& path, const std::string& key, double bottom_m, double top_m) {
  core::Table table = core::Table::read(path);
  table.take_comment_as_header([](const std::string& name) { return meaning_of(name) >= 0; });
  const Columns columns = columns_of(table, key);
  has_wind_ = columns.at[3] >= 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto value = [&](int n) {
      return columns.at[n] < 0 ? 0 : columns.factor[n] * table.number(row, columns.at[n]);
    };
    const double height = value(0);
    if (!height_m_.empty() && !(height > height_m_.back()))
      throw core::UserError(
          core::format("{}: {}: a height of {:.6g} m after one of {:.6g} m; heights must rise", key,
                       table.where(row, columns.at[0]), height, height_m_.back()));
    height_m_.push_back(height);
    points_.push_back({value(1), value(2), value(3), value(4)});
    check_point(table, row, columns, points_.back(), key);
  }
  if (height_m_.size() < 2)
    throw core::UserError(core::format("{}: {}: has {} rows; two or more are wanted", key,
                                       table.source(), height_m_.size()));
  if (height_m_.front() > bottom_m || height_m_.back() < top_m)
    throw core::UserError(core::format(
        "{}: {}: reaches from {:.6g} to {:.6g} m, the middles of the levels from {:.6g} to {:.6g} m",
        key, table.source(), height_m_.front(), height_m_.back(), bottom_m, top_m));
}

SoundingPoint Sounding::operator()(double height_m) const {
  if (height_m <= height_m_.front()) return points_.front();
  if (height_m >= height_m_.back()) return points_.back();
  const auto n = std::size_t(std::ranges::upper_bound(height_m_, height_m) - height_m_.begin());
  const double part = (height_m - height_m_[n - 1]) / (height_m_[n] - height_m_[n - 1]);
  const SoundingPoint &a = points_[n - 1], &b = points_[n];
  const auto between = [part](double x, double y) { return x + part * (y - x); };
  return {between(a.theta_k, b.theta_k), between(a.vapour, b.vapour), between(a.u_m_s, b.u_m_s),
          between(a.v_m_s, b.v_m_s)};
}

}  // namespace understudy::solvers::moist
