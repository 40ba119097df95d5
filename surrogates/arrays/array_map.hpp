// Learned maps from arrays to arrays of another shape, ready for use: shot gathers to a velocity model,
// or a velocity model to shot gathers. Values come and go in their units; scaling is inside.
//
// A model folder has card.yaml (ArrayMapCard, written by apps/), weights.safetensors and README.md. The
// weights' hash stands in the card: a card beside other weights is refused.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "surrogates/arrays/array_map_params.hpp"
#include "surrogates/arrays/pair_dataset.hpp"
#include "surrogates/training/model_origin.hpp"

namespace understudy::surrogates {

/// linear: y = (x - middle) / scale. signed_log: y = sign(x) log1p(|x| / middle) / scale, where `middle` is
/// the reference amplitude.
struct ArrayScale {
  std::string kind = "linear";
  double middle = 0, scale = 1;
  void describe(core::ParamVisitor& v);
};

/// Errors on samples that trained nothing and chose nothing (split test; where there is none, validation,
/// which chose the weights). Means over samples.
struct ArrayMapErrors {
  std::string split;  ///< test, validation
  long long samples = 0;
  double mae = 0;     ///< of outputs scaled to [-1, 1] by the card's range
  double rel_l2 = 0;  ///< of outputs in their unit
  double ssim = -1;   ///< outputs of two axes; -1: not defined
  double mean_rel_l2 =
      -1;  ///< rel_l2 of the training outputs' mean in the model's place; -1: not measured
  void describe(core::ParamVisitor& v);
};

struct ArrayMapCard : ModelOrigin {
  static constexpr long long newest = 1;
  long long card_version = newest;
  std::string name;  ///< of the dataset
  ArrayMapNetworkParams network;
  ArrayInfo input, output;  ///< with the ranges of the training samples where the maker stated none
  ArrayScale input_scale, output_scale;
  ArrayMapErrors errors;
  std::string verdict;  ///< array_map_verdict() of it
  std::string precision =
      "float32";  ///< of predict(); that of the training. Derivatives are float32
  std::string loss;
  bool mirror = false;
  std::string weights_hash;
  long long training_samples = 0, validation_samples = 0;
  void describe(core::ParamVisitor& v);
};

/// What calls have taken since the model was made or loaded.
struct ArrayMapAccount {
  long long predictions = 0, derivatives = 0;  ///< samples
  double predict_s = 0, derivative_s = 0;      ///< wall time, scaling included
  double core_s = 0;  ///< wall time of predictions and derivatives, times LibTorch's threads
};

class ArrayMap {
 public:
  /// UserError when the file is missing or damaged, its hash is not the card's, or its weights are another
  /// network's.
  ArrayMap(const ArrayMapCard& card, const std::filesystem::path& weights);
  ~ArrayMap();
  ArrayMap(ArrayMap&&) noexcept;
  ArrayMap& operator=(ArrayMap&&) noexcept;

  const ArrayMapCard& card() const;

  /// `inputs` [n, input...] -> [n, output...], row-major, in their units. UserError where the length is
  /// not n inputs, or a value is not finite.
  std::vector<float> predict(std::span<const float> inputs, long long n = 1) const;

  /// Vector-Jacobian product of one sample: cotangent^T d output / d input, [input...], in output unit x cotangent unit / input
  /// unit. With the cotangent J'(output) it is the gradient of J(output(input)). In float32.
  std::vector<float> vjp(std::span<const float> input, std::span<const float> cotangent) const;

  /// UserError naming the first difference (side, name, unit, shape) between what the model maps and what a
  /// run has. Ranges are not compared.
  void require(const ArrayInfo& input, const ArrayInfo& output) const;

  /// Errors on those samples of `data` (positions). UserError where the data are of another shape.
  ArrayMapErrors measure(const PairDataset& data, const std::vector<long long>& samples) const;

  ArrayMapAccount account() const;

  /// weights.safetensors and README.md into `folder`, which is made; sets the card's weights_hash. The
  /// caller writes card() as card.yaml, last. Rank 0 only.
  void save(const std::filesystem::path& folder);

  struct Impl;
  explicit ArrayMap(std::unique_ptr<Impl> impl);  ///< what training makes

 private:
  std::unique_ptr<Impl> impl_;
};

/// What samples that trained nothing say against the model (surrogates/training/model_verdict.hpp): a large
/// relative L2 error, or one that the mean of the training outputs has, too. Empty: nothing.
std::string array_map_verdict(const ArrayMapCard& card);

/// The README.md of the folder.
std::string array_map_readme(const ArrayMapCard& card);

}  // namespace understudy::surrogates
