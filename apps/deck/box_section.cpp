#include "apps/deck/box_section.hpp"

namespace understudy::apps {

void describe_box(core::ParamVisitor& v, mesh::GridParams& grid, const char* help) {
  v.group("grid", grid, help);
}

}  // namespace understudy::apps
