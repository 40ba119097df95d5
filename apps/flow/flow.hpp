// The flow app: incompressible flow (solvers/flow) as a Physics.
#pragma once

#include <memory>

#include "apps/simulation/physics.hpp"

namespace understudy::apps {

std::shared_ptr<Physics> make_flow();

}  // namespace understudy::apps
