// The verb `plan`, as the program calls it: it prints, as `check` does, and leaves no file.
#pragma once

#include <string>

#include "apps/simulation/plan.hpp"
#include "apps/study/study.hpp"

namespace understudy::apps {

/// What `plan` prints of a deck that takes it. Collective.
std::string planned(OpenStudy& open, const PlanOptions& options);

}  // namespace understudy::apps
