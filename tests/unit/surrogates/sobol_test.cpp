// The direction numbers of core/sampling.hpp against LibTorch's own copy of Joe and Kuo's table.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/sampling.hpp"

namespace understudy::surrogates {

TEST(SurrogatesSobol, SequenceIsLibTorchs) {
  constexpr int axes = core::Sobol::most_axes, points = 512, bits = 30;
  at::Tensor state = at::zeros({axes, bits}, at::kLong);
  state = at::_sobol_engine_initialize_state_(state, axes);
  const at::Tensor origin = at::zeros({axes}, at::kLong);
  // LibTorch's draw starts with point 1.
  const auto [drawn, last] = at::_sobol_engine_draw(origin, points, state, axes, 0, at::kDouble);
  const core::Sobol sobol(axes);
  for (int n = 0; n < points; ++n) {
    const auto p = sobol.point(static_cast<std::uint32_t>(n + 1));
    for (int axis = 0; axis < axes; ++axis)
      ASSERT_EQ(drawn[n][axis].item<double>(), p[axis] * 0x1.0p-32) << n << " " << axis;
  }
}

}  // namespace understudy::surrogates
