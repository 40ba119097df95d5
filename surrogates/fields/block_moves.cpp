#include "surrogates/fields/block_moves.hpp"

#include <algorithm>

namespace understudy::surrogates {

Boxes boxes_of(const mesh::Grid& grid) {
  Boxes boxes;
  for (int rank = 0; rank < grid.comm().size(); ++rank) boxes.push_back(grid.block(rank));
  return boxes;
}

Boxes boxes_of(const NetworkBlocks& blocks) {
  Boxes boxes;
  for (int rank = 0; rank < blocks.comm().size(); ++rank) boxes.push_back(blocks.box(rank));
  return boxes;
}

Boxes boxes_on_root(const mesh::Grid& grid) {
  Boxes boxes(grid.comm().size(), {{0, 0, 0}, {0, 0, 0}});
  for (int axis = 0; axis < 3; ++axis) boxes[0].end[axis] = grid.global_cells(axis);
  return boxes;
}

namespace {

template <class Real>
mesh::BoxView<Real> box_view(const HostChannels& channels) {
  return {channels.data(), static_cast<long>(channels.stride(2)),
          static_cast<long>(channels.stride(1)), static_cast<long>(channels.stride(0))};
}

// Has one rank all the cells?
bool is_whole(const Boxes& boxes) {
  const auto filled = [](const mesh::Range3& box) { return box.count() > 0; };
  return std::ranges::count_if(boxes, filled) == 1;
}

}  // namespace

BlockMoves::BlockMoves(const core::Comm& comm, const Boxes& from, const Boxes& to, int channels)
    : exchange_(comm, from, to, channels),
      receives_(to.at(comm.rank()).count() > 0),
      whole_(is_whole(from) || is_whole(to)) {}

void BlockMoves::run(const Channels& from, const Channels& to) {
  const HostChannels source = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), from);
  const HostChannels target = Kokkos::create_mirror_view(Kokkos::HostSpace(), to);
  exchange_.run(box_view<const float>(source), box_view<float>(target));
  if (whole_) exchange_.release();
  if (receives_) Kokkos::deep_copy(to, target);
}

}  // namespace understudy::surrogates
