// Which diagnostics compare.statistics names.
#pragma once

#include <string>
#include <vector>

#include "solvers/stepper.hpp"

namespace understudy::apps {

/// Full names of the diagnostics that are asked for by their full name or by what stands behind its last dot
/// ("lift_coefficient" for "flow.lift_coefficient"). UserError, naming compare.statistics and those that there are,
/// for one that is none, or the last name of several.
std::vector<std::string> statistic_names(const std::vector<std::string>& asked,
                                         const std::vector<solvers::Diagnostic>& all);

}  // namespace understudy::apps
