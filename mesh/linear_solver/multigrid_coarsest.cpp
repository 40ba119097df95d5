// The coarsest level's equation, solved with its dense inverse.
#include <cmath>

#include "core/error.hpp"
#include "mesh/linear_solver/device_range.hpp"
#include "mesh/linear_solver/multigrid_cycle.hpp"

namespace understudy::mesh::detail {

namespace {

template <class Real>
struct DenseProduct {
  Kokkos::View<Real**, Kokkos::LayoutRight, Memory> inverse;
  Array3<Real> x, b;
  DeviceRange r;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    for (int i = begin; i < end; ++i) {
      const int equation = r.at(k, j, i);
      int column = 0;
      Real sum = 0;
      for (int kk = 0; kk < r.size[2]; ++kk)
        for (int jj = 0; jj < r.size[1]; ++jj)
          for (int ii = 0; ii < r.size[0]; ++ii)
            sum +=
                inverse(equation, column++) * b(kk + r.begin[2], jj + r.begin[1], ii + r.begin[0]);
      x(k, j, i) = sum;
    }
  }
};

/// Gauss-Jordan elimination with row pivoting, in place.
void invert(std::vector<double>& a, int n) {
  std::vector<double> inverse(1UL * n * n, 0.0);
  for (int i = 0; i < n; ++i) inverse[1UL * i * n + i] = 1;
  for (int c = 0; c < n; ++c) {
    int pivot = c;
    for (int r = c + 1; r < n; ++r)
      if (std::abs(a[1UL * r * n + c]) > std::abs(a[1UL * pivot * n + c])) pivot = r;
    if (a[1UL * pivot * n + c] == 0)
      throw core::RunError(
          "multigrid: the coarsest operator cannot be inverted; is beta positive?");
    for (int m = 0; m < n; ++m) {
      std::swap(a[1UL * pivot * n + m], a[1UL * c * n + m]);
      std::swap(inverse[1UL * pivot * n + m], inverse[1UL * c * n + m]);
    }
    const double scale = 1 / a[1UL * c * n + c];
    for (int m = 0; m < n; ++m) {
      a[1UL * c * n + m] *= scale;
      inverse[1UL * c * n + m] *= scale;
    }
    for (int r = 0; r < n; ++r) {
      const double factor = a[1UL * r * n + c];
      if (r == c || factor == 0) continue;
      for (int m = 0; m < n; ++m) {
        a[1UL * r * n + m] -= factor * a[1UL * c * n + m];
        inverse[1UL * r * n + m] -= factor * inverse[1UL * c * n + m];
      }
    }
  }
  a = inverse;
}

}  // namespace

template <class Real>
void MultigridCycle<Real>::invert_coarsest() {
  const MultigridLevel<Real>& level = *levels_.back();
  std::vector<double> matrix = level.dense_matrix();
  const std::vector<double> volume = level.volumes();
  const int n = static_cast<int>(volume.size());
  // Times the volumes the matrix is symmetric; v v^T added lifts the constant of a singular
  // equation without a change to solutions of zero mean.
  double trace = 0, squares = 0;
  for (int r = 0; r < n; ++r) {
    for (int c = 0; c < n; ++c) matrix[1UL * r * n + c] *= volume[r];
    trace += matrix[1UL * r * n + r];
    squares += volume[r] * volume[r];
  }
  if (singular_) {
    const double scale = trace > 0 ? trace / (n * squares) : 1 / squares;
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c) matrix[1UL * r * n + c] += scale * volume[r] * volume[c];
  }
  invert(matrix, n);
  inverse_ = Kokkos::View<Real**, Kokkos::LayoutRight, Memory>("coarsest inverse", n, n);
  auto host = Kokkos::create_mirror_view(inverse_);
  for (int r = 0; r < n; ++r)
    for (int c = 0; c < n; ++c) host(r, c) = static_cast<Real>(matrix[1UL * r * n + c] * volume[c]);
  Kokkos::deep_copy(inverse_, host);
}

template <class Real>
void MultigridCycle<Real>::solve_coarsest() {
  MultigridLevel<Real>& l = *levels_.back();
  for_rows("multigrid coarsest", l.cells(),
           DenseProduct<Real>{inverse_, l.x, l.b, DeviceRange(l.cells())});
}

template void MultigridCycle<float>::invert_coarsest();
template void MultigridCycle<double>::invert_coarsest();
template void MultigridCycle<float>::solve_coarsest();
template void MultigridCycle<double>::solve_coarsest();

}  // namespace understudy::mesh::detail
