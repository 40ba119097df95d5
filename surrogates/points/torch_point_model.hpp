// What computes a model of points (private to surrogates/), and its file: weights.safetensors with the texts
// "kind" (points) and "card", the tensors <member>.<weight> and "reference" [point, input].
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "surrogates/network/torch_network.hpp"
#include "surrogates/points/point_model.hpp"

namespace understudy::surrogates {

class PointEngine {
 public:
  virtual ~PointEngine() = default;
  /// x [point, input], normalised, float32 or float64 -> [member, point, output], normalised, of the
  /// same type and device. No autograd. RunError where the engine fails.
  virtual at::Tensor predict(const at::Tensor& x) = 0;
};

struct PointModel {
  PointCard card;
  std::string hash;  ///< point_model_hash() of the folder
  std::unique_ptr<PointEngine> engine;
  std::vector<float> reference;  ///< [point, input], normalised
};

/// UserError naming the folder and what is wrong with it.
PointModel load_point_model(const std::filesystem::path& folder);

/// weights.safetensors. `flats`: the weights of each member (none for an imported model).
void save_point_weights(const std::filesystem::path& folder, PointCard& card,
                        const std::vector<at::Tensor>& flats, const at::Tensor& reference);

/// Of an ensemble.
std::unique_ptr<PointEngine> make_mlp_engine(const PointCard& card,
                                             const std::vector<at::Tensor>& flats);
/// Of a TorchScript file or an AOTInductor package, as card.engine says; `bytes` are the file's. UserError
/// when it cannot be loaded.
std::unique_ptr<PointEngine> make_imported_engine(const PointCard& card,
                                                  const std::filesystem::path& file,
                                                  const std::string& bytes);

/// [member, point, output] -> the largest over outputs of the members' standard deviation: [point].
at::Tensor disagreement_of(const at::Tensor& members);

/// Held-out points: what the calibration is made from, all normalised.
struct CalibrationData {
  at::Tensor training;         ///< [point, input]: reference points are drawn from these
  at::Tensor inputs, outputs;  ///< calibration points
  PointCalibrationParams params{};
  long long seed = 1;
};

/// UserError where so few calibration points do not support the quantile.
void require_enough(std::int64_t points, double quantile);
/// Sets card.gate and the error bounds of card.validation; returns the reference points.
at::Tensor calibrate(PointCard& card, PointEngine& engine, const CalibrationData& data);

/// Means, deviations and envelope from rows [points, columns].
void fit_columns(std::vector<ColumnCard>& cards, const at::Tensor& rows);
/// (rows - mean) / std as float32; rows double.
at::Tensor normalised(const std::vector<ColumnCard>& cards, const at::Tensor& rows);
/// Errors of the engine's mean on normalised points into card.validation, in units of the outputs. Of an output that
/// is zero there (core::nothing) the relative one is that to the largest output of its unit (core::unit_scales).
/// UserError naming the first point where the engine's output is not finite.
void measure_errors(PointCard& card, PointEngine& engine, const at::Tensor& x, const at::Tensor& y);

}  // namespace understudy::surrogates
