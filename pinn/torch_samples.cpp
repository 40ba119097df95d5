#include "pinn/torch_samples.hpp"

#include <ATen/Functions.h>
#include <ATen/ops/empty.h>

namespace understudy::pinn {

namespace {

at::Tensor columns(const Samples& samples, std::size_t first, std::size_t end) {
  const auto rows = std::int64_t(samples.count());
  at::Tensor result = at::empty({rows, std::int64_t(end - first)}, at::kDouble);
  for (std::size_t c = first; c < end; ++c)
    for (std::int64_t row = 0; row < rows; ++row)
      result.data_ptr<double>()[row * std::int64_t(end - first) + std::int64_t(c - first)] =
          samples.columns[c][std::size_t(row)];
  return result;
}

}  // namespace

at::Tensor points_of(const Samples& samples, int inputs) {
  return columns(samples, 0, std::size_t(inputs));
}

at::Tensor values_of(const Samples& samples, int inputs) {
  return columns(samples, std::size_t(inputs), samples.columns.size());
}

}  // namespace understudy::pinn
