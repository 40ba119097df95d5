// What problems on a period share: features, a reference and the usual method by Fourier modes (private to
// pinn/).
#pragma once

#include <functional>
#include <vector>

#include "pinn/problems/periodic_spectral.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

/// Inputs x, t to cos(k x), sin(k x), t: whatever network follows is periodic in x (Dong & Ni 2021), with
/// all its derivatives. Time runs over [-time_scale, time_scale].
void make_periodic(Problem& problem, double time_scale = 1);

/// Solved when first asked.
Reference periodic_reference(const PeriodicEquation& equation, const PeriodicRun& run);
/// `steps`: of a run at so many points, to time `end`.
ClassicalMethod periodic_method(const PeriodicEquation& equation, double end,
                                std::vector<int> resolutions,
                                const std::function<int(int points)>& steps);

}  // namespace understudy::pinn
