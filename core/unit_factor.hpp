// Units as texts, and the factor between two of them: "km/s" to "m/s" is 1000.
//
// A unit is a product and quotient of names with whole powers: "m/s", "kg/m3", "kg/m^3", "kg m-3", "m2/s",
// "1". Names: those of the SI and its prefixes (kPa, mm, us, MHz), min, h, d, bar, atm, psi, ft, in, deg, t.
#pragma once

#include <optional>
#include <string>

namespace understudy::core {

/// What a value in `from` is multiplied by to be one in `to`; nothing where either is not known or they
/// measure different things (an offset, as between degC and K, is no factor).
std::optional<double> unit_factor(const std::string& from, const std::string& to);

/// The same, but a UserError "WHERE: is in kPb, which is not known; Pa is wanted (or ...)".
double require_unit_factor(const std::string& from, const std::string& to,
                           const std::string& where);

}  // namespace understudy::core
