// What the updates of a shallow-water stage read of an axis, as plain pointers. Private to
// solvers/weather/shallow_water.
#pragma once

#include "solvers/weather/shallow_water/shallow_water_impl.hpp"

namespace understudy::solvers::shallow_water {

template <class Real>
struct Direction {
  const Real* flux[face_values];
  const Real* gradient;   // [j, i]
  const Real* normal[3];  // [panel, index], at centres
};

template <class Real>
Direction<Real> direction(const typename ShallowWaterSolver<Real>::Impl& s, int axis) {
  Direction<Real> d{};
  for (int q = 0; q < face_values; ++q) d.flux[q] = s.faces[axis][q].data();
  d.gradient = s.metric.axis[axis].gradient.data();
  for (int c = 0; c < 3; ++c) d.normal[c] = s.metric.axis[axis].centre_normal[c].data();
  return d;
}

}  // namespace understudy::solvers::shallow_water
