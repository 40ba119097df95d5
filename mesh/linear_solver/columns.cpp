#include "mesh/linear_solver/columns.hpp"

#include <algorithm>

namespace understudy::mesh::detail {

namespace {

/// Pivots below this are the one zero pivot of the singular mode (its exact value is 0; those of
/// regular modes are at least 1 / rows^2): that unknown is set to zero, its mean is put right
/// after.
constexpr double zero_pivot = 1e-13;

double diagonal_of(const ColumnPart& part, int row) {
  double diagonal = 2;
  if (row == 0) diagonal += part.lower_diagonal - 2;
  if (row == part.rows - 1) diagonal += part.upper_diagonal - 2;
  return diagonal;
}

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

template <class Real>
void solve_whole(const ColumnEquation& e, Real* data, long stride, const double* eigenvalue,
                 int width, const ColumnScratch& s) {
  double* zero = s.sums() + s.width();
  std::fill_n(zero, width, 0.0);
  solve_part({e.rows, end_diagonal(e.lower), end_diagonal(e.upper), e.rhs_scale}, data, stride,
             eigenvalue, width, zero, zero, s);
}

}  // namespace

double end_diagonal(LinearBoundary kind) { return kind == LinearBoundary::dirichlet ? 3.0 : 1.0; }

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
    solve_whole(equation, data, stride, eigenvalue, width, scratch);
  if (singular) remove_column_mean(data, stride, equation.rows);
}

template <class Real>
void solve_part(const ColumnPart& part, Real* data, long stride, const double* eigenvalue,
                int width, const double* before, const double* after, const ColumnScratch& s) {
  const int n = part.rows, pitch = s.width();
  double* __restrict x = s.sums();
  std::fill_n(x, width, 0.0);
  for (int r = 0; r < n; ++r)
    forward_row(data + r * stride, eigenvalue, diagonal_of(part, r), part.rhs_scale, width,
                r == 0 ? x : s.w() + 1L * (r - 1) * pitch,
                r == 0 ? before : s.y() + 1L * (r - 1) * pitch, s.w() + 1L * r * pitch,
                s.y() + 1L * r * pitch);
  std::copy_n(after, width, x);
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

// The backward sweep is x_r = y_r + w_r x_{r+1}, so that the first unknown is the sum of y_r times the product of
// all w before it, which the forward sweep can form.
template <class Real>
void part_ends(const ColumnPart& part, const Real* data, long stride, const double* eigenvalue,
               int width, double* first, double* last, const ColumnScratch& s) {
  double* __restrict w = s.sums();
  double* __restrict product = s.sums() + s.width();
  std::fill_n(w, width, 0.0);
  std::fill_n(product, width, 1.0);
  std::fill_n(first, width, 0.0);
  std::fill_n(last, width, 0.0);
  for (int r = 0; r < part.rows; ++r) {
    const double diagonal = diagonal_of(part, r), scale = part.rhs_scale;
    const Real* __restrict b = data + r * stride;
    double* __restrict sum = first;
    double* __restrict y = last;
    for (int m = 0; m < width; ++m) {
      const double pivot = eigenvalue[m] + diagonal - w[m];
      const double inverse = pivot > zero_pivot ? 1.0 / pivot : 0.0;
      w[m] = inverse;
      y[m] = inverse * (scale * static_cast<double>(b[m]) + y[m]);
      sum[m] += product[m] * y[m];
      product[m] *= inverse;
    }
  }
}

PartResponse part_response(const ColumnPart& part, double eigenvalue) {
  double w = 0, product = 1, first = 0;
  for (int r = 0; r < part.rows; ++r) {
    const double pivot = eigenvalue + diagonal_of(part, r) - w;
    w = pivot > zero_pivot ? 1.0 / pivot : 0.0;
    first += product * product * w;
    product *= w;
  }
  return {first, w, product};
}

template void part_ends(const ColumnPart&, const float*, long, const double*, int, double*, double*,
                        const ColumnScratch&);
template void part_ends(const ColumnPart&, const double*, long, const double*, int, double*,
                        double*, const ColumnScratch&);
template void solve_part(const ColumnPart&, float*, long, const double*, int, const double*,
                         const double*, const ColumnScratch&);
template void solve_part(const ColumnPart&, double*, long, const double*, int, const double*,
                         const double*, const ColumnScratch&);
template void solve_columns(const ColumnEquation&, float*, long, const double*, int, bool,
                            const ColumnScratch&);
template void solve_columns(const ColumnEquation&, double*, long, const double*, int, bool,
                            const ColumnScratch&);

}  // namespace understudy::mesh::detail
