// Arbitrary bytes as a SEG-Y file: refused, or traces of one length with finite samples.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "core/error.hpp"
#include "fuzz_support.hpp"
#include "mesh/io/segy_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace understudy;
  const fuzz::MemoryFile file(data, size);
  try {
    const auto read = mesh::read_segy(file.path());
    if (read.traces.empty() || read.interval < 1 || read.text.size() != 40) std::abort();
    for (const auto& trace : read.traces) {
      if (trace.samples.size() != read.traces.front().samples.size()) std::abort();
      for (const double sample : trace.samples)
        if (!std::isfinite(sample)) std::abort();
    }
  } catch (const core::UserError&) {
  }
  return 0;
}
