// The section, velocity, sources and receivers that the travel-time problems share. No LibTorch types.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "pinn/classical_methods/travel_times.hpp"
#include "pinn/problem_info.hpp"

namespace understudy::pinn {

struct TomographySetting {
  static constexpr double width_m = 3000, depth_m = 2000;
  static constexpr double reference_m_s =
      2500;  ///< of the factor T0 of the networks' arrival times
  static constexpr double slowest_m_s = 1500, fastest_m_s = 4500;  ///< that a network may find
  VelocityModel velocity;
  double spacing_m = 5;  ///< of the reference solver's nodes

  /// The constants of the catalog's entries and what they choose.
  static std::vector<ConstantInfo> constants();
  /// UserError for a spacing that does not divide 1000 m.
  static TomographySetting from(const ProblemChoice& choice);
  ArrivalTimes arrivals(std::array<double, 2> source_m) const;
  std::vector<InputInfo> inputs() const;
};

}  // namespace understudy::pinn
