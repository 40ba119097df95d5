#include "apps/deck/box_section.hpp"

#include "core/format.hpp"

namespace understudy::apps {

void describe_box(core::ParamVisitor& v, mesh::GridParams& grid, const char* help) {
  v.group("grid", grid, help);
  const std::size_t axes = grid.cells.size();
  v.require(
      grid.lower_m.size() == axes && grid.upper_m.size() == axes, "grid",
      core::format("cells has {} entries, lower_m {} and upper_m {}; each must have one per axis",
                   axes, grid.lower_m.size(), grid.upper_m.size()));
}

}  // namespace understudy::apps
