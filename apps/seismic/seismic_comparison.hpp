// What comparing the ways to a model came to: over test models, and as report.html.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "apps/seismic/methods.hpp"

namespace understudy::apps::seismic {

/// One test model by all ways, in the deck's order.
struct ComparedModel {
  long long number = 0;  ///< in the dataset
  std::vector<double> truth, start;
  std::vector<WayResult> ways;
};

/// Means over the test models; times in wall seconds.
struct WaySummary {
  std::string way;
  ModelError error;
  double misfit_ratio = 0, wall_s = 0;
  double investment_core_s = 0;    ///< data and training that the way needs
  int reached = 0;                 ///< models on which it reached fwi's final model error
  double time_to_fwi_error_s = 0;  ///< mean over those; NaN: none
  double speedup = 0;              ///< fwi's time to its end / this way's to its own
  /// fwi's time to the way's final error / the way's own to it, geometric mean over models. Where fwi never
  /// gets there its whole time stands in: then it is a lower bound.
  double speedup_equal_error = 0;
  int fwi_never = 0;             ///< models on which fwi never reaches the way's final error
  double break_even_models = 0;  ///< NaN: never
  double learned_share = 0;      ///< learned_forward: iterations by the network
};

struct SeismicComparison {
  std::vector<ComparedModel> models;
  std::vector<WaySummary> ways;
  surrogates::ArrayMapCard inversion, forward;  ///< empty names where there is none
  double data_core_s = 0;
  int ranks = 1, threads = 1;
};

/// First time (s) at which a course has at most that relative L2 model error; NaN: never.
double time_to_error(const WayResult& way, double rel_l2);

/// How a way's end compares with full-waveform inversion's, by every measure there is: model error, MAE,
/// SSIM, data misfit. "is better by every measure (...)", "is worse in SSIM (...), better in ...".
std::string accuracy_verdict(const WaySummary& way, const WaySummary& fwi);

std::vector<WaySummary> summarise_ways(const SeismicComparison& comparison);

/// <out>/report.html. Rank 0 only. UserError where it cannot be written.
void write_seismic_report(const SeismicJob& job, const SeismicComparison& comparison);

}  // namespace understudy::apps::seismic
