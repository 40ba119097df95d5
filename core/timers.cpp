#include "core/timers.hpp"

#include <Kokkos_Core.hpp>

namespace understudy::core {

namespace {

struct Measured {
  double seconds = 0;
  long long calls = 0, timed = 0;
};

std::map<std::string, Measured> times;
std::string path;  // of the open regions

constexpr bool asynchronous =
    !Kokkos::SpaceAccessibility<Kokkos::HostSpace,
                                Kokkos::DefaultExecutionSpace::memory_space>::accessible;

}  // namespace

ScopedTimer::ScopedTimer(const char* name) : outer_length_(path.size()) {
  if (!path.empty()) path += '/';
  path += name;
  Kokkos::Profiling::pushRegion(name);
  if constexpr (asynchronous) timed_ = is_timed(times[path].calls);
  if (asynchronous && timed_) Kokkos::fence("begin of a timed region");
  start_ = std::chrono::steady_clock::now();
}

ScopedTimer::~ScopedTimer() {
  if (asynchronous && timed_) Kokkos::fence("end of a timed region");
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  Kokkos::Profiling::popRegion();
  Measured& mine = times[path];
  ++mine.calls;
  if (timed_) {
    mine.seconds += elapsed.count();
    ++mine.timed;
  }
  path.resize(outer_length_);
}

bool is_timed(long long call) {
  constexpr long long first = 8, every = 16;
  return call < first || call % every == 0;
}

double estimated_seconds(double measured, long long calls, long long timed) {
  return timed == 0 ? 0 : measured * (static_cast<double>(calls) / static_cast<double>(timed));
}

std::map<std::string, RegionTime> region_times() {
  std::map<std::string, RegionTime> result;
  for (const auto& [name, mine] : times)
    result[name] = {estimated_seconds(mine.seconds, mine.calls, mine.timed), mine.calls};
  return result;
}
void reset_region_times() { times.clear(); }

}  // namespace understudy::core
