// The direct solve along the last axis that follows the transforms of the others: for every mode,
// with eigenvalue sum L, the tridiagonal equations
//     (L + d_k) x_k - x_{k-1} - x_{k+1} = s b_k,   d = 2; 1 (3) at a Neumann (Dirichlet) end;
// cyclic where the axis is periodic (x_{n-1} is carried as a parameter through one forward and one
// backward sweep, "condensed" Thomas algorithm). All modes of a group are swept together, so that
// the innermost loop is contiguous; sums are in double for both precisions, because the smooth
// modes of a single-precision recurrence would lose 3 digits.
#pragma once

#include "mesh/linear_solver/fft_rows.hpp"

namespace understudy::mesh::detail {

struct ColumnEquation {
  int rows = 1;  ///< unknowns along the axis
  LinearBoundary lower = LinearBoundary::neumann, upper = LinearBoundary::neumann;
  double rhs_scale = 1;
  bool singular = false;  ///< mode 0 has L = 0 and no Dirichlet end: solved with zero mean
};

/// Rows of these equations that one rank has of a longer axis: `before` and `after` are the unknowns beside them.
struct ColumnPart {
  int rows = 1;
  double lower_diagonal = 2,
         upper_diagonal = 2;  ///< d of the first and the last row; one row has both's excess
  double rhs_scale = 1;
};
/// d of the axis' first or last row.
double end_diagonal(LinearBoundary kind);

class ColumnScratch {
 public:
  explicit ColumnScratch(const ColumnEquation& equation);
  int width() const { return width_; }  ///< most modes in one group
  double* y() const { return buffer_.data(); }
  double* w() const { return buffer_.data() + 1L * width_ * rows_; }
  double* f() const { return buffer_.data() + 2L * width_ * rows_; }
  double* sums() const { return buffer_.data() + 3L * width_ * rows_; }

 private:
  int rows_, width_;
  AlignedBuffer<double> buffer_;
};

/// Solves `width` neighbouring modes in place. data: value of row r, mode m at data[r * stride +
/// m]; eigenvalue [width]. `zero_mode`: data[.., 0] is the constant mode of a singular equation.
template <class Real>
void solve_columns(const ColumnEquation& equation, Real* data, long stride,
                   const double* eigenvalue, int width, bool zero_mode,
                   const ColumnScratch& scratch);

/// The first and the last unknown that solve_part() would give between zeros, [width] each; no other is stored.
template <class Real>
void part_ends(const ColumnPart& part, const Real* data, long stride, const double* eigenvalue,
               int width, double* first, double* last, const ColumnScratch& scratch);

/// Solves the part in place between the unknowns `before` and `after` it, [width] each.
template <class Real>
void solve_part(const ColumnPart& part, Real* data, long stride, const double* eigenvalue,
                int width, const double* before, const double* after, const ColumnScratch& scratch);

/// What one more in the unknown before a part (after it) adds to its first and last unknowns.
struct PartResponse {
  double first_to_before, last_to_after;
  double across;  ///< first to after, and last to before
};
PartResponse part_response(const ColumnPart& part, double eigenvalue);

}  // namespace understudy::mesh::detail
