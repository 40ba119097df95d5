// Wall-clock time by named region. Regions nest: a region opened inside another is recorded as
// "outer/inner". Each is also pushed as a Kokkos profiling region, so that Kokkos Tools see it. On a
// device backend a region's time is its own only where its begin and its end wait for the device. A step that
// waited at each of its regions would be slowed by that, so some calls are timed there, the first ones and then
// every sixteenth, and stand for all.
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
  bool timed_ = true;
  std::chrono::steady_clock::time_point start_;
};

/// Seconds and calls of every region so far on this rank.
std::map<std::string, RegionTime> region_times();
/// Whether a device's region is timed at its n-th call, from 0; and what all its calls took, by those that were.
bool is_timed(long long call);
double estimated_seconds(double first_s, double later_s, long long calls, long long later_timed);
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
