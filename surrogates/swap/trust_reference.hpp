// What a model's gates were calibrated with, and on what: `trust.safetensors` in the model folder. The
// thresholds at the training deck's settings stand in the card (model.hpp, CalibrationCard); the scores that they
// come from stand here, so that other quantiles, limits and combinations of gates need no new rollouts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "surrogates/swap/gate_params.hpp"
#include "surrogates/swap/trust_space.hpp"

namespace understudy::surrogates {

/// Values of one diagnostic over training frames and one-window predictions from them.
struct DiagnosticRange {
  std::string name;
  double lowest = 0, highest = 0;
  double change = 0;  ///< largest change over one window
};

/// Scores and errors of calibration windows.
struct CalibrationTable {
  std::vector<std::string> gates;
  std::vector<std::vector<double>> scores;  ///< [gate][window]
  std::vector<double> errors;               ///< [window]: mean over fields of the relative L2 error
  std::vector<int> rollouts;                ///< [window]: which rollout it is of
  std::size_t windows() const { return errors.size(); }
  int rollout_count() const;
};

struct TrustReference {
  TrustSpace space;
  std::vector<DiagnosticRange> diagnostics;
  CalibrationTable table;
  int neighbours = 0;  ///< settings of the gates while they were calibrated
  double residual_fraction = 0;
  int members = 1;  ///< networks that disagreement was measured between
};

/// One file in LibTorch's archive format with a checksum; renamed into place. UserError.
void save_trust(const std::filesystem::path& path, const TrustReference& reference);
TrustReference load_trust(const std::filesystem::path& path);

/// What a set of gates is held against. A gate alone is held against the quantile of all windows. Of
/// several the scores are first brought to one scale, each gate's quantile over every second rollout; the
/// largest score / scale of the *other* rollouts gives the common bound. Were both from the same windows,
/// each gate's scale would fit these and not a new one, and several gates would reject more than asked
/// for (with as many windows as the quantile needs, almost once for each gate).
struct Thresholds {
  std::vector<double> gates;  ///< scales, in the order of `use`
  /// Of the largest score / threshold: by split conformal prediction alone, by risk control alone, and
  /// the smaller of them. 0: nothing is accepted.
  double by_quantile = 0, by_risk = 0, combined = 0;
  bool enough = true;  ///< false: too few windows for that quantile; the largest score bounds
};

/// UserError when a gate in `use` was not calibrated or was calibrated by other settings.
Thresholds thresholds_of(const TrustReference& reference, const GateParams& params);

}  // namespace understudy::surrogates
