#include "surrogates/training/training_memory.hpp"

#include <algorithm>
#include <cmath>

#include "core/format.hpp"
#include "core/memory.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy::surrogates {

double training_bytes_of_weights(const Architecture& architecture) {
  constexpr double trained_copies = 6, constant_copies = 1;
  double bytes = 0;
  for (const WeightSpec& spec : architecture.weights())
    bytes += sizeof(float) * (spec.trained ? trained_copies : constant_copies) *
             static_cast<double>(spec.count());
  return bytes;
}

double values_kept(const NetworkParams& network, const NetworkShape& shape,
                   const std::vector<long long>& cells) {
  double points = 1;
  for (const long long n : cells) points *= static_cast<double>(n);
  double values = points * (shape.inputs() + shape.prognostic);
  if (network.kind == "unet") {
    const double folded =
        std::pow(network.patch, shape.boundaries.size() / 2);  // a panel's are two
    values += 4 * points / folded * network.width;
  } else if (network.kind == "fno" || network.kind == "correction") {
    values += points * network.width * network.layers;
  }
  return values;
}

void require_training_fits(const TrainingNeeds& needs, const core::Comm& comm) {
  const bool on_gpu = std::isfinite(core::available_device_memory().bytes) &&
                      !torch_info().device.starts_with("cpu");
  const std::string parts = core::format(
      "the training ({} of samples, {} of weights and the optimiser's copies, {} of a batch's values)",
      core::bytes_text(needs.samples), core::bytes_text(needs.weights),
      core::bytes_text(needs.batch));
  const double largest = std::max({needs.samples, needs.weights, needs.batch});
  const std::string remedy =
      "use " + (largest == needs.samples   ? needs.fewer_samples
                : largest == needs.weights ? needs.smaller_network
                                           : "a smaller training.batch, fewer windows in "
                                             "training.unroll or more ranks");
  const double network = needs.weights + needs.batch;
  core::require_memory({.bytes = needs.samples + (on_gpu ? 0 : network),
                        .what = parts,
                        .remedy = remedy,
                        .at_least = true,
                        .on_host = true,
                        .alone = needs.alone},
                       comm);
  if (on_gpu)
    core::require_memory({.bytes = network, .what = parts, .remedy = remedy, .at_least = true},
                         comm);
}

}  // namespace understudy::surrogates
