// What tests of problems share: their entries with the constants at hand, relative errors, and jets of a
// reference by central differences, so that residuals can be asked about the truth.
#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pinn/problem_info.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn::probe {

using Columns = std::vector<std::vector<double>>;

inline std::shared_ptr<const Problem> made(const ProblemEntry& entry,
                                           const std::map<std::string, double>& changed = {}) {
  ProblemChoice choice;
  for (const auto& info : entry.constants) choice.constants[info.name] = info.value;
  for (const auto& [name, value] : changed) choice.constants.at(name) = value;
  return entry.make(choice);
}

/// Relative L2 distance of the first fields.
inline double distance(const Columns& a, const Columns& b) {
  double error = 0, norm = 0;
  for (std::size_t p = 0; p < b[0].size(); ++p) {
    error += std::pow(a[0][p] - b[0][p], 2);
    norm += std::pow(b[0][p], 2);
  }
  return std::sqrt(error / norm);
}

/// The first field of the reference at points [point, input] with its derivatives along the directions of
/// `spec`, by differences of sixth order (orders 1, 2) and fourth order (3, 4) over steps of `step` times
/// the domain's width along each input.
inline Jet reference_jet(const Problem& problem, const std::shared_ptr<const JetSpec>& spec,
                         const at::Tensor& points, double step) {
  const auto value_at = [&](const std::vector<double>& vector, int shift) {
    Columns moved;
    for (std::int64_t p = 0; p < points.size(0); ++p) {
      moved.emplace_back();
      for (std::size_t i = 0; i < vector.size(); ++i)
        moved.back().push_back(points[p][std::int64_t(i)].item<double>() +
                               shift * step * vector[i]);
    }
    const auto u = problem.reference(moved)[0];
    return at::tensor(u, at::kDouble);
  };
  // [order - 1][shift + 3]
  const std::vector<std::vector<double>> rows = {
      {-1. / 60, 3. / 20, -3. / 4, 0, 3. / 4, -3. / 20, 1. / 60},
      {1. / 90, -3. / 20, 3. / 2, -49. / 18, 3. / 2, -3. / 20, 1. / 90},
      {1. / 8, -1, 13. / 8, 0, -13. / 8, 1, -1. / 8},
      {-1. / 6, 2, -13. / 2, 28. / 3, -13. / 2, 2, -1. / 6}};
  std::vector<at::Tensor> channels{value_at(std::vector<double>(std::size_t(spec->inputs())), 0)};
  for (const auto& direction : spec->directions()) {
    std::vector<at::Tensor> around;
    for (int shift = -3; shift <= 3; ++shift) around.push_back(value_at(direction.vector, shift));
    for (int order = 1; order <= direction.order; ++order) {
      at::Tensor sum = at::zeros_like(channels[0]);
      for (std::size_t n = 0; n < 7; ++n) sum = sum + rows[std::size_t(order - 1)][n] * around[n];
      channels.push_back(sum / std::pow(step, order));
    }
  }
  return {spec, channels};
}

/// Root mean square of a term's first residual of the reference, in units of its scale.
inline double reference_residual(const Problem& problem, const Term& term, const at::Tensor& points,
                                 double step) {
  const auto spec =
      std::make_shared<const JetSpec>(int(problem.inputs.size()), derivatives_of(problem, term));
  Fields::Source source;
  source.problem = &problem;
  source.points = points;
  source.jets = {reference_jet(problem, spec, points, step)};
  const auto residual = term.residuals(Fields(source))[0] / term.equations[0].scale;
  return residual.square().mean().sqrt().item<double>();
}

}  // namespace understudy::pinn::probe
