// How benches without Google Benchmark read a clock.
#pragma once

#include <Kokkos_Core.hpp>
#include <algorithm>

#include "core/timers.hpp"

namespace understudy::bench {

/// Best of several runs of f after a first one, in seconds, each until the device is done.
template <class F>
double best_time(const F& f, int repeats = 5) {
  f();
  Kokkos::fence("before a timed run");
  double best = 1e300;
  for (int n = 0; n < repeats; ++n) {
    const core::Stopwatch watch;
    f();
    Kokkos::fence("timed");
    best = std::min(best, watch.seconds());
  }
  return best;
}

}  // namespace understudy::bench
