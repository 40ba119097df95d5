// The U-Net as a pure function of its weights; see network.hpp for what it computes.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/torch_block_sum.hpp"
#include "surrogates/network/torch_convolution.hpp"
#include "surrogates/network/torch_cube_padding.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_padding.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;

class UNet : public Architecture {
 public:
  UNet(const NetworkParams& params, const NetworkShape& shape)
      : p_(params), shape_(shape), axes_(static_cast<int>(shape.boundaries.size()) / 2) {
    const auto marks = static_cast<int>(marked_kinds(shape.boundaries).size());
    const int fold = power(p_.patch, axes_);
    if (on_cube()) {
      frames_in_ = std::make_unique<PanelFrames>(shape.inputs(), shape.vectors);
      frames_out_ = std::make_unique<PanelFrames>(shape.prognostic, shape.vectors);
    }
    const int places = on_cube() ? static_cast<int>(panel_places(1).size(1)) : 0;
    conv("stem", (shape.inputs() + marks + places) * fold, width(0), 3);
    for (int level = 0; level < p_.levels; ++level)
      block("down" + std::to_string(level), width(std::max(level - 1, 0)), width(level));
    block("bottom", width(p_.levels - 1), width(p_.levels));
    for (int level = p_.levels - 1; level >= 0; --level) {
      conv("lift" + std::to_string(level), width(level + 1), width(level), 1);
      block("up" + std::to_string(level), 2 * width(level), width(level));
    }
    conv("head", width(0), shape.prognostic * fold, 3);
    // Unfolding leaves steps between patches, which a rollout would pile up: two small convolutions
    // on all cells see the unfolded change beside the input and take them away.
    if (p_.patch > 1) {
      const int hidden = std::max(8, 2 * shape.prognostic);
      conv("refine0", shape.prognostic + shape.inputs(), hidden, 3);
      conv("refine1", hidden, shape.prognostic, 3);
    }
    // The last layers start at zero: an untrained network is persistence.
    for (auto& spec : specs_)
      if (spec.name.starts_with("head.") || spec.name.starts_with("refine1.")) spec.bound = 0;
  }

  std::vector<WeightSpec> weights() const override { return specs_; }

  Tensor forward(const Tensor& input, const std::vector<Tensor>& w) const override {
    if (!on_cube()) return on_boxes(input, {}, w);
    const Tensor planes = frames_in_->to_panels(input);  // [batch * 6, inputs, y, x]
    const Tensor places = panel_places(input.size(4)).to(input.device(), input.scalar_type());
    return frames_out_->from_panels(on_boxes(planes, places.repeat({input.size(0), 1, 1, 1}), w));
  }

  bool serves_blocks() const override { return !on_cube(); }
  long long block_multiple() const override { return halving_multiple(p_); }
  Tensor forward_on_blocks(const Tensor& input, const std::vector<Tensor>& w,
                           const NetworkBlocks& blocks) const override {
    return on_boxes(input, {}, w, &blocks);
  }

  at::MemoryFormat layout() const override {
    // Panels are an axis more, which torch has no such layout for; padding makes it inside.
    return on_cube() ? at::MemoryFormat::Contiguous : channels_last(axes_);
  }

  void require_cells(const std::vector<long long>& numbers) const override {
    require_halvings(p_, shape_.boundaries, numbers);
  }

  double operations(const std::vector<long long>& cells) const override {
    // Each convolution weight is used once per point of its level.
    double total = 0;
    for (const WeightSpec& spec : specs_) {
      if (spec.shape.size() != 2 + static_cast<std::size_t>(axes_)) continue;
      int level = 0;
      for (int l = 0; l < p_.levels; ++l) {
        const std::string number = std::to_string(l);
        if (spec.name.starts_with("down" + number) || spec.name.starts_with("up" + number))
          level = l;
        if (spec.name.starts_with("lift" + number)) level = l + 1;
      }
      if (spec.name.starts_with("bottom")) level = p_.levels;
      const int fold = spec.name.starts_with("refine") ? 1 : power(p_.patch, axes_);
      double points = 1.0 / fold / std::pow(static_cast<double>(power(2, axes_)), level);
      for (const long long n : cells) points *= static_cast<double>(n);
      total += 2.0 * static_cast<double>(spec.count()) * points;
    }
    return total;
  }

 private:
  bool on_cube() const { return shape_.boundaries.front() == SideKind::joint; }

