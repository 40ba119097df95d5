#include "surrogates/fields/block_moves.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace understudy::surrogates {

namespace {

using HostChannels = Kokkos::View<float****, Kokkos::LayoutRight, Kokkos::HostSpace>;

mesh::Range3 common(const mesh::Range3& a, const mesh::Range3& b) {
  mesh::Range3 r;
  for (int axis = 0; axis < 3; ++axis) {
    r.begin[axis] = std::max(a.begin[axis], b.begin[axis]);
    r.end[axis] = std::max(r.begin[axis], std::min(a.end[axis], b.end[axis]));
  }
  return r;
}

// Between the cells `part` of the whole in `block`'s channels and a buffer.
void copy(const HostChannels& channels, const mesh::Range3& block, const mesh::Range3& part,
          float* buffer, bool into_buffer) {
  const std::size_t row = part.size(0);
  if (part.count() == 0) return;
  for (std::size_t c = 0; c < channels.extent(0); ++c)
    for (int k = part.begin[2]; k < part.end[2]; ++k)
      for (int j = part.begin[1]; j < part.end[1]; ++j) {
        float* place =
            &channels(c, k - block.begin[2], j - block.begin[1], part.begin[0] - block.begin[0]);
        if (into_buffer)
          std::memcpy(buffer, place, row * sizeof(float));
        else
          std::memcpy(place, buffer, row * sizeof(float));
        buffer += row;
      }
}

// What goes to or comes from each rank, one after the other in a buffer.
struct Parts {
  std::vector<mesh::Range3> cells;
  std::vector<std::size_t> bytes, offsets;
  std::size_t values = 0;
  void add(const mesh::Range3& part, std::size_t channels) {
    const std::size_t count = part.count() * channels;
    cells.push_back(part);
    bytes.push_back(count * sizeof(float));
    offsets.push_back(values * sizeof(float));
    values += count;
  }
};

}  // namespace

void BlockMoves::move(const Channels& from, const Channels& to, bool to_network) const {
  const core::Comm& comm = grid_->comm();
  const std::size_t channels = from.extent(0);
  const mesh::Range3 of_grid = grid_->block(comm.rank()), mine = blocks_.box(comm.rank());
  Parts out, in;
  for (int rank = 0; rank < comm.size(); ++rank) {
    const mesh::Range3 grids = grid_->block(rank), networks = blocks_.box(rank);
    out.add(to_network ? common(of_grid, networks) : common(mine, grids), channels);
    in.add(to_network ? common(mine, grids) : common(of_grid, networks), channels);
  }
  std::vector<float> sent(out.values), received(in.values);
  const auto source = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), from);
  for (int rank = 0; rank < comm.size(); ++rank) {
    copy(source, to_network ? of_grid : mine, out.cells[rank],
         sent.data() + out.offsets[rank] / sizeof(float), true);
    if (rank != comm.rank() && out.bytes[rank] > 0) {
      blocks_.traffic().messages += 1;
      blocks_.traffic().bytes += static_cast<long long>(out.bytes[rank]);
    }
  }
  comm.all_to_all(sent.data(), out.bytes, out.offsets, received.data(), in.bytes, in.offsets);
  const auto target = Kokkos::create_mirror_view(Kokkos::HostSpace(), to);
  for (int rank = 0; rank < comm.size(); ++rank)
    copy(target, to_network ? mine : of_grid, in.cells[rank],
         received.data() + in.offsets[rank] / sizeof(float), false);
  Kokkos::deep_copy(to, target);
}

void BlockMoves::to_network(const Channels& of_grid, const Channels& of_network) const {
  move(of_grid, of_network, true);
}

void BlockMoves::to_grid(const Channels& of_network, const Channels& of_grid) const {
  move(of_network, of_grid, false);
}

}  // namespace understudy::surrogates
