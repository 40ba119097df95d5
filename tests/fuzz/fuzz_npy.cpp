// Arbitrary bytes as a NumPy file: refused, or an array whose values fill its shape.
#include <cstdint>
#include <cstdlib>

#include "core/error.hpp"
#include "fuzz_support.hpp"
#include "surrogates/arrays/npy_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace understudy;
  const fuzz::MemoryFile file(data, size);
  try {
    const auto array = surrogates::read_npy(file.path());
    std::size_t count = 1;
    for (const long long length : array.shape) count *= static_cast<std::size_t>(length);
    if (count != array.values.size()) std::abort();
  } catch (const core::UserError&) {
  }
  return 0;
}
