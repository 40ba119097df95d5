// Vortex shedding measured from the force coefficients over time.
#pragma once

#include <algorithm>
#include <cstdio>

#include "support/solvers_flow_case.hpp"

namespace flow_test {

struct Shedding {
  double strouhal = 0, drag_mean = 0, drag_max = 0, lift_max = 0, lift_min = 0, lift_amplitude = 0;
  double periods = 0;
};

/// Advances to `end` in windows; measures from `start` on over whole periods of the lift (upward
/// crossings of its mean). Strouhal number = frequency x length / speed.
template <class Real>
Shedding run_shedding(Case<Real>& c, double end, double start, double window, double length,
                      double speed) {
  std::vector<double> t, drag, lift;
  const long long windows = std::llround(end / window);
  for (long long n = 1; n <= windows; ++n) {
    c.solver.advance(c.state, window);
    if (c.state.time_s < start) continue;
    t.push_back(c.state.time_s);
    for (const auto& d : c.solver.diagnostics(c.state)) {
      if (d.name == "flow.drag_coefficient") drag.push_back(d.value);
      if (d.name == "flow.lift_coefficient") lift.push_back(d.value);
    }
  }
  double mean = 0;
  for (const double value : lift) mean += value / static_cast<double>(lift.size());
  std::vector<double> crossings;
  std::vector<std::size_t> at;
  for (std::size_t n = 1; n < t.size(); ++n)
    if (lift[n - 1] < mean && lift[n] >= mean) {
      crossings.push_back(t[n - 1] +
                          (t[n] - t[n - 1]) * (mean - lift[n - 1]) / (lift[n] - lift[n - 1]));
      at.push_back(n);
    }
  Shedding s;
  if (crossings.size() < 2) return s;
  s.periods = static_cast<double>(crossings.size() - 1);
  s.strouhal = s.periods / (crossings.back() - crossings.front()) * length / speed;
  double sum = 0;
  for (std::size_t n = at.front(); n < at.back(); ++n) sum += drag[n];
  s.drag_mean = sum / static_cast<double>(at.back() - at.front());
  s.drag_max = *std::max_element(drag.begin() + at.front(), drag.begin() + at.back());
  s.lift_max = *std::max_element(lift.begin() + at.front(), lift.begin() + at.back());
  s.lift_min = *std::min_element(lift.begin() + at.front(), lift.begin() + at.back());
  s.lift_amplitude = 0.5 * (s.lift_max - s.lift_min);
  return s;
}

inline void print_shedding(const char* title, const Shedding& s) {
  std::printf(
      "%s: St %.4f, drag mean %.4f max %.4f, lift max %.4f min %.4f amplitude %.4f, %g periods\n",
      title, s.strouhal, s.drag_mean, s.drag_max, s.lift_max, s.lift_min, s.lift_amplitude,
      s.periods);
}

}  // namespace flow_test
