// Training of a problem's networks (private to pinn/): phases of steps, one after the other - stages at
// other constants, then the deck's own, for each window of time - with the techniques that the settings
// name. All is collective over the ranks of the task.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/timers.hpp"
#include "pinn/solver.hpp"
#include "pinn/torch_windows.hpp"
#include "pinn/training/torch_gauss_newton.hpp"
#include "pinn/training/torch_losses.hpp"
#include "pinn/training/torch_optimiser.hpp"
#include "pinn/training/torch_points.hpp"
#include "pinn/training/torch_rank_reduction.hpp"
#include "surrogates/network/torch_archive.hpp"

namespace understudy::pinn {

/// UserError for settings that do not fit the problem.
void check_settings(const TrainingTask& task);

/// Steps at one problem.
struct Phase {
  std::shared_ptr<const Problem> problem;  ///< for the whole of time
  int window = 0;
  long long steps = 0;
  bool ends_window = false;
};

class PinnTrainer {
 public:
  explicit PinnTrainer(const TrainingTask& task);
  TrainingResult run();

 private:
  void add_phases();
  void begin_window(const Phase& phase);
  void begin_phase(const Phase& phase);
  void run_phase(const Phase& phase);
  /// One step; what is lost in it is worked out where it is wanted.
  HistoryLine advance(long long step, bool wanted);
  HistoryLine advance_gauss_newton(const std::vector<TermPoints>& points);
  void end_early();
  void adapt(long long step);
  void clip(at::Tensor& gradient, const Losses::Result& result);
  std::string what_is_largest(const Losses::Result& result) const;
  void run_refinement(const Phase& phase);
  void record(HistoryLine line, bool evaluate);
  std::shared_ptr<Solution> solution() const;
  std::vector<double> errors_now();
  ModelSetup setup_of(const std::shared_ptr<const Problem>& problem, at::ScalarType type) const;
  PointPlan plan_of(std::shared_ptr<const Problem> problem) const;

  // Time.
  double elapsed_s() const;
  double position(const Phase& phase) const;
  double end_of_phase_s(const Phase& phase) const;

  // Checkpoints (torch_checkpoint.cpp).
  std::filesystem::path checkpoint_file() const;
  bool each_rank_writes() const;
  void save_checkpoint();
  bool restore();
  /// Of another generation than rank 0's, too.
  void require_same_training(const surrogates::NamedTensors& content,
                             const std::string& file) const;
  void require_finite() const;
  void restore_phase();
  void stop_if_asked();

  const TrainingTask& task_;
  const Settings& s_;
  RankReduction sharing_;
  std::vector<Phase> phases_;
  std::vector<double> edges_;                   ///< of the windows; empty: one, without bounds
  std::vector<std::shared_ptr<Model>> models_;  ///< of windows that are done
  std::shared_ptr<Model> model_;
  std::unique_ptr<PinnOptimiser> optimiser_;
  std::unique_ptr<GaussNewton> gauss_newton_;  ///< in its place
  int refused_ = 0;                            ///< steps of it in a row
  std::unique_ptr<PointSource> points_;
  std::unique_ptr<Losses> losses_;
  std::size_t phase_ = 0;  ///< now
  long long step_ = 0;     ///< of the phase
  long long taken_ = 0;    ///< steps of all phases
  double earlier_s_ = 0;   ///< of training, before this run or the last evaluation
  double phase_start_s_ = 0;
  core::Stopwatch watch_;
  double saved_s_ = 0;  ///< when the last checkpoint was written
  std::string
      generation_;  ///< of the last checkpoint; empty: rank 0 alone, or an earlier version, wrote it
  TensorList restored_;  ///< what a resumed phase still has to take; empty: nothing
  std::vector<float> step_times_s_;
  std::vector<HistoryLine> history_;
  Points evaluation_;
  Columns truth_;
};

}  // namespace understudy::pinn
