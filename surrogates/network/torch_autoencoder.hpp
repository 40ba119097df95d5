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
//
// On blocks (network_blocks.hpp) convolutions exchange activations as the U-Net's do; each rank multiplies the
// columns of the encoder's dense layer that belong to its points, the r numbers are summed over the ranks (with the
// parameters, in one sum), every rank steps them, and each decoder's dense layer makes the rank's points alone.
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
  bool serves_blocks() const override { return true; }
  long long block_multiple() const override;
  at::Tensor forward_on_blocks(const at::Tensor& input, const std::vector<at::Tensor>& w,
                               const NetworkBlocks& blocks) const override;
  double operations(const std::vector<long long>& cells) const override;
  void require_cells(const std::vector<long long>& cells) const override;
  at::MemoryFormat layout() const override;

  // What follows is float32, or float64 where the weights are.

  /// state [batch, prognostic, (z,) y, x] -> z [batch, r].
  at::Tensor encode(const at::Tensor& state, const std::vector<at::Tensor>& w) const;
  /// z [batch, r], q [batch, parameter] -> z after one window.
  at::Tensor step(const at::Tensor& z, const at::Tensor& q, const std::vector<at::Tensor>& w) const;
  /// z [batch, r] -> [batch, r, prognostic, (z,) y, x]: what each mode adds to the mean.
  at::Tensor decode_modes(const at::Tensor& z, const std::vector<at::Tensor>& w) const;
  /// z [batch, r] -> state [batch, prognostic, (z,) y, x]: mean and all modes. With `blocks` z is that of the whole,
  /// the same on all ranks, and the state this rank's block. Collective then.
  at::Tensor decode(const at::Tensor& z, const std::vector<at::Tensor>& w,
                    const NetworkBlocks* blocks = nullptr) const;
  /// input [batch, inputs, (z,) y, x] -> its parameters [batch, parameter], those of its first cell, in the input's
  /// type.
  at::Tensor parameters_of(const at::Tensor& input) const;

  int modes() const { return map_.size; }
  /// Where the constants lie in weights(): mean [prognostic, (z,) y, x], spread [prognostic], the map's.
  static constexpr int mean = 0, spread = 1, map_first = 2;

 private:
  /// Points along x, y or z between encoder and decoders.
  std::int64_t coarse(int axis, const NetworkBlocks* blocks = nullptr) const;
  std::int64_t coarse_points() const;
  /// [first, width, (z,) y, x] of these points.
  std::vector<std::int64_t> coarse_shape(std::int64_t first,
                                         const NetworkBlocks* blocks = nullptr) const;
  void conv(const std::string& name, int in, int out);
  void dense(const std::string& name, std::int64_t in, std::int64_t out);
  /// Reads two weights from `next` on.
  at::Tensor convolve(const at::Tensor& x, const at::Tensor* next,
                      const NetworkBlocks* blocks) const;
  /// [batch, points of all channels]: what the encoder's dense layer takes.
  at::Tensor compressed(const at::Tensor& state, const std::vector<at::Tensor>& w,
                        const NetworkBlocks* blocks) const;
  /// The dense layer's product with the block's points, [batch, r], without its bias.
  at::Tensor share_of_latent(const at::Tensor& state, const std::vector<at::Tensor>& w,
                             const NetworkBlocks& blocks) const;
  at::Tensor contribution(const at::Tensor& z, int mode, const std::vector<at::Tensor>& w,
                          const NetworkBlocks* blocks) const;
  /// Its weight, and its bias.
  const at::Tensor* encoder_dense(const std::vector<at::Tensor>& w) const {
    return &w.at(decoders_ - 2);
  }

  NetworkParams p_;
  NetworkShape shape_;
  int axes_;
  LatentMap map_;
  std::vector<WeightSpec> specs_;
  std::size_t encoder_ = 0, decoders_ = 0, per_decoder_ = 0;  ///< where their weights begin
};

}  // namespace understudy::surrogates
