#include "core/timers.hpp"

#include <Kokkos_Core.hpp>

namespace understudy::core {

namespace {

struct Measured {
  double first_s = 0,
         later_s = 0;  ///< of the calls timed one by one, and of those that stand for others
  long long calls = 0, later_timed = 0;
};

constexpr long long first_calls = 8, every = 16;

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
  if (mine.calls <= first_calls) {
    mine.first_s += elapsed.count();
  } else if (timed_) {
    mine.later_s += elapsed.count();
    ++mine.later_timed;
  }
  path.resize(outer_length_);
}

bool is_timed(long long call) { return call < first_calls || call % every == 0; }

double estimated_seconds(double first_s, double later_s, long long calls, long long later_timed) {
  if (later_timed == 0) return first_s;
  const auto later_calls = static_cast<double>(calls - first_calls);
  return first_s + later_s * later_calls / static_cast<double>(later_timed);
}

std::map<std::string, RegionTime> region_times() {
  std::map<std::string, RegionTime> result;
  for (const auto& [name, mine] : times)
    result[name] = {estimated_seconds(mine.first_s, mine.later_s, mine.calls, mine.later_timed),
                    mine.calls};
  return result;
}
void reset_region_times() { times.clear(); }

}  // namespace understudy::core
