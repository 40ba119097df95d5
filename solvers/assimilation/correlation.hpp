// Errors of a background field that are correlated over a length L: the symmetric square root S of a correlation
//
//   C = S S,   C(r) = exp(-r^2 / (2 L^2)) nearly,
//
// by passes of (1/4, 1/2, 1/4) along every axis, k = (L/h)^2 of them, times the number that makes C(0) = 1 on a line
// without ends (of repeated passes as diffusion: Weaver and Courtier 2001). Beyond sides of the box a value is taken
// as that at the side, which keeps S symmetric and its variance near sides larger, at most twice an axis. Closing
// faces, at upper sides of the box, are left as they are: boundary conditions give them. With m = m_b + deviation S x the background term is 1/2 |x|^2, and its variables are of order one.
#pragma once

#include <array>
#include <memory>

#include "mesh/box_grid.hpp"
#include "mesh/field.hpp"
#include "mesh/halo.hpp"

namespace understudy::solvers::assimilation {

template <class Real>
class CorrelationRoot {
 public:
  CorrelationRoot(std::shared_ptr<const mesh::BoxGrid> grid, double length_m);
  /// field <- S field; S is symmetric. Collective.
  void apply(const mesh::Field<Real>& field);
  int passes(int axis) const { return passes_[axis]; }

 private:
  std::shared_ptr<const mesh::BoxGrid> grid_;
  mesh::Halo<Real> halo_;
  mesh::Array3<Real> before_;
  std::array<int, 3> passes_{0, 0, 0};
  double factor_ = 1;
};

extern template class CorrelationRoot<float>;
extern template class CorrelationRoot<double>;

}  // namespace understudy::solvers::assimilation
