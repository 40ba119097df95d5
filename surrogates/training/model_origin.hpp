// The part of a model card that every card has: what the model was made of, by whom, and at which cost.
// Cards own these keys flat, beside keys of their own.
#pragma once

#include <string>

#include "core/params.hpp"
#include "core/provenance.hpp"

namespace understudy::surrogates {

struct CostCard {
  double data_core_s = 0, training_core_s = 0;
  void describe(core::ParamVisitor& v);
};

struct ModelOrigin {
  std::string dataset_hash, version, git, created, host;
  long long seed = 0, epochs = 0, steps = 0, weight_count = 0;
  CostCard cost;

  /// Version, time and host of the run that made it; the commit is that of the training, which may have been
  /// resumed (TrainingRecord::git).
  void set_maker(const core::Provenance& run);

 protected:
  /// Help of keys whose meaning differs between cards.
  struct Words {
    const char *seed, *epochs, *steps, *weight_count;
  };
  /// dataset_hash, version, git, created, host, seed, epochs, steps, weight_count.
  void describe_origin(core::ParamVisitor& v, const Words& words);
  void describe_cost(core::ParamVisitor& v);
};

}  // namespace understudy::surrogates
