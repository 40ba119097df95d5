// Arbitrary bytes as an STL surface: refused, or a body with an extent and a distance.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "core/error.hpp"
#include "fuzz_support.hpp"
#include "mesh/geometry/stl_surface.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace understudy;
  const fuzz::MemoryFile file(data, size);
  try {
    const auto body = mesh::make_stl_body(file.path(), 1, {0, 0, 0});
    const auto bounds = body->bounds();
    for (int axis = 0; axis < 3; ++axis)
      if (!(bounds[0][axis] <= bounds[1][axis])) std::abort();
    if (std::isnan(body->distance(bounds[0]))) std::abort();
  } catch (const core::UserError&) {
  }
  return 0;
}
