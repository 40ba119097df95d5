// Networks that map the state at one time to its increment over one window. LibTorch stays behind
// this header: torch_network.hpp (private) has the modules.
//
// `unet`: encoder-decoder with skip connections (Ronneberger et al. 2015) on [batch, channel, y,
// x]; two 3 x 3 convolutions a level, halving by mean pooling, doubling by nearest neighbour;
// `patch` > 1 first folds patch x patch cells into channels and unfolds at the end, where two small
// convolutions on all cells smooth the steps between patches. Each convolution is padded by what the side is: circular where periodic, replicated elsewhere. Any
// size: what patch x 2^levels does not divide is padded at the upper sides and cut off at the end.
// Its last layer starts at zero: an untrained network is persistence. 2-D only in this version.
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
  int patch = 2;        ///< cells folded into channels along each axis before the first level
  std::string activation = "silu";    ///< silu, gelu, relu
  std::string norm = "none";          ///< none, group: group normalisation after each convolution
  std::string precision = "float32";  ///< of inference: float32, bfloat16
  bool constrain = true;              ///< the truth's constrain() after every network call
  void describe(core::ParamVisitor& v);
};

/// What a network's input and output are.
struct NetworkShape {
  int prognostic = 0;  ///< channels in and out
  int fixed = 0;       ///< channels in: masks
  int parameters = 0;  ///< channels in: constants
  BoundaryKinds boundaries;
  int inputs() const { return prognostic + fixed + parameters; }
};

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
/// LibTorch's version, device and thread count, for the summary.
struct TorchInfo {
  std::string version, device;
  int threads = 0;
};
TorchInfo torch_info();

}  // namespace understudy::surrogates
