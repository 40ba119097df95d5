#include "core/denormals.hpp"

#include <Kokkos_Core.hpp>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace understudy::core {

namespace {

#if defined(__SSE2__)
constexpr unsigned flush_bits = 0x8040;  // flush to zero, denormals are zero

bool is_on() { return (_mm_getcsr() & flush_bits) == flush_bits; }

void set_here(bool on) { _mm_setcsr(on ? _mm_getcsr() | flush_bits : _mm_getcsr() & ~flush_bits); }
#elif defined(__aarch64__)
constexpr unsigned long long flush_bits = 1ULL << 24;

unsigned long long control() {
  unsigned long long value;
  __asm__ volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}

bool is_on() { return (control() & flush_bits) != 0; }

void set_here(bool on) {
  const unsigned long long value = on ? control() | flush_bits : control() & ~flush_bits;
  __asm__ volatile("msr fpcr, %0" : : "r"(value));
}
#else
bool is_on() { return true; }
void set_here(bool) {}
#endif

void set_everywhere(bool on) {
  using Host = Kokkos::DefaultHostExecutionSpace;
  const int threads = Host().concurrency();
  // One chunk a thread: each sets its own register.
  Kokkos::parallel_for(
      "denormals",
      Kokkos::RangePolicy<Host, Kokkos::Schedule<Kokkos::Static>>(0, threads, Kokkos::ChunkSize(1)),
      [on](const int) { set_here(on); });
  Host().fence();
  set_here(on);
}

}  // namespace

FlushDenormals::FlushDenormals() : was_on_(is_on()) {
  if (!was_on_) set_everywhere(true);
}

FlushDenormals::~FlushDenormals() {
  if (!was_on_) set_everywhere(false);
}

}  // namespace understudy::core
