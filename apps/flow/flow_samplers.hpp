// Probes and lines of a flow deck as CSV: <out>/probes.csv, one row a window, and
// <out>/lines/<name>_<window>.csv at every output, one row a point, with the windows' times in
// <out>/lines/times.csv.
#pragma once

#include <vector>

#include "apps/simulation/physics.hpp"
#include "solvers/flow/flow_params.hpp"
#include "solvers/run_loop.hpp"

namespace understudy::apps {

/// Those, and what is written of the bodies' surfaces (surface_output.hpp). Empty where the deck asks for none.
/// `before`: the probes of the run that is gone on with; where one of the same name lies elsewhere now, the table
/// until then is set aside. Collective.
template <class Real>
std::vector<solvers::Observer<Real>> flow_samplers(
    const solvers::FlowParams& params, const SamplerSetup& setup,
    const std::vector<solvers::FlowProbeParams>& before);

}  // namespace understudy::apps
