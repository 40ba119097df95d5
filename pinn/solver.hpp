// Solves a problem by training networks, and what comes of it. No LibTorch types.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "core/provenance.hpp"
#include "pinn/problem_info.hpp"
#include "pinn/settings.hpp"

namespace understudy::pinn {

/// [point][input]
using Points = std::vector<std::vector<double>>;
/// [name][point]
using Columns = std::vector<std::vector<double>>;

/// A problem's part that needs no tensors.
struct ProblemDescription {
  std::string name, title, source;
  std::vector<InputInfo> inputs;
  std::vector<UnknownInfo> fields;
  std::vector<ParameterInfo> parameters;
  std::vector<std::string> residuals, residual_units;  ///< of interior terms: "term.equation"
  std::vector<std::string> terms;                      ///< "term.equation" of all terms
  std::vector<int> evaluation;
  std::vector<std::string> mean_free;  ///< fields that count without their means
  std::vector<std::string> judged;     ///< fields that error_to_reach speaks of; empty: all
  double error_to_reach = 0;
  bool has_reference = false;
  bool inverse = false;               ///< something is found from samples
  std::string classical_inversion;    ///< what is usually done for it; empty: not said
  std::vector<std::string> cautions;  ///< what is doubtful with these constants
};
ProblemDescription describe(const Problem& problem);
/// [field][point]; NaN where it is not known. Empty without a reference.
Columns reference(const Problem& problem, const Points& points);
/// A regular grid with so many points along each input, the bounds among them, first input fastest; one
/// point lies in the middle.
Points grid_points(const std::vector<InputInfo>& inputs, const std::vector<int>& counts);
/// The evaluation grid.
Points evaluation_points(const Problem& problem);

struct ParameterValue {
  ParameterInfo info;
  double value = 0;
};

/// Trained networks of a problem: a function of its inputs. All calls are collective where ranks share
/// the domain (parallel.mode: domains).
class Solution {
 public:
  virtual ~Solution() = default;
  virtual const Problem& problem() const = 0;
  virtual Columns fields(const Points& points) const = 0;
  /// Of the interior terms, in the order of ProblemDescription::residuals, in their units.
  virtual Columns residuals(const Points& points) const = 0;
  virtual std::vector<ParameterValue> parameters() const = 0;
  virtual long long weight_count() const = 0;
  /// weights.safetensors and what load_solution needs beside it. Rank 0 writes; collective.
  virtual void save(const std::filesystem::path& folder) const = 0;
};

/// One line of the history. Losses are mean squares of scaled residuals, by ProblemDescription::terms.
struct HistoryLine {
  long long step = 0;
  int window = 0;
  double wall_s = 0, learning_rate = 0, loss = 0;
  std::vector<double> losses, weights;
  std::vector<double> errors;      ///< relative L2 of the fields; empty: not looked at here
  std::vector<double> parameters;  ///< values
  std::string phase = "adam";      ///< the optimiser's name, or lbfgs
};

struct TrainingResult {
  std::shared_ptr<Solution> solution;
  std::vector<HistoryLine> history;
  std::vector<double> errors;  ///< relative L2 of the fields against the reference, at the end
  double train_s = 0;          ///< wall time of training, without evaluations
  double iteration_s = 0;      ///< median of the optimiser's steps
  long long steps = 0;
  int threads = 1;
};

struct TrainingTask {
  std::shared_ptr<const Problem> problem;
  /// The same problem with other constants (curriculum.stages); may be empty.
  std::function<std::shared_ptr<const Problem>(const std::map<std::string, double>& changed)>
      remake;
  Settings settings;
  core::Comm comm;
  /// Called with every line of the history, on rank 0; empty: none.
  std::function<void(const HistoryLine&)> progress;
  /// Checkpoint to write as training goes and to resume from (resume); empty: none.
  std::filesystem::path checkpoint;
  bool resume = false;
  /// Start from this solution's weights instead of random ones; may be null.
  std::shared_ptr<const Solution> start;
  /// Stop after so many steps as a signal would, for tests; 0: no.
  long long pause_after_steps = 0;
  /// What makes this training the same as another, lines of "key: value": a checkpoint is only resumed where
  /// they agree. Empty: not looked at.
  std::string identity = {};
};

/// UserError for settings that do not fit the problem (windows without time, weights for terms that do
/// not exist, too few points ...); RunError when the loss is not finite; Interrupted after a signal, with
/// the checkpoint written.
TrainingResult train(const TrainingTask& task);

/// What Solution::save wrote, for the same problem. UserError where file and problem do not fit.
std::shared_ptr<Solution> load_solution(std::shared_ptr<const Problem> problem,
                                        const Settings& settings,
                                        const std::filesystem::path& folder);

/// Relative L2 errors (relative_error.hpp) of the fields against the reference on the evaluation grid.
std::vector<double> errors(const Problem& problem, const Solution& solution);

}  // namespace understudy::pinn
