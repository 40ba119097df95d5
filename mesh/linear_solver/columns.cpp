#include "mesh/linear_solver/columns.hpp"

#include <algorithm>

namespace understudy::mesh::detail {

namespace {

/// Pivots below this are the one zero pivot of the singular mode (its exact value is 0; those of
/// regular modes are at least 1 / rows^2): that unknown is set to zero, its mean is put right
/// after.
constexpr double zero_pivot = 1e-13;

double end_diagonal(LinearBoundary kind) { return kind == LinearBoundary::dirichlet ? 3.0 : 1.0; }

template <class Real>
void remove_column_mean(Real* data, long stride, int rows) {
  double mean = 0;
  for (int r = 0; r < rows; ++r) mean += data[r * stride];
  mean /= rows;
  for (int r = 0; r < rows; ++r) data[r * stride] = static_cast<Real>(data[r * stride] - mean);
}

template <class Real>
void forward_row(const Real* __restrict b, const double* __restrict eigenvalue, double diagonal,
                 double scale, int width, const double* __restrict w_before,
                 const double* __restrict y_before, double* __restrict w, double* __restrict y) {
  for (int m = 0; m < width; ++m) {
    const double pivot = eigenvalue[m] + diagonal - w_before[m];
    const double inverse = pivot > zero_pivot ? 1.0 / pivot : 0.0;
    w[m] = inverse;
    y[m] = inverse * (scale * static_cast<double>(b[m]) + y_before[m]);
  }
}

template <class Real>
void solve_open(const ColumnEquation& e, Real* data, long stride, const double* eigenvalue,
                int width, const ColumnScratch& s) {
  const int n = e.rows, pitch = s.width();
  double* zero = s.sums();
  std::fill_n(zero, width, 0.0);
  for (int r = 0; r < n; ++r) {
    double diagonal = 2;
    if (r == 0) diagonal += end_diagonal(e.lower) - 2;
    if (r == n - 1) diagonal += end_diagonal(e.upper) - 2;
    const double* w_before = r == 0 ? zero : s.w() + 1L * (r - 1) * pitch;
    const double* y_before = r == 0 ? zero : s.y() + 1L * (r - 1) * pitch;
    forward_row(data + r * stride, eigenvalue, diagonal, e.rhs_scale, width, w_before, y_before,
                s.w() + 1L * r * pitch, s.y() + 1L * r * pitch);
  }
  double* __restrict x = s.sums();
  for (int r = n - 1; r >= 0; --r) {
    const double* __restrict y = s.y() + 1L * r * pitch;
    const double* __restrict w = s.w() + 1L * r * pitch;
    Real* __restrict out = data + r * stride;
    for (int m = 0; m < width; ++m) {
      x[m] = y[m] + w[m] * x[m];
      out[m] = static_cast<Real>(x[m]);
    }
  }
}

/// x_r = y_r + w_r x_{r+1} + f_r x_last for r < n - 1; the last row, in which the unknowns before
/// are eliminated one after another, gives x_last = right / pivot.
template <class Real>
void solve_cyclic(const ColumnEquation& e, Real* data, long stride, const double* eigenvalue,
                  int width, const ColumnScratch& s) {
  const int n = e.rows, pitch = s.width();
  double* right = s.sums();
  double* pivot = right + pitch;
  double* x = right + 2L * pitch;
  double* start = right + 3L * pitch;  // f_{-1}, and the rows before the first
  std::fill_n(start, width, 1.0);
  std::fill_n(x, width, 0.0);
  const Real* last_b = data + (n - 1) * stride;
  for (int m = 0; m < width; ++m) {
    right[m] = e.rhs_scale * static_cast<double>(last_b[m]);
    pivot[m] = eigenvalue[m] + 2;
  }
  for (int r = 0; r < n - 1; ++r) {
    double* __restrict w = s.w() + 1L * r * pitch;
    double* __restrict y = s.y() + 1L * r * pitch;
    double* __restrict f = s.f() + 1L * r * pitch;
    const double* f_before = r == 0 ? start : f - pitch;
    forward_row(data + r * stride, eigenvalue, 2.0, e.rhs_scale, width, r == 0 ? x : w - pitch,
                r == 0 ? x : y - pitch, w, y);
    // The last row holds -f_{r-1} x_r so far, and -1 more on its own lower neighbour.
    const double own = r == n - 2 ? 1.0 : 0.0;
    for (int m = 0; m < width; ++m) {
      f[m] = w[m] * f_before[m];
      const double coupling = f_before[m] + own, reach = f[m] + own * w[m];
      right[m] += coupling * y[m];
      pivot[m] -= coupling * reach;
      f[m] = reach;
    }
  }
  double* __restrict x_last = right;
  for (int m = 0; m < width; ++m) {
    x_last[m] = pivot[m] > zero_pivot * n ? right[m] / pivot[m] : 0.0;
    data[(n - 1) * stride + m] = static_cast<Real>(x_last[m]);
  }
  for (int r = n - 2; r >= 0; --r) {
    const double* __restrict y = s.y() + 1L * r * pitch;
    const double* __restrict w = s.w() + 1L * r * pitch;
    const double* __restrict f = s.f() + 1L * r * pitch;
    Real* __restrict out = data + r * stride;
    for (int m = 0; m < width; ++m) {
      x[m] = y[m] + (r == n - 2 ? 0.0 : w[m]) * x[m] + f[m] * x_last[m];
      out[m] = static_cast<Real>(x[m]);
    }
  }
}

}  // namespace

ColumnScratch::ColumnScratch(const ColumnEquation& equation) : rows_(equation.rows) {
  // Three sweeps' worth of scratch within half of a 1 MB second-level cache, 64 to 1024 bytes a
  // row.
  const int arrays = equation.lower == LinearBoundary::periodic ? 3 : 2;
  const int fit = 512 * 1024 / (8 * arrays * std::max(rows_, 1));
  width_ = std::clamp(fit / 8 * 8, 8, 128);
  buffer_ = AlignedBuffer<double>(3UL * width_ * rows_ + 4UL * width_);
}

template <class Real>
void solve_columns(const ColumnEquation& equation, Real* data, long stride,
                   const double* eigenvalue, int width, bool zero_mode,
                   const ColumnScratch& scratch) {
  const bool singular = zero_mode && equation.singular;
  if (singular) remove_column_mean(data, stride, equation.rows);
  if (equation.lower == LinearBoundary::periodic && equation.rows > 1)
    solve_cyclic(equation, data, stride, eigenvalue, width, scratch);
  else
    solve_open(equation, data, stride, eigenvalue, width, scratch);
  if (singular) remove_column_mean(data, stride, equation.rows);
}

template void solve_columns(const ColumnEquation&, float*, long, const double*, int, bool,
                            const ColumnScratch&);
template void solve_columns(const ColumnEquation&, double*, long, const double*, int, bool,
                            const ColumnScratch&);

}  // namespace understudy::mesh::detail
