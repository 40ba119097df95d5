// Networks that map the state at one time to its increment over one window. LibTorch stays behind
// this header: torch_network.hpp (private) has the modules.
//
// `unet`: encoder-decoder with skip connections (Ronneberger et al. 2015; in a volume Cicek et al. 2016, "3D
// U-Net") on [batch, channel, (z,) y, x]; two convolutions of 3 cells along each axis a level, halving by mean
// pooling, doubling by nearest neighbour; `patch` > 1 first folds patch x patch (x patch) cells into channels
// and unfolds at the end, where two small convolutions on all cells smooth the steps between patches. Its last
// layer starts at zero: an untrained network is persistence.
//
// `fno`: Fourier neural operator (Li et al. 2021) in 1-D to 3-D; torch_fno.cpp says how. Takes any number of
// cells of at least twice its modes; not periodic axes are continued by zeros.
//
// `prediction`: the output is the change over one window in units of the changes' standard deviation, or
// (`state`) the normalised state at the window's end itself; an untrained network is then the mean state.
//
// `conv_autoencoder`: the mode-decomposing autoencoder of Murata, Fukami and Fukagata (2020) with a map in
// its latent space; torch_autoencoder.hpp says how. It predicts states, whatever `prediction` says.
//
// `correction`: the state is that of the deck's own solver on a grid that is coarser by `coarsening`; after each
// part of a window that this solver has advanced, a few convolutions (torch_correction.cpp) add to its state
// what the coarse grid lost (Um et al. 2020, "Solver-in-the-loop"; Kochkov et al. 2021; List, Chen & Thuerey
// 2022), in units of the standard deviation of that loss in training.
//
// `imported`: a network trained elsewhere, as a program (surrogates/fields/imported_function.hpp).
//
// Programs add kinds of their own: network_kinds.hpp.
//
// Sides (unet). The best padding depends on what a side means, and telling the network where the sides are
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
// Sizes (unet). Along periodic axes the cells must be a multiple of patch x 2^levels: only then do folding,
// pooling and circular padding agree on where the box closes (UserError otherwise). Along others any
// size is taken: what the multiple lacks is replicated beyond the upper side, marked as that side, and
// cut off at the end. 2-D and 3-D boxes, and the panels of a cubed sphere.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "mesh/grid.hpp"
#include "surrogates/network/side_kind.hpp"

namespace understudy::surrogates {

/// The deck's `network:` section.
struct NetworkParams {
  std::string kind = "unet";
  int width = 24;       ///< channels at the finest level; doubled per level
  int levels = 3;       ///< halvings
  int max_width = 128;  ///< channels are doubled up to here
  int depth = 3;        ///< mlp: hidden layers (set by PointNetworkParams, no key of a field deck)
  int patch = 2;        ///< cells folded into channels along each axis before the first level
  std::vector<long long> modes{12};      ///< fno: |k| < modes, for all axes or for each
  int layers = 4;                        ///< fno, correction
  double padding = 0.125;                ///< fno: of axes that are not periodic, of their length
  std::string prediction = "increment";  ///< increment, state
  std::string activation = "silu";       ///< silu, gelu, relu
  std::string norm = "none";          ///< none, group: group normalisation after each convolution
  std::string precision = "float32";  ///< of inference: float32, bfloat16, auto
  double precision_slack = 0.1;       ///< auto: of the rollout error, relative to float32's
  bool constrain = true;              ///< the truth's constrain() after every network call
  std::vector<std::string> conserve;  ///< fields whose integral a network call leaves as it was
  int latent_size = 32;               ///< pod, dmd: number of modes
  std::string latent_map = "mlp";     ///< pod: what steps the modes' coordinates: linear, mlp
  int latent_width = 128;             ///< of the mlp's hidden layers
  int latent_layers = 2;              ///< hidden layers of the mlp
  std::vector<long long> coarsening{4};  ///< correction: for all axes or for each
  int calls = 1;                         ///< correction: in a window, evenly spaced
  int fold = 1;                          ///< correction: cells folded into channels along each axis
  void describe(core::ParamVisitor& v);
};

/// What a network's input and output are.
struct NetworkShape {
  int prognostic = 0;     ///< channels in and out
  int fixed = 0;          ///< channels in: masks
  int parameters = 0;     ///< channels in: constants; mlp: the features of a point
  int point_outputs = 0;  ///< mlp: outputs of a point
  SideKinds boundaries;
  std::vector<long long>
      cells;  ///< of the grid, panels included (pod, dmd: modes are fields on it)
  std::vector<mesh::Location> locations;  ///< of the prognostic channels
  std::vector<int>
      vectors;  ///< cubed sphere: first of the three prognostic channels of each vector
  int inputs() const { return prognostic + fixed + parameters; }
};

// What network_kinds.hpp and the deck say of a network:

/// The output is the state at the window's end and not its change.
bool predicts_state(const NetworkParams& params);

/// The weights belong to one grid: no other number of cells is taken.
bool has_one_grid(const NetworkParams& params);

/// Steps coordinates of a reduced space (pod, dmd) and not channels.
bool is_latent(const NetworkParams& params);

/// Adds to what the deck's solver made on a coarser grid (correction).
bool corrects(const NetworkParams& params);

/// A program that was imported (surrogates/fields/imported_function.hpp).
bool is_imported(const NetworkParams& params);

/// Cells of the deck's grid that are one of the network's, along x, y, z; ones unless it corrects.
std::array<long long, 3> coarsening(const NetworkParams& params);
/// Those cells of a grid of `cells`. UserError naming the numbers that would do where they do not divide it.
std::vector<long long> coarse_cells(const NetworkParams& params,
                                    const std::vector<long long>& cells);

/// UserError naming the nearest valid numbers of cells when a periodic axis has one that the network
/// does not take.
void require_size(const NetworkParams& params, const SideKinds& boundaries,
                  const std::vector<long long>& cells);

class Architecture;

/// A network with its weights.
class Network {
 public:
  /// Weights drawn from `seed`.
  Network(const NetworkParams& params, const NetworkShape& shape, long long seed);
  /// Of an architecture that is given and not looked up by `params.kind` (surrogates/arrays/).
  Network(const NetworkParams& params, std::unique_ptr<Architecture> architecture, long long seed);
  ~Network();
  Network(Network&&) noexcept;

  const NetworkParams& params() const;
  const NetworkShape& shape() const;
  long long weight_count() const;
  /// Multiply-add operations of one call on a grid of that many cells along x, (y, (z)), times two.
  double operations(const std::vector<long long>& cells) const;
  /// Where it is called on blocks (network_blocks.hpp), these begin at multiples of so many cells; 0: it is called on
  /// whole fields.
  long long block_multiple() const;

  /// All parameters by name, as safetensors (numbers only); renamed into place when complete.
  void save_weights(const std::filesystem::path& path) const;
  /// UserError when the file is missing, damaged, or its names or shapes are another network's.
  void load_weights(const std::filesystem::path& path);

  struct Impl;
  Impl& impl() const { return *impl_; }

 private:
  void draw_weights(long long seed);
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
