#include "surrogates/network/torch_autoencoder.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/torch_block_sum.hpp"
#include "surrogates/network/torch_convolution.hpp"
#include "surrogates/network/torch_padding.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;

// [channel] for products with `x`, [batch, channel, (z,) y, x].
Tensor by_channel(const Tensor& values, const Tensor& x) {
  std::vector<std::int64_t> shape(x.dim(), 1);
  shape[1] = -1;
  return values.view(shape);
}

long long points_of(long long cells, long long multiple) {
  return (cells + multiple - 1) / multiple;
}

// This rank's block of [..., (z,) y, x] whose points have `multiple` cells along each axis.
Tensor part_of(Tensor whole, const NetworkBlocks& blocks, long long multiple) {
  for (int axis = 0; axis < blocks.dimension(); ++axis)
    whole = whole.narrow(-1 - axis, blocks.offset(axis) / multiple,
                         points_of(blocks.cells(axis), multiple));
  return whole;
}

Tensor mean_of(const Tensor& whole, const NetworkBlocks* blocks) {
  return blocks ? part_of(whole, *blocks, 1) : whole;
}

}  // namespace

AutoencoderArchitecture::AutoencoderArchitecture(const NetworkParams& params,
                                                 const NetworkShape& shape)
    : p_(params),
      shape_(shape),
      axes_(static_cast<int>(shape.boundaries.size()) / 2),
      map_{.kind = params.latent_map,
           .size = params.latent_size,
           .parameters = shape.parameters,
           .width = params.latent_width,
           .layers = params.latent_layers} {
  std::vector<std::int64_t> field{shape.prognostic};
  for (int axis = axes_ - 1; axis >= 0; --axis) field.push_back(shape.cells.at(axis));
  specs_ = {{"mean", field, 0, true, false}, {"spread", {shape.prognostic}, -1, true, false}};
  for (WeightSpec spec : map_.constants()) {
    spec.bound = -1;  // the encoder finds a scale of its own
    spec.float32 = true;
    specs_.push_back(spec);
  }
  for (WeightSpec spec : map_.weights()) {
    spec.float32 = true;
    specs_.push_back(spec);
  }
  const int folded = shape.prognostic * power(p_.patch, axes_);
  const std::int64_t bottom = p_.width * coarse_points();
  encoder_ = specs_.size();
  for (int level = 0; level <= p_.levels; ++level)
    conv(core::format("encoder.conv{}", level), level == 0 ? folded : p_.width, p_.width);
  dense("encoder.dense", bottom, map_.size);
  decoders_ = specs_.size();
  for (int mode = 0; mode < map_.size; ++mode) {
    const std::string name = core::format("decoder{}.", mode);
    dense(name + "dense", 1, bottom);
    for (int level = 0; level < p_.levels; ++level)
      conv(name + core::format("conv{}", level), p_.width, p_.width);
    conv(name + "head", p_.width, folded);
    specs_[specs_.size() - 2].bound = 0;  // an untrained network is the mean state
    if (mode == 0) per_decoder_ = specs_.size() - decoders_;
  }
}

std::int64_t AutoencoderArchitecture::coarse(int axis, const NetworkBlocks* blocks) const {
  return points_of(blocks ? blocks->cells(axis) : shape_.cells.at(axis), block_multiple());
}

std::int64_t AutoencoderArchitecture::coarse_points() const {
  std::int64_t points = 1;
  for (int axis = 0; axis < axes_; ++axis) points *= coarse(axis);
  return points;
}

std::vector<std::int64_t> AutoencoderArchitecture::coarse_shape(std::int64_t first,
                                                                const NetworkBlocks* blocks) const {
  std::vector<std::int64_t> shape{first, p_.width};
  for (int axis = axes_ - 1; axis >= 0; --axis) shape.push_back(coarse(axis, blocks));
  return shape;
}

long long AutoencoderArchitecture::block_multiple() const { return halving_multiple(p_); }

