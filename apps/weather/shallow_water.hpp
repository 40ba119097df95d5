// The app shallow_water: the shallow-water equations on a cubed sphere.
#pragma once

#include <memory>

#include "apps/simulation/physics.hpp"

namespace understudy::apps {

std::shared_ptr<Physics> make_shallow_water();

}  // namespace understudy::apps
