#include "surrogates/swap/trust_space.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/matmul.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace understudy::surrogates {

double TrustSpace::distance(const std::vector<double>& f, int k) const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (static_cast<int>(f.size()) != features || points == 0) return infinity;
  std::vector<double> away(features), y(modes, 0.0);
  double size = 0;
  for (int n = 0; n < features; ++n) {
    away[n] = f[n] - mean[n];
    size += away[n] * away[n];
  }
  if (!std::isfinite(size)) return infinity;
  double inside = 0;
  for (int m = 0; m < modes; ++m) {
    const double* row = &basis[static_cast<std::size_t>(m) * features];
    double sum[4] = {};
    int n = 0;
    for (; n + 4 <= features; n += 4)
      for (int l = 0; l < 4; ++l) sum[l] += row[n + l] * away[n + l];
    for (; n < features; ++n) sum[0] += row[n] * away[n];
    y[m] = sum[0] + sum[1] + sum[2] + sum[3];
    inside += y[m] * y[m];
  }
  std::vector<double> squared(points);
  for (int p = 0; p < points; ++p) {
    const double* row = &training[static_cast<std::size_t>(p) * modes];
    double sum = 0;
    for (int m = 0; m < modes; ++m) sum += (y[m] - row[m]) * (y[m] - row[m]);
    squared[p] = sum;
  }
  const int nearest = std::clamp(k, 1, points);
  std::nth_element(squared.begin(), squared.begin() + (nearest - 1), squared.end());
  double mean_squared = 0;
  for (int p = 0; p < nearest; ++p) mean_squared += squared[p] / nearest;
  return std::sqrt(mean_squared + std::max(0.0, size - inside));
}

TrustSpace fit_trust_space(const std::vector<std::vector<double>>& f) {
  if (f.empty() || f.front().empty())
    throw core::UserError("distance gate: there is no training frame to measure distances to");
  TrustSpace space;
  space.features = static_cast<int>(f.front().size());
  space.points = static_cast<int>(f.size());
  const auto count = static_cast<std::int64_t>(space.points), width = std::int64_t{space.features};
  space.mean.assign(space.features, 0.0);
  for (const auto& row : f)
    for (int n = 0; n < space.features; ++n) space.mean[n] += row[n] / space.points;
  at::Tensor a = at::empty({count, width}, at::kDouble);
  for (int p = 0; p < space.points; ++p)
    for (int n = 0; n < space.features; ++n)
      a.data_ptr<double>()[p * width + n] = f[p].at(n) - space.mean[n];
  // Eigenvalues ascend. Of A^T A or, with fewer points than features, of A A^T (the method of
  // snapshots): the same modes.
  const bool snapshots = count < width;
  const at::Tensor gram = snapshots ? at::matmul(a, a.t()) : at::matmul(a.t(), a);
  const auto [values, vectors] = at::linalg_eigh(gram);
  const double* lambda = values.data_ptr<double>();
  const std::int64_t last = gram.size(0) - 1;
  double whole = 0, kept = 0;
  for (std::int64_t n = 0; n <= last; ++n) whole += std::max(0.0, lambda[n]);
  while (space.modes <= last && kept < kept_variance * whole && lambda[last - space.modes] > 0)
    kept += lambda[last - space.modes++];
  const at::Tensor leading = vectors.narrow(1, last + 1 - space.modes, space.modes).flip(1);
  at::Tensor basis = snapshots ? at::matmul(leading.t(), a) : leading.t();
  if (space.modes > 0) basis = basis.div(basis.square().sum({1}, true).sqrt());
  basis = basis.contiguous();
  const at::Tensor training = at::matmul(a, basis.t()).contiguous();
  space.basis.assign(basis.data_ptr<double>(), basis.data_ptr<double>() + basis.numel());
  space.training.assign(training.data_ptr<double>(),
                        training.data_ptr<double>() + training.numel());
  return space;
}

std::vector<double> features_of(const StateMeasures& measures, const ModelCard& card,
                                const std::vector<double>& parameters) {
  std::vector<double> f;
  const std::size_t channels = card.fields.size(), blocks = measures.block_means.size() / channels;
  const double share = 1 / std::sqrt(static_cast<double>(channels * blocks));
  const double fluctuation_share = 1 / std::sqrt(static_cast<double>(channels));
  for (std::size_t c = 0; c < channels; ++c) {
    const FieldCard& field = card.fields[c];
    // A constant channel counts in the units of those that vary; without one it does not.
    if (!has_scale(card.fields, c)) {
      f.insert(f.end(), blocks + 1, 0.0);
      continue;
    }
    for (std::size_t b = 0; b < blocks; ++b)
      f.push_back(share * (measures.block_means[c * blocks + b] - field.mean) / field.std);
    f.push_back(fluctuation_share * measures.fluctuation[c] / field.std);
  }
  for (std::size_t n = 0; n < card.parameters.size(); ++n)
    f.push_back(parameter_weight * (parameters.at(n) - card.parameters[n].mean) /
                card.parameters[n].std);
  return f;
}

}  // namespace understudy::surrogates
