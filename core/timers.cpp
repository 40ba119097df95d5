#include "core/timers.hpp"

#include <Kokkos_Core.hpp>

namespace understudy::core {

namespace {

std::map<std::string, RegionTime> times;
std::string path;  // of the open regions

constexpr bool asynchronous =
    !Kokkos::SpaceAccessibility<Kokkos::HostSpace,
                                Kokkos::DefaultExecutionSpace::memory_space>::accessible;

}  // namespace

ScopedTimer::ScopedTimer(const char* name) : outer_length_(path.size()) {
  if (!path.empty()) path += '/';
  path += name;
  Kokkos::Profiling::pushRegion(name);
  if constexpr (asynchronous) Kokkos::fence();
  start_ = std::chrono::steady_clock::now();
}

ScopedTimer::~ScopedTimer() {
  if constexpr (asynchronous) Kokkos::fence();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  Kokkos::Profiling::popRegion();
  RegionTime& mine = times[path];
  mine.seconds += elapsed.count();
  ++mine.calls;
  path.resize(outer_length_);
}

const std::map<std::string, RegionTime>& region_times() { return times; }
void reset_region_times() { times.clear(); }

}  // namespace understudy::core
