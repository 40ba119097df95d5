#include "pinn/engine/small_matmul.hpp"

#include "pinn/engine/small_matmul_kernels.hpp"

namespace understudy::pinn {

template <class Real>
bool is_small(const SmallProduct<Real>& p) {
  // Measured beside the library's (docs/results/pinn.md). Columns fill whole vectors of the widest
  // processors: which product is taken, and with it the rounding, is the same on all.
  constexpr long long widest = 64 / sizeof(Real);
  return small_matmul::has_vectors && p.columns % widest == 0 && p.columns <= 128 &&
         std::min(p.rows, p.inner) <= 128;
}

template <class Real>
void multiply([[maybe_unused]] const SmallProduct<Real>& p) {
  if constexpr (small_matmul::has_vectors)
    small_matmul::multiply_by<small_matmul::processor_bytes>(p);
}

template bool is_small(const SmallProduct<float>&);
template bool is_small(const SmallProduct<double>&);
template void multiply(const SmallProduct<float>&);
template void multiply(const SmallProduct<double>&);

}  // namespace understudy::pinn
