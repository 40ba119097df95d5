// The flow app: incompressible flow (solvers/flow) behind the verbs' seam.
#pragma once

#include <memory>

#include "apps/simulation/physics.hpp"

namespace understudy::apps {

std::shared_ptr<Domain> make_flow();

}  // namespace understudy::apps
