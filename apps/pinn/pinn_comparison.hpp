// A network beside the problem's classical method at equal error (Grossmann, Komorowska, Latz & Schoenlieb
// 2023): the cheapest classical run that is at least as accurate in every field that is judged, by wall time
// on this machine. A network that loses is said to lose.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/pinn/classical_inversion.hpp"
#include "apps/pinn/pinn_result.hpp"

namespace understudy::apps {

struct PinnComparison {
  std::string method;  ///< empty: the problem has none
  std::vector<pinn::ClassicalRun> runs;
  bool inverse = false;                      ///< something is found from samples
  std::string inversion;                     ///< what is usually done for it; empty: not said
  std::optional<ClassicalInversion> beside;  ///< compare.inversion
  std::vector<InversionRow> beside_rows;
  // Of the classical runs: one rank.
  int threads = 1;
  std::string device = "cpu";
  double cores = 1;  ///< cores that the classical runs hold: core time is wall time times them
  int train_ranks = 1, train_threads = 1;
  std::string train_device = "cpu";
  double train_core_s = 0;  ///< wall time times ranks times threads
  double train_s = 0;       ///< the network's training, wall time
  double error = 0;         ///< the network's, largest of the fields that are judged
  /// [run] largest error of the fields that are judged; not finite where the run failed.
  std::vector<double> worst;
  double evaluation_s = 0;  ///< reading the network on the evaluation grid
  int equal = -1;           ///< index of the classical run as accurate as the network; -1: none is
  std::string worse_elsewhere;  ///< in which fields that are not judged it is worse, and by what
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
/// On the same device and as many cores: only then wall times say which is faster.
bool same_machine(const PinnComparison& comparison);
/// The outcome in plain words.
std::string comparison_words(const PinnComparison& comparison);

}  // namespace understudy::apps
