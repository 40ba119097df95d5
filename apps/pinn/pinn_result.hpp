// What a training made, as outputs, report and summary need it; and the folder that keeps it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/pinn/pinn_deck.hpp"
#include "pinn/classical.hpp"
#include "pinn/solver.hpp"

namespace understudy::apps {

struct PinnNumberCard {
  std::string name, unit;
  double value = 0;
  void describe(core::ParamVisitor& v);
};

/// <out>/model/card.yaml. Beside it weights.safetensors (pinn::Solution::save) and README.md.
struct PinnCard {
  long long card_version = 1;
  std::string problem, title, source;
  std::vector<std::string> inputs, fields,
      equations;  ///< of a problem that its deck writes, else empty
  std::vector<PinnNumberCard> constants;
  std::vector<PinnNumberCard> parameters;  ///< found
  std::vector<PinnNumberCard> truth;       ///< true values of the parameters whose truth is known
  std::vector<PinnNumberCard> errors;      ///< relative L2, of the fields that have a reference
  double error_to_reach = 0;
  pinn::NetworkSettings network;
  pinn::ParallelSettings parallel;
  long long windows = 1;
  std::string precision;
  long long seed = 0, weight_count = 0, steps = 0;
  double train_s = 0, iteration_s = 0;
  long long threads = 1, ranks = 1;
  std::string device = "cpu";
  std::string weights_hash, data_hash;  ///< data_hash empty: no samples
  std::string training_hash, deck_hash, version, git, created, host;
  void describe(core::ParamVisitor& v);
};

struct PinnResult {
  pinn::ProblemDescription about;
  std::shared_ptr<const pinn::Problem> problem;
  std::shared_ptr<pinn::Solution> solution;
  std::vector<pinn::HistoryLine> history;
  std::vector<double> errors;  ///< of about.fields; NaN: no reference
  double train_s = 0, iteration_s = 0;
  long long steps = 0;
  int threads = 1, ranks = 1;
  std::string device = "cpu";  ///< of training
  std::string data_hash;
  // Of the solution, whose calls may be collective, for what rank 0 does alone.
  std::vector<pinn::ParameterValue> parameters;
  long long weight_count = 0;

  /// Takes it, and what is kept of it. Collective.
  void set_solution(std::shared_ptr<pinn::Solution> trained);
  /// Is error_to_reach meant for this field?
  bool is_judged(std::size_t field) const;
  /// The largest error of the fields that are judged; NaN: none is known.
  double worst_error() const { return worst(errors); }
  /// The same of others' errors.
  double worst(const std::vector<double>& errors) const;
  /// Does the problem say what is to be reached, and is an error known?
  bool is_judged() const;
  bool passed() const { return is_judged() && worst_error() <= about.error_to_reach; }
};

/// |value - truth| / |truth|; NaN where the truth is not known or 0, or the parameter is a place or an
/// instant, whose zero is arbitrary.
double relative_error(const pinn::ParameterValue& parameter);
/// |value - truth|, in the parameter's unit; NaN where the truth is not known.
double absolute_error(const pinn::ParameterValue& parameter);
/// Is there an error to reach, and is the error known?
bool is_judged(const pinn::ParameterValue& parameter);
bool passed(const pinn::ParameterValue& parameter);

/// Writes <out>/model. Collective.
void write_pinn_model(const PinnJob& job, const PinnResult& result);
/// UserError naming the folder and what is missing or wrong in it.
PinnCard read_pinn_card(const std::filesystem::path& folder);
/// The solution in a folder, for the job's problem and networks. UserError naming what differs. Collective.
std::shared_ptr<pinn::Solution> load_pinn_model(const PinnJob& job,
                                                const std::filesystem::path& folder,
                                                std::shared_ptr<const pinn::Problem> problem);
/// The deck's `start`. UserError where training cannot begin from such a solution.
std::shared_ptr<pinn::Solution> load_start(const PinnJob& job,
                                           std::shared_ptr<const pinn::Problem> problem);

}  // namespace understudy::apps
