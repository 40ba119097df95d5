#include "surrogates/swap/trust_reference.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "core/conformal.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/torch_archive.hpp"

namespace understudy::surrogates {

namespace {

at::Tensor tensor_from(const std::vector<double>& values) {
  at::Tensor t = at::empty({static_cast<std::int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), t.data_ptr<double>());
  return t;
}

std::vector<double> values_in(const at::Tensor& tensor) {
  const at::Tensor t = tensor.to(at::kDouble).contiguous();
  return {t.data_ptr<double>(), t.data_ptr<double>() + t.numel()};
}

std::string lines_of(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += name + "\n";
  return text;
}

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// A threshold that no score exceeds is no threshold: without enough windows the largest finite score
// bounds, and what it promises is less than the quantile.
double bounded_quantile(const std::vector<double>& scores, double quantile, bool& enough) {
  const double q = conformal_quantile(scores, quantile);
  if (std::isfinite(q)) return q;
  enough = false;
  double largest = 0;
  for (const double s : scores)
    if (std::isfinite(s)) largest = std::max(largest, s);
  return largest;
}

constexpr double smallest = 1e-12;    // of a threshold: scores are divided by it
constexpr double least_slack = 0.05;  // of an envelope, in its half-widths

}  // namespace

int CalibrationTable::rollout_count() const {
  auto sorted = rollouts;
  std::sort(sorted.begin(), sorted.end());
  return static_cast<int>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
}

void save_trust(const std::filesystem::path& path, const TrustReference& r) {
  NamedTensors content;
  auto put = [&](const std::string& name, const std::vector<double>& values) {
    content.tensors.emplace_back(name, tensor_from(values));
  };
  put("space.mean", r.space.mean);
  put("space.basis", r.space.basis);
  put("space.training", r.space.training);
  std::vector<std::string> names;
  std::vector<double> ranges;
  for (const DiagnosticRange& d : r.diagnostics) {
    names.push_back(d.name);
    ranges.insert(ranges.end(), {d.lowest, d.highest, d.change});
  }
  put("diagnostics", ranges);
  put("errors", r.table.errors);
  put("rollouts", {r.table.rollouts.begin(), r.table.rollouts.end()});
  for (std::size_t g = 0; g < r.table.gates.size(); ++g)
    put("scores." + r.table.gates[g], r.table.scores[g]);
  put("settings", {1.0 * r.space.points, 1.0 * r.space.modes, 1.0 * r.neighbours,
                   r.residual_fraction, 1.0 * r.members});
  content.texts["diagnostics"] = lines_of(names);
  content.texts["gates"] = lines_of(r.table.gates);
  write_archive(path, content);
}

TrustReference load_trust(const std::filesystem::path& path) {
  const NamedTensors content = read_archive(path, "calibration");
  TrustReference r;
  try {
    const auto settings = values_in(content.at("settings"));
    r.space.points = static_cast<int>(settings.at(0));
    r.space.modes = static_cast<int>(settings.at(1));
    r.neighbours = static_cast<int>(settings.at(2));
    r.residual_fraction = settings.at(3);
    r.members = static_cast<int>(settings.at(4));
    r.space.mean = values_in(content.at("space.mean"));
    r.space.features = static_cast<int>(r.space.mean.size());
    r.space.basis = values_in(content.at("space.basis"));
    r.space.training = values_in(content.at("space.training"));
    const auto sized = [](const std::vector<double>& values, int rows, int columns) {
      if (rows < 0 || columns < 0 || values.size() != std::size_t(rows) * std::size_t(columns))
        throw std::out_of_range("its sizes do not fit");
    };
    sized(r.space.basis, r.space.modes, r.space.features);
    sized(r.space.training, r.space.points, r.space.modes);
    const auto names = lines_in(content.texts.at("diagnostics"));
    const auto ranges = values_in(content.at("diagnostics"));
    for (std::size_t n = 0; n < names.size(); ++n)
      r.diagnostics.push_back(
          {names[n], ranges.at(3 * n), ranges.at(3 * n + 1), ranges.at(3 * n + 2)});
    r.table.errors = values_in(content.at("errors"));
    for (const double n : values_in(content.at("rollouts")))
      r.table.rollouts.push_back(static_cast<int>(n));
    r.table.gates = lines_in(content.texts.at("gates"));
    for (const auto& gate : r.table.gates)
      r.table.scores.push_back(values_in(content.at("scores." + gate)));
    for (const auto& scores : r.table.scores)
      if (scores.size() != r.table.windows() || r.table.rollouts.size() != r.table.windows())
        throw std::out_of_range("its sizes do not fit");
  } catch (const std::out_of_range& error) {
    throw core::UserError(
        core::format("calibration {} is incomplete ({}); `understudy calibrate` makes it anew",
                     path.string(), error.what()));
  }
  return r;
}

namespace {

// Which windows set the gates' scales and which ones the common bound (trust_reference.hpp).
struct Halves {
  std::vector<std::size_t> scale, bound;
};

Halves halves_of(const CalibrationTable& table, std::size_t gates) {
  Halves halves;
  const bool one_rollout = table.rollout_count() < 2;
  for (std::size_t n = 0; n < table.windows(); ++n) {
    const bool even = one_rollout ? n % 2 == 0 : table.rollouts[n] % 2 == 0;
    if (gates == 1 || even) halves.scale.push_back(n);
    if (gates == 1 || !even) halves.bound.push_back(n);
  }
  return halves;
}

std::vector<double> at_windows(const std::vector<double>& values,
                               const std::vector<std::size_t>& windows) {
  std::vector<double> some;
  for (const std::size_t n : windows) some.push_back(values[n]);
  return some;
}

[[noreturn]] void refuse(const std::string& what) {
  throw core::UserError(
      "swap.gate: " + what +
      "; `understudy calibrate` with this deck calibrates the model's gates anew");
}

// The gate's scores, calibrated by the settings that the deck has. UserError.
const std::vector<double>& scores_of(const std::string& gate, const TrustReference& reference,
                                     const GateParams& params) {
  const CalibrationTable& table = reference.table;
  const auto at = std::find(table.gates.begin(), table.gates.end(), gate);
  if (at == table.gates.end()) {
    std::string known;
    for (const auto& name : table.gates) known += (known.empty() ? "" : ", ") + name;
    refuse(core::format("the gate {} has no calibration in this model (it has {})", gate, known));
  }
  if (gate == "distance" && params.neighbours != reference.neighbours)
    refuse(core::format("distance was calibrated with {} neighbours, and the deck asks for {}",
                        reference.neighbours, params.neighbours));
  if (gate == "residual" && params.residual_fraction != reference.residual_fraction)
    refuse(
        core::format("residual was calibrated with residual_fraction {}, and the deck asks for {}",
                     reference.residual_fraction, params.residual_fraction));
  return table.scores[at - table.gates.begin()];
}

}  // namespace

Thresholds thresholds_of(const TrustReference& reference, const GateParams& params) {
  const CalibrationTable& table = reference.table;
  Thresholds t;
  if (table.windows() == 0) refuse("the model's gates have no calibration");
  const Halves halves = halves_of(table, params.use.size());
  std::vector<double> largest(halves.bound.size(), 0.0);
  for (const auto& gate : params.use) {
    const auto& scores = scores_of(gate, reference, params);
    double scale = bounded_quantile(at_windows(scores, halves.scale), params.quantile, t.enough);
    // Calibration windows that all lie within the envelope say nothing of what lies just beyond it.
    const bool envelope = gate == "range" || gate == "diagnostics";
    scale = std::max(scale, envelope ? least_slack : smallest);
    t.gates.push_back(scale);
    for (std::size_t n = 0; n < largest.size(); ++n) {
      const double score = scores[halves.bound[n]];
      largest[n] = std::max(
          largest[n], std::isnan(score) ? std::numeric_limits<double>::infinity() : score / scale);
    }
  }
  // Never below the scales themselves, an envelope's least slack among them: that accepts more windows
  // than the quantile asks for, not fewer.
  t.by_quantile = std::max(1.0, bounded_quantile(largest, params.quantile, t.enough));
  t.by_risk = risk_controlled_threshold(largest, at_windows(table.errors, halves.bound),
                                        params.error_limit, params.risk);
  t.combined = std::clamp(std::min(t.by_quantile, t.by_risk), 0.0, 1e30);
  return t;
}

}  // namespace understudy::surrogates
