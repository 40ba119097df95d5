// Do settings and problem fit? What can only be said when both are known. No LibTorch types.
#pragma once

#include <vector>

#include "pinn/solver.hpp"

namespace understudy::pinn {

/// UserError naming what is wrong in the problem itself (check_problem), or the deck's key and what would
/// be valid: kinds of points that the problem has and the settings give none of, fewer points than time
/// chunks, time windows or chunks of a problem without time, parts of the box that do not count its
/// inputs, weights of terms that do not exist, a Gauss-Newton step that is too large or not of a sum of squares
/// in double precision.
void require_fit(const Problem& problem, const Settings& settings);

/// What the networks and unknown numbers of a problem have to be trained; where a problem maps its inputs to
/// features, their number is taken for that of the inputs.
long long trained_weights(const Problem& problem, const NetworkSettings& network);
/// Residuals of a step over all ranks.
long long residuals_of_step(const Problem& problem, const SamplingSettings& sampling);
/// Largest matrix that a Gauss-Newton step factors: the smaller of the numbers of residuals and weights.
constexpr long long most_unknowns = 12000;
/// Of rows that a Gauss-Newton step works on at a time.
constexpr double row_block_bytes = 64e6;
/// Bytes of Gauss-Newton steps on the rank that has most.
double gauss_newton_bytes(long long residuals, long long weights, int ranks);

/// The weights that training starts with, in the order of ProblemDescription::terms: the problem's,
/// or the settings' where they name the term.
std::vector<double> start_weights(const Problem& problem, const Settings& settings);

}  // namespace understudy::pinn