at::MemoryFormat AutoencoderArchitecture::layout() const { return channels_last(axes_); }

void AutoencoderArchitecture::conv(const std::string& name, int in, int out) {
  std::vector<std::int64_t> shape{out, in};
  shape.insert(shape.end(), axes_, 3);
  specs_.push_back(
      {name + ".weight", shape, std::sqrt(6.0 / (in * power(3, axes_)))});  // He et al. 2015
  specs_.push_back({name + ".bias", {out}, 0});
}

void AutoencoderArchitecture::dense(const std::string& name, std::int64_t in, std::int64_t out) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  specs_.push_back({name + ".weight", {out, in}, bound, true});
  specs_.push_back({name + ".bias", {out}, bound, true});
}

Tensor AutoencoderArchitecture::convolve(const Tensor& x, const Tensor* next,
                                         const NetworkBlocks* blocks) const {
  return surrogates::convolve(pad_sides(x, shape_.boundaries, blocks), next[0], next[1]);
}

Tensor AutoencoderArchitecture::compressed(const Tensor& state, const std::vector<Tensor>& w,
                                           const NetworkBlocks* blocks) const {
  const at::ScalarType type = w[mean].scalar_type();
  const Tensor* next = &w.at(encoder_);
  Tensor x = (state.to(type) - mean_of(w[mean], blocks)) / by_channel(w[spread], state);
  x = fold_patches(extended(x, halving_multiple(p_)), p_.patch);
  x = x.to(next[0].scalar_type(), false, false, layout());
  for (int level = 0; level <= p_.levels; ++level, next += 2) {
    x = activate(p_.activation, convolve(x, next, blocks));
    if (level < p_.levels) x = halve(x);
  }
  return x.to(type).flatten(1);
}

Tensor AutoencoderArchitecture::share_of_latent(const Tensor& state, const std::vector<Tensor>& w,
                                                const NetworkBlocks& blocks) const {
  const Tensor columns =
      part_of(encoder_dense(w)[0].view(coarse_shape(map_.size)), blocks, block_multiple());
  return at::linear(compressed(state, w, &blocks), columns.flatten(1));
}

Tensor AutoencoderArchitecture::encode(const Tensor& state, const std::vector<Tensor>& w) const {
  const Tensor* dense = encoder_dense(w);
  return at::linear(compressed(state, w, nullptr), dense[0], dense[1]);
}

Tensor AutoencoderArchitecture::step(const Tensor& z, const Tensor& q,
                                     const std::vector<Tensor>& w) const {
  return map_.step(z, q, &w.at(map_first));
}

Tensor AutoencoderArchitecture::contribution(const Tensor& z, int mode,
                                             const std::vector<Tensor>& w,
                                             const NetworkBlocks* blocks) const {
  const Tensor* next = &w.at(decoders_ + mode * per_decoder_);
  Tensor weight = next[0], bias = next[1];  // [points of all channels, 1] and [these points]
  if (blocks) {
    weight = part_of(weight.view(coarse_shape(1)), *blocks, block_multiple()).reshape({-1, 1});
    bias = part_of(bias.view(coarse_shape(1)), *blocks, block_multiple()).flatten();
  }
  Tensor x = activate(p_.activation, at::linear(z.narrow(1, mode, 1), weight, bias));
  next += 2;
  x = x.view(coarse_shape(-1, blocks)).to(next[0].scalar_type(), false, false, layout());
  for (int level = 0; level < p_.levels; ++level, next += 2)
    x = activate(p_.activation, convolve(doubled(x), next, blocks));
  x = unfold_patches(convolve(x, next, blocks), p_.patch);
  x = cut_to(x, mean_of(w[mean], blocks).sizes().slice(1));
  return x.to(w[spread].scalar_type()) * by_channel(w[spread], x);
}

