#include "surrogates/training/training_memory.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
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
    const double folded =
        network.kind == "fno" ? 1.0 : std::pow(network.fold, shape.boundaries.size() / 2);
    values += points / folded * network.width * network.layers;
  }
  return values;
}

std::size_t frames_that_fit(const SampleMemory& memory, double held, double frame_bytes) {
  const double room = (memory.bytes - held) / frame_bytes - frames_under_way;
  return static_cast<std::size_t>(std::clamp(room, 1.0, 1e9));
}

namespace {

// Rounded up, so that it does as it is written.
std::string gigabytes(double bytes) {
  const double value = bytes / 1e9, digit = std::pow(10, std::floor(std::log10(value)) - 2);
  return core::format("{:.4g}", std::ceil(value / digit) * digit);
}

bool trains_on_gpu() {
  return std::isfinite(core::available_device_memory().bytes) &&
         !torch_info().device.starts_with("cpu");
}

void require_memory_of(const TrainingNeeds& needs, double samples, const core::Comm& comm) {
  const bool on_gpu = trains_on_gpu();
  const std::string parts = core::format(
      "the training ({} of samples, {} of weights and the optimiser's copies, {} of a batch's values)",
      core::bytes_text(samples), core::bytes_text(needs.weights), core::bytes_text(needs.batch));
  const double largest = std::max({samples, needs.weights, needs.batch});
  std::string remedy =
      "use " + (largest == samples         ? needs.fewer_samples
                : largest == needs.weights ? needs.smaller_network
                                           : "a smaller training.batch, fewer windows in "
                                             "training.unroll or more ranks");
  if (largest == samples && needs.streamed <= 0 && !needs.why_streamed.empty())
    remedy += core::format("; they cannot be read as training goes on: {}", needs.why_streamed);
  if (largest == samples && needs.limit_decides && needs.streamed > 0 && needs.streamed < samples)
    remedy += core::format(
        "; or read them as training goes on, with training.memory_gb from {} on and below {}",
        gigabytes(needs.streamed), gigabytes(samples));
  if (largest != needs.weights && !needs.smaller_share.empty())
    remedy += ", or " + needs.smaller_share;
  const double network = needs.weights + needs.batch;
  core::require_memory({.bytes = samples + (on_gpu ? 0 : network),
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

// The limit is the deck's: the same on all ranks.
void require_limit_serves(const TrainingNeeds& needs) {
  if (needs.streamed <= 0)
    throw core::UserError(core::format(
        "training.memory_gb: {} is less than the {} GB of all samples, and they cannot be read as training "
        "goes on: {}; {} would do, or 0",
        needs.limit / 1e9, gigabytes(needs.samples), needs.why_streamed, gigabytes(needs.samples)));
  if (const double least = std::min(needs.streamed, needs.samples);
      least > (1 + 1e-9) * needs.limit)
    throw core::UserError(core::format(
        "training.memory_gb: {} is too little, even with samples read as training goes on: it must hold {}; "
        "{} would do{}",
        needs.limit / 1e9, needs.why_streamed, gigabytes(least),
        needs.smaller_share.empty() ? "" : ", or " + needs.smaller_share));
}

}  // namespace

SampleMemory require_training_fits(const TrainingNeeds& needs, const core::Comm& comm) {
  const double most = needs.limit > 0 ? needs.limit : INFINITY;
  const double free = core::available_memory(needs.alone).bytes -
                      (trains_on_gpu() ? 0 : needs.weights + needs.batch);
  const double room = needs.limit_decides ? most : std::min(most, free);
  const bool fits = comm.min(needs.samples <= room ? 1.0 : 0.0) > 0;
  const bool limited = needs.samples > most;
  if (!fits && limited) require_limit_serves(needs);
  if (fits || needs.streamed <= 0) {
    require_memory_of(needs, needs.samples, comm);
    return {false, needs.samples};
  }
  require_memory_of(needs, std::min(needs.streamed, needs.samples), comm);
  // Half of what is free is left to the system, which keeps files that are read again and again.
  const double bytes = comm.min(std::min(most, free / 2));
  return {true, std::max(bytes, needs.streamed)};
}

}  // namespace understudy::surrogates
