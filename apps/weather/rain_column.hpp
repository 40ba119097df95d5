// The rain_column app: shallow cumulus in columns (solvers/weather/rain_column) as a Physics.
#pragma once

#include <memory>

#include "apps/simulation/physics.hpp"

namespace understudy::apps {

std::shared_ptr<Physics> make_rain_column();

}  // namespace understudy::apps
