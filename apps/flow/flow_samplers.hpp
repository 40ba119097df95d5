// Probes and lines of a flow deck as CSV: <out>/probes.csv, one row a window, and
// <out>/lines/<name>_<window>.csv at every output, one row a point, with the windows' times in
// <out>/lines/times.csv.
#pragma once

#include <filesystem>
#include <vector>

#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/run_loop.hpp"

namespace understudy::apps {

/// `resumed_at_s` < 0: a new run. Empty where the deck asks for none.
template <class Real>
std::vector<solvers::Observer<Real>> flow_samplers(const solvers::FlowParams& params,
                                                   std::shared_ptr<const mesh::BoxGrid> grid,
                                                   const std::filesystem::path& out,
                                                   double resumed_at_s);

}  // namespace understudy::apps
