#include "surrogates/arrays/torch_array_scale.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

ArrayScale make_scale(const ArrayScaleParams& params, const ArrayInfo& side, double rms) {
  if (!(side.highest > side.lowest))
    throw core::UserError(
        core::format("{} lies between {} and {}: an array of one value only cannot be scaled",
                     to_string(side), side.lowest, side.highest));
  if (params.kind == "linear")
    return {"linear", 0.5 * (side.lowest + side.highest), 0.5 * (side.highest - side.lowest)};
  if (params.kind == "rms") return {"linear", 0, rms};
  const double largest = std::max(std::abs(side.lowest), std::abs(side.highest));
  return {"signed_log", params.reference * largest, std::log1p(1 / params.reference)};
}

at::Tensor scaled(const ArrayScale& s, const at::Tensor& x) {
  if (s.kind == "linear") return (x - s.middle) / s.scale;
  return at::sign(x) * at::log1p(x.abs() / s.middle) / s.scale;
}

at::Tensor unscaled(const ArrayScale& s, const at::Tensor& y) {
  if (s.kind == "linear") return y * s.scale + s.middle;
  return at::sign(y) * at::expm1(y.abs() * s.scale) * s.middle;
}

at::Tensor scaled_slope(const ArrayScale& s, const at::Tensor& x) {
  if (s.kind == "linear") return at::full_like(x, 1 / s.scale);
  return 1 / ((x.abs() + s.middle) * s.scale);
}

at::Tensor unscaled_slope(const ArrayScale& s, const at::Tensor& y) {
  if (s.kind == "linear") return at::full_like(y, s.scale);
  return at::exp(y.abs() * s.scale) * (s.middle * s.scale);
}

}  // namespace understudy::surrogates
