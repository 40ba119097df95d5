// What a flow's parameters say to the loads on the bodies' surfaces.
#pragma once

#include "solvers/flow/flow_params.hpp"
#include "solvers/flow/surface_loads.hpp"

namespace understudy::solvers {

flow::SurfaceMedium surface_medium(const FlowParams& params);

/// The place whose pressure counts as zero in pressure coefficients: the deck's, else the middle of the first inflow
/// side. Without either the mean over the fluid
/// counts, and the point means nothing.
bool has_reference_point(const FlowParams& params);
mesh::Point reference_point(const FlowParams& params, const mesh::BoxGrid& grid);

}  // namespace understudy::solvers
