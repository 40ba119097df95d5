// Beside what a quantity that is zero everywhere is measured: the others of its unit. The cross-stream
// velocity of a channel flow is 0 but for round-off, and an error relative to that says nothing; beside
// the stream's speed it does.
#pragma once

#include <string>
#include <vector>

namespace understudy::core {

/// A quantity and how large it is (>= 0): a norm, or the largest magnitude.
struct SizedQuantity {
  std::string name, unit;
  double size = 0;
};

struct UnitScale {
  double size = 0;  ///< 0: there is nothing to compare it with
  std::string of;   ///< "u", "the square of u"; empty where size is 0
};

/// Of each: the largest size among those of its unit (itself included), and for a pressure the square of
/// the largest speed (m/s), where that is larger: as it is for m2/s2, times 1 kg/m3 for Pa (the density
/// is not known here; that of a liquid makes the true scale larger). `size` is to be intensive: a root
/// mean square, a largest magnitude.
std::vector<UnitScale> unit_scales(const std::vector<SizedQuantity>& all);

/// Below this share of its scale a quantity is zero but for round-off: 1e-6, some tens of single
/// precision's.
inline constexpr double nothing = 1e-6;

}  // namespace understudy::core
