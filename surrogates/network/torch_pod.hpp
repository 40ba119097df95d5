// Proper orthogonal decomposition with latent dynamics (private to surrogates/).
//
// The state x (all prognostic values, closing faces included, each channel divided by its standard
// deviation, see flat_layout.hpp) is approximated by x = m + Phi^T c with the mean field m and the r
// orthonormal modes Phi [r, points] that keep most of the training frames' variance (Lumley 1967), found by
// the method of snapshots (Sirovich 1987): eigenvectors of the frames' Gram matrix. The coordinates are
// scaled by the first mode's spread, z = c / sigma_1, and torch_latent_map.hpp steps them. Where cells measure
// unlike, frames are found in the product that weighs them: Phi W Phi^T = 1, c = Phi W (x - m).
//
// What is linear and homogeneous in the fields (div u = 0, values at walls) holds for every combination
// of modes if it holds for the frames.
//
// `pod` has a learned map (linear or mlp), `dmd` the closed form: the least-squares linear map from each
// frame to the next over all training samples, parameters ignored (projected DMD, Schmid 2010, Tu et al.
// 2014).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "surrogates/network/flat_layout.hpp"
#include "surrogates/network/torch_latent_map.hpp"
#include "surrogates/network/torch_point_sharing.hpp"

namespace understudy::surrogates {

class PodArchitecture : public Architecture {
 public:
  PodArchitecture(const NetworkParams& params, const NetworkShape& shape);

  std::vector<WeightSpec> weights() const override;
  /// std::logic_error: fields go through LatentAdvance, points through `map`.
  at::Tensor forward(const at::Tensor& input, const std::vector<at::Tensor>& w) const override;
  double operations(const std::vector<long long>& cells) const override;

  const LatentMap& map() const { return map_; }
  const FlatLayout& points() const { return layout_; }
  /// Where the weights lie in weights(): mean [points], modes [r, points], sigma_1 [1], then the map's.
  static constexpr int mean = 0, modes = 1, unit = 2, map_first = 3;

 private:
  FlatLayout layout_;
  LatentMap map_;
};

/// The r leading modes of frames [frame, point] (mean removed by the caller), and all eigenvalues of the
/// frames' covariance, largest first, as [r, point] and [frames], float32 and float64. Where ranks share the points,
/// frames and modes are of this rank's; collective.
struct PodBasis {
  at::Tensor modes, eigenvalues;
};
PodBasis pod_basis(const at::Tensor& frames, std::int64_t r, const PointSharing& sharing = {});
/// A mode and its opposite say the same of the frames. Of the two a mode is the one whose coordinates [frame, r] have a
/// positive product with a draw for each frame, so that round-off turns none: [r], 1 or -1 of those that are given.
at::Tensor mode_signs(const at::Tensor& coordinates);
/// UserError unless so many frames may have r modes, and unless so many eigenvalues (largest first) stand above single
/// precision's rounding.
void require_enough_frames(std::int64_t r, std::int64_t frames);
void require_directions(const at::Tensor& eigenvalues, std::int64_t r);

/// Points that determine the coordinates of a state in the span of `modes` [r, points]: `count` of them by
/// rounds of column-pivoted Gram-Schmidt (Manohar et al. 2018) on some 20,000 candidates, and the matrix
/// that gives c from the values there (Everson and Sirovich 1995).
struct PodSensors {
  std::vector<std::int64_t> points;
  at::Tensor encoder;  ///< [r, sensor]
  at::Tensor modes;    ///< [r, sensor]
};
PodSensors choose_sensors(const at::Tensor& modes, std::int64_t count);

/// Modes as integers of 16 bits (the first `strong`) and 8 (the others) with a scale for each row of
/// points along x (latent_kernels.hpp).
struct RoundedModes {
  std::int64_t strong = 0, count = 0, points = 0, rows = 0;
  std::vector<std::int64_t> first_row;   ///< [channel]
  std::vector<std::int16_t> integers;    ///< [mode, point]
  std::vector<float> scales;             ///< [mode, row]
  std::vector<std::int64_t> row_points;  ///< [row]: points before it, and the end
  at::Tensor values() const;             ///< [mode, point] as they will be used
};
RoundedModes round_modes(const at::Tensor& modes, const FlatLayout& layout, std::int64_t strong);

}  // namespace understudy::surrogates
