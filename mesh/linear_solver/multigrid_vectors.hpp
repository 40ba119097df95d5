// What the multigrid solver does to whole vectors, as rows (mesh/loops.hpp).
#pragma once

#include <Kokkos_Core.hpp>

#include "mesh/array.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh::detail {

/// Sum of b + shift and of its squares.
struct Moments {
  double sum = 0, squares = 0;
  KOKKOS_INLINE_FUNCTION Moments& operator+=(const Moments& other) {
    sum += other.sum;
    squares += other.squares;
    return *this;
  }
};

template <class Real>
struct MomentsOf {
  Array3<Real> b;
  double shift;
  KOKKOS_INLINE_FUNCTION Moments row(int k, int j, int begin, int end) const {
    const Real* line = &b(k, j, 0);
    double sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum, squares)
    for (int i = begin; i < end; ++i) {
      const double value = line[i] + shift;
      sum += value;
      squares += value * value;
    }
    return {sum, squares};
  }
};

template <class Real>
struct SumOf {
  Array3<Real> x;
  KOKKOS_INLINE_FUNCTION double row(int k, int j, int begin, int end) const {
    const Real* line = &x(k, j, 0);
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = begin; i < end; ++i) sum += line[i];
    return sum;
  }
};

template <class Real>
struct Dot {
  Array3<Real> a, b;
  KOKKOS_INLINE_FUNCTION double row(int k, int j, int begin, int end) const {
    const Real *p = &a(k, j, 0), *q = &b(k, j, 0);
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = begin; i < end; ++i) sum += static_cast<double>(p[i]) * q[i];
    return sum;
  }
};

/// y = x + factor y
template <class Real>
struct ScaleAndAdd {
  Array3<Real> x, y;
  Real factor;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    const Real* in = &x(k, j, 0);
    Real* out = &y(k, j, 0);
    const Real times = factor;
    independent(begin, end, [=](const int i) { out[i] = in[i] + times * out[i]; });
  }
};

/// x += step p, r -= step q; returns the sum of r^2
template <class Real>
struct Step {
  Array3<Real> x, p, r, q;
  Real step;
  KOKKOS_INLINE_FUNCTION double row(int k, int j, int begin, int end) const {
    Real *x_line = &x(k, j, 0), *r_line = &r(k, j, 0);
    const Real *p_line = &p(k, j, 0), *q_line = &q(k, j, 0);
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = begin; i < end; ++i) {
      x_line[i] += step * p_line[i];
      r_line[i] -= step * q_line[i];
      sum += static_cast<double>(r_line[i]) * r_line[i];
    }
    return sum;
  }
};

/// x += factor times a sum that the device has.
template <class Real>
struct AddMultiple {
  Array3<Real> x;
  Kokkos::View<const double, Memory> sum;
  double factor;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    const Real add = static_cast<Real>(factor * sum());
    Real* line = &x(k, j, 0);
    independent(begin, end, [=](const int i) { line[i] += add; });
  }
};

}  // namespace understudy::mesh::detail
