// Wall-clock time by named region. Regions nest: a region opened inside another is recorded as
// "outer/inner". Each is also pushed as a Kokkos profiling region, so that Kokkos Tools see it. On a
// device backend a region's end waits for the device, so that its time is its own.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace understudy::core {

struct RegionTime {
  double seconds = 0;
  long long calls = 0;
};

class ScopedTimer {
 public:
  explicit ScopedTimer(const char* name);
  ~ScopedTimer();
  ScopedTimer(const ScopedTimer&) = delete;
  ScopedTimer& operator=(const ScopedTimer&) = delete;

 private:
  std::size_t outer_length_;
  std::chrono::steady_clock::time_point start_;
};

/// Seconds and calls of every region so far on this rank.
const std::map<std::string, RegionTime>& region_times();
void reset_region_times();

/// Seconds since construction.
class Stopwatch {
 public:
  Stopwatch() : start_(std::chrono::steady_clock::now()) {}
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_;
};

}  // namespace understudy::core