Tensor AutoencoderArchitecture::decode_modes(const Tensor& z, const std::vector<Tensor>& w) const {
  std::vector<Tensor> fields;
  for (int mode = 0; mode < modes(); ++mode) fields.push_back(contribution(z, mode, w, nullptr));
  return at::stack(fields, 1);
}

Tensor AutoencoderArchitecture::decode(const Tensor& z, const std::vector<Tensor>& w,
                                       const NetworkBlocks* blocks) const {
  Tensor sum = mean_of(w[mean], blocks).unsqueeze(0);
  for (int mode = 0; mode < modes(); ++mode) sum = sum + contribution(z, mode, w, blocks);
  return sum;
}

Tensor AutoencoderArchitecture::parameters_of(const Tensor& input) const {
  Tensor one = input;
  for (int axis = 0; axis < axes_; ++axis) one = one.select(one.dim() - 1, 0);
  return one.narrow(1, shape_.prognostic + shape_.fixed, shape_.parameters);
}

Tensor AutoencoderArchitecture::forward(const Tensor& input, const std::vector<Tensor>& w) const {
  const Tensor z = encode(input.narrow(1, 0, shape_.prognostic), w);
  return decode(step(z, parameters_of(input).to(w[mean].scalar_type()), w), w);
}

// The parameters are those of the whole's first cell, so that the gradient is the whole's, too.
Tensor AutoencoderArchitecture::forward_on_blocks(const Tensor& input, const std::vector<Tensor>& w,
                                                  const NetworkBlocks& blocks) const {
  const Tensor share = share_of_latent(input.narrow(1, 0, shape_.prognostic), w, blocks);
  const Tensor here = parameters_of(input).to(share.scalar_type());
  const bool first = blocks.comm().is_root();
  const Tensor sum =
      sum_of_blocks(at::cat({share, first ? here : at::zeros_like(here)}, 1), blocks);
  const Tensor z = sum.narrow(1, 0, modes()) + encoder_dense(w)[1];
  return decode(step(z, sum.narrow(1, modes(), shape_.parameters), w), w, &blocks);
}

void AutoencoderArchitecture::require_cells(const std::vector<long long>& cells) const {
  require_halvings(p_, shape_.boundaries, cells);
  for (int axis = 0; axis < axes_; ++axis)
    if (cells.at(axis) != shape_.cells.at(axis))
      throw core::UserError(
          core::format("network: the autoencoder's dense layers are for {} cells along {}, not {}",
                       shape_.cells[axis], "xyz"[axis], cells[axis]));
}

double AutoencoderArchitecture::operations(const std::vector<long long>&) const {
  // Each convolution weight is used once per point of its level.
  const auto bottom = static_cast<double>(coarse_points());
  double total = 0;
  for (const WeightSpec& spec : specs_) {
    double points = spec.shape.size() == 2 ? 1 : 0;
    if (spec.shape.size() == 2 + static_cast<std::size_t>(axes_)) {
      const bool encodes = spec.name.starts_with("encoder");
      const auto at = spec.name.find("conv");
      const int n = at == std::string::npos ? 0 : spec.name[at + 4] - '0';
      const int doublings = encodes ? p_.levels - n : at == std::string::npos ? p_.levels : n + 1;
      points = bottom * std::pow(static_cast<double>(power(2, axes_)), doublings);
    }
    total += 2.0 * static_cast<double>(spec.count()) * points;
  }
  return total;
}

std::unique_ptr<Architecture> make_autoencoder(const NetworkParams& params,
                                               const NetworkShape& shape) {
  if (shape.boundaries.size() != 4 && shape.boundaries.size() != 6)
    throw core::UserError(core::format(
        "network.kind: conv_autoencoder serves 2-D and 3-D grids; this one is {}-D. pod serves 1-D to "
        "3-D grids.",
        shape.boundaries.size() / 2));
  return std::make_unique<AutoencoderArchitecture>(params, shape);
}

}  // namespace understudy::surrogates
