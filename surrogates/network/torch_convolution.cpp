#include "surrogates/network/torch_convolution.hpp"

#include <ATen/ATen.h>

namespace understudy::surrogates {

namespace {

using at::Tensor;
using Numbers = std::vector<std::int64_t>;

// LibTorch's kernels in a volume do not all keep the format of what they are given.
Tensor kept(const Tensor& made, const Tensor& from) {
  return made.contiguous(from.suggest_memory_format());
}

bool is_channels_last(const Tensor& x) {
  return x.suggest_memory_format() == at::MemoryFormat::ChannelsLast3d;
}

}  // namespace

at::MemoryFormat channels_last(int axes) {
  return axes == 3 ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::ChannelsLast;
}

Tensor in_layout(const Tensor& x, at::MemoryFormat layout) {
  const int axes = layout == at::MemoryFormat::ChannelsLast3d ? 3 : 2;
  return x.contiguous(axes_of(x) == axes ? layout : at::MemoryFormat::Contiguous);
}

Tensor convolve(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return axes_of(x) == 2 ? at::conv2d(x, weight, bias) : at::conv3d(x, weight, bias);
}

Tensor halve(const Tensor& x) {
  if (axes_of(x) == 2) return at::avg_pool2d(x, {2, 2});
  // LibTorch 2.6 has it of a volume on the CPU in single and double precision only.
  const bool half = x.is_cpu() && x.scalar_type() == at::kBFloat16;
  const Tensor means = at::avg_pool3d(half ? x.to(at::kFloat) : x, {2, 2, 2});
  return kept(half ? means.to(x.scalar_type()) : means, x);
}

Tensor doubled(const Tensor& x) {
  if (axes_of(x) == 2) return at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
  return kept(at::upsample_nearest3d(x, {2 * x.size(2), 2 * x.size(3), 2 * x.size(4)}), x);
}

// torch has this of two axes only. The result is made in its layout at once, by one copy.
Tensor fold_patches(const Tensor& x, std::int64_t patch) {
  if (patch == 1) return x;
  if (axes_of(x) == 2) return at::pixel_unshuffle(x, patch);
  const std::int64_t p = patch, z = x.size(2) / p, y = x.size(3) / p, w = x.size(4) / p;
  const Tensor split =
      x.unflatten(4, Numbers{w, p}).unflatten(3, Numbers{y, p}).unflatten(2, Numbers{z, p});
  const std::int64_t channels = x.size(1) * p * p * p;
  if (!is_channels_last(x))
    return split.permute({0, 1, 3, 5, 7, 2, 4, 6}).reshape({x.size(0), channels, z, y, w});
  return split.permute({0, 2, 4, 6, 1, 3, 5, 7})
      .reshape({x.size(0), z, y, w, channels})
      .permute({0, 4, 1, 2, 3});
}

Tensor unfold_patches(const Tensor& x, std::int64_t patch) {
  if (patch == 1) return x;
  if (axes_of(x) == 2) return at::pixel_shuffle(x, patch);
  const std::int64_t p = patch, channels = x.size(1) / (p * p * p);
  const std::int64_t z = p * x.size(2), y = p * x.size(3), w = p * x.size(4);
  const Tensor split = x.unflatten(1, Numbers{channels, p, p, p});
  if (!is_channels_last(x))
    return split.permute({0, 1, 5, 2, 6, 3, 7, 4}).reshape({x.size(0), channels, z, y, w});
  return split.permute({0, 5, 2, 6, 3, 7, 4, 1})
      .reshape({x.size(0), z, y, w, channels})
      .permute({0, 4, 1, 2, 3});
}

Tensor extended(const Tensor& x, std::int64_t multiple) {
  Numbers pads;  // from the last axis on, lower and upper
  bool any = false;
  for (std::int64_t dimension = x.dim() - 1; dimension >= 2; --dimension) {
    const std::int64_t more = (multiple - x.size(dimension) % multiple) % multiple;
    pads.insert(pads.end(), {0, more});
    any |= more > 0;
  }
  if (!any) return x;
  const Tensor padded = at::pad(x, pads, "replicate");
  return axes_of(x) == 2 ? padded : kept(padded, x);
}

Tensor cut_to(const Tensor& x, at::IntArrayRef cells) {
  if (x.sizes().slice(2) == cells) return x;
  Tensor cut = x;
  for (std::int64_t n = 0; n < static_cast<std::int64_t>(cells.size()); ++n)
    cut = cut.narrow(2 + n, 0, cells[n]);
  return cut;
}

}  // namespace understudy::surrogates
