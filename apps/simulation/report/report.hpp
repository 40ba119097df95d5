// report.html: one self-contained, offline page that says what a replacement gained and what it lost.
//
// Fill a ReportData with measured numbers and call write_report. Whatever was not measured stays empty
// (or nullopt) and the page leaves that section out, or says "not reached" with the given reason; no
// number is invented here. "Truth" is the full simulation, "replacement" the surrogate or guarded swap.
// All quantities in SI; NaN and infinity are legal anywhere and are shown as "not reached" or as gaps.
#pragma once

#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace understudy::apps {

/// The machine and the backends that produced the numbers.
struct ReportHardware {
  std::string cpu, host;
  int ranks = 1;
  int threads = 1;             ///< host threads per rank
  std::string kokkos_backend;  ///< e.g. "OpenMP"
  std::string torch_version, torch_device, torch_precision;
  int torch_threads = 1;
  std::string precision;  ///< of the solver: "double" or "single"
};

/// design: three speed-ups, printed even when the replacement loses.
struct ReportSpeedup {
  /// Wall time of truth / wall time of replacement, same grid, device, precision and threads.
  double same_grid = std::numeric_limits<double>::quiet_NaN();
  /// Wall time of the cheapest classical run that reaches the replacement's error / wall time of the
  /// replacement; empty: none was found, and `equal_error_reason` says why.
  std::optional<double> equal_error;
  std::string equal_error_reason;
  std::string equal_error_run;  ///< that classical run in words, e.g. "128 x 64, dt x 2"
  /// Runs after which data + training is paid back; empty: never, with the reason.
  std::optional<double> break_even_runs;
  std::string break_even_reason;
  double data_core_s = 0, training_core_s = 0;    ///< the investment, in core-seconds
  double calibration_core_s = 0;                  ///< under guard a part of it; 0 elsewhere
  double truth_run_s = 0, replacement_run_s = 0;  ///< wall time of one run over the horizon
  int timing_repeats = 0;                         ///< timed runs after the warm-up; 0: not said
};

/// One row of the cost table.
struct ReportCost {
  std::string item;  ///< "data: 8 simulations"
  double wall_s = std::numeric_limits<double>::quiet_NaN();
  double core_s = std::numeric_limits<double>::quiet_NaN();
  std::string note;
};

/// Rollout error of one field. rel_l2[n] = ||replacement - truth||_2 / ||truth||_2 at time_s[n].
struct ReportError {
  std::string field;
  std::vector<double> time_s = {};
  std::vector<double> rel_l2 = {};
  std::vector<double> persistence =
      {};  ///< same norm for the initial state kept frozen; may be empty
};

/// A named scalar over time for both sides; the sides may differ in length (an unstable rollout ends).
struct ReportDiagnostic {
  std::string name, unit;  ///< "drag coefficient", "1"
  std::string kind;        ///< "conserved", "bounded", "free"
  std::vector<double> truth_time_s = {}, truth = {};
  std::vector<double> replacement_time_s = {}, replacement = {};
};

/// A domain quantity for both sides (Strouhal number, mean drag, lift amplitude...).
struct ReportMetric {
  std::string name, unit;
  double truth = std::numeric_limits<double>::quiet_NaN();
  double replacement = std::numeric_limits<double>::quiet_NaN();
  std::optional<double> published;  ///< value from the literature, with its source
  std::string source;
  std::string note;
};

/// A point of the cost-error plot: a classical run (coarser, looser) or the replacement itself.
struct ReportCostPoint {
  std::string label;  ///< "128 x 64"
  double wall_s = std::numeric_limits<double>::quiet_NaN();
  double error = std::numeric_limits<double>::quiet_NaN();  ///< same norm as the replacement's
};

/// Spectrum of both sides over one axis: wavenumber [1/m] of kinetic energy, frequency [Hz] of lift.
struct ReportSpectrum {
  std::string title, x_name, x_unit, y_name, y_unit;
  std::vector<double> truth_x, truth, replacement_x, replacement;
  bool log_x = true;
};

/// A phase portrait: one diagnostic against another (lift against drag) for both sides.
struct ReportPortrait {
  std::string title, x_name, x_unit, y_name, y_unit;
  std::vector<double> truth_x, truth_y, replacement_x, replacement_y;
};

/// Training history.
struct ReportTraining {
  std::vector<double> epoch;
  std::vector<double> train_loss;
  std::vector<double>
      validation_rollout;  ///< rollout relative L2 on unseen runs; NaN where not run
  std::string loss_name = "training loss";
};

/// One picture as PNG bytes with the range of its colours.
struct ReportPicture {
  std::string png;
  std::string colour_map = "coolwarm";  ///< coolwarm, viridis, inferno
  double lower = 0, upper = 0;
};

