// The transpose of a body's direct forcing (body_forcing.hpp): the derivatives of forced values go to the values
// that they are interpolated from. A gather over those, whose lists are those of the forcing turned round.
// Private to solvers/flow.
#pragma once

#include <array>
#include <memory>

#include "solvers/flow/body_forcing.hpp"

namespace understudy::solvers::flow {

template <class Real>
class TransposedForcing {
 public:
  TransposedForcing(const BodyForcing<Real>& forcing, const mesh::BoxGrid& grid);

  /// Derivatives a with respect to what BodyForcing::apply left become those with respect to what it was
  /// given: at ghosts, too, which are to be folded back by their owners.
  void apply(const Velocity<Real>& a) const;

 private:
  using Indices = Kokkos::View<int*, mesh::Memory>;
  struct List {
    Indices solid, forced;
    Kokkos::View<Real*, mesh::Memory> by_forced;  ///< derivatives with respect to forced values
    /// Points that are read; summands of point n: [start(n), start(n + 1)) of which forced value and weight.
    Indices read, start, from;
    Kokkos::View<Real*, mesh::Memory> weight;
  };
  static List turned(const ForcedPointLists<Real>& lists, int component);
  std::array<List, 3> lists_;
  int dimension_;
};

}  // namespace understudy::solvers::flow
