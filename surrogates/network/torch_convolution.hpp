// What convolutional networks are made of, the same in the plane and in a box (private to surrogates/): tensors
// are [batch, channel, y, x] or [batch, channel, z, y, x], and results keep the memory format of what they are
// made from (channels last or contiguous). All are differentiable. Padding: torch_padding.hpp.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/MemoryFormat.h>

#include <vector>

namespace understudy::surrogates {

/// 2 or 3: the axes behind batch and channel.
inline int axes_of(const at::Tensor& x) { return static_cast<int>(x.dim()) - 2; }

/// What a length along each axis makes of cells.
inline int power(int length, int axes) {
  return axes == 3 ? length * length * length : length * length;
}

/// Channels last, as torch calls it with that many axes.
at::MemoryFormat channels_last(int axes);

/// `x` in that layout, where it has the axes for it; else as it is, contiguous.
at::Tensor in_layout(const at::Tensor& x, at::MemoryFormat layout);

/// Without padding: weight [out, in, (z,) y, x], bias [out].
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// Means over 2 x 2 (x 2) cells, of even numbers of cells.
at::Tensor halve(const at::Tensor& x);
/// Every cell's value in 2 x 2 (x 2).
at::Tensor doubled(const at::Tensor& x);

/// patch x patch (x patch) cells become channels, the cell's place counted z, y, x within each channel:
/// [batch, channel p^d, (z / p,) y / p, x / p].
at::Tensor fold_patches(const at::Tensor& x, std::int64_t patch);
/// And back.
at::Tensor unfold_patches(const at::Tensor& x, std::int64_t patch);

/// The cells at the upper sides repeated beyond them, up to the next multiples.
at::Tensor extended(const at::Tensor& x, std::int64_t multiple);
/// The first `cells` along each axis, (z,) y, x.
at::Tensor cut_to(const at::Tensor& x, at::IntArrayRef cells);

}  // namespace understudy::surrogates
