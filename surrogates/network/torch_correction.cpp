// The correction as a pure function of its weights: `layers` convolutions of 3 cells along each axis and `width`
// channels, each added to what it is given, between a first one that reads the state and a last one that begins
// at zero: an untrained correction is the coarse solver alone. It sees (layers + 2) `fold` cells around each:
// fold x fold (x fold) cells become channels before the first convolution and cells again behind the last. In 2-D
// and 3-D, padded by what each side is (network.hpp), and told where the sides are.
#include <ATen/ATen.h>

#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/torch_convolution.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_padding.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;

class Correction : public Architecture {
 public:
  Correction(const NetworkParams& params, const NetworkShape& shape)
      : p_(params), sides_(shape.boundaries), axes_(static_cast<int>(sides_.size()) / 2) {
    const auto marks = static_cast<int>(marked_kinds(sides_).size());
    const int folded = power(p_.fold, axes_);
    convolution("stem", (shape.inputs() + marks) * folded, p_.width);
    for (int n = 0; n < p_.layers; ++n)
      convolution("layer" + std::to_string(n), p_.width, p_.width);
    convolution("head", p_.width, shape.prognostic * folded);
    for (auto& spec : specs_)
      if (spec.name.starts_with("head.")) spec.bound = 0;
  }

  std::vector<WeightSpec> weights() const override { return specs_; }

  Tensor forward(const Tensor& input, const std::vector<Tensor>& w) const override {
    return evaluate(input, w, nullptr);
  }

  bool serves_blocks() const override { return true; }
  long long block_multiple() const override { return p_.fold; }
  void require_cells(const std::vector<long long>& cells) const override {
    for (std::size_t axis = 0; axis < cells.size(); ++axis)
      if (cells[axis] % p_.fold != 0)
        throw core::UserError(core::format(
            "network.fold: {} does not divide the {} cells of the coarse grid along {} "
            "(grid.cells / network.coarsening)",
            p_.fold, cells[axis], "xyz"[axis]));
  }
  Tensor forward_on_blocks(const Tensor& input, const std::vector<Tensor>& w,
                           const NetworkBlocks& blocks) const override {
    return evaluate(input, w, &blocks);
  }

  double operations(const std::vector<long long>& cells) const override {
    double total = 0;
    for (const WeightSpec& spec : specs_)
      if (spec.shape.size() > 1) total += 2.0 * static_cast<double>(spec.count());
    for (const long long n : cells) total *= static_cast<double>(n) / p_.fold;
    return total;
  }

  at::MemoryFormat layout() const override { return channels_last(axes_); }

 private:
  // `blocks`: the input is a block of the whole; null: it is the whole.
  Tensor evaluate(const Tensor& input, const std::vector<Tensor>& w,
                  const NetworkBlocks* blocks) const {
    const bool told = !marked_kinds(sides_).empty();
    Tensor x = told ? at::cat({input, side_marks(input, sides_, blocks)}, 1) : input;
    x = activate(p_.activation, convolve(fold_patches(x, p_.fold), w, 0, blocks));
    for (int n = 1; n <= p_.layers; ++n) x = x + activate(p_.activation, convolve(x, w, n, blocks));
    return unfold_patches(convolve(x, w, p_.layers + 1, blocks), p_.fold);
  }

  void convolution(const std::string& name, int in, int out) {
    std::vector<std::int64_t> shape{out, in};
    shape.insert(shape.end(), axes_, 3);
    specs_.push_back({name + ".weight", shape, std::sqrt(6.0 / (in * power(3, axes_)))});
    specs_.push_back({name + ".bias", {out}, 0});
  }

  Tensor convolve(const Tensor& x, const std::vector<Tensor>& w, int n,
                  const NetworkBlocks* blocks) const {
    return surrogates::convolve(pad_sides(x, sides_, blocks), w.at(2 * n), w.at(2 * n + 1));
  }

  NetworkParams p_;
  SideKinds sides_;
  int axes_;
  std::vector<WeightSpec> specs_;
};

}  // namespace

std::unique_ptr<Architecture> make_correction(const NetworkParams& params,
                                              const NetworkShape& shape) {
  if (shape.boundaries.size() != 4 && shape.boundaries.size() != 6)
    throw core::UserError(core::format(
        "network.kind: correction serves 2-D and 3-D boxes; this grid has {} dimensions",
        shape.boundaries.size() / 2));
  return std::make_unique<Correction>(params, shape);
}

}  // namespace understudy::surrogates
