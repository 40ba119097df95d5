// Thresholds from calibration scores, without a model of how scores are distributed.
//
// Split conformal prediction (Vovk, Gammerman & Shafer 2005; Lei et al. 2018, "Distribution-free predictive
// inference for regression", sec. 2.2): of n scores s_1 ... s_n the ceil((n + 1) q)-th smallest bounds a
// new score with probability >= q (and, without ties, <= q + 1/(n + 1)), provided the n + 1 are
// exchangeable.
//
// Conformal risk control (Angelopoulos, Bates, Fisch, Lei & Schuster 2022, arXiv:2208.02814, eq. 4) for
// the loss L_i(t) = 1 where s_i <= t and e_i > limit (accepted, and wrong): the largest t with
//
//     n / (n + 1) mean_i L_i(t) + 1 / (n + 1) <= risk
//
// has E L_{n+1}(t) <= risk under the same assumption. The probabilities are over calibration and new
// window together (marginal), not for a given state.
#pragma once

#include <vector>

namespace understudy::surrogates {

/// Infinity when n is too small for that quantile (n + 1 < 1 / (1 - q)). A score that is not a number
/// counts as infinite. `quantile` in (0, 1).
double conformal_quantile(std::vector<double> scores, double quantile);

/// The largest t that controls the risk: infinity where any does, minus infinity where none does. Scores and
/// errors that are not numbers count as infinite. UserError when there are not as many errors as scores.
double risk_controlled_threshold(const std::vector<double>& scores,
                                 const std::vector<double>& errors, double error_limit,
                                 double risk);

/// A fraction of `count` cases and the interval that holds the true one with 95% confidence (Wilson 1927).
struct Fraction {
  long long hits = 0, count = 0;
  double value = 0, lower = 0, upper = 1;
};
Fraction fraction_of(long long hits, long long count);

}  // namespace understudy::surrogates
