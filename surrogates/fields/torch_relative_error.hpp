// Relative errors of channels, some of which may be zero (private to surrogates/).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "surrogates/fields/model.hpp"

namespace understudy::surrogates {

/// miss / size, both norms [..., channel] over `values` values each. Where a channel's size is zero but for
/// round-off (core::nothing of the largest of its unit), the error is relative to that largest; where
/// there is none, to the channel's standard deviation in training.
at::Tensor relative_errors(const at::Tensor& miss, const at::Tensor& size, double values,
                           const std::vector<FieldCard>& channels);

/// Values times the weights of their cells, where there are any; a mean of them is one over the grid's measure.
at::Tensor weighed(const at::Tensor& values, const at::Tensor& weights);

/// [1, channel, 1...] of `dimensions`: 1, and 0 of constant channels. Undefined where none is constant.
at::Tensor varying_mask(const std::vector<FieldCard>& channels, std::int64_t dimensions);

}  // namespace understudy::surrogates
