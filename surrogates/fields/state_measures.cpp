#include "surrogates/fields/state_measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "mesh/cell_measure.hpp"

namespace understudy::surrogates {

namespace {

enum Sum { total, squares, lowest, highest, sum_count };

// Cells [begin, end) of block b of `blocks` over n cells that lie on this rank, as local indices.
struct Cut {
  int begin, end;
};
KOKKOS_INLINE_FUNCTION Cut cut(int b, int blocks, int n, int offset, int local, int ghosts) {
  const int first = (b * n + blocks - 1) / blocks - offset;
  const int last = ((b + 1) * n + blocks - 1) / blocks - offset;
  return {(first > 0 ? first : 0) + ghosts, (last < local ? last : local) + ghosts};
}

// Eight sums side by side: an order of summation that vectorises, kept over all rows of a block.
struct Lanes {
  static constexpr int count = 8;
  double sum[count] = {}, squares[count] = {}, lowest[count], highest[count];
  KOKKOS_INLINE_FUNCTION explicit Lanes(double far) {
    for (int m = 0; m < count; ++m) {
      lowest[m] = far;
      highest[m] = -far;
    }
  }
  KOKKOS_INLINE_FUNCTION void add(int m, double v, double weight) {
    sum[m] += weight * v;
    squares[m] += weight * v * v;
    lowest[m] = v < lowest[m] ? v : lowest[m];
    highest[m] = v > highest[m] ? v : highest[m];
  }
};

struct Alike {
  KOKKOS_INLINE_FUNCTION double operator[](int) const { return 1; }
};

template <class Real, class Weights>
KOKKOS_INLINE_FUNCTION void add_row(const Real* row, const Weights& weights, int cells,
                                    Lanes& lanes) {
  int i = 0;
  for (; i + Lanes::count <= cells; i += Lanes::count)
    for (int m = 0; m < Lanes::count; ++m)
      lanes.add(m, static_cast<double>(row[i + m]), weights[i + m]);
  for (; i < cells; ++i) lanes.add(0, static_cast<double>(row[i]), weights[i]);
}

using Sums = Kokkos::View<double***, Kokkos::LayoutRight, mesh::Memory>;

template <class Real>
void sum_blocks(const mesh::Grid& grid, const Lattice& lattice, const mesh::Array3<Real>& field,
                int channel, const Sums& sums) {
  const Lattice l = lattice;
  int offset[3], local[3], ghosts[3];
  for (int a = 0; a < 3; ++a) {
    offset[a] = grid.offset(a);
    local[a] = grid.local_cells(a);
    ghosts[a] = grid.ghosts(a);
  }
  const int ox = offset[0], oy = offset[1], oz = offset[2], lx = local[0], ly = local[1],
            lz = local[2], gx = ghosts[0], gy = ghosts[1], gz = ghosts[2];
  const int bx = l.blocks[0], by = l.blocks[1], bz = l.blocks[2], nx = l.cells[0], ny = l.cells[1],
            nz = l.cells[2];
  const double far = std::numeric_limits<double>::max();
  const mesh::Array3<const double> measure = grid.cell_measure().of_each;
  const bool alike = measure.size() == 0;
  Kokkos::parallel_for(
      "block sums", Kokkos::RangePolicy<mesh::Exec>(0, l.count()), KOKKOS_LAMBDA(const int block) {
        const Cut x = cut(block % bx, bx, nx, ox, lx, gx);
        const Cut y = cut(block / bx % by, by, ny, oy, ly, gy);
        const Cut z = cut(block / (bx * by), bz, nz, oz, lz, gz);
        Lanes lanes(far);
        for (int k = z.begin; k < z.end; ++k)
          for (int j = y.begin; j < y.end; ++j)
            if (x.end > x.begin) {
              const Real* row = &field(k, j, x.begin);
              if (alike)
                add_row(row, Alike{}, x.end - x.begin, lanes);
              else
                add_row(row, &measure(k, j, x.begin), x.end - x.begin, lanes);
            }
        double acc[sum_count] = {0, 0, far, -far};
        for (int m = 0; m < Lanes::count; ++m) {
          acc[total] += lanes.sum[m];
          acc[squares] += lanes.squares[m];
          acc[lowest] = lanes.lowest[m] < acc[lowest] ? lanes.lowest[m] : acc[lowest];
          acc[highest] = lanes.highest[m] > acc[highest] ? lanes.highest[m] : acc[highest];
        }
        for (int n = 0; n < sum_count; ++n) sums(channel, block, n) = acc[n];
      });
}

double block_cells(const Lattice& l, int block) {
  const std::array<int, 3> at{block % l.blocks[0], block / l.blocks[0] % l.blocks[1],
                              block / (l.blocks[0] * l.blocks[1])};
  double cells = 1;
  for (int a = 0; a < 3; ++a) {
    const Cut whole = cut(at[a], l.blocks[a], l.cells[a], 0, l.cells[a], 0);
    cells *= whole.end - whole.begin;
  }
  return cells;
}

// What the blocks measure, on all ranks alike; numbers of cells in a uniform grid.
std::vector<double> block_sizes(const mesh::Grid& grid, const Lattice& lattice) {
  const int blocks = lattice.count();
  std::vector<double> sizes(blocks);
  if (grid.cell_measure().uniform()) {
    for (int b = 0; b < blocks; ++b) sizes[b] = block_cells(lattice, b);
    return sizes;
  }
  const mesh::Array3<double> ones("ones", grid.extent(2), grid.extent(1), grid.extent(0));
  Kokkos::deep_copy(ones, 1.0);
  const Sums sums("block sizes", 1, blocks, sum_count);
  sum_blocks<double>(grid, lattice, ones, 0, sums);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sums);
  for (int b = 0; b < blocks; ++b) sizes[b] = host(0, b, total);
  grid.comm().sum(std::span<double>(sizes));
  return sizes;
}

}  // namespace

