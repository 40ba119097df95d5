// report.html: one self-contained, offline page that says what a replacement gained and what it lost.
//
// A ReportData is a comparison's result and what the page adds to it: words, pictures, provenance. Whatever
// was not measured stays empty (or unknown) and the page leaves that section out, or says "not reached"
// with the given reason; no number is invented here. "Truth" is the full simulation, "replacement" the
// surrogate or guarded swap.
// All quantities in SI; NaN and infinity are legal anywhere and are shown as "not reached" or as gaps.
#pragma once

#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "apps/simulation/backend_table.hpp"
#include "apps/simulation/physics.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/fields/model.hpp"

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

/// One row of the cost table.
struct ReportCost {
  std::string item;  ///< "data: 8 simulations"
  double wall_s = std::numeric_limits<double>::quiet_NaN();
  double core_s = std::numeric_limits<double>::quiet_NaN();
  std::string note;
};

/// A domain quantity for both sides (Strouhal number, mean drag, lift amplitude...).
struct ReportMetric {
  std::string name, unit;
  double truth = std::numeric_limits<double>::quiet_NaN();
  double replacement = std::numeric_limits<double>::quiet_NaN();
  std::optional<double> published;  ///< value from the literature, with its source
  std::string source;
  std::string note;
  double scale = 0;  ///< Quantity::scale, of the truth
  /// A truth that is small beside what it swings by is no measure of a difference.
  bool is_small() const { return std::abs(truth) < scale; }
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
  std::string plane = {};  ///< where it lies in a volume: "middle of y"
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

/// One of several models on the same data and case; the first is the replacement itself.
struct ReportContender {
  std::string name;
  const surrogates::ModelCard& card;
  const surrogates::ComparisonResult& result;
};

struct ReportKeyValue {
  std::string key, value;
};

struct ReportData {
  explicit ReportData(const surrogates::ComparisonResult& measured) : result(measured) {}

  const surrogates::ComparisonResult& result;  ///< its first error leads the verdict

  // What was run
  std::string title, verb, app, deck_path, deck_text, deck_hash;
  std::string version, git, started, command;
  ReportHardware hardware;
  std::string case_text;  ///< the case in words, e.g. "cylinder at Re 130, not in the training set"

  // How long and how far
  double window_s = 0;
  long long windows = 0;  ///< surrogate windows asked for; it may have lasted fewer
  double horizon_s() const { return static_cast<double>(windows) * window_s; }
  std::optional<double> periods;  ///< horizon in periods of the truth (shedding), if it has one
  std::string period_name = "shedding periods";

  // Results
  double data_core_s = 0, training_core_s = 0;  ///< the investment, in core-seconds
  double calibration_core_s = 0;                ///< under guard a part of it; 0 elsewhere
  std::vector<ReportCost> costs;
  std::vector<ReportMetric> metrics;
  std::vector<Portrait> portraits;  ///< of the result's diagnostics
  std::optional<ReportTraining> training;
  std::vector<ReportContender> contenders;  ///< empty: there was one model
  std::vector<ReportPictureRow> pictures;
  std::vector<ReportModes> modes;  ///< empty: the model has none
  int mode_count = 0;              ///< of the model; fewer may be shown
  std::string swap_policy;
  std::string machine;  ///< load and clock while everything was timed; empty: not known
  std::string energy;   ///< a sentence; empty: nothing is said
  std::vector<BackendRow> backends;  ///< runs in this folder, this one last; empty: no table

  // Provenance
  std::string model_verdict;  ///< what validation said against the model; empty: nothing
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
/// Its first paragraph: speed, error, whether that is a replacement at all, and a contender that is better.
std::string report_lead(const ReportData& data);
/// The other sentences, which qualify it.
std::string report_rest(const ReportData& data);

}  // namespace understudy::apps
