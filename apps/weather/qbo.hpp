// The qbo app: the quasi-biennial oscillation in columns (solvers/weather/qbo) as a Physics.
#pragma once

#include <memory>

#include "apps/simulation/physics.hpp"

namespace understudy::apps {

std::shared_ptr<Physics> make_qbo();

}  // namespace understudy::apps
