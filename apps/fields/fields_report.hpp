// What a comparison with recorded fields leaves: metrics, comparison.csv, trajectories.csv and report.html.
#pragma once

#include <string>
#include <vector>

#include "apps/fields/rollout.hpp"
#include "apps/study/summary.hpp"
#include "mesh/io/picture.hpp"

namespace understudy::apps {

/// A channel of the first trajectory at one time, on rank 0.
struct RolloutPicture {
  double time_s = 0;  ///< after the start
  std::string name, unit;
  std::vector<mesh::Slice> data, prediction;
};

struct RolloutResult {
  const surrogates::DatasetReader& data;
  const surrogates::ModelCard& card;
  std::string split;
  long long windows = 0;
  std::vector<TrajectoryErrors> trajectories = {};
  std::vector<ChannelErrors> mean = {};
  std::string mean_field = {};  ///< what it is the mean of
  std::vector<RolloutPicture> pictures = {};
  std::vector<std::string> warnings = {};

  /// Wall time of a window of the model (s).
  double wall_of_window() const;
  long long failed() const;  ///< trajectories whose prediction did not stay finite
};

void summarise(const RolloutResult& result, Summary& summary);
/// Rank 0 alone.
void write_csv(const Job& job, const RolloutResult& result);
void write_report(const Job& job, const RolloutResult& result);

}  // namespace understudy::apps
