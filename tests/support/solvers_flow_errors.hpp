// Flows whose parameters are wrong, for the tests of what is said of them.
#pragma once

#include "support/solvers_flow_case.hpp"

namespace flow_test {

inline const mesh::GridParams plane{{0, 0}, {4, 2}, {64, 32}, {}};
inline const mesh::GridParams cube{{0, 0, 0}, {1, 1, 1}, {8, 8, 8}, {}};

inline std::string error_of(const FlowParams& params, const mesh::GridParams& box = plane) {
  return user_error([&] { Case<double> c(params, box); });
}

inline FlowParams closed() {
  FlowParams params;
  params.reynolds = 100;
  set_sides(params, {"wall", "wall", "wall", "wall"});
  return params;
}

inline FlowParams channel() {
  FlowParams params = closed();
  set_sides(params, {"inflow", "outflow"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
  return params;
}

inline void expect_text(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

}  // namespace flow_test
