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

// Empty where the network is trained on blocks.
std::string why_whole(const NetworkParams& network, const NetworkShape& shape) {
  if (is_latent(network))
    return std::ranges::count(shape.boundaries, SideKind::joint) > 0
               ? core::format("network.kind {} is trained on whole samples of a cubed sphere",
                              network.kind)
               : "";
  if (corrects(network) || network.kind == "conv_autoencoder")
    return core::format("network.kind {} is trained on whole samples", network.kind);
  if (!make_architecture(network, shape)->serves_blocks())
    return core::format("network.kind {} is called on whole fields here", network.kind);
  if (!torch_info().device.starts_with("cpu"))
    return "networks are trained on a GPU here, and gradients of blocks travel between CPUs only";
  return "";
}

// Of a network that is trained on blocks. Modes are cut anywhere.
long long multiple_of(const TrainingSetup& setup, const NetworkShape& shape) {
  return is_latent(setup.network) ? 1 : make_architecture(setup.network, shape)->block_multiple();
}

bool can_be_cut(const TrainingSetup& setup, const NetworkShape& shape, int blocks) {
  return !best_split(shape.cells, blocks, multiple_of(setup, shape)).empty();
}

// Coordinates are few: all ranks have them all and share the batch, so that no group waits for another.
bool groups_share_batch(const TrainingSetup& setup) { return !is_latent(setup.network); }

// The ranks a sample that are not refused on so many ranks, whose steps have so many sequences.
std::vector<int> groupings(const TrainingSetup& setup, const NetworkShape& shape,
                           long long sequences, int ranks) {
  const bool on_blocks = why_whole(setup.network, shape).empty();
  std::vector<int> found;
  for (int n = 1; n <= ranks; ++n) {
    const bool have_work = !groups_share_batch(setup) || ranks / n <= sequences;
    if (ranks % n == 0 && (n == 1 || (on_blocks && have_work && can_be_cut(setup, shape, n))))
      found.push_back(n);
  }
  return found;
}

// "1, 2, 4".
std::string words(const std::vector<int>& numbers) {
  std::vector<std::string> found;
  for (const int n : numbers) found.push_back(std::to_string(n));
  return core::joined(found);
}

// "64 x 32".
std::string words(const std::vector<long long>& cells) {
  std::string text;
  for (const long long n : cells) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return text;
}

}  // namespace

void require_work_for_groups(const TrainingSetup& setup, const NetworkShape& shape,
                             long long sequences, int ranks) {
  const int each = setup.training.ranks_per_sample, groups = ranks / each;
  if (each == 1 || groups <= sequences || !groups_share_batch(setup)) return;
  const bool of_samples = sequences < setup.training.batch;
  std::vector<int> more = groupings(setup, shape, sequences, ranks);
  std::erase_if(more, [&](int n) { return n < each; });
  std::string remedy = of_samples ? "More samples or windows or a shorter training.unroll"
                                  : "A larger training.batch";
  if (sequences > 0) remedy += core::format(", at most {} ranks", sequences * each);
  if (!more.empty()) remedy += core::format(" or {} ranks a sample", words(more));
  throw core::UserError(core::format(
      "{}: {} makes {} groups of {} ranks, and a step has {} sequence{} ({}): {} group{} would have nothing "
      "to do. {} would do",
      key, each, groups, ranks, sequences, sequences == 1 ? "" : "s",
      of_samples ? "all that the samples have" : "training.batch", groups - sequences,
      groups - sequences == 1 ? "" : "s", remedy));
}

std::string more_ranks_a_sample(const TrainingSetup& setup, const NetworkShape& shape, int ranks) {
  if (!why_whole(setup.network, shape).empty()) return "";
  const int each = setup.training.ranks_per_sample;
  if (groupings(setup, shape, setup.training.batch, ranks).back() > each)
    return "more ranks a sample (training.ranks_per_sample)";
  return can_be_cut(setup, shape, 2 * each)
             ? "more ranks, that share samples (training.ranks_per_sample)"
             : "";
}

std::vector<std::vector<long long>> sample_starts(const TrainingSetup& setup,
                                                  const NetworkShape& shape, int ranks) {
  const int each = setup.training.ranks_per_sample;
  std::vector<std::vector<long long>> starts;
  for (const long long n : shape.cells) starts.push_back({0, n});
  if (each == 1) return starts;
  const auto would_do = [&] { return words(groupings(setup, shape, setup.training.batch, ranks)); };
  if (ranks % each != 0)
    throw core::UserError(
        core::format("{}: {} does not divide the {} rank{} of this run; {} would do", key, each,
                     ranks, ranks == 1 ? "" : "s", would_do()));
  if (const std::string reason = why_whole(setup.network, shape); !reason.empty())
    throw core::UserError(core::format(
        "{}: {}: {}. With 1 each rank takes whole samples; unet, fno, pod and dmd on boxes are trained "
        "on blocks, the first two on CPUs",
        key, each, reason));
  const long long multiple = multiple_of(setup, shape);
  const auto split = best_split(shape.cells, each, multiple);
  if (split.empty())
    throw core::UserError(core::format(
        "{}: {}: {}{} cells cannot be cut into {} {}; {} would do on {} ranks", key, each,
        multiple == 1 ? ""
                      : core::format("the network's blocks begin at {}, and ",
                                     multiples_text(multiple, setup.network.kind)),
        words(shape.cells), each, multiple == 1 ? "blocks" : "of them", would_do(), ranks));
  require_work_for_groups(setup, shape, setup.training.batch, ranks);
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
