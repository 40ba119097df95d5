// Training on points: an ensemble of `members` networks from a dataset of points, by the training loop
// of the other models (surrogates/fields/training.hpp: AdamW, warm-up and cosine decay, clipping, moving
// average, checkpoints, exact resume). Loss: mean square error of the normalised outputs. The points are split
// once, by seed, into training, validation (chooses each member's best weights) and calibration points
// (set the gate's thresholds and nothing else); the members differ in seed: first weights and order.
#pragma once

#include <filesystem>

#include "core/comm.hpp"
#include "core/provenance.hpp"
#include "surrogates/points/point_model.hpp"
#include "surrogates/training/training_params.hpp"

namespace understudy::surrogates {

/// The deck's `training:` section of `app: points`.
struct PointTrainingParams : ScheduleParams {
  PointTrainingParams();  ///< with the defaults of points
  int members = 1;
  long long seed = 1;
  double validation_fraction = 0.1;
  void describe(core::ParamVisitor& v);
  /// Of one member.
  TrainingParams training(int member) const;
};

/// The deck's `gate:` section of `app: points`.
struct PointGateParams : PointCalibrationParams {
  double calibration_fraction = 0.1;
  void describe(core::ParamVisitor& v);
};

struct PointTrainingSetup {
  PointNetworkParams network;
  PointTrainingParams training;
  PointGateParams gate;
  std::filesystem::path
      model;  ///< folder for weights.safetensors and README.md (card.yaml is the caller's)
  std::filesystem::path out;  ///< curves training_<member>.csv and checkpoints; empty: none
  bool resume = false;
  core::Provenance provenance{};
  long long pause_after_steps = 0;  ///< of each member, as in TrainingFiles; 0: never
};

struct PointTrainingReport {
  PointCard card;
  double wall_s = 0, core_s = 0;
  double points_per_s = 0;
};

/// UserError where the weights and a batch's values of such a network of one input and output already take more
/// memory than there is; train_points() looks at the points, too.
void require_network_fits(const PointNetworkParams& network, long long batch);

/// Rank 0 trains and writes; the report is rank 0's alone. Collective. UserError when the data do not
/// serve (too few points for the split and the quantile); Interrupted on a signal, after a checkpoint.
PointTrainingReport train_points(const PointDataset& data, const PointTrainingSetup& setup,
                                 const core::Comm& comm);

}  // namespace understudy::surrogates
