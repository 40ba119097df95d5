// Counts and rates of a plan in round numbers, for totals by hand.
#pragma once

#include "apps/simulation/plan/study_rates.hpp"
#include "apps/simulation/plan/study_work.hpp"

namespace understudy::apps {

/// Every total of it is computed in the comment beside it.
inline StudyWork round_work() {
  StudyWork work;
  work.learns = true;
  work.samples = {.train = 4, .valid = 1};
  work.generate = {.members = 5, .windows = 10, .frames = 8, .groups = 2, .ranks_each = 1};
  TrainingWork training;
  training.phases = {{.unroll = 1, .epochs = 10, .batches = 3, .batch = 4}};
  training.validations = 2;
  training.starts = 3;
  training.rollout_windows = 5;
  training.frames = 40;
  work.trainings = {training};
  work.run = {.windows = 100, .outputs = 11, .by_network = 0};
  work.compare = {
      .spin_up = 4, .warm_up = 2, .windows = 20, .block = 10, .repeats = 3, .by_network = 1};
  return work;
}

inline SimulationRates simulation(double window_s) {
  SimulationRates rates;
  rates.cells = {64, 32};
  rates.setup_s = 1;
  rates.window_s = window_s;
  rates.memory_bytes = 1000;
  rates.state_bytes = 100;
  return rates;
}

inline StudyRates round_rates() {
  StudyRates rates;
  rates.members = {{0, simulation(1)}, {2, simulation(3)}, {4, simulation(3)}};
  rates.run = rates.compared = simulation(2);
  rates.classical = {simulation(0.5)};
  rates.frames = {.write_s = 0.5, .statistics_s = 0.125, .bytes = 10};
  rates.outputs = {.write_s = 1, .bytes = 7, .checkpoint_bytes = 100};
  TrainingRates training;
  training.phases = {{1, 0.5}};
  training.setup_s = 2;
  training.frame_s = 0.1;
  training.validation_s = 0.2;
  training.last_validations = 2;
  training.threads = 4;
  training.model_bytes = 30;
  training.checkpoint_bytes = 60;
  training.memory_bytes = 5000;
  rates.trainings = {training};
  rates.calls = {{.window_s = core::Maybe<double>::of(0.1), .cells = {64, 32}}};
  rates.program_bytes = 10;
  return rates;
}

}  // namespace understudy::apps
