#include "pinn/relative_error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr double rounding = 1e-12;

std::vector<double> weights_of(const Problem& problem, const Points& points) {
  std::vector<double> weights(points.size(), 1.0);
  for (const Term& term : problem.terms) {
    if (term.kind != Term::Kind::interior || term.region.sphere_axis < 0) continue;
    const auto latitude = std::size_t(term.region.sphere_axis) + 1;
    for (std::size_t p = 0; p < points.size(); ++p)
      weights[p] = std::max(0.0, std::cos(points[p][latitude]));
    break;
  }
  return weights;
}

double weighted_mean(const std::vector<double>& values, const std::vector<double>& truth,
                     const std::vector<double>& weights) {
  double sum = 0, weight = 0;
  for (std::size_t p = 0; p < truth.size(); ++p)
    if (std::isfinite(truth[p])) {
      sum += weights[p] * values[p];
      weight += weights[p];
    }
  return weight > 0 ? sum / weight : nothing;
}

// Root mean square about `level`; NaN where nothing is known.
double size_of(const std::vector<double>& truth, const std::vector<double>& weights, double level) {
  std::vector<double> squares;
  for (const double t : truth) squares.push_back((t - level) * (t - level));
  return std::sqrt(weighted_mean(squares, truth, weights));
}

}  // namespace

std::vector<double> relative_l2(const Problem& problem, const Points& points, const Columns& values,
                                const Columns& truth) {
  const std::size_t count = problem.fields.size(), known = std::min(count, truth.size());
  std::vector<double> errors(count, nothing);
  const auto weights = weights_of(problem, points);
  for (std::size_t f = 0; f < std::min(known, values.size()); ++f) {
    double beside = 0;
    for (std::size_t other = 0; other < known; ++other)
      if (problem.fields[other].unit == problem.fields[f].unit)
        beside = std::fmax(beside, size_of(truth[other], weights, 0));
    const auto& free = problem.mean_free;
    const bool mean_free =
        std::find(free.begin(), free.end(), problem.fields[f].name) != free.end();
    const double level = mean_free ? weighted_mean(truth[f], truth[f], weights) : 0;
    const double shift = mean_free ? weighted_mean(values[f], truth[f], weights) - level : 0;
    const double size = size_of(truth[f], weights, level);
    if (!(size > rounding * beside)) continue;
    std::vector<double> squares;
    for (std::size_t p = 0; p < truth[f].size(); ++p)
      squares.push_back(std::pow(values[f][p] - shift - truth[f][p], 2));
    const double error = std::sqrt(weighted_mean(squares, truth[f], weights)) / size;
    errors[f] = std::isfinite(error) ? error : std::numeric_limits<double>::infinity();
  }
  return errors;
}

}  // namespace understudy::pinn