Lattice lattice_of(const mesh::Grid& grid) {
  Lattice l;
  int longest = 1;
  for (int a = 0; a < 3; ++a) {
    l.cells[a] = grid.global_cells(a);
    longest = std::max(longest, l.cells[a]);
  }
  for (int a = 0; a < 3; ++a)
    l.blocks[a] = std::clamp(
        static_cast<int>(std::lround(1.0 * most_blocks * l.cells[a] / longest)), 1, l.cells[a]);
  return l;
}

template <class Real>
Measurer<Real>::Measurer(std::shared_ptr<const mesh::Grid> grid,
                         const std::vector<FieldCard>& channels)
    : grid_(std::move(grid)),
      channels_(channels),
      lattice_(lattice_of(*grid_)),
      sizes_(block_sizes(*grid_, lattice_)),
      sums_("block sums", channels.size(), lattice_.count(), sum_count) {}

template <class Real>
StateMeasures Measurer<Real>::operator()(const mesh::State<Real>& state) const {
  const int blocks = lattice_.count(), channels = static_cast<int>(channels_.size());
  for (int c = 0; c < channels; ++c)
    sum_blocks<Real>(*grid_, lattice_, state[channels_[c].name].component(channels_[c].component),
                     c, sums_);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sums_);
  StateMeasures m;
  std::vector<double> squared(channels, 0.0);
  m.block_means.resize(static_cast<std::size_t>(channels) * blocks);
  m.lowest.assign(channels, std::numeric_limits<double>::max());
  m.highest.assign(channels, -std::numeric_limits<double>::max());
  for (int c = 0; c < channels; ++c)
    for (int b = 0; b < blocks; ++b) {
      m.block_means[c * blocks + b] = host(c, b, total);
      squared[c] += host(c, b, squares);
      m.lowest[c] = std::min(m.lowest[c], host(c, b, lowest));
      m.highest[c] = std::max(m.highest[c], host(c, b, highest));
    }
  const core::Comm& comm = grid_->comm();
  if (comm.size() > 1) {
    comm.sum(std::span<double>(m.block_means));
    comm.sum(std::span<double>(squared));
    for (int c = 0; c < channels; ++c) {
      m.lowest[c] = comm.min(m.lowest[c]);
      m.highest[c] = comm.max(m.highest[c]);
    }
  }
  for (int c = 0; c < channels; ++c) {
    double explained = 0, cells = 0;
    for (int b = 0; b < blocks; ++b) {
      const double size = sizes_[b];
      double& mean = m.block_means[c * blocks + b];
      mean /= size;
      explained += mean * mean * size;
      cells += size;
    }
    m.fluctuation.push_back(std::sqrt(std::max(0.0, (squared[c] - explained) / cells)));
    // Comparisons pass over a NaN; the sum does not.
    if (!std::isfinite(squared[c])) {
      m.fluctuation[c] = m.highest[c] = std::numeric_limits<double>::infinity();
      m.lowest[c] = -m.highest[c];
    }
  }
  return m;
}

template class Measurer<float>;
template class Measurer<double>;

}  // namespace understudy::surrogates