  /// On [batch, channel, (z,) y, x]. `places`: channels beside the input that are not its own; undefined: none.
  /// `blocks`: the input is a block of the whole; what the multiple lacks is then padded in the last block along
  /// an axis.
  Tensor on_boxes(const Tensor& input, const Tensor& places, const std::vector<Tensor>& w,
                  const NetworkBlocks* blocks = nullptr) const {
    Cursor cursor{w, blocks};
    const auto cells = input.sizes().slice(2);
    if (!blocks) require_cells(std::vector<long long>(cells.rbegin(), cells.rend()));
    Tensor x = input;
    if (!marked_kinds(shape_.boundaries).empty())
      x = at::cat({x, side_marks(input, shape_.boundaries, blocks)}, 1);
    if (places.defined()) x = at::cat({x, places}, 1);
    x = fold_patches(extended(x, halving_multiple(p_)), p_.patch);
    x = activate(convolve(x, cursor, 3));
    std::vector<Tensor> skips;
    for (int level = 0; level < p_.levels; ++level) {
      x = residual(x, cursor);
      skips.push_back(x);
      x = halve(x);
    }
    x = residual(x, cursor);
    for (int level = p_.levels - 1; level >= 0; --level) {
      x = doubled(convolve(x, cursor, 1));
      x = residual(at::cat({x, skips[level]}, 1), cursor);
    }
    x = cut_to(unfold_patches(convolve(x, cursor, 3), p_.patch), cells);
    if (p_.patch == 1) return x;
    const Tensor refined = activate(convolve(at::cat({x, input}, 1), cursor, 3));
    return x + convolve(refined, cursor, 3);
  }

  // Hands out the weights in the order in which the constructor listed them.
  struct Cursor {
    const std::vector<Tensor>& w;
    const NetworkBlocks* blocks = nullptr;  ///< null: the field is whole
    std::size_t next = 0;
    const Tensor& take() { return w.at(next++); }
  };

  int width(int level) const {
    return static_cast<int>(std::min<long long>(static_cast<long long>(p_.width) << level,
                                                std::max(p_.max_width, p_.width)));
  }

  void conv(const std::string& name, int in, int out, int size) {
    // He et al. 2015: keeps the variance through a rectifier-like activation.
    const double bound =
        std::sqrt(6.0 / (in * power(size, axes_))) * (size == 1 ? std::sqrt(0.5) : 1.0);
    std::vector<std::int64_t> shape{out, in};
    shape.insert(shape.end(), axes_, size);
    specs_.push_back({name + ".weight", shape, bound});
    specs_.push_back({name + ".bias", {out}, 0});
  }

  void block(const std::string& name, int in, int out) {
    for (int n = 0; n < 2; ++n) {
      const std::string conv_name = name + ".conv" + std::to_string(n);
      conv(conv_name, n == 0 ? in : out, out, 3);
      // The second convolution starts small, so that a block starts near its skip connection.
      if (n == 1) specs_[specs_.size() - 2].bound *= 0.2;
      if (p_.norm != "group") continue;
      specs_.push_back({conv_name + ".scale", {out}, -1});
      specs_.push_back({conv_name + ".shift", {out}, 0});
    }
    if (in != out) conv(name + ".skip", in, out, 1);
  }

  Tensor activate(const Tensor& x) const { return surrogates::activate(p_.activation, x); }

  Tensor convolve(const Tensor& x, Cursor& cursor, int size) const {
    const Tensor& weight = cursor.take();
    const Tensor& bias = cursor.take();
    if (size != 3) return surrogates::convolve(x, weight, bias);
    const Tensor wide = on_cube() ? cube_.pad(x) : pad_sides(x, shape_.boundaries, cursor.blocks);
    return surrogates::convolve(wide, weight, bias);
  }

  Tensor normalise(const Tensor& x, Cursor& cursor) const {
    if (p_.norm != "group") return x;
    const Tensor& scale = cursor.take();
    const Tensor& shift = cursor.take();
    const std::int64_t channels = x.size(1);
    std::int64_t groups = 8;
    while (channels % groups != 0) groups /= 2;
    if (cursor.blocks) return group_norm_of_blocks(x, groups, scale, shift, *cursor.blocks);
    return at::group_norm(x, groups, scale, shift);
  }

  // x -> act(skip(x) + conv(act(conv(x))))
  Tensor residual(const Tensor& x, Cursor& cursor) const {
    Tensor y = activate(normalise(convolve(x, cursor, 3), cursor));
    y = normalise(convolve(y, cursor, 3), cursor);
    const bool same = x.size(1) == y.size(1);
    return activate(y + (same ? x : convolve(x, cursor, 1)));
  }

  NetworkParams p_;
  NetworkShape shape_;
  int axes_;  ///< of a panel: 2
  CubePadding cube_;
  std::unique_ptr<PanelFrames> frames_in_, frames_out_;  ///< of a cubed sphere
  std::vector<WeightSpec> specs_;
};

}  // namespace

std::unique_ptr<Architecture> make_unet(const NetworkParams& params, const NetworkShape& shape) {
  if (shape.boundaries.size() != 4 && shape.boundaries.size() != 6)
    throw core::UserError(core::format(
        "network.kind: unet serves 2-D and 3-D grids; this one is {}-D. fno serves 1-D "
        "to 3-D grids.",
        shape.boundaries.size() / 2));
  return std::make_unique<UNet>(params, shape);
}

}  // namespace understudy::surrogates
