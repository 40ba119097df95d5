// A stepper that can be looked at between its own time steps, within a window: for diagnostics at an
// interval of their own. What looks must leave the state alone; the run is bitwise the same without it.
#pragma once

#include <functional>

#include "mesh/field.hpp"

namespace understudy::solvers {

template <class Real>
class StepWatch {
 public:
  virtual ~StepWatch() = default;
  /// Calls `look` after every time step of advance(), whichever state it advances (gates advance copies):
  /// compare addresses. Ghosts are valid, time_s is the step's end. Collective; empty: nobody looks.
  void watch_steps(std::function<void(const mesh::State<Real>&)> look) { look_ = std::move(look); }

 protected:
  void stepped(const mesh::State<Real>& state) const {
    if (look_) look_(state);
  }

 private:
  std::function<void(const mesh::State<Real>&)> look_;
};

}  // namespace understudy::solvers
