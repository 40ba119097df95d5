// Models of points: a network, or an ensemble of them, from named features to named outputs. The folder
// is that of other models: card.yaml (for people, and read as strictly as a deck), weights.safetensors,
// README.md; of a model trained elsewhere also the imported file. weights.safetensors holds the card too, so
// that a program that links only this library can use the folder.
//
// Normalisation: the network maps (input - mean) / std to (output - mean) / std. An ensemble predicts
// the mean of its members; their disagreement at a point is the largest over the outputs of the members'
// standard deviation, in units of that output's std.
//
// Gates (surrogates/sub_model/sub_model.hpp uses them): the training envelope; the mean distance to the k nearest
// reference points (training points, in normalised inputs); the disagreement (deep ensembles:
// Lakshminarayanan, Pritzel & Blundell 2017, NeurIPS). The thresholds are split
// conformal quantiles (Vovk, Gammerman & Shafer 2005; Lei et al. 2018): of n calibration points that
// neither training nor the choice of weights saw, the ceil((n + 1) q)-th smallest score. A new point
// exchangeable with them lies below each threshold with probability q at least. `error_bound` is the
// same quantile of the absolute errors on those points. Neither holds for points from elsewhere: that is
// what the gates are for, not what they promise.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/points/point_dataset.hpp"
#include "surrogates/training/model_origin.hpp"

namespace understudy::surrogates {

/// The deck's `network:` section of `app: points`: a multilayer perceptron (Rumelhart, Hinton & Williams
/// 1986), [point, input] -> [point, output], `depth` hidden layers of `width`, a linear last layer.
struct PointNetworkParams {
  std::string kind = "mlp";
  int width = 64;
  int depth = 3;
  std::string activation = "silu";  ///< silu, gelu, relu, tanh
  void describe(core::ParamVisitor& v);
  NetworkParams network() const;
};

struct ColumnCard {
  std::string name, unit;
  double mean = 0, std = 1;
  double lowest = 0, highest = 0;  ///< training envelope
  void describe(core::ParamVisitor& v);
};

/// Errors of the ensemble's mean on the held-out points, in the output's unit where there is one.
struct PointErrorCard {
  std::string output;
  double rel_l2 =
      0;  ///< of an output that is zero there, to the largest of its unit; -1: to nothing
  double rms = 0, largest = 0;
  double error_bound = 0;  ///< conformal bound of the absolute error at gate.quantile; 0: none
  void describe(core::ParamVisitor& v);
};

/// What a gate of points is calibrated with, of a model trained here or imported.
struct PointCalibrationParams {
  double quantile = 0.95;
  int neighbours = 8;
  long long reference_points = 4096;
  /// Keys and bounds; the words are the section's.
  void describe_quantile(core::ParamVisitor& v, const char* help);
  void describe_distance(core::ParamVisitor& v, const char* reference_help);
};

struct PointGateCard {
  bool calibrated = false;
  double quantile = 0;
  long long calibration_points = 0, reference_points = 0;
  int neighbours = 0;
  double distance = 0;      ///< threshold, in normalised inputs
  double disagreement = 0;  ///< threshold, in normalised outputs; 0: a single member has none
  void describe(core::ParamVisitor& v);
};

struct PointCard : ModelOrigin {
  static constexpr long long newest = 1;
  long long card_version = newest;
  std::string name;
  std::string engine = "mlp";  ///< mlp; torchscript, aoti: imported
  PointNetworkParams network;
  int members = 1;
  std::vector<ColumnCard> inputs, outputs;
  std::vector<PointErrorCard> validation;
  PointGateCard gate;
  std::string imported, imported_hash;  ///< name and SHA-256 (16 digits) of the imported file
  std::string precision = "float32";  ///< of the network's input: float32, float64 (imported only)
  long long training_points = 0, validation_points = 0;
  void describe(core::ParamVisitor& v);

  NetworkShape shape() const;
  std::vector<Column> input_columns() const;
  std::vector<Column> output_columns() const;
};

/// What the held-out points say against the model (surrogates/training/model_verdict.hpp): outputs whose relative
/// L2 error is large, and of a model trained here those that are predicted no better than by the training
/// points' mean. Outputs that did not vary in training, and
/// those whose error is relative to nothing, are left out. Empty: nothing, or it was not measured.
std::string point_verdict(const PointCard& card);

/// The README.md of the folder.
std::string point_readme(const PointCard& card);

/// The card that weights.safetensors holds. UserError naming the folder and what is wrong with it.
PointCard read_point_card(const std::filesystem::path& folder);

/// First 16 hex digits of SHA-256 over all that decides what the model computes: weights.safetensors and the
/// imported file. UserError where weights.safetensors is missing.
std::string point_model_hash(const std::filesystem::path& folder);

/// What import is given beside the file itself.
struct PointImport {
  PointCard card;                   ///< engine, inputs, outputs, precision
  std::filesystem::path file;       ///< TorchScript (.pt) or AOTInductor package (.pt2)
  std::filesystem::path reference;  ///< dataset of points for the gate's calibration; empty: none
  PointCalibrationParams calibration{};
  long long seed = 1;
};

/// RUNS THE FILE, which is a program and can do anything that its user can; the caller was told so. Loads it,
/// tries it on one point and one batch, calibrates the gate where a dataset is given, puts the file on the list
/// of trusted programs (trusted_programs.hpp) and writes weights.safetensors, README.md and a copy of the file
/// into `folder`; returns the complete card for card.yaml. UserError when the file cannot be loaded or does not map [point, inputs] to
/// [point, outputs]. Not collective.
PointCard import_point_model(const PointImport& from, const std::filesystem::path& folder);

/// Puts the imported program of a model folder on the list. UserError where there is none.
void trust_point_model(const std::filesystem::path& folder);

}  // namespace understudy::surrogates
