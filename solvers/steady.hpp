// When a run has become steady: from window to window every prognostic field changes so little that over
// `over_s` all of it is less than `change`, relative to the field.
#pragma once

#include <optional>
#include <string>

#include "core/params.hpp"
#include "mesh/field.hpp"

namespace understudy::solvers {

struct SteadyParams {
  double change = 0;  ///< relative; 0: the run goes on to its end
  double over_s = 0;
  void describe(core::ParamVisitor& v);
  bool enabled() const { return change > 0; }
};

/// Of a window, ||q(t) - q(t - window)||_2 / ||q(t)||_2, the largest of all prognostic fields, is held against
/// change x window / over_s; the run is steady when every window of the last over_s stays below: by the
/// triangle inequality no field has then changed by more than `change` over over_s. Fields of one unit (the
/// components of a velocity) are one; what is below 1e-9 in its SI unit (round-off of a field that is zero) is
/// measured against 1e-9.
template <class Real>
class SteadyWatch {
 public:
  /// `memory`: of the run that this one goes on from; taken where it is of the same parameters.
  SteadyWatch(const SteadyParams& params, double window_s, const std::string& memory);
  /// Before a window. Collective.
  void before(const mesh::State<Real>& state);
  /// After it. Collective.
  void after(const mesh::State<Real>& state);
  bool is_steady(double time_s) const;
  /// Of the last window, per over_s.
  double change() const { return change_; }
  /// Why the run ends.
  std::string words() const;
  /// For the checkpoint.
  std::string memory() const;

 private:
  SteadyParams params_;
  double window_s_;
  std::optional<mesh::State<Real>> old_;
  double since_s_ = -1;  ///< start of the unbroken row of windows with little change; < 0: none
  double change_ = 0;
};

}  // namespace understudy::solvers
