#include "surrogates/network/network_blocks.hpp"

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

// Every way to cut `ranks` along the axes from `axis` on, appended to `blocks`, that fits.
void add_fitting(const std::vector<long long>& cells, std::vector<int> blocks, int ranks,
                 long long multiple, std::vector<std::string>& found) {
  if (blocks.size() + 1 == cells.size()) {
    blocks.push_back(ranks);
    std::vector<std::string> numbers;
    for (const int n : blocks) numbers.push_back(std::to_string(n));
    if (fits(cells, blocks, multiple)) found.push_back("[" + core::joined(numbers) + "]");
    return;
  }
  for (int n = 1; n <= ranks; ++n) {
    if (ranks % n != 0) continue;
    auto more = blocks;
    more.push_back(n);
    add_fitting(cells, more, ranks / n, multiple, found);
  }
}

}  // namespace

std::string why_not_aligned(const std::vector<long long>& cells, const std::vector<int>& blocks,
                            long long multiple) {
  if (fits(cells, blocks, multiple)) return "";
  std::size_t axis = 0;
  while (!aligned_starts(cells[axis], blocks[axis], multiple).empty()) ++axis;
  int ranks = 1;
  for (const int n : blocks) ranks *= n;
  std::vector<std::string> found;
  add_fitting(cells, {}, ranks, multiple, found);
  return core::format(
      "its blocks begin at multiples of {} cells (patch x 2^levels), and {} cells along {} are too few for "
      "{} of them; {}",
      multiple, cells[axis], "xyz"[axis], blocks[axis],
      found.empty() ? core::format("no grid.ranks of {} ranks would do: use fewer", ranks)
                    : "grid.ranks: " + core::joined(found) + " would do");
}

}  // namespace understudy::surrogates
