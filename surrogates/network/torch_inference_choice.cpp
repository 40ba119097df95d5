// Precision and layout of a network's calls; inference_choice.hpp says how they are chosen.
#include <ATen/ATen.h>

#include <algorithm>

#include "core/format.hpp"
#include "core/timers.hpp"
#include "surrogates/network/inference_choice.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy::surrogates {

namespace {

std::string name_of(at::MemoryFormat layout) {
  return layout == at::MemoryFormat::Contiguous ? "contiguous" : "channels_last";
}

void set(const Network& network, const std::string& precision, at::MemoryFormat layout) {
  Network::Impl& impl = network.impl();
  impl.precision = precision;
  impl.layout = layout;
  impl.forget_inference_copies();
}

// The shortest of a few calls, after one that makes the copies of the weights: what else the machine
// does only ever adds.
double seconds(const Network& network, const at::Tensor& input, const NetworkBlocks* blocks) {
  double shortest = 1e300;
  for (int n = 0; n < 6; ++n) {
    const core::Stopwatch stopwatch;
    const at::Tensor out = network.impl().infer(input, blocks);
    if (!out.is_cpu()) (void)out.sum().item<float>();  // waits for the device
    if (n > 0) shortest = std::min(shortest, stopwatch.seconds());
  }
  return blocks ? blocks->comm().max(shortest) : shortest;
}

at::Tensor sample_input(const Network& network, const std::vector<long long>& cells, bool gpu) {
  std::vector<std::int64_t> shape{1, network.shape().inputs()};
  shape.insert(shape.end(), cells.rbegin(), cells.rend());
  const at::Tensor input = at::randn(shape, generator(1), at::TensorOptions(at::kFloat));
  return gpu ? input.to(torch_device<Kokkos::DefaultExecutionSpace::memory_space>()) : input;
}

}  // namespace

InferenceChoice choose_inference(const Network& network, const NetworkParams& asked,
                                 const std::vector<PrecisionCard>& errors,
                                 const std::vector<long long>& cells, bool gpu,
                                 const NetworkBlocks* blocks) {
  const at::MemoryFormat usual = network.impl().architecture->layout();
  if (asked.precision != "auto") {
    set(network, asked.precision, usual);
    return {asked.precision, name_of(usual), "network.precision asks for it"};
  }
  auto error_of = [&](const std::string& precision) {
    const auto found = std::ranges::find(errors, precision, &PrecisionCard::precision);
    return found == errors.end() ? -1.0 : found->rel_l2_rollout;
  };
  const double reference = error_of("float32");
  std::vector<at::MemoryFormat> layouts{at::MemoryFormat::Contiguous};
  // Of a volume where the kind likes it; the panels of a cubed sphere are no volume.
  if (cells.size() == 2) layouts.push_back(at::MemoryFormat::ChannelsLast);
  if (usual == at::MemoryFormat::ChannelsLast3d) layouts.push_back(usual);
  const at::Tensor input = sample_input(network, cells, gpu);
  InferenceChoice best;
  at::MemoryFormat best_layout = usual;
  double best_s = 1e300;
  std::string text;
  auto note = [&](const std::string& words) { text += (text.empty() ? "" : "; ") + words; };
  for (const std::string precision : {"float32", "bfloat16"}) {
    const double error = error_of(precision);
    if (precision != "float32" && (error < 0 || reference < 0)) {
      note(core::format("{} is left out, as the model card has no error for it", precision));
      continue;
    }
    if (precision != "float32" && error > (1 + asked.precision_slack) * reference) {
      note(core::format("{} is left out: rollout error {:.3g}, {:.3g} in float32, slack {:.3g}",
                        precision, error, reference, asked.precision_slack));
      continue;
    }
    for (const at::MemoryFormat layout : layouts) {
      set(network, precision, layout);
      const double time_s = seconds(network, input, blocks);
      note(core::format("{} {} {:.2f} ms", precision, name_of(layout), 1e3 * time_s));
      if (time_s >= best_s) continue;
      best_s = time_s;
      best_layout = layout;
      best = {precision, name_of(layout), ""};
    }
  }
  set(network, best.precision, best_layout);
  best.reason = "the fastest measured: " + text;
  return best;
}

}  // namespace understudy::surrogates
