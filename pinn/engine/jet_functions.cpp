#include "pinn/engine/jet_functions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#if defined(__AVX512F__) && !defined(__CUDACC__)
#include <immintrin.h>
#endif

// glibc says that these have vector forms only under -ffast-math, which changes far more than them.
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__) && defined(__GLIBC__) && \
    defined(__x86_64__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 35)
extern "C" {
__attribute__((simd("notinbranch"))) double tanh(double) noexcept;
__attribute__((simd("notinbranch"))) float tanhf(float) noexcept;
__attribute__((simd("notinbranch"))) double sin(double) noexcept;
__attribute__((simd("notinbranch"))) float sinf(float) noexcept;
__attribute__((simd("notinbranch"))) double cos(double) noexcept;
__attribute__((simd("notinbranch"))) float cosf(float) noexcept;
}
#endif

namespace understudy::pinn {

namespace {

float hyperbolic_tangent(float z) { return ::tanhf(z); }
double hyperbolic_tangent(double z) { return ::tanh(z); }
float sine(float z) { return ::sinf(z); }
double sine(double z) { return ::sin(z); }
float cosine(float z) { return ::cosf(z); }
double cosine(double z) { return ::cos(z); }

}  // namespace

template <class Real>
void tanh_of(long long n, Real scale, const Real* z, Real* y) {
#pragma omp simd
  for (long long i = 0; i < n; ++i) y[i] = hyperbolic_tangent(scale * z[i]);
}

template <class Real>
void sin_cos_of(long long n, const Real* z, Real* s, Real* c) {
  // Apart, so that the compiler does not make one call of the two, which has no vector form.
#pragma omp simd
  for (long long i = 0; i < n; ++i) s[i] = sine(z[i]);
#pragma omp simd
  for (long long i = 0; i < n; ++i) c[i] = cosine(z[i]);
}

template <class Real>
void store_past_caches(long long n, const Real* from, Real* to) {
  long long done = 0;
#if defined(__AVX512F__) && !defined(__CUDACC__)
  constexpr long long lanes = 64 / sizeof(Real);
  if (reinterpret_cast<std::uintptr_t>(to) % 64 == 0) {
    for (; done + lanes <= n; done += lanes)
      _mm512_stream_si512(reinterpret_cast<__m512i*>(to + done), _mm512_loadu_si512(from + done));
    _mm_sfence();
  }
#endif
  std::copy(from + done, from + n, to + done);
}

template void store_past_caches(long long, const float*, float*);
template void store_past_caches(long long, const double*, double*);
template void tanh_of(long long, float, const float*, float*);
template void tanh_of(long long, double, const double*, double*);
template void sin_cos_of(long long, const float*, float*, float*);
template void sin_cos_of(long long, const double*, double*, double*);

}  // namespace understudy::pinn
