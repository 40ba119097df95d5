// Networks that map the state at one time to its increment over one window. LibTorch stays behind
// this header: torch_network.hpp (private) has the modules.
//
// `unet`: encoder-decoder with skip connections (Ronneberger et al. 2015) on [batch, channel, y, x];
// two 3 x 3 convolutions a level, halving by mean pooling, doubling by nearest neighbour; `patch` > 1
// first folds patch x patch cells into channels and unfolds at the end, where two small convolutions
// on all cells smooth the steps between patches. Its last layer starts at zero: an untrained network is
// persistence.
//
// Sides. The best padding depends on what a side means, and telling the network where the sides are
// makes long rollouts stabler (Alguacil et al. 2021, "Effects of boundary conditions in fully
// convolutional networks for learning spatio-temporal dynamics", ECML PKDD, arXiv:2106.11160). So every
// convolution is padded by what the side is:
//   periodic      circular
//   wall, slip    mirrored about the cell beside the side (at::pad's `reflect`)
//   inflow        zeros: the values beyond are given, not those inside continued
//   open          replicated: no gradient
// A mirror is right for even quantities and wrong for odd ones, and which of its hidden channels are odd
// the network alone knows; so one more input channel for each kind of side that is not periodic is 1
// beside such sides and 0 elsewhere.
//
// Sizes. Along periodic axes the cells must be a multiple of patch x 2^levels: only then do folding,
// pooling and circular padding agree on where the box closes (UserError otherwise). Along others any
// size is taken: what the multiple lacks is replicated beyond the upper side, marked as that side, and
// cut off at the end. 2-D only in this version.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "surrogates/boundary_kind.hpp"

namespace understudy::surrogates {

/// The deck's `network:` section.
struct NetworkParams {
  std::string kind = "unet";
  int width = 24;       ///< channels at the finest level; doubled per level
  int levels = 3;       ///< halvings
  int max_width = 128;  ///< channels are doubled up to here
  int depth = 3;        ///< mlp: hidden layers (set by PointNetworkParams, no key of a field deck)
  int patch = 2;        ///< cells folded into channels along each axis before the first level
  std::string activation = "silu";    ///< silu, gelu, relu
  std::string norm = "none";          ///< none, group: group normalisation after each convolution
  std::string precision = "float32";  ///< of inference: float32, bfloat16
  bool constrain = true;              ///< the truth's constrain() after every network call
  void describe(core::ParamVisitor& v);
};

/// What a network's input and output are.
struct NetworkShape {
  int prognostic = 0;     ///< channels in and out
  int fixed = 0;          ///< channels in: masks
  int parameters = 0;     ///< channels in: constants; mlp: the features of a point
  int point_outputs = 0;  ///< mlp: outputs of a point
  BoundaryKinds boundaries;
  int inputs() const { return prognostic + fixed + parameters; }
};

/// UserError naming the nearest valid numbers of cells when a periodic axis has one that the network
/// does not take.
void require_size(const NetworkParams& params, const BoundaryKinds& boundaries, long long width,
                  long long height);

/// A network with its weights.
class Network {
 public:
  /// Weights drawn from `seed`.
  Network(const NetworkParams& params, const NetworkShape& shape, long long seed);
  ~Network();
  Network(Network&&) noexcept;

  const NetworkParams& params() const;
  const NetworkShape& shape() const;
  long long weight_count() const;
  /// Multiply-add operations of one call on a grid of width x height cells, times two.
  double operations(int width, int height) const;

  /// All parameters by name, in LibTorch's archive format; renamed into place when complete.
  void save_weights(const std::filesystem::path& path) const;
  /// UserError when the file is missing, damaged, or its names or shapes are another network's.
  void load_weights(const std::filesystem::path& path);

  struct Impl;
  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Gives LibTorch the process's thread count (core::Runtime::threads()). Called by whatever uses
/// it.
void set_up_torch();
/// LibTorch's version, thread count and the device on which it stands in: that of the simulation's
/// fields, or the CPU where LibTorch cannot work there (fields are then copied within each call).
struct TorchInfo {
  std::string version, device;
  int threads = 0;
};
TorchInfo torch_info();

}  // namespace understudy::surrogates
