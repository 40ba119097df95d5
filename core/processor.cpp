#include "core/processor.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

namespace understudy::core {

std::set<std::string> processor_flags(std::istream& cpuinfo) {
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with("flags") && !line.starts_with("Features")) continue;
    std::istringstream words(line.substr(line.find(':') + 1));
    return {std::istream_iterator<std::string>(words), {}};
  }
  return {};
}

const std::set<std::string>& processor_flags() {
  static const std::set<std::string> flags = [] {
    std::ifstream cpuinfo("/proc/cpuinfo");
    return processor_flags(cpuinfo);
  }();
  return flags;
}

bool processor_has_bfloat16(const std::set<std::string>& flags) {
  return flags.contains("amx_tile") || flags.contains("avx512_bf16");
}

}  // namespace understudy::core
