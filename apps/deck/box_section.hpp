// The section `grid` of decks whose grid is a box.
#pragma once

#include "core/params.hpp"
#include "mesh/grid.hpp"

namespace understudy::apps {

/// The group `grid` with its help; corners and cells must have one entry an axis.
void describe_box(core::ParamVisitor& v, mesh::GridParams& grid, const char* help);

}  // namespace understudy::apps
