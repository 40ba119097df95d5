#include "surrogates/network/torch_thin_transform.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cmath>
#include <numbers>

namespace understudy::surrogates {

namespace {

using at::Tensor;

double angle_of(const AxisPart& part, std::int64_t i, std::int64_t k) {
  const std::int64_t turns = (part.first + i) * k % part.of;
  return 2 * std::numbers::pi * static_cast<double>(turns) / double(part.of);
}

// A real function's wave numbers -k are the conjugates of k, hence the factor 2 on the way back.
ThinTransform real_waves(const AxisPart& part, std::int64_t modes) {
  const std::int64_t n = part.count;
  ThinTransform w{at::empty({n, 2 * modes}, at::kDouble), at::empty({2 * modes, n}, at::kDouble)};
  auto f = w.forward.accessor<double, 2>(), b = w.backward.accessor<double, 2>();
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t k = 0; k < modes; ++k) {
      const double angle = angle_of(part, i, k);
      f[i][2 * k] = std::cos(angle) / double(part.of);
      f[i][2 * k + 1] = -std::sin(angle) / double(part.of);
      b[2 * k][i] = (k == 0 ? 1 : 2) * std::cos(angle);
      b[2 * k + 1][i] = (k == 0 ? 0 : -2) * std::sin(angle);
    }
  return w;
}

ThinTransform complex_waves(const AxisPart& part, std::int64_t modes) {
  const std::int64_t n = part.count, count = 2 * modes - 1;
  Tensor f = at::empty({n, count, 2}, at::kDouble), b = at::empty({count, n, 2}, at::kDouble);
  auto fa = f.accessor<double, 3>(), ba = b.accessor<double, 3>();
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t m = 0; m < count; ++m) {
      const double angle = angle_of(part, i, m - modes + 1);
      fa[i][m][0] = std::cos(angle) / double(part.of);
      fa[i][m][1] = -std::sin(angle) / double(part.of);
      ba[m][i][0] = std::cos(angle);
      ba[m][i][1] = std::sin(angle);
    }
  return {at::view_as_complex(f), at::view_as_complex(b)};
}

}  // namespace

ThinTransform ThinTransforms::of(int axis, const AxisPart& part, long long modes,
                                 const at::TensorOptions& options) const {
  const auto key =
      std::tuple(axis == 0, part, modes, options.dtype() == at::kDouble, options.device().str());
  const std::lock_guard guard(mutex_);
  const auto found = made_.find(key);
  if (found != made_.end()) return found->second;
  // Made for training, too, even when inference asks first.
  const c10::InferenceMode ordinary(false);
  ThinTransform made = axis == 0 ? real_waves(part, modes) : complex_waves(part, modes);
  const at::ScalarType type = c10::typeMetaToScalarType(options.dtype());
  for (Tensor* t : {&made.forward, &made.backward})
    *t = t->to(options.device(), t->is_complex() ? at::toComplexType(type) : type);
  return made_.emplace(key, made).first->second;
}

}  // namespace understudy::surrogates
