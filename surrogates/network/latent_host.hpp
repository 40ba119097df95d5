// The small dense part of a reduced model on the host, for one state at a time (private to surrogates/): a
// call is some 10,000 multiply-adds, which a tensor library's dispatch would cost several times over. The
// same formulas as torch_latent_map.hpp, against which it is tested.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace understudy::surrogates {

/// y = W x + b; the weights are kept by columns, so that the inner loop runs over outputs.
class DenseLayer {
 public:
  DenseLayer() = default;
  /// `weights` [outputs, inputs] by rows; `bias` [outputs] or empty.
  DenseLayer(std::span<const float> weights, std::span<const float> bias, int inputs);
  void apply(std::span<const float> x, std::vector<float>& y) const;
  int inputs() const { return inputs_; }
  int outputs() const { return outputs_; }

 private:
  int inputs_ = 0, outputs_ = 0;
  std::vector<float> columns_, bias_;
};

struct LatentHostMap {
  bool mlp = false;
  std::vector<float> scale, increment;  ///< [size]
  std::vector<float> q;                 ///< parameters, normalised
  DenseLayer linear;                    ///< of [z / s, 1], or of the linear map's columns
  std::vector<DenseLayer> hidden;       ///< of the mlp; the last has no activation

  /// z of one window later, in place.
  void step(std::vector<float>& z) const;
};

}  // namespace understudy::surrogates
