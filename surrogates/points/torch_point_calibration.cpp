// Normalisation, held-out errors and the gate's thresholds; point_model.hpp says what they mean.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>

#include "core/conformal.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"
#include "core/unit_scale.hpp"
#include "surrogates/points/neighbour_tree.hpp"
#include "surrogates/points/torch_point_model.hpp"

namespace understudy::surrogates {

namespace {

std::vector<double> doubles(const at::Tensor& values) {
  const at::Tensor wide = values.to(at::kDouble).contiguous();
  return {wide.const_data_ptr<double>(), wide.const_data_ptr<double>() + wide.numel()};
}

at::Tensor drawn(const at::Tensor& rows, const CalibrationData& data) {
  const std::int64_t count = std::min<std::int64_t>(rows.size(0), data.params.reference_points);
  auto order = core::epoch_order(rows.size(0), static_cast<std::uint64_t>(data.seed), 77);
  order.resize(static_cast<std::size_t>(count));
  return rows.index_select(0, at::tensor(order, at::kLong)).contiguous();
}

std::vector<double> distances(const at::Tensor& reference, const at::Tensor& x, int neighbours) {
  const auto* values = reference.const_data_ptr<float>();
  const NeighbourTree<Kokkos::HostSpace> tree(
      std::vector<float>(values, values + reference.numel()), static_cast<int>(x.size(1)));
  const at::Tensor rows = x.contiguous();
  std::vector<double> scores;
  for (std::int64_t n = 0; n < rows.size(0); ++n)
    scores.push_back(
        tree.mean_distance(rows.const_data_ptr<float>() + n * rows.size(1), neighbours));
  return scores;
}

at::Tensor predict(const PointCard& card, PointEngine& engine, const at::Tensor& x) {
  return engine.predict(card.precision == "float64" ? x.to(at::kDouble) : x).to(at::kFloat);
}

// A quantile of errors that are not numbers would be none.
void require_finite(const PointCard& card, const at::Tensor& members, const at::Tensor& x) {
  const at::Tensor bad = at::isfinite(members).logical_not().flatten(2).any(2).any(0);
  const auto count = bad.sum().item<std::int64_t>();
  if (count == 0) return;
  const auto first = bad.nonzero()[0][0].item<std::int64_t>();
  std::string values;
  for (std::size_t c = 0; c < card.inputs.size(); ++c) {
    const ColumnCard& k = card.inputs[c];
    const double value = x[first][static_cast<std::int64_t>(c)].item<double>() * k.std + k.mean;
    values += core::format("{}{} = {:.7g} {}", c ? ", " : "", k.name, value, k.unit);
  }
  throw core::UserError(core::format(
      "the model's output is not finite at {} of {} held-out points, first at point {} of them ({}); "
      "its error cannot be measured there, nor a gate calibrated",
      count, x.size(0), first, values));
}

// What the error of an output of size `own` is relative to: that, or the `largest` of its unit where the output is
// zero but for round-off; 0: nothing. Truths come out of normalisation in single precision.
double size_beside(double own, double largest, const ColumnCard& column) {
  const double least =
      core::nothing * std::max({largest, std::abs(column.lowest), std::abs(column.highest)});
  if (own > least) return own;
  return largest > least ? largest : 0;
}

}  // namespace

void require_enough(std::int64_t points, double q) {
  const auto least = static_cast<long long>(std::ceil(q / (1 - q) - 1e-9));
  if (points < least)
    throw core::UserError(core::format(
        "gate: {} calibration points do not support the quantile {}; at least {} are needed. Collect "
        "more points, raise gate.calibration_fraction or lower gate.quantile",
        points, q, least));
}

at::Tensor disagreement_of(const at::Tensor& members) {
  return std::get<0>(members.std(0, false).max(1));
}

void fit_columns(std::vector<ColumnCard>& cards, const at::Tensor& rows) {
  for (std::size_t c = 0; c < cards.size(); ++c) {
    const at::Tensor column = rows.select(1, static_cast<std::int64_t>(c));
    cards[c].mean = column.mean().item<double>();
    const double deviation = column.std(false).item<double>();
    // A feature that hardly varies is not blown up to noise.
    cards[c].std = deviation > 1e-12 * std::abs(cards[c].mean) && deviation > 0 ? deviation : 1;
    cards[c].lowest = column.min().item<double>();
    cards[c].highest = column.max().item<double>();
  }
}

at::Tensor normalised(const std::vector<ColumnCard>& cards, const at::Tensor& rows) {
  at::Tensor mean = at::empty({static_cast<std::int64_t>(cards.size())}, at::kDouble);
  at::Tensor std = at::empty_like(mean);
  for (std::size_t c = 0; c < cards.size(); ++c) {
    mean.data_ptr<double>()[c] = cards[c].mean;
    std.data_ptr<double>()[c] = cards[c].std;
  }
  return ((rows - mean) / std).to(at::kFloat).contiguous();
}

void measure_errors(PointCard& card, PointEngine& engine, const at::Tensor& x,
                    const at::Tensor& y) {
  const c10::InferenceMode no_autograd;
  const at::Tensor members = predict(card, engine, x);
  require_finite(card, members, x);
  const at::Tensor miss = (members.mean(0) - y).to(at::kDouble);
  std::vector<core::SizedQuantity> sizes;
  for (std::size_t c = 0; c < card.outputs.size(); ++c) {
    const ColumnCard& column = card.outputs[c];
    const at::Tensor truth =
        y.select(1, static_cast<std::int64_t>(c)).to(at::kDouble) * column.std + column.mean;
    sizes.push_back({column.name, column.unit, truth.square().mean().sqrt().item<double>()});
  }
  const auto scales = core::unit_scales(sizes);
  card.validation.clear();
  for (std::size_t c = 0; c < card.outputs.size(); ++c) {
    const ColumnCard& column = card.outputs[c];
    const at::Tensor error = miss.select(1, static_cast<std::int64_t>(c)) * column.std;
    PointErrorCard e;
    e.output = column.name;
    e.rms = error.square().mean().sqrt().item<double>();
    const double size = size_beside(sizes[c].size, scales[c].size, column);
    e.rel_l2 = size > 0 ? e.rms / size : -1;
    e.largest = error.abs().max().item<double>();
    card.validation.push_back(e);
  }
}

at::Tensor calibrate(PointCard& card, PointEngine& engine, const CalibrationData& data) {
  const c10::InferenceMode no_autograd;
  if (data.inputs.size(0) == 0) return at::zeros({0, data.training.size(1)}, at::kFloat);
  require_enough(data.inputs.size(0), data.params.quantile);
  const at::Tensor reference = drawn(data.training, data);
  PointGateCard& gate = card.gate;
  gate.calibrated = true;
  gate.quantile = data.params.quantile;
  gate.calibration_points = data.inputs.size(0);
  gate.reference_points = reference.size(0);
  gate.neighbours =
      static_cast<int>(std::min<std::int64_t>(data.params.neighbours, reference.size(0)));
  gate.distance =
      conformal_quantile(distances(reference, data.inputs, gate.neighbours), data.params.quantile);
  const at::Tensor members = predict(card, engine, data.inputs);
  require_finite(card, members, data.inputs);
  if (members.size(0) > 1)
    gate.disagreement = conformal_quantile(doubles(disagreement_of(members)), data.params.quantile);
  const at::Tensor miss = (members.mean(0) - data.outputs).abs();
  for (std::size_t c = 0; c < card.validation.size(); ++c)
    card.validation[c].error_bound =
        card.outputs[c].std *
        conformal_quantile(doubles(miss.select(1, static_cast<std::int64_t>(c))),
                           data.params.quantile);
  return reference;
}

}  // namespace understudy::surrogates
