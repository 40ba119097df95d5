// What of a simulation can be found from measurements (invert), as its physics names it.
#pragma once

#include <string>

namespace understudy::apps {

struct UnknownKind {
  enum class Form {
    number,   ///< above 0, or some alike that share start and bounds
    numbers,  ///< of any sign, one an axis
    state     ///< the initial state, a start by formulas
  };
  std::string name;          ///< in assimilation.unknowns, and the key of its section
  std::string unit, suffix;  ///< "m2/s", "_m2_s": of its keys
  std::string help;          ///< "kinematic viscosity"
  Form form = Form::number;
  double lower = 0, upper = 0;  ///< a number's default bounds; upper 0: none
};

}  // namespace understudy::apps
