#include "solvers/assimilation/correlation.hpp"

#include <cmath>
#include <numbers>

#include "mesh/loops.hpp"

namespace understudy::solvers::assimilation {

namespace {

// Sum of squares of k passes over one value: C(4k, 2k) / 16^k.
double variance_of(int passes) {
  const double n = 4.0 * passes;
  return std::exp(std::lgamma(n + 1) - 2 * std::lgamma(n / 2 + 1) - n * std::numbers::ln2);
}

struct Line {
  int axis = 0;
  int first = 0, last = 0;            ///< of the points along the axis
  bool begins = false, ends = false;  ///< at sides of the box
};

template <class Real>
void smooth(const mesh::Range3& points, const Line& line, const mesh::Array3<Real>& from,
            const mesh::Array3<Real>& to) {
  const int di = line.axis == 0, dj = line.axis == 1, dk = line.axis == 2;
  mesh::for_cells(
      "correlation", points, KOKKOS_LAMBDA(const int k, const int j, const int i) {
        const int n = di ? i : dj ? j : k;
        const Real here = from(k, j, i);
        const Real below = line.begins && n == line.first ? here : from(k - dk, j - dj, i - di);
        const Real above = line.ends && n == line.last ? here : from(k + dk, j + dj, i + di);
        to(k, j, i) = Real(0.5) * here + Real(0.25) * (below + above);
      });
}

template <class Real>
void scale(const mesh::Range3& points, double factor, const mesh::Array3<Real>& a) {
  mesh::for_cells(
      "correlation's variance", points, KOKKOS_LAMBDA(const int k, const int j, const int i) {
        a(k, j, i) *= static_cast<Real>(factor);
      });
}

}  // namespace

template <class Real>
CorrelationRoot<Real>::CorrelationRoot(std::shared_ptr<const mesh::BoxGrid> grid, double length_m)
    : grid_(std::move(grid)),
      halo_(grid_),
      before_("before a pass", grid_->extent(2), grid_->extent(1), grid_->extent(0)) {
  for (int axis = 0; axis < grid_->dimension(); ++axis) {
    const double cells = length_m / grid_->spacing(axis);
    passes_[axis] = static_cast<int>(std::lround(cells * cells));
    factor_ /= std::sqrt(variance_of(passes_[axis]));
  }
}

template <class Real>
void CorrelationRoot<Real>::apply(const mesh::Field<Real>& field) {
  const mesh::Array3<Real> values = field.component();
  const mesh::Range3 points = grid_->interior();
  for (int axis = 0; axis < grid_->dimension(); ++axis) {
    const Line line{axis, points.begin[axis], points.end[axis] - 1, grid_->at_boundary(2 * axis),
                    grid_->at_boundary(2 * axis + 1)};
    for (int pass = 0; pass < passes_[axis]; ++pass) {
      halo_.exchange({values}, 1);
      Kokkos::deep_copy(before_, values);
      smooth(points, line, before_, values);
    }
  }
  scale(points, factor_, values);
}

template class CorrelationRoot<float>;
template class CorrelationRoot<double>;

}  // namespace understudy::solvers::assimilation
