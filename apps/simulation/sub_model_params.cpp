#include "apps/simulation/sub_model_params.hpp"

namespace understudy::apps {

void SubModelGateParams::describe(core::ParamVisitor& v) {
  v.flag("range", range, "policy gate: does every input lie in its training range?");
  v.flag("distance", distance, "policy gate: are training points near?");
  v.flag("disagreement", disagreement,
         "policy gate: do the ensemble's members agree? Not asked of a model of one network");
  v.real("range_slack", range_slack, {.at_least = 0}, "1",
         "widens the range on both sides, in parts of its width");
}

void SubModelParams::describe(core::ParamVisitor& v) {
  v.choice("policy", policy, {"never", "collect", "always", "gate"},
           "who computes it: never, the solver; collect, the solver, and its points are written to "
           "dataset; always, the network; gate, the network where it is trusted");
  v.text("model", model,
         "model folder, from the deck's folder on (empty: <out>/sub_models/<process>/model)");
  v.text("dataset", dataset,
         "directory of the points, from the deck's folder on (empty: collect "
         "<out>/sub_models/<process>/dataset; gate: points that it refuses are not kept)");
  v.group("gate", gate, "the tests of policy gate");
  v.integer("store_every", store_every, {.at_least = 1},
            "of the points that could be stored, every so many");
  v.integer("store_at_most", store_at_most, {.at_least = 0}, "points that a rank stores");
}

SubModelsParams::SubModelsParams(const std::vector<std::string>& processes) {
  for (const auto& process : processes) of.try_emplace(process);
}

void SubModelsParams::describe(core::ParamVisitor& v) {
  for (auto& [process, params] : of) v.group(process.c_str(), params, "a process of the solver");
}

}  // namespace understudy::apps
