// The Fourier transform of an axis cut to few wave numbers, as a product with a thin matrix, and back (private to
// surrogates/; torch_fno.cpp says why). A part of the axis has its rows of the matrices: the sum of the parts'
// transforms is the transform of the whole, and the way back gives the part's values.
#pragma once

#include <ATen/core/Tensor.h>

#include <compare>
#include <map>
#include <mutex>
#include <string>
#include <tuple>

namespace understudy::surrogates {

/// Values first to first + count - 1 of an axis of `of` values.
struct AxisPart {
  std::int64_t first, count, of;
  auto operator<=>(const AxisPart&) const = default;
};

struct ThinTransform {
  at::Tensor forward;   ///< x: [count, 2 k] real; others: [count, 2 k - 1] complex
  at::Tensor backward;  ///< x: [2 k, count] real; others: [2 k - 1, count] complex
};

/// Made when they are first asked for.
class ThinTransforms {
 public:
  /// Axis 0 (x) is that of real values: k = 0 ... modes - 1, real and imaginary parts side by side. Others:
  /// k = -(modes - 1) ... modes - 1. Coefficients are divided by the number of values of the whole axis.
  /// `options`: device, and float or double.
  ThinTransform of(int axis, const AxisPart& part, long long modes,
                   const at::TensorOptions& options) const;

 private:
  mutable std::mutex mutex_;
  mutable std::map<std::tuple<bool, AxisPart, long long, bool, std::string>, ThinTransform> made_;
};

}  // namespace understudy::surrogates
