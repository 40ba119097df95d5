#include "surrogates/fields/torch_relative_error.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/unit_scale.hpp"

namespace understudy::surrogates {

at::Tensor relative_errors(const at::Tensor& miss, const at::Tensor& size, double values,
                           const std::vector<FieldCard>& channels) {
  const std::int64_t last = size.dim() - 1;
  const auto count = static_cast<std::int64_t>(channels.size());
  const double root = std::sqrt(values);
  at::Tensor result = at::empty_like(miss);
  for (std::int64_t c = 0; c < count; ++c) {
    const FieldCard& card = channels[c];
    const at::Tensor own = size.select(last, c);
    at::Tensor scale = own;
    for (std::int64_t n = 0; n < count; ++n) {
      const at::Tensor other = size.select(last, n);
      if (channels[n].unit == card.unit) scale = at::maximum(scale, other);
      if (channels[n].unit == "m/s" && (card.unit == "m2/s2" || card.unit == "Pa"))
        scale = at::maximum(scale, other.square() / root);
    }
    at::Tensor by = at::where(own > core::nothing * scale, own, scale);
    by = at::where(by > 0, by, at::full_like(by, card.std * root));
    result.select(last, c).copy_(miss.select(last, c) / by);
  }
  return result;
}

at::Tensor weighed(const at::Tensor& values, const at::Tensor& weights) {
  return weights.defined() ? values * weights : values;
}

at::Tensor varying_mask(const std::vector<FieldCard>& channels, std::int64_t dimensions) {
  if (std::ranges::none_of(channels, &FieldCard::constant)) return {};
  std::vector<std::int64_t> shape(dimensions, 1);
  shape[1] = static_cast<std::int64_t>(channels.size());
  at::Tensor mask = at::ones(shape, at::kFloat);
  for (std::size_t c = 0; c < channels.size(); ++c)
    if (channels[c].constant) mask.data_ptr<float>()[c] = 0;
  return mask;
}

}  // namespace understudy::surrogates
