#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "core/timers.hpp"
#include "surrogates/network/matrix_product.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy::surrogates {

double matrix_product_flop_s(const core::Comm& comm, int threads) {
  using Memory = Kokkos::DefaultExecutionSpace::memory_space;
  const at::NoGradGuard no_autograd;
  set_up_torch();
  const TrainingThreads own(threads);
  constexpr std::int64_t size = 1024;
  const at::Device device = torch_serves<Memory>() ? torch_device<Memory>() : at::Device(at::kCPU);
  const at::Tensor a = at::full({size, size}, 0.5, at::TensorOptions(at::kFloat).device(device)),
                   b = at::full_like(a, 0.25);
  double best = 1e30;
  for (int n = 0; n < 5; ++n) {
    comm.barrier();
    const core::Stopwatch watch;
    // The value is waited for, on a device, too.
    at::mm(a, b)[0][0].item<float>();
    best = std::min(best, comm.max(watch.seconds()));
  }
  return comm.size() * 2.0 * size * size * size / best;
}

}  // namespace understudy::surrogates
