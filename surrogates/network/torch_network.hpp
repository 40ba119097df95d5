// Networks as LibTorch sees them (private to surrogates/, and for programs that add a network of their
// own). All weights of a network are slices of
// one flat tensor, and their gradients of another: optimiser, average, clipping, checkpoints and
// weight files are a few operations on flat vectors.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/MemoryFormat.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "surrogates/network/network.hpp"
#include "surrogates/network/network_blocks.hpp"
#include "surrogates/network/network_kinds.hpp"

namespace understudy::surrogates {

/// One weight tensor: name, shape, and the bound of its uniform initial distribution (0: zeros; <
/// 0: ones).
struct WeightSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  double bound = 0;
  bool float32 = false;  ///< also where the network computes in bfloat16
  bool trained = true;   ///< false: set from the data (those come first)
  std::int64_t count() const;
};

/// The pure function of a network: what weights it has, and its value given them.
class Architecture {
 public:
  virtual ~Architecture() = default;
  virtual std::vector<WeightSpec> weights() const = 0;
  /// input [batch, inputs, (z,) (y,) x] -> increment (or state) in units of its scale
  /// [batch, prognostic, (z,) (y,) x].
  virtual at::Tensor forward(const at::Tensor& input, const std::vector<at::Tensor>& w) const = 0;
  /// Of one call on that many cells along x, (y, (z)).
  virtual double operations(const std::vector<long long>& cells) const = 0;
  /// UserError for numbers of cells that the network does not take.
  virtual void require_cells(const std::vector<long long>&) const {}
  /// Does forward_on_blocks() work, on this network's sides? Where it does not, the field is gathered on one
  /// rank for forward().
  virtual bool serves_blocks() const { return false; }
  /// Along every axis, each block but the last has a multiple of so many cells.
  virtual long long block_multiple() const { return 1; }
  /// forward() of the whole field, cut to this rank's block, from input and to output [batch, channel, (z,)
  /// (y,) x] of the block: no rank holds more. Collective over the blocks' ranks. RunError unless
  /// serves_blocks(). Differentiable on the CPU (backward sends messages, from the calling thread): the sum of all ranks' gradients of the weights is that of the sum of
  /// all ranks' losses, and each rank's gradient of its input is its block of the whole.
  virtual at::Tensor forward_on_blocks(const at::Tensor& input, const std::vector<at::Tensor>& w,
                                       const NetworkBlocks& blocks) const;
  /// Called once where forward() will be, before the first call; what it loads lies nowhere else. UserError.
  virtual void prepare() const {}
  /// In which forward() works fastest, for input and weights.
  virtual at::MemoryFormat layout() const { return at::MemoryFormat::Contiguous; }
};

using MakeArchitecture =
    std::function<std::unique_ptr<Architecture>(const NetworkParams&, const NetworkShape&)>;

/// A network of fields beside ours: decks may name it in network.kind, and train, run, compare and `list`
/// know it. Its keys are those of `network:` (width, layers, activation...). To be called in main() before
/// the first app is made, on all ranks alike. UserError for a name that is taken, and for latent kinds.
void add_network(const NetworkKind& kind, MakeArchitecture make);

/// UserError for a kind, dimension or size that is not served.
std::unique_ptr<Architecture> make_architecture(const NetworkParams& params,
                                                const NetworkShape& shape);
std::unique_ptr<Architecture> make_unet(const NetworkParams& params, const NetworkShape& shape);
std::unique_ptr<Architecture> make_pod(const NetworkParams& params, const NetworkShape& shape);
std::unique_ptr<Architecture> make_fno(const NetworkParams& params, const NetworkShape& shape);
std::unique_ptr<Architecture> make_autoencoder(const NetworkParams& params,
                                               const NetworkShape& shape);
std::unique_ptr<Architecture> make_correction(const NetworkParams& params,
                                              const NetworkShape& shape);
/// On batches of points: input [point, features], output [point, point_outputs].
std::unique_ptr<Architecture> make_mlp(const NetworkParams& params, const NetworkShape& shape);

/// Slices of `flat` in the specs' shapes; they share its memory.
std::vector<at::Tensor> slices(const at::Tensor& flat, const std::vector<WeightSpec>& specs);

/// The weights in the precision of a call; those that stay in float32 as they are.
std::vector<at::Tensor> in_type(std::vector<at::Tensor> weights,
                                const std::vector<WeightSpec>& specs, at::ScalarType type);

/// Does this rank's processor (or GPU, where the network works there) have instructions for bfloat16?
bool has_bfloat16();

/// silu, gelu or relu.
at::Tensor activate(const std::string& name, const at::Tensor& x);

/// LibTorch has `wanted` threads (0: core::Runtime::most_threads()) while this lives, and then those
/// from before.
class TrainingThreads {
 public:
  explicit TrainingThreads(int wanted);
  ~TrainingThreads();
  TrainingThreads(const TrainingThreads&) = delete;
  TrainingThreads& operator=(const TrainingThreads&) = delete;
  int count() const { return count_; }

 private:
  int before_, count_;
};

struct Network::Impl {
  NetworkParams params;
  NetworkShape shape;
  std::unique_ptr<Architecture> architecture;
  std::vector<WeightSpec> specs;
  at::Tensor flat;  ///< all weights, float32, on the CPU
  /// How infer() calls it; set by choose_inference(), at first the params' and the kind's own.
  std::string precision = "float32";
  at::MemoryFormat layout = at::MemoryFormat::Contiguous;
  /// Copies in the inference's type and layout, made at first use on a device.
  std::vector<at::Tensor> inference;

  /// Without autograd, on the input's device; input float32
  /// [batch, inputs, (z,) (y,) x], output float32 contiguous. With `blocks` both are of this rank's block,
  /// and the call is collective.
  at::Tensor infer(const at::Tensor& input, const NetworkBlocks* blocks = nullptr);
  /// The weights that training changes: the flat tensor's end, and their specs.
  at::Tensor trained() const;
  std::vector<WeightSpec> trained_specs() const;
  /// After the weights changed.
  void forget_inference_copies() { inference.clear(); }
};

/// A generator of its own on the CPU.
at::Generator generator(std::uint64_t seed);

}  // namespace understudy::surrogates
