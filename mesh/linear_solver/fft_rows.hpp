// Real transforms of one row of cell-centred values that diagonalise the second difference
//     (2 x_i - x_{i-1} - x_{i+1}) / h^2
// with each pair of boundary kinds (Swarztrauber 1977; Makhoul 1980 for the DCT by one real FFT):
//     periodic            real FFT
//     Neumann-Neumann     cosine transform II
//     Dirichlet-Dirichlet sine transform II = cosine transform II of (-1)^i x_i
//     Neumann-Dirichlet   cosine transform IV, by a complex FFT of half the length
//     Dirichlet-Neumann   the same of the reversed row
// Even lengths run on FFTW's vectorised complex and real-to-complex kernels with the twiddles here,
// which is about twice as fast as FFTW's own r2r kinds (scalar code); odd lengths use the r2r
// kinds.
//
// The coefficients ("modes") are left in whatever order the FFT gives: eigenvalues() says what each
// slot holds. Unnormalised: inverse(forward(x)) = x / scale().
#pragma once

#include <vector>

#include "mesh/linear_solver/fftw_plan.hpp"
#include "mesh/linear_solver/linear_solver.hpp"

namespace understudy::mesh::detail {

template <class Real>
class FftRows {
 public:
  FftRows(int n, LinearBoundary lower, LinearBoundary upper, double spacing);

  int size() const { return n_; }
  /// Eigenvalue of each slot, 1/m2, each >= 0. Slot 0 is the constant mode where there is one.
  const std::vector<double>& eigenvalues() const { return eigenvalues_; }
  double scale() const { return scale_; }

  /// in [n] (any alignment) -> slots [n + 2 capacity, 64-byte aligned]; scratch as slots.
  void forward(const Real* in, Real* slots, Real* scratch) const;
  /// slots (destroyed) -> out [n] (any alignment).
  void inverse(Real* slots, Real* out, Real* scratch) const;

 private:
  enum class Kind { real_fft, cosine2, sine2, cosine4, reversed_cosine4, r2r };
  void plan_even();
  void plan_odd(LinearBoundary lower, LinearBoundary upper);
  void set_eigenvalues(LinearBoundary lower, LinearBoundary upper, double spacing);

  int n_;
  Kind kind_;
  double scale_ = 1;
  std::vector<double> eigenvalues_;
  std::vector<Real> twiddle_;  ///< cos, sin interleaved [n/2, 2]
  FftwPlan<Real> forward_, inverse_;
};

extern template class FftRows<float>;
extern template class FftRows<double>;

}  // namespace understudy::mesh::detail
