// The deck's `sub_models:` section at work: a SubModel in place of a solver's process. The only place that
// knows both.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "apps/simulation/sub_model_params.hpp"
#include "solvers/stepper.hpp"
#include "surrogates/sub_model/sub_model.hpp"

namespace understudy::apps {

class Summary;

/// Where the section's paths start.
struct SubModelFolders {
  std::filesystem::path deck, out;
};

/// The sub-models that stand in for a stepper's processes.
class SubModels {
 public:
  /// Puts one in place of each process whose policy is not never; loads the models. UserError where
  /// the stepper has no such process, or a model is missing or does not fit. Collective.
  template <class Real>
  SubModels(const SubModelsParams& params, const SubModelFolders& folders,
            solvers::Stepper<Real>& stepper);

  /// Core-seconds that the data and the training of the models in use took, as their cards say.
  double made_for_core_s() const { return made_for_core_s_; }
  /// What their validation says against the models in use, one line a model; the log has it, too.
  const std::vector<std::string>& warnings() const { return warnings_; }

  /// What was collected is written; counters of all ranks to metrics.sub_models.<process>.* and, in
  /// words, to the log. UserError where a dataset cannot be written. Collective.
  void finish(Summary& summary);

 private:
  struct Placed {
    SubModelOptions options;
    std::shared_ptr<SubModel> model;  ///< the stepper's too
  };
  std::vector<Placed> all_;
  double made_for_core_s_ = 0;
  std::vector<std::string> warnings_;
};

/// UserError where a process is to be replaced that this stepper does not have.
template <class Real>
void require_processes(const SubModelsParams& params, solvers::Stepper<Real>& stepper);
/// The same of names alone.
void require_processes(const SubModelsParams& params, const std::vector<std::string>& there);

}  // namespace understudy::apps
