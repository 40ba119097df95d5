// The deck's `sub_models:` section: what computes a process of the solver (solvers/point_process.hpp) in
// a run, and in a comparison's replacement. By process, with the policies of SubModel
// (surrogates/sub_model/sub_model.hpp): never, the solver itself; collect, the same, its points written to a
// dataset; always, a network; gate, a network where it is trusted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "surrogates/sub_model/sub_model.hpp"

namespace understudy::apps {

struct SubModelGateParams : GateChoice {
  void describe(core::ParamVisitor& v);
};

struct SubModelParams {
  std::string policy = "never";
  std::string model;  ///< folder, from the deck's own on; empty: <out>/sub_models/<process>/model
  /// Directory, from the deck's own on; empty: <out>/sub_models/<process>/dataset, and none with gate.
  std::string dataset;
  SubModelGateParams gate;
  int store_every = 1;
  long long store_at_most = 1000000;
  void describe(core::ParamVisitor& v);
};

/// The processes that an app's solver has, by name, with what the deck says of each.
struct SubModelsParams {
  explicit SubModelsParams(const std::vector<std::string>& processes);
  std::map<std::string, SubModelParams> of;
  void describe(core::ParamVisitor& v);
};

}  // namespace understudy::apps
