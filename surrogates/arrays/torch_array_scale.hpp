// Scaling of arrays as tensors (private to surrogates/); ArrayScale says how.
#pragma once

#include <ATen/core/Tensor.h>

#include "surrogates/arrays/array_map.hpp"

namespace understudy::surrogates {

/// Of the range [lowest, highest] and, with kind rms, of the training values' root mean square. UserError
/// where the range holds one value only.
ArrayScale make_scale(const ArrayScaleParams& params, const ArrayInfo& side, double rms);

at::Tensor scaled(const ArrayScale& scale, const at::Tensor& values);
at::Tensor unscaled(const ArrayScale& scale, const at::Tensor& values);
/// d scaled / d value, and d unscaled / d scaled value.
at::Tensor scaled_slope(const ArrayScale& scale, const at::Tensor& values);
at::Tensor unscaled_slope(const ArrayScale& scale, const at::Tensor& values);

}  // namespace understudy::surrogates
