// From the numbers of a comparison to the page that shows them (report.hpp) and to comparison.csv.
#pragma once

#include <string>
#include <vector>

#include "apps/simulation/contenders.hpp"
#include "apps/simulation/report/report.hpp"
#include "apps/simulation/simulation_job.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/fields/model_modes.hpp"

namespace understudy::apps {

/// A comparison with everything that its report needs.
struct ComparisonRecord {
  const SimulationJob& job;
  SimulationDeck& deck;  ///< of the case
  const surrogates::ComparisonResult& result;
  const surrogates::ModelCard& card;  ///< empty name: there was no model
  surrogates::CaseStanding standing;  ///< of the case before the model
  std::vector<std::string> warnings;
  std::vector<mesh::Slice> masks;  ///< of the fixed field `mask`, a picture each; empty: none
  long long members = 0;           ///< of the dataset
  std::vector<ContenderResult> contenders = {};
  std::vector<BackendRow> backends = {};
  surrogates::ModeDecomposition modes = {};  ///< of the initial state
  std::string machine = {};                  ///< load and clock while everything was timed
  std::vector<std::string> sub_models = {};  ///< what validation said against those in use
};

/// What the case is to the model: ", not in the training set, inside its range".
std::string standing_text(const ComparisonRecord& record);
/// How the comparison was made, a sentence each.
std::vector<std::string> method_notes(const ComparisonRecord& record);
/// "unknown", "seen", "inside", "outside": for summary.json.
std::string standing_name(const surrogates::CaseStanding& standing);

/// One side's diagnostics over time.
std::vector<TimeSeries> side_series(const surrogates::ComparisonResult& result, bool truth);

/// Rank 0.
ReportData make_report(const ComparisonRecord& record);
void write_comparison_csv(const std::filesystem::path& path,
                          const surrogates::ComparisonResult& result);
/// A row a bin: where it lies, mean and variance of each side and contender, of each component of the fields. No
/// file where none of them made a window of profiles.
void write_profiles_csv(const std::filesystem::path& path,
                        const surrogates::ComparisonResult& result,
                        const std::vector<ContenderResult>& contenders);

}  // namespace understudy::apps
