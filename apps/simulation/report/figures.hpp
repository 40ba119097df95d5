// Figures that come from wall times, with as many digits as their scatter leaves them.
#pragma once

#include <string>

#include "surrogates/comparison/interleaved_timing.hpp"

namespace understudy::apps::report {

/// A value to so many significant digits, zeros after them: rounded(38.2, 1) is "40".
std::string rounded(double value, int digits);

/// "38" where repeats agree, "40 (31 to 55)" where they do not; "at most 38" for an upper bound.
std::string figure(double value, const surrogates::Scatter& scatter, bool at_most = false);
/// "31 to 55 in 5 timed runs", "1 timed run: its scatter is not known".
std::string scatter_text(const surrogates::Scatter& scatter);

}  // namespace understudy::apps::report
