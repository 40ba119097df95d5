// A stepper that can be looked at between its own time steps, within a window: for diagnostics at an
// interval of their own. What looks must leave the state alone; the run is bitwise the same without it.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "mesh/field.hpp"

namespace understudy::solvers {

template <class Real>
class StepWatch {
 public:
  virtual ~StepWatch() = default;
  using Look = std::function<void(const mesh::State<Real>&)>;
  /// From now on `look`, too, is called after every time step of advance(), whichever state it advances
  /// (gates advance copies): compare addresses. Ghosts are valid, time_s is the step's end. Collective.
  void watch_steps(Look look) { looks_.push_back(std::move(look)); }

 protected:
  /// Does anyone look? If not, fields need not be there between steps.
  bool watched() const { return !looks_.empty(); }
  void stepped(const mesh::State<Real>& state) const {
    for (const auto& look : looks_) look(state);
  }

 private:
  std::vector<Look> looks_;
};

}  // namespace understudy::solvers
