#include "surrogates/network/network_blocks.hpp"

#include <algorithm>
#include <utility>

#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::surrogates {

NetworkBlocks::NetworkBlocks(const core::Comm& comm, std::vector<std::vector<long long>> starts,
                             const SideKinds& sides)
    : comm_(comm), starts_(std::move(starts)), place_(place_of(comm.rank())) {
  for (int side = 0; side < 2 * dimension(); ++side) {
    const int axis = side / 2, blocks = count(axis);
    auto place = place_;
    place[axis] += side % 2 == 0 ? -1 : 1;
    const bool outside = place[axis] < 0 || place[axis] >= blocks;
    if (blocks == 1 || (outside && sides.at(side) != SideKind::periodic)) continue;
    place[axis] = (place[axis] + blocks) % blocks;
    int rank = 0;
    for (int a = dimension() - 1; a >= 0; --a) rank = rank * count(a) + place[a];
    across_[side] = rank;
  }
}

std::array<int, 3> NetworkBlocks::place_of(int rank) const {
  std::array<int, 3> place{0, 0, 0};
  for (int axis = 0; axis < dimension(); ++axis) {
    place[axis] = rank % count(axis);
    rank /= count(axis);
  }
  return place;
}

std::array<long long, 3> NetworkBlocks::begin(int rank) const {
  const auto place = place_of(rank);
  std::array<long long, 3> first{0, 0, 0};
  for (int axis = 0; axis < dimension(); ++axis) first[axis] = starts_[axis][place[axis]];
  return first;
}

std::array<long long, 3> NetworkBlocks::end(int rank) const {
  const auto place = place_of(rank);
  std::array<long long, 3> last{1, 1, 1};
  for (int axis = 0; axis < dimension(); ++axis) last[axis] = starts_[axis][place[axis] + 1];
  return last;
}

mesh::Range3 NetworkBlocks::box(int rank) const {
  const auto first = begin(rank), last = end(rank);
  mesh::Range3 cells;
  for (int axis = 0; axis < 3; ++axis) {
    cells.begin[axis] = static_cast<int>(first[axis]);
    cells.end[axis] = static_cast<int>(last[axis]);
  }
  return cells;
}

std::vector<long long> aligned_starts(long long cells, int blocks, long long multiple) {
  const long long multiples = (cells + multiple - 1) / multiple;
  if (multiples < blocks) return {};
  std::vector<long long> starts;
  for (int b = 0; b < blocks; ++b)
    starts.push_back((multiples * b + blocks / 2) / blocks * multiple);
  starts.push_back(cells);
  return starts;
}

namespace {

bool fits(const std::vector<long long>& cells, const std::vector<int>& blocks, long long multiple) {
  for (std::size_t axis = 0; axis < cells.size(); ++axis)
    if (aligned_starts(cells[axis], blocks[axis], multiple).empty()) return false;
  return true;
}

// Every way to cut `ranks` along the axes that `blocks` does not have, appended to it, that fits.
void add_fitting(const std::vector<long long>& cells, std::vector<int> blocks, int ranks,
                 long long multiple, std::vector<std::vector<int>>& found) {
  if (blocks.size() + 1 == cells.size()) {
    blocks.push_back(ranks);
    if (fits(cells, blocks, multiple)) found.push_back(blocks);
    return;
  }
  for (int n = 1; n <= ranks; ++n) {
    if (ranks % n != 0) continue;
    auto more = blocks;
    more.push_back(n);
    add_fitting(cells, more, ranks / n, multiple, found);
  }
}

// Of the largest block, and on the cuts between blocks.
std::array<double, 2> cells_of_split(const std::vector<long long>& cells,
                                     const std::vector<int>& blocks, long long multiple) {
  double largest = 1, all = 1, cut = 0;
  for (const long long n : cells) all *= static_cast<double>(n);
  for (std::size_t axis = 0; axis < cells.size(); ++axis) {
    const auto starts = aligned_starts(cells[axis], blocks[axis], multiple);
    long long longest = 0;
    for (int b = 0; b < blocks[axis]; ++b) longest = std::max(longest, starts[b + 1] - starts[b]);
    largest *= static_cast<double>(longest);
    cut += (blocks[axis] - 1) * all / static_cast<double>(cells[axis]);
  }
  return {largest, cut};
}

}  // namespace

std::vector<int> best_split(const std::vector<long long>& cells, int blocks, long long multiple) {
  std::vector<std::vector<int>> found;
  add_fitting(cells, {}, blocks, multiple, found);
  if (found.empty()) return {};
  return *std::ranges::min_element(found, {}, [&](const std::vector<int>& split) {
    return cells_of_split(cells, split, multiple);
  });
}

std::string multiples_text(long long multiple, const std::string& kind) {
  return core::format("multiples of {} cells{}", multiple,
                      kind == "unet" || kind == "conv_autoencoder" ? " (patch x 2^levels)"
                      : kind == "correction"                       ? " (network.fold)"
                                                                   : "");
}

std::string why_not_aligned(const std::vector<long long>& cells, const std::vector<int>& blocks,
                            long long multiple, const std::string& kind) {
  if (fits(cells, blocks, multiple)) return "";
  std::size_t axis = 0;
  while (!aligned_starts(cells[axis], blocks[axis], multiple).empty()) ++axis;
  int ranks = 1;
  for (const int n : blocks) ranks *= n;
  std::vector<std::vector<int>> splits;
  add_fitting(cells, {}, ranks, multiple, splits);
  std::vector<std::string> found;
  for (const auto& split : splits) {
    std::vector<std::string> numbers;
    for (const int n : split) numbers.push_back(std::to_string(n));
    found.push_back("[" + core::joined(numbers) + "]");
  }
  return core::format(
      "{}{} cells along {} are too few for {} {}; {}",
      multiple == 1 ? ""
                    : core::format("its blocks begin at {}, and ", multiples_text(multiple, kind)),
      cells[axis], "xyz"[axis], blocks[axis], multiple == 1 ? "blocks" : "of them",
      found.empty() ? core::format("no grid.ranks of {} ranks would do: use fewer", ranks)
                    : "grid.ranks: " + core::joined(found) + " would do");
}

}  // namespace understudy::surrogates
