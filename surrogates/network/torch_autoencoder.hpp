// The mode-decomposing convolutional autoencoder of Murata, Fukami and Fukagata (2020, "Nonlinear mode
// decomposition with convolutional neural networks for fluid dynamics", J. Fluid Mech. 882, A13), with
// dynamics in its latent space (private to surrogates/).
//
// A state x [channel, (z,) y, x] (normalised) is encoded to r numbers z by convolutions, each followed by
// pooling, and a dense layer. Each z_m has a decoder of its own (a dense layer, then upsampling and
// convolutions) whose output is a field, the mode's contribution; they are added to the mean field:
//   x ~ mean + sum over m of spread * D_m(z_m)
// where POD has D_m(z_m) = z_m phi_m: a mode here is a curve in the space of fields, not a line. Over one
// window z is stepped by torch_latent_map.hpp, under the parameters. A call is encode, step, decode.
//
// `width` channels at all levels, `levels` halvings by mean pooling, `patch` cells folded into channels
// first; padding by the kind of each side as in the U-Net. The mean field and the spread (of each channel,
// root mean square about the mean field) are from the training frames. The dense layers belong to the
// grid of the data: other grids are refused. Differences from the paper: the mean field is given and not
// learned, mean instead of maximum pooling, any activation. The paper's is 2-D; in 3-D
// everything is the same with an axis more. Fixed fields are not seen.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "surrogates/network/torch_latent_map.hpp"

namespace understudy::surrogates {

class AutoencoderArchitecture : public Architecture {
 public:
  AutoencoderArchitecture(const NetworkParams& params, const NetworkShape& shape);

  std::vector<WeightSpec> weights() const override { return specs_; }
  /// input [batch, inputs, (z,) y, x] -> state after one window [batch, prognostic, (z,) y, x], normalised.
  at::Tensor forward(const at::Tensor& input, const std::vector<at::Tensor>& w) const override;
  double operations(const std::vector<long long>& cells) const override;
  void require_cells(const std::vector<long long>& cells) const override;
  at::MemoryFormat layout() const override;

  /// state [batch, prognostic, (z,) y, x] -> z [batch, r], float32.
  at::Tensor encode(const at::Tensor& state, const std::vector<at::Tensor>& w) const;
  /// z [batch, r], q [batch, parameter] -> z after one window.
  at::Tensor step(const at::Tensor& z, const at::Tensor& q, const std::vector<at::Tensor>& w) const;
  /// z [batch, r] -> [batch, r, prognostic, (z,) y, x], float32: what each mode adds to the mean.
  at::Tensor decode_modes(const at::Tensor& z, const std::vector<at::Tensor>& w) const;
  /// z [batch, r] -> state [batch, prognostic, (z,) y, x], float32: mean and all modes.
  at::Tensor decode(const at::Tensor& z, const std::vector<at::Tensor>& w) const;
  /// input [batch, inputs, (z,) y, x] -> its parameters [batch, parameter], float32.
  at::Tensor parameters_of(const at::Tensor& input) const;

  int modes() const { return map_.size; }
  /// Where the constants lie in weights(): mean [prognostic, (z,) y, x], spread [prognostic], the map's.
  static constexpr int mean = 0, spread = 1, map_first = 2;

 private:
  std::int64_t coarse(int axis) const;  ///< points along x, y or z between encoder and decoders
  std::int64_t coarse_points() const;
  int power(int length) const;  ///< what a length along each axis makes of cells
  void conv(const std::string& name, int in, int out);
  void dense(const std::string& name, std::int64_t in, std::int64_t out);
  /// Reads two weights from `next` on.
  at::Tensor convolve(const at::Tensor& x, const at::Tensor* next) const;
  at::Tensor contribution(const at::Tensor& z, int mode, const std::vector<at::Tensor>& w) const;

  NetworkParams p_;
  NetworkShape shape_;
  int axes_;
  LatentMap map_;
  std::vector<WeightSpec> specs_;
  std::size_t encoder_ = 0, decoders_ = 0, per_decoder_ = 0;  ///< where their weights begin
};

}  // namespace understudy::surrogates