/// One time of the side-by-side pictures. `replacement` and `difference` may be empty (it had ended).
struct ReportPictureRow {
  std::string field, unit;
  double time_s = 0;
  ReportPicture truth, replacement, difference;
};

/// One field of the initial state as the modes of a model (surrogates/fields/model_modes.hpp).
struct ReportModes {
  std::string field, unit;
  ReportPicture mean, sum, truth;  ///< sum: mean and all modes
  std::vector<ReportPicture> modes;
  double rel_l2 = 0;                 ///< of the sum
  std::optional<double> model, pod;  ///< held-out frames: by the model, and by as many POD modes
};

/// What the swap did in one window.
struct ReportWindow {
  double start_s = 0, end_s = 0;
  std::string who;  ///< "surrogate" or "simulation"
  std::string why;  ///< "policy always", "gate rejected: divergence", ...
  double trust = std::numeric_limits<double>::quiet_NaN();  ///< 0..1; NaN: no gate
};

/// One of several models on the same data and case; the first is the replacement itself.
struct ReportContender {
  std::string name, network;
  long long weights = 0;
  double training_core_s = std::numeric_limits<double>::quiet_NaN();
  double wall_s = std::numeric_limits<double>::quiet_NaN();
  double same_grid = std::numeric_limits<double>::quiet_NaN();
  std::optional<double> equal_error, break_even_runs;
  std::vector<double> time_s, error;  ///< mean over fields of the relative L2 error, over time
  double mean_error = std::numeric_limits<double>::quiet_NaN();
  std::string failure;  ///< empty: stable to the end
};

/// A run of `compare` in this study's folder (apps/simulation/backend_table.hpp); NaN: not known.
struct ReportBackend {
  std::string backend, device, precision;
  std::string network;        ///< "cpu, fp32"; empty: none
  std::string compared_case;  ///< "256 x 128, flow.reynolds=120, 60 windows"
  std::string date, git;
  int ranks = 1, threads = 1;
  double same_grid = 0, equal_error = 0, simulation_s = 0, replacement_s = 0, error = 0;
  double simulation_j = 0, replacement_j = 0;
};

struct ReportKeyValue {
  std::string key, value;
};

struct ReportData {
  // What was run
  std::string title, verb, app, deck_path, deck_text, deck_hash;
  std::string version, git, started, command;
  ReportHardware hardware;
  std::string case_text;  ///< the case in words, e.g. "cylinder at Re 130, not in the training set"

  // How long and how far
  double horizon_s = 0;           ///< length of the compared rollout
  long long windows = 0;          ///< surrogate windows asked for
  long long stable_windows = 0;   ///< windows until the contract broke; == windows: stable
  std::optional<double> periods;  ///< horizon in periods of the truth (shedding), if it has one
  std::string unstable_reason;    ///< what broke, when stable_windows < windows
  std::string period_name = "shedding periods";

  // Results
  ReportSpeedup speedup;
  std::vector<ReportCost> costs;
  std::vector<ReportError> errors;  ///< the first one leads the verdict
  std::vector<ReportDiagnostic> diagnostics;
  std::vector<ReportMetric> metrics;
  std::vector<ReportCostPoint> classical_points;
  std::optional<ReportCostPoint> replacement_point;
  std::string cost_error_name = "mean relative L2 error";  ///< what `error` of the points is
  std::vector<ReportSpectrum> spectra;
  std::vector<ReportPortrait> portraits;
  std::optional<ReportTraining> training;
  std::vector<ReportContender> contenders;  ///< empty: there was one model
  std::vector<ReportPictureRow> pictures;
  std::vector<ReportModes> modes;  ///< empty: the model has none
  int mode_count = 0;              ///< of the model; fewer may be shown
  std::string swap_policy;
  std::string energy;                   ///< a sentence; empty: nothing is said
  std::vector<ReportBackend> backends;  ///< runs in this folder, this one last; empty: no table
  std::vector<ReportWindow> windows_record;

  // Provenance
  std::vector<ReportKeyValue> model_card;
  std::string model_card_yaml;
  std::vector<ReportKeyValue> provenance;  ///< anything more: compiler, dataset hash, seed
  std::vector<std::string> warnings;       ///< outside the training envelope, unstable, lost...
  std::vector<std::string> method_notes;  ///< how this app measured its quantities, a sentence each
};

/// Writes the page atomically. UserError when Chart.js cannot be found or the disk refuses.
void write_report(const std::filesystem::path& path, const ReportData& data);

/// The one honest sentence that heads the page: faster or slower, at which error, stable how long,
/// beaten by a classical run or not. Plain text.
std::string report_verdict(const ReportData& data);

}  // namespace understudy::apps
