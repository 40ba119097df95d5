// A network beside the problem's classical method at equal error (Grossmann, Komorowska, Latz & Schoenlieb
// 2023): the cheapest classical run that is at least as accurate in every field, by wall time on this
// machine. A network that loses is said to lose.
#pragma once

#include <string>
#include <vector>

#include "apps/pinn/pinn_result.hpp"

namespace understudy::apps {

struct PinnComparison {
  std::string method;  ///< empty: the problem has none
  std::vector<pinn::ClassicalRun> runs;
  bool inverse = false;         ///< the problem has unknown parameters
  double train_s = 0;           ///< of the network
  double error = 0;             ///< of the network, largest of the fields
  double evaluation_s = 0;      ///< reading the network on the evaluation grid
  int equal = -1;               ///< of runs; -1: none is as accurate
  double training_ratio = 0;    ///< training to the equal run's time; above 1 the network loses
  double evaluation_ratio = 0;  ///< evaluation to the equal run's time
  /// Evaluations after which training is paid back where each would need a solve; NaN: never.
  double break_even = 0;
};

/// Runs the classical method at its first `most` resolutions (0: all). On this rank alone.
PinnComparison run_comparison(const PinnResult& result, int most);
/// From runs, errors and times: which run is equal, and the ratios.
void judge(PinnComparison& comparison, const PinnResult& result);
/// Three significant digits, without a power of ten.
std::string ratio_text(double ratio);
/// The outcome in plain words.
std::string comparison_words(const PinnComparison& comparison);

}  // namespace understudy::apps
