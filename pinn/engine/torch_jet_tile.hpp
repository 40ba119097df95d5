// One tile of points through a JetProgram, forward and backward (private to pinn/). Arrays of a tile lie
// one after the other: register r is [channel, point of the tile, width].
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "pinn/engine/jet_kernels.hpp"
#include "pinn/engine/small_matmul.hpp"
#include "pinn/engine/torch_jet_network.hpp"

namespace understudy::pinn {

/// What all tiles of an evaluation share.
struct JetPlan {
  const JetProgram& program;
  const std::vector<WeightPlace>& places;
  std::vector<int> orders;
  std::vector<long long> saved_at;  ///< [register] offset a channel and point, -1: formed anew
  long long saved_width = 0;        ///< of all saved registers
  int channels = 1;
  at::Tensor trained, fixed;
  bool on_device = false;
  std::vector<at::Tensor> transposed;  ///< [weight] of linear operations, [in width, out width]
};
JetPlan make_plan(const JetProgram& program, const std::vector<WeightPlace>& places,
                  const std::vector<int>& orders);
/// Sets the weights.
void set_weights(JetPlan& plan, const at::Tensor& trained, const at::Tensor& fixed);

/// Where a backward pass puts the weights' gradient.
template <class Real>
struct WeightGradient {
  Real* sum = nullptr;   ///< [trained]: the points' gradients are added to it
  Real* rows = nullptr;  ///< in place of `sum`: added to row p for point p of the tile
  long long stride = 0;  ///< from row to row
};

template <class Real>
class JetTileRun {
 public:
  JetTileRun(const JetPlan& plan, long long most_points);

  /// features: the tile's register 0; saved [channels * points * saved_width], or null when no backward
  /// pass follows. Returns register `output`, valid until the next call.
  const Real* forward(long long points, const Real* features, Real* saved);
  /// output_gradient: of register `output`.
  void backward(long long points, const Real* features, Real* saved, const Real* output_gradient,
                const WeightGradient<Real>& gradient);

 private:
  Real* take();
  void give_back(Real*& buffer);
  Real* saved_register(int r);
  void start(long long points, const Real* features, Real* saved);
  void forward_op(const JetOp& op);
  const Real* form(int r);
  Real* gradient_of(int r, bool& fresh);
  Real* added_gradient(int r);
  void transpose(const JetOp& op, const WeightGradient<Real>& gradient);
  void transpose_linear(const JetOp& op, const WeightGradient<Real>& gradient);
  void add_linear_gradient(const JetOp& op, const Real* g, const WeightGradient<Real>& gradient);
  void add_mix_gradient(const JetOp& op, const Real* g, const MixOperands<Real>& in,
                        const WeightGradient<Real>& gradient);
  void add_bias_gradient(const Real* g, int width, Real* gradient);
  const Real* weight(int index) const;
  JetTile tile() const { return {&plan_.orders, points_, plan_.on_device}; }
  int width(int r) const { return plan_.program.widths[std::size_t(r)]; }
  long long size(int r) const { return plan_.channels * points_ * width(r); }
  void multiply(const SmallProduct<Real>& product);
  at::Tensor matrix(const Real* data, long long rows, long long columns) const;
  at::Tensor by_channel(const Real* data, int width) const;
  void zero(Real* data, long long count);

  const JetPlan& plan_;
  long long most_, points_ = 0;
  const Real* features_ = nullptr;
  Real* saved_ = nullptr;
  std::vector<at::Tensor> memory_;
  std::vector<Real*> free_;
  std::vector<Real*> value_, gradient_;  ///< [register] in buffers of this tile; null: not there
};

}  // namespace understudy::pinn
