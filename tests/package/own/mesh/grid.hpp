// Named like one of Understudy's headers, and another one.
#pragma once

namespace own {
struct Grid {
  int triangles;
};
}  // namespace own
