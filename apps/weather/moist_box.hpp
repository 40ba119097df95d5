// The moist box (solvers/weather/moist_box) as a Physics.
#pragma once

#include <memory>

#include "apps/simulation/physics.hpp"

namespace understudy::apps {

std::shared_ptr<Physics> make_moist_box();

}  // namespace understudy::apps
