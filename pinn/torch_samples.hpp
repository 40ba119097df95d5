// Samples as tensors, in double precision on the host (for pinn/ and the problems of plugins).
#pragma once

#include <ATen/core/Tensor.h>

#include "pinn/samples.hpp"

namespace understudy::pinn {

/// The first `inputs` columns as points [point, input].
at::Tensor points_of(const Samples& samples, int inputs);
/// The columns from `inputs` on as [point, column].
at::Tensor values_of(const Samples& samples, int inputs);

}  // namespace understudy::pinn
