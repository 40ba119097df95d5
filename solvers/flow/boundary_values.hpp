// What a deck prescribes on one side of the box: velocity components and the scalar, from formulas,
// a parabolic profile or a table (profile_file.hpp). Host only.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/expression.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/flow/profile_file.hpp"

namespace understudy::solvers::flow {

/// Formulas of a vector, one per axis; an empty list stands for zero. UserError naming `key` when
/// the count is neither 0 nor the dimension.
std::array<core::Expression, 3> vector_formulas(const std::vector<std::string>& texts,
                                                int dimension, const std::string& key);

/// A formula of one value. UserError naming `key` where it cannot be read.
core::Expression scalar_formula(const std::string& text, const std::string& key);

class SideValues {
 public:
  /// UserErrors: wrong number of components, a uniform profile that varies, file missing or too
  /// short.
  SideValues(const FlowBoundaryParams& params, int side, const mesh::BoxGrid& grid,
             const std::string& deck_directory);

  double velocity(int component, const std::array<double, 3>& x_m, double t_s) const;
  double scalar(const std::array<double, 3>& x_m, double t_s) const;
  bool has_velocity() const { return kind_ == "wall" || kind_ == "inflow"; }
  bool has_scalar() const { return has_scalar_; }
  bool depends_on_time() const;
  /// What is wrong with a component (3: the scalar) that is not finite.
  std::string fault(int component, double value, const std::array<double, 3>& x_m,
                    double t_s) const;

 private:
  double parabola(const std::array<double, 3>& x_m) const;
  std::string key_, kind_, profile_;
  int axis_, dimension_;
  bool has_scalar_ = false;
  std::array<core::Expression, 3> velocity_;
  core::Expression scalar_;
  std::vector<ProfileFile> file_;  ///< none or one
  std::array<double, 3> lower_{}, upper_{};
  std::array<bool, 3> walled_{};  ///< axes along which a parabolic profile varies
};

}  // namespace understudy::solvers::flow
