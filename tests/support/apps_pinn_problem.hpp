// What the description of a problem of two terms, one field and one unknown number says.
#pragma once

#include "pinn/solver.hpp"

namespace understudy::tests {

inline pinn::ProblemDescription two_terms() {
  pinn::ProblemDescription about;
  about.terms = {"inside.momentum", "start.u"};
  about.fields = {{"u", "m/s", "speed"}};
  about.parameters = {{.name = "viscosity",
                       .unit = "m2/s",
                       .help = "",
                       .start = 0,
                       .lower = 0,
                       .upper = 1,
                       .truth = 0.5}};
  return about;
}

}  // namespace understudy::tests
