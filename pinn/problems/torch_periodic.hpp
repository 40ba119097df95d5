// What problems on a period share: features, a reference and the usual method by Fourier modes (private to
// pinn/).
#pragma once

#include <functional>
#include <vector>

#include "pinn/classical_methods/periodic_spectral.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

/// Inputs x, t to cos(k x), sin(k x), t: whatever network follows is periodic in x (Dong & Ni 2021), with
/// all its derivatives. Time runs over [-time_scale, time_scale] in every window.
void make_periodic(Problem& problem, double time_scale = 1);

/// Gives a problem in x, t its initial values: as the term 'initial' (time windows need that) or, `exactly`,
/// by u = g u_0 + (1 - g) b N with g = exp(-t / duration), so that a network has the equation alone to learn.
/// b: of x, 0 where a boundary's values are u_0's; empty: 1. Where u_0 has a kink that no later time has,
/// `continued` stands in its place: u_0 at t = 0, as near as it says, smooth behind.
struct Start {
  std::function<Jet(const Jet& x)> values = {};
  std::function<Jet(const Jet& x, const Jet& t)> continued = {};
  bool exactly = true;
  double duration = 1;
  std::function<Jet(const Jet& x)> inside = {};
};
void add_start(Problem& problem, const Start& start);
/// The constant that chooses, and what was chosen (by default: a term).
ConstantInfo exact_start(double value);
bool starts_exactly(const ProblemChoice& choice);

/// Solved when first asked.
Reference periodic_reference(const PeriodicEquation& equation, const PeriodicRun& run);
/// `steps`: of a run at so many points, to time `end`.
ClassicalMethod periodic_method(const PeriodicEquation& equation, double end,
                                std::vector<int> resolutions,
                                const std::function<int(int points)>& steps);

}  // namespace understudy::pinn
