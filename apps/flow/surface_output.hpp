// Pressure and friction along the bodies' surfaces, where flow.surface.files asks for it: at every output
// <out>/surface/surface_<window>.csv, a row a piece (in 2-D anticlockwise about each body), the windows' times in
// <out>/surface/times.csv, and for ParaView surface.pvd.
#pragma once

#include "apps/simulation/physics.hpp"
#include "solvers/flow/flow_params.hpp"

namespace understudy::apps {

template <class Real>
solvers::Observer<Real> surface_output(const solvers::FlowParams& params,
                                       const SamplerSetup& setup);

}  // namespace understudy::apps
