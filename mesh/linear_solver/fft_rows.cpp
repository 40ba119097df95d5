#include "mesh/linear_solver/fft_rows.hpp"

#include <cmath>
#include <numbers>

#include "mesh/loops.hpp"

namespace understudy::mesh::detail {

namespace {

constexpr double pi = std::numbers::pi;

/// out_m = in_m * (c_m + i s_m), complex interleaved; sign -1 multiplies by the conjugate.
template <class Real>
void multiply(const Real* in, const Real* twiddle, Real sign, int begin, int end, Real* out) {
  independent(begin, end, [=](const int m) {
    const Real re = in[2 * m], im = in[2 * m + 1];
    const Real c = twiddle[2 * m], s = sign * twiddle[2 * m + 1];
    out[2 * m] = re * c - im * s;
    out[2 * m + 1] = re * s + im * c;
  });
}

/// Makhoul's order: even entries forwards, then odd entries backwards (times `odd`).
template <class Real>
void fold(const Real* __restrict in, Real odd, int n, Real* __restrict out) {
  const int half = n / 2;
  for (int m = 0; m < half; ++m) out[m] = in[2 * m];
  for (int m = 0; m < half; ++m) out[half + m] = odd * in[n - 1 - 2 * m];
}

template <class Real>
void unfold(const Real* __restrict in, Real odd, int n, Real* __restrict out) {
  const int half = n / 2;
  for (int m = 0; m < half; ++m) {
    out[2 * m] = in[m];
    out[2 * m + 1] = odd * in[n - 1 - m];
  }
}

/// t_m = (x_{2m} + i x_{n-1-2m}) twiddle_m; the reversed row swaps the two.
template <class Real>
void fold_quarter(const Real* __restrict x, const Real* __restrict tw, int n, bool reversed,
                  Real* __restrict out) {
  const int half = n / 2;
  if (!reversed) {
    for (int m = 0; m < half; ++m) {
      const Real re = x[2 * m], im = x[n - 1 - 2 * m], c = tw[2 * m], s = tw[2 * m + 1];
      out[2 * m] = re * c - im * s;
      out[2 * m + 1] = re * s + im * c;
    }
  } else {
    for (int m = 0; m < half; ++m) {
      const Real re = x[n - 1 - 2 * m], im = x[2 * m], c = tw[2 * m], s = tw[2 * m + 1];
      out[2 * m] = re * c - im * s;
      out[2 * m + 1] = re * s + im * c;
    }
  }
}

template <class Real>
void unfold_quarter(const Real* __restrict t, const Real* __restrict tw, int n, bool reversed,
                    Real* __restrict x) {
  const int half = n / 2;
  // x_{2m} comes from t_m, x_{2m+1} from t_{half-1-m}: both written in one pass, in order.
  for (int m = 0; m < half; ++m) {
    const int o = half - 1 - m;
    const Real re = t[2 * m] * tw[2 * m] + t[2 * m + 1] * tw[2 * m + 1];
    const Real im = t[2 * o + 1] * tw[2 * o] - t[2 * o] * tw[2 * o + 1];
    if (!reversed) {
      x[2 * m] = re;
      x[2 * m + 1] = im;
    } else {
      x[n - 1 - 2 * m] = re;
      x[n - 2 - 2 * m] = im;
    }
  }
}

template <class Real>
typename Fftw<Real>::Complex* complex_of(Real* p) {
  return reinterpret_cast<typename Fftw<Real>::Complex*>(p);
}

}  // namespace

template <class Real>
FftRows<Real>::FftRows(int n, LinearBoundary lower, LinearBoundary upper, double spacing) : n_(n) {
  using B = LinearBoundary;
  if (n % 2 != 0)
    kind_ = Kind::r2r;
  else if (lower == B::periodic)
    kind_ = Kind::real_fft;
  else if (lower == upper)
    kind_ = lower == B::neumann ? Kind::cosine2 : Kind::sine2;
  else
    kind_ = lower == B::neumann ? Kind::cosine4 : Kind::reversed_cosine4;
  if (kind_ == Kind::r2r)
    plan_odd(lower, upper);
  else
    plan_even();
  set_eigenvalues(lower, upper, spacing);
}

// Measured plans differ from run to run, and with them the round-off: the same deck would not give the
// same result, nor a restart the uninterrupted one.
constexpr unsigned plan_by = FFTW_ESTIMATE;

template <class Real>
void FftRows<Real>::plan_even() {
  using F = Fftw<Real>;
  AlignedBuffer<Real> a(n_ + 2), b(n_ + 2);
  const bool quarter = kind_ == Kind::cosine4 || kind_ == Kind::reversed_cosine4;
  if (quarter) {
    forward_ = FftwPlan<Real>(
        F::dft(n_ / 2, complex_of(a.data()), complex_of(b.data()), FFTW_FORWARD, plan_by));
    inverse_ = FftwPlan<Real>(
        F::dft(n_ / 2, complex_of(a.data()), complex_of(b.data()), FFTW_BACKWARD, plan_by));
    scale_ = 2.0 / n_;
  } else {
    forward_ = FftwPlan<Real>(F::r2c(n_, a.data(), complex_of(b.data()), plan_by));
    inverse_ = FftwPlan<Real>(F::c2r(n_, complex_of(a.data()), b.data(), plan_by));
    scale_ = 1.0 / n_;
  }
  twiddle_.resize(n_ + 2);
  for (int m = 0; m < n_ / 2; ++m) {
    const double angle = quarter ? -pi * (4 * m + 0.5) / (4.0 * n_) : -pi * m / (2.0 * n_);
    twiddle_[2 * m] = static_cast<Real>(std::cos(angle));
    twiddle_[2 * m + 1] = static_cast<Real>(std::sin(angle));
  }
}

template <class Real>
void FftRows<Real>::plan_odd(LinearBoundary lower, LinearBoundary upper) {
  using B = LinearBoundary;
  fftw_r2r_kind there = FFTW_R2HC, back = FFTW_HC2R;
  if (lower == B::neumann && upper == B::neumann) {
    there = FFTW_REDFT10;
    back = FFTW_REDFT01;
  } else if (lower == B::dirichlet && upper == B::dirichlet) {
    there = FFTW_RODFT10;
    back = FFTW_RODFT01;
  } else if (lower == B::neumann) {
    there = back = FFTW_REDFT11;
  } else if (lower == B::dirichlet) {
    there = back = FFTW_RODFT11;
  }
  AlignedBuffer<Real> a(n_ + 2), b(n_ + 2);
  forward_ = FftwPlan<Real>(Fftw<Real>::r2r(n_, a.data(), b.data(), there, plan_by));
  inverse_ = FftwPlan<Real>(Fftw<Real>::r2r(n_, a.data(), b.data(), back, plan_by));
  scale_ = lower == B::periodic ? 1.0 / n_ : 0.5 / n_;
}

template <class Real>
void FftRows<Real>::set_eigenvalues(LinearBoundary lower, LinearBoundary upper, double spacing) {
  // The wave number of slot s, as the angle per half cell: lambda = (2 sin(angle) / h)^2.
  auto angle = [&](int s) -> double {
    const int n = n_, m = s / 2, half = n / 2;
    switch (kind_) {
      case Kind::real_fft:
        return pi * (s == 1 ? half : m) / n;
      case Kind::cosine2:
        return pi / 2 * (s == 1 ? half : s % 2 == 0 ? m : n - m) / n;
      case Kind::sine2:
        return pi / 2 * (n - (s == 1 ? half : s % 2 == 0 ? m : n - m)) / n;
      case Kind::cosine4:
      case Kind::reversed_cosine4:
        return pi / 4 * (2 * (s % 2 == 0 ? 2 * m : n - 1 - 2 * m) + 1) / n;
      case Kind::r2r:
        break;
    }
    if (lower == LinearBoundary::periodic) return pi * (s <= n / 2 ? s : n - s) / n;
    if (lower != upper) return pi / 4 * (2 * s + 1) / n;
    return pi / 2 * (lower == LinearBoundary::neumann ? s : s + 1) / n;
  };
  eigenvalues_.resize(n_);
  for (int s = 0; s < n_; ++s) {
    const double root = 2 * std::sin(angle(s)) / spacing;
    eigenvalues_[s] = root * root;
  }
}

template <class Real>
void FftRows<Real>::forward(const Real* in, Real* slots, Real* scratch) const {
  using F = Fftw<Real>;
  const int half = n_ / 2;
  switch (kind_) {
    case Kind::real_fft:
      std::copy_n(in, n_, scratch);
      F::run_r2c(forward_.get(), scratch, complex_of(slots));
      slots[1] = slots[n_];
      break;
    case Kind::cosine2:
    case Kind::sine2:
      fold(in, Real(kind_ == Kind::cosine2 ? 1 : -1), n_, scratch);
      F::run_r2c(forward_.get(), scratch, complex_of(slots));
      slots[1] = slots[n_];
      multiply(slots, twiddle_.data(), Real(1), 1, half, slots);
      break;
    case Kind::cosine4:
    case Kind::reversed_cosine4:
      fold_quarter(in, twiddle_.data(), n_, kind_ == Kind::reversed_cosine4, scratch);
      F::run_dft(forward_.get(), complex_of(scratch), complex_of(slots));
      multiply(slots, twiddle_.data(), Real(1), 0, half, slots);
      break;
    case Kind::r2r:
      std::copy_n(in, n_, scratch);
      F::run_r2r(forward_.get(), scratch, slots);
      break;
  }
}

template <class Real>
void FftRows<Real>::inverse(Real* slots, Real* out, Real* scratch) const {
  using F = Fftw<Real>;
  const int half = n_ / 2;
  switch (kind_) {
    case Kind::real_fft:
    case Kind::cosine2:
    case Kind::sine2:
      if (kind_ != Kind::real_fft) multiply(slots, twiddle_.data(), Real(-1), 1, half, slots);
      slots[n_] = slots[1];
      slots[n_ + 1] = slots[1] = 0;
      F::run_c2r(inverse_.get(), complex_of(slots), scratch);
      if (kind_ == Kind::real_fft)
        std::copy_n(scratch, n_, out);
      else
        unfold(scratch, Real(kind_ == Kind::cosine2 ? 1 : -1), n_, out);
      break;
    case Kind::cosine4:
    case Kind::reversed_cosine4:
      multiply(slots, twiddle_.data(), Real(-1), 0, half, slots);
      F::run_dft(inverse_.get(), complex_of(slots), complex_of(scratch));
      unfold_quarter(scratch, twiddle_.data(), n_, kind_ == Kind::reversed_cosine4, out);
      break;
    case Kind::r2r:
      F::run_r2r(inverse_.get(), slots, scratch);
      std::copy_n(scratch, n_, out);
      break;
  }
}

template class FftRows<float>;
template class FftRows<double>;

}  // namespace understudy::mesh::detail
