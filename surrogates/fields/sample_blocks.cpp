#include "surrogates/fields/sample_blocks.hpp"

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy::surrogates {

namespace {

constexpr const char* key = "training.ranks_per_sample";

// Those of the numbers of ranks that make whole groups of `ranks` and that `serve`, in words.
template <class Serves>
std::string divisors(int ranks, const Serves& serve) {
  std::vector<std::string> found;
  for (int n = 1; n <= ranks; ++n)
    if (ranks % n == 0 && serve(n)) found.push_back(std::to_string(n));
  return core::joined(found);
}

// Empty where the network is trained on blocks.
std::string why_whole(const NetworkParams& network, const NetworkShape& shape) {
  if (is_latent(network) || corrects(network) || network.kind == "conv_autoencoder")
    return core::format("network.kind {} is trained on whole samples", network.kind);
  if (!make_architecture(network, shape)->serves_blocks())
    return core::format("network.kind {} is called on whole fields here", network.kind);
  if (!torch_info().device.starts_with("cpu"))
    return "networks are trained on a GPU here, and gradients of blocks travel between CPUs only";
  return "";
}

}  // namespace

bool trains_on_blocks(const NetworkParams& network, const NetworkShape& shape) {
  return why_whole(network, shape).empty();
}

void require_work_for_groups(const TrainingParams& params, long long sequences, int ranks) {
  const int each = params.ranks_per_sample, groups = ranks / each;
  if (each == 1 || groups <= sequences) return;
  throw core::UserError(core::format(
      "{}: {} makes {} groups of {} ranks, and a step has {} sequence{} (training.batch, or all that the "
      "samples have): {} group{} would have nothing to do. At most {} ranks, a larger training.batch or more "
      "ranks a sample would do",
      key, each, groups, ranks, sequences, sequences == 1 ? "" : "s", groups - sequences,
      groups - sequences == 1 ? "" : "s", sequences * each));
}

std::vector<std::vector<long long>> sample_starts(const TrainingSetup& setup,
                                                  const NetworkShape& shape, int ranks) {
  const int each = setup.training.ranks_per_sample;
  std::vector<std::vector<long long>> starts;
  for (const long long n : shape.cells) starts.push_back({0, n});
  if (each == 1) return starts;
  if (ranks % each != 0)
    throw core::UserError(
        core::format("{}: {} does not divide the {} rank{} of this run; {} would do", key, each,
                     ranks, ranks == 1 ? "" : "s", divisors(ranks, [](int) { return true; })));
  if (const std::string reason = why_whole(setup.network, shape); !reason.empty())
    throw core::UserError(core::format(
        "{}: {}: {}. With 1 each rank takes whole samples; unet and fno on boxes are trained on "
        "blocks, on CPUs",
        key, each, reason));
  const long long multiple = make_architecture(setup.network, shape)->block_multiple();
  const auto split = best_split(shape.cells, each, multiple);
  if (split.empty()) {
    std::string cells;
    for (const long long n : shape.cells) cells += (cells.empty() ? "" : " x ") + std::to_string(n);
    throw core::UserError(core::format(
        "{}: {}: the network's blocks begin at multiples of {} cells (patch x 2^levels), and {} cells cannot be "
        "cut into {} of them; {} would do on {} ranks",
        key, each, multiple, cells, each,
        divisors(ranks, [&](int n) { return !best_split(shape.cells, n, multiple).empty(); }),
        ranks));
  }
  require_work_for_groups(setup.training, setup.training.batch, ranks);
  for (std::size_t axis = 0; axis < starts.size(); ++axis)
    starts[axis] = aligned_starts(shape.cells[axis], split[axis], multiple);
  return starts;
}

std::vector<long long> largest_block(const std::vector<std::vector<long long>>& starts) {
  std::vector<long long> cells;
  for (const auto& along : starts) {
    long long longest = 0;
    for (std::size_t b = 0; b + 1 < along.size(); ++b)
      longest = std::max(longest, along[b + 1] - along[b]);
    cells.push_back(longest);
  }
  return cells;
}

std::optional<NetworkBlocks> sample_blocks(const TrainingSetup& setup, const NetworkShape& shape,
                                           const core::Comm& comm) {
  const auto starts = sample_starts(setup, shape, comm.size());
  if (setup.training.ranks_per_sample == 1) return {};
  const core::Comm group = comm.split(comm.rank() / setup.training.ranks_per_sample, comm.rank());
  return NetworkBlocks(group, starts, shape.boundaries);
}

}  // namespace understudy::surrogates
