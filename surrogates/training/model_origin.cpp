#include "surrogates/training/model_origin.hpp"

namespace understudy::surrogates {

void CostCard::describe(core::ParamVisitor& v) {
  v.real("data_core_s", data_core_s, {.at_least = 0}, "s", "core-seconds spent on the dataset");
  v.real("training_core_s", training_core_s, {.at_least = 0}, "s",
         "core-seconds spent on training");
}

void ModelOrigin::set_maker(const core::Provenance& run) {
  version = run.version;
  created = run.started;
  host = run.host;
}

void ModelOrigin::describe_origin(core::ParamVisitor& v, const Words& words) {
  v.text("dataset_hash", dataset_hash, "hash of the dataset");
  v.text("version", version, "code version");
  v.text("git", git, "commit");
  v.text("created", created, "UTC");
  v.text("host", host, "where it was trained");
  v.integer("seed", seed, {}, words.seed);
  v.integer("epochs", epochs, {.at_least = 0}, words.epochs);
  v.integer("steps", steps, {.at_least = 0}, words.steps);
  v.integer("weight_count", weight_count, {.at_least = 0}, words.weight_count);
}

void ModelOrigin::describe_cost(core::ParamVisitor& v) {
  v.group("cost", cost, "what it cost to make");
}

}  // namespace understudy::surrogates
