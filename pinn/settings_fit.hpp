// Do settings and problem fit? What can only be said when both are known. No LibTorch types.
#pragma once

#include <vector>

#include "pinn/solver.hpp"

namespace understudy::pinn {

/// UserError naming what is wrong in the problem itself (check_problem), or the deck's key and what would
/// be valid: kinds of points that the problem has and the settings give none of, fewer points than time
/// chunks, time windows or chunks of a problem without time, parts of the box that do not count its
/// inputs, weights of terms that do not exist.
void require_fit(const Problem& problem, const Settings& settings);

/// The weights that training starts with, in the order of ProblemDescription::terms: the problem's,
/// or the settings' where they name the term.
std::vector<double> start_weights(const Problem& problem, const Settings& settings);

}  // namespace understudy::pinn
