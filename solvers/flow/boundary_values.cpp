#include "solvers/flow/boundary_values.hpp"

#include <cmath>
#include <filesystem>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/flow/formula_checks.hpp"

namespace understudy::solvers::flow {

namespace {

std::string key_of(int side) { return core::format("flow.boundaries.{}", mesh::side_name(side)); }

void require_uniform(const std::array<core::Expression, 3>& velocity, const mesh::BoxGrid& grid,
                     const std::string& key) {
  std::array<double, 3> at{};
  for (int c = 0; c < grid.dimension(); ++c) {
    const double first = velocity[c](grid.lower(0), grid.lower(1), grid.lower(2), 0);
    for (int n = 1; n <= 7; ++n) {
      for (int axis = 0; axis < 3; ++axis)
        at[axis] = grid.lower(axis) + (grid.upper(axis) - grid.lower(axis)) * n / 7.3;
      if (std::abs(velocity[c](at[0], at[1], at[2], 0) - first) > 1e-12 * (1 + std::abs(first)))
        throw core::UserError(
            core::format("{}.velocity_m_s: component {} is '{}', which varies in space, but the "
                         "profile is uniform; use profile: expression",
                         key, c, velocity[c].text()));
    }
  }
}

}  // namespace

std::array<core::Expression, 3> vector_formulas(const std::vector<std::string>& texts,
                                                int dimension, const std::string& key) {
  std::array<core::Expression, 3> formulas;
  if (texts.empty()) return formulas;
  if (static_cast<int>(texts.size()) != dimension)
    throw core::UserError(core::format("{}: has {} components, but the grid has {} axes", key,
                                       texts.size(), dimension));
  for (int c = 0; c < dimension; ++c) {
    try {
      formulas[c] = core::Expression(texts[c]);
    } catch (const core::UserError& error) {
      throw core::UserError(core::format("{}: component {}: {}", key, c, error.what()));
    }
  }
  return formulas;
}

core::Expression scalar_formula(const std::string& text, const std::string& key) {
  try {
    return core::Expression(text);
  } catch (const core::UserError& error) {
    throw core::UserError(core::format("{}: {}", key, error.what()));
  }
}

SideValues::SideValues(const FlowBoundaryParams& params, int side, const mesh::BoxGrid& grid,
                       const std::string& deck_directory)
    : key_(key_of(side)),
      kind_(params.kind),
      profile_(params.profile),
      axis_(mesh::side_axis(side)),
      dimension_(grid.dimension()),
      has_scalar_(!params.scalar.empty()) {
  const std::string key = key_of(side);
  for (int axis = 0; axis < 3; ++axis) {
    lower_[axis] = grid.lower(axis);
    upper_[axis] = grid.upper(axis);
    walled_[axis] = axis < dimension_ && axis != axis_ && !grid.periodic(axis);
  }
  if (has_scalar_) scalar_ = scalar_formula(params.scalar, key + ".scalar");
  if (!has_velocity()) return;
  if (kind_ == "inflow" && profile_ == "file") {
    if (params.file.empty())
      throw core::UserError(key + ".file: profile is file, but no file is named");
    const std::filesystem::path path(params.file);
    file_.emplace_back(
        (std::filesystem::path(deck_directory) / path).string(),
        ProfileFile::Side{
            axis_, dimension_, lower_, upper_, {grid.spacing(0), grid.spacing(1), grid.spacing(2)}},
        key + ".file");
    return;
  }
  velocity_ = vector_formulas(params.velocity_m_s, dimension_, key + ".velocity_m_s");
  if (kind_ == "inflow" && profile_ == "uniform") require_uniform(velocity_, grid, key);
}

double SideValues::parabola(const std::array<double, 3>& x_m) const {
  double factor = 1;
  for (int axis = 0; axis < 3; ++axis) {
    if (!walled_[axis]) continue;
    const double s = (x_m[axis] - lower_[axis]) / (upper_[axis] - lower_[axis]);
    factor *= 4 * s * (1 - s);
  }
  return factor;
}

double SideValues::velocity(int component, const std::array<double, 3>& x_m, double t_s) const {
  if (!file_.empty()) return file_[0](component, x_m);
  const double value = velocity_[component](x_m[0], x_m[1], x_m[2], t_s);
  return kind_ == "inflow" && profile_ == "parabolic" ? value * parabola(x_m) : value;
}

double SideValues::scalar(const std::array<double, 3>& x_m, double t_s) const {
  return scalar_(x_m[0], x_m[1], x_m[2], t_s);
}

std::string SideValues::fault(int component, double value, const std::array<double, 3>& x_m,
                              double t_s) const {
  if (component == 3) return formula_fault({key_ + ".scalar", -1}, scalar_, value, x_m, t_s);
  return formula_fault({key_ + ".velocity_m_s", component}, velocity_[component], value, x_m, t_s);
}

bool SideValues::depends_on_time() const {
  if (has_scalar_ && scalar_.depends_on_time()) return true;
  if (!has_velocity() || !file_.empty()) return false;
  for (int c = 0; c < dimension_; ++c)
    if (velocity_[c].depends_on_time()) return true;
  return false;
}

}  // namespace understudy::solvers::flow
