#include "surrogates/training/torch_trainer.hpp"

#include <ATen/ATen.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy::surrogates {

namespace {

#ifdef __GLIBC__
int kept_memories = 0;
#endif

// Where networks are trained: beside the solver's fields where this LibTorch works there.
at::Device training_device() {
  using Memory = Kokkos::DefaultExecutionSpace::memory_space;
  return torch_serves<Memory>() ? torch_device<Memory>() : at::Device(at::kCPU);
}

}  // namespace

#ifdef __GLIBC__
KeptMemory::KeptMemory() {
  if (kept_memories++ > 0) return;
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

KeptMemory::~KeptMemory() {
  if (--kept_memories > 0) return;
  mallopt(M_MMAP_MAX, 65536);  // glibc's own, as below
  mallopt(M_TRIM_THRESHOLD, 128 * 1024);
  malloc_trim(0);
}
#else
KeptMemory::KeptMemory() = default;
KeptMemory::~KeptMemory() = default;
#endif

double bounded_error(double error) { return std::isfinite(error) ? std::min(error, 1e6) : 1e6; }

Trainer::Trainer(Network n, std::string identity, const TrainingParams& params,
                 const core::Comm& comm)
    : network(std::move(n)),
      optimiser(network, params, training_device()),
      params_(params),
      identity_(std::move(identity)),
      comm_(comm),
      buckets_(optimiser.gradient(), optimiser.weights(), comm_) {}

Trainer::Share Trainer::share(std::size_t count) const {
  const int each = params_.ranks_per_sample;
  const auto groups = static_cast<std::size_t>(comm_.size() / each),
             group = static_cast<std::size_t>(comm_.rank() / each);
  const std::size_t first = count * group / groups;
  return {first, count * (group + 1) / groups - first};
}

double Trainer::descend(const at::Tensor& part, double rate) {
  buckets_.begin();
  if (part.defined()) part.backward();
  buckets_.finish();
  // A loss that is not finite on one rank is so on all: they stop together, before the weights move.
  const double loss = comm_.sum(part.defined() ? part.item<double>() : 0.0);
  if (!std::isfinite(loss))
    throw core::RunError(core::format(
        "training: the loss is {} at step {}; a lower training.learning_rate or gradient_clip may "
        "help",
        loss, optimiser.steps));
  // Ranks with other numbers of threads would round the norm, and with it every weight, differently.
  double norm = comm_.is_root() ? optimiser.gradient_norm() : 0;
  if (comm_.size() > 1) comm_.broadcast(&norm, sizeof norm);
  if (!std::isfinite(norm))
    throw core::RunError(core::format(
        "training: the gradient is not finite at step {}; a lower training.learning_rate or a shorter "
        "training.unroll may help",
        optimiser.steps));
  optimiser.step(rate, norm);
  return loss;
}

}  // namespace understudy::surrogates
