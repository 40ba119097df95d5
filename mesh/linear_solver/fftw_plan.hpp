// FFTW's double and single interfaces under one name, with plans that free themselves. Plans are
// made once and executed on other arrays of the same alignment (fftw's new-array execute functions,
// which several threads may call at once); planning itself is not thread-safe. Private to mesh/: the fft
// solver and fourier_transform.cpp.
#pragma once

#include <fftw3.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace understudy::mesh::detail {

template <class Real>
struct Fftw;

template <>
struct Fftw<double> {
  using Plan = fftw_plan;
  using Complex = fftw_complex;
  static Plan r2c(int n, double* in, Complex* out, unsigned f) {
    return fftw_plan_dft_r2c_1d(n, in, out, f);
  }
  static Plan c2r(int n, Complex* in, double* out, unsigned f) {
    return fftw_plan_dft_c2r_1d(n, in, out, f);
  }
  static Plan r2c(int axes, const int* n, double* in, Complex* out, unsigned f) {
    return fftw_plan_dft_r2c(axes, n, in, out, f);
  }
  static Plan c2r(int axes, const int* n, Complex* in, double* out, unsigned f) {
    return fftw_plan_dft_c2r(axes, n, in, out, f);
  }
  static Plan dft(int n, Complex* in, Complex* out, int sign, unsigned f) {
    return fftw_plan_dft_1d(n, in, out, sign, f);
  }
  static Plan r2r(int n, double* in, double* out, fftw_r2r_kind kind, unsigned f) {
    return fftw_plan_r2r_1d(n, in, out, kind, f);
  }
  static void run_r2c(Plan p, double* in, Complex* out) { fftw_execute_dft_r2c(p, in, out); }
  static void run_c2r(Plan p, Complex* in, double* out) { fftw_execute_dft_c2r(p, in, out); }
  static void run_dft(Plan p, Complex* in, Complex* out) { fftw_execute_dft(p, in, out); }
  static void run_r2r(Plan p, double* in, double* out) { fftw_execute_r2r(p, in, out); }
  static void destroy(Plan p) { fftw_destroy_plan(p); }
};

template <>
struct Fftw<float> {
  using Plan = fftwf_plan;
  using Complex = fftwf_complex;
  static Plan r2c(int n, float* in, Complex* out, unsigned f) {
    return fftwf_plan_dft_r2c_1d(n, in, out, f);
  }
  static Plan c2r(int n, Complex* in, float* out, unsigned f) {
    return fftwf_plan_dft_c2r_1d(n, in, out, f);
  }
  static Plan r2c(int axes, const int* n, float* in, Complex* out, unsigned f) {
    return fftwf_plan_dft_r2c(axes, n, in, out, f);
  }
  static Plan c2r(int axes, const int* n, Complex* in, float* out, unsigned f) {
    return fftwf_plan_dft_c2r(axes, n, in, out, f);
  }
  static Plan dft(int n, Complex* in, Complex* out, int sign, unsigned f) {
    return fftwf_plan_dft_1d(n, in, out, sign, f);
  }
  static Plan r2r(int n, float* in, float* out, fftw_r2r_kind kind, unsigned f) {
    return fftwf_plan_r2r_1d(n, in, out, kind, f);
  }
  static void run_r2c(Plan p, float* in, Complex* out) { fftwf_execute_dft_r2c(p, in, out); }
  static void run_c2r(Plan p, Complex* in, float* out) { fftwf_execute_dft_c2r(p, in, out); }
  static void run_dft(Plan p, Complex* in, Complex* out) { fftwf_execute_dft(p, in, out); }
  static void run_r2r(Plan p, float* in, float* out) { fftwf_execute_r2r(p, in, out); }
  static void destroy(Plan p) { fftwf_destroy_plan(p); }
};

/// Owns one plan; empty by default.
template <class Real>
class FftwPlan {
 public:
  using Plan = typename Fftw<Real>::Plan;
  FftwPlan() = default;
  explicit FftwPlan(Plan plan) : plan_(plan) {}
  FftwPlan(FftwPlan&& other) noexcept : plan_(other.plan_) { other.plan_ = nullptr; }
  FftwPlan& operator=(FftwPlan&& other) noexcept {
    std::swap(plan_, other.plan_);
    return *this;
  }
  ~FftwPlan() {
    if (plan_ != nullptr) Fftw<Real>::destroy(plan_);
  }
  Plan get() const { return plan_; }

 private:
  Plan plan_ = nullptr;
};

/// Cache-line aligned host memory, so that every buffer has the alignment the plans were made for.
template <class T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t count) : size_(count) {
    const std::size_t bytes = (count * sizeof(T) + 63) / 64 * 64 + 64;
    data_.reset(static_cast<T*>(std::aligned_alloc(64, bytes)));
    if (!data_) throw std::bad_alloc();
    for (std::size_t n = 0; n < count; ++n) data_.get()[n] = T(0);
  }
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

/// Row stride in values: at least n + 2, a whole and odd number of cache lines, so that columns of
/// rows spread over all cache sets.
template <class Real>
int padded_row(int n) {
  const int line = 64 / static_cast<int>(sizeof(Real));
  int lines = (n + 2 + line - 1) / line;
  if (lines % 2 == 0) ++lines;
  return lines * line;
}

}  // namespace understudy::mesh::detail
