// Units of inputs, fields and residuals as texts: products of SI units with whole powers, "m2/s", "kg/m/s2",
// "Pa m", "1" for none.
#pragma once

#include <string>

namespace understudy::pinn {

/// UserError naming `what`, the part that is not a unit, and the units that there are.
void require_unit(const std::string& unit, const std::string& what);

}  // namespace understudy::pinn
