// What is done to the velocity at a body's points: all components in one launch each for the interpolated
// values and for what is imposed, and sums that stay on the device until somebody asks.
#pragma once

#include "solvers/flow/body_lists.hpp"

namespace understudy::solvers::flow {

/// What forcing changed in each component, summed over points (m/s).
struct VelocityChanges {
  double component[3] = {0, 0, 0};
  KOKKOS_INLINE_FUNCTION VelocityChanges& operator+=(const VelocityChanges& other) {
    for (int c = 0; c < 3; ++c) component[c] += other.component[c];
    return *this;
  }
};

/// The forced points of all velocity components, one component's behind the other's.
template <class Real>
struct ForcedPointLists {
  InterpolatedList<Real> interface;
  Kokkos::View<int*, mesh::Memory> solid;
  int first_interface[4] = {}, first_solid[4] = {};  ///< by component; then the number of all
  int interface_points() const { return first_interface[3]; }
  int points() const { return first_interface[3] + first_solid[3]; }
  KOKKOS_INLINE_FUNCTION static int component(const int* first, const int n) {
    return n < first[1] ? 0 : n < first[2] ? 1 : 2;
  }
};

/// The weighted sums, all of which are formed before any is written, so that the result does not depend on
/// the order.
template <class Real>
struct InterpolateTargets {
  ForcedPointLists<Real> lists;
  Real* values[3];
  KOKKOS_INLINE_FUNCTION void operator()(const int n) const {
    const InterpolatedList<Real>& list = lists.interface;
    const Real* u = values[lists.component(lists.first_interface, n)];
    Real sum = 0;
    for (int m = 0; m < 16; ++m) sum += list.weight(n, m) * u[list.stencil(n, m)];
    list.target(n) = sum;
  }
};

/// Writes them, and zero at the solid points.
template <class Real>
struct ImposeValues {
  ForcedPointLists<Real> lists;
  Real* values[3];
  KOKKOS_INLINE_FUNCTION void operator()(const int number, VelocityChanges& changes) const {
    const int others = lists.first_interface[3];
    const bool solid = number >= others;
    const int n = solid ? number - others : number;
    const int c = lists.component(solid ? lists.first_solid : lists.first_interface, n);
    const int at = solid ? lists.solid(n) : lists.interface.index(n);
    const Real value = solid ? Real(0) : lists.interface.target(n);
    changes.component[c] += static_cast<double>(value - values[c][at]);
    values[c][at] = value;
  }
};

template <class Real>
struct SumOverList {
  const Real* values;
  Kokkos::View<int*, mesh::Memory> list;
  KOKKOS_INLINE_FUNCTION void operator()(const int n, double& sum) const {
    sum += static_cast<double>(values[list(n)]);
  }
};

}  // namespace understudy::solvers::flow
