// Networks as LibTorch sees them (private to surrogates/). All weights of a network are slices of
// one flat tensor, and their gradients of another: optimiser, average, clipping, checkpoints and
// weight files are a few operations on flat vectors.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "surrogates/network.hpp"

namespace understudy::surrogates {

/// One weight tensor: name, shape, and the bound of its uniform initial distribution (0: zeros; <
/// 0: ones).
struct WeightSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  double bound = 0;
  std::int64_t count() const;
};

/// The pure function of a network: what weights it has, and its value given them.
class Architecture {
 public:
  virtual ~Architecture() = default;
  virtual std::vector<WeightSpec> weights() const = 0;
  /// input [batch, inputs, y, x] -> increment in units of its scale [batch, prognostic, y, x].
  virtual at::Tensor forward(const at::Tensor& input, const std::vector<at::Tensor>& w) const = 0;
  virtual double operations(int width, int height) const = 0;
};

/// UserError for a kind, dimension or size that is not served.
std::unique_ptr<Architecture> make_architecture(const NetworkParams& params,
                                                const NetworkShape& shape);
std::unique_ptr<Architecture> make_unet(const NetworkParams& params, const NetworkShape& shape);
/// On batches of points: input [point, features], output [point, point_outputs].
std::unique_ptr<Architecture> make_mlp(const NetworkParams& params, const NetworkShape& shape);

/// Slices of `flat` in the specs' shapes; they share its memory.
std::vector<at::Tensor> slices(const at::Tensor& flat, const std::vector<WeightSpec>& specs);

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
  /// Copies in the inference's type and layout, made at first use on a device.
  std::vector<at::Tensor> inference;

  /// Without autograd, in the params' precision, on the input's device; input float32
  /// [batch, inputs, y, x], output float32 contiguous.
  at::Tensor infer(const at::Tensor& input);
  /// After the weights changed.
  void forget_inference_copies() { inference.clear(); }
};

/// A generator of its own on the CPU.
at::Generator generator(std::uint64_t seed);

}  // namespace understudy::surrogates
