#include "core/memory.hpp"

#include <sys/resource.h>

namespace understudy::core {

double peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  constexpr double unit = 1;
#else
  constexpr double unit = 1024;
#endif
  return unit * static_cast<double>(usage.ru_maxrss);
}

}  // namespace understudy::core
