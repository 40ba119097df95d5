// Arbitrary bytes as a file of weights, their checksum let pass: refused, or read and then written and read as
// the same.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "surrogates/network/safetensors.hpp"

namespace {

using namespace understudy::surrogates;

void same(const Safetensors& a, const Safetensors& b) {
  if (a.texts != b.texts || a.arrays.size() != b.arrays.size()) std::abort();
  for (std::size_t n = 0; n < a.arrays.size(); ++n)
    if (a.arrays[n].name != b.arrays[n].name || a.arrays[n].type != b.arrays[n].type ||
        a.arrays[n].shape != b.arrays[n].shape || a.arrays[n].bytes != b.arrays[n].bytes)
      std::abort();
}

void touch(const Safetensors& content) {
  unsigned sum = 0;
  for (const auto& array : content.arrays)
    for (const char byte : array.bytes) sum += static_cast<unsigned char>(byte);
  volatile unsigned used = sum;
  static_cast<void>(used);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  try {
    const Safetensors read = parse_safetensors(file, Checked::no);
    touch(read);
    const std::string written = safetensors_file(read);
    same(read, parse_safetensors(written));
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
