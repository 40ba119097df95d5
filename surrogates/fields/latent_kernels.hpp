// Kernels of a reduced model on one rank's block (private to surrogates/). For each row of points (k, j)
// the modes lie one after the other, x fastest, so that decoding streams through them once:
//   modes [row, mode, i], scale [row, mode], mean [row, i] in physical units, c [mode]
//   decode:  field(row, i) = mean(row, i) + sum_m c(m) scale(row, m) modes(row, m, i)
// It is bound by the memory traffic of the modes, which are therefore kept as integers with one scale a
// row and mode (block floating point): 16 bits for the strong modes, 8 for the weak ones, whose spread is
// below 1/16 of the first's. Either way a value is off by at most 2^-12 of the first mode's largest in
// the row, far below what the modes leave out.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mesh/field.hpp"
#include "mesh/loops.hpp"

namespace understudy::surrogates {

using StrongModes = Kokkos::View<std::int16_t***, Kokkos::LayoutRight, mesh::Memory>;
using WeakModes = Kokkos::View<std::int8_t***, Kokkos::LayoutRight, mesh::Memory>;
/// [row, mode] or [row, i].
using RowMean = Kokkos::View<float**, Kokkos::LayoutRight, mesh::Memory>;
using Coordinates = Kokkos::View<float*, mesh::Memory>;

/// One channel of the block.
struct BlockModes {
  mesh::Range3 points;  ///< local indices of the channel's points
  StrongModes strong;   ///< the first modes
  WeakModes weak;       ///< the modes after the first ones
  RowMean scale, mean;  ///< [row, mode], [row, i]
};

/// Mode m of a channel at (row, i), before its scale.
KOKKOS_INLINE_FUNCTION float mode_value(const StrongModes& strong, const WeakModes& weak, int row,
                                        int m, int i) {
  const int count = static_cast<int>(strong.extent(1));
  return m < count ? static_cast<float>(strong(row, m, i))
                   : static_cast<float>(weak(row, m - count, i));
}

namespace detail {

/// The modes of one row, one after the other.
template <class Integer>
struct RowOfModes {
  const Integer* values;  ///< [mode, point]
  const float* scale;     ///< [mode]
  const float* c;         ///< [mode]
  int count, points;
};

// sum(i) += the modes' contributions for i in [start, start + width): four modes at a time, in the order
// in which they lie, with the same place of the next row asked for ahead of its turn.
template <class Integer>
void add_modes(const RowOfModes<Integer>& row, int start, int width, float* sum) {
  constexpr int line = 64 / static_cast<int>(sizeof(Integer));
  const Integer* mode = row.values + start;
  const std::ptrdiff_t next = static_cast<std::ptrdiff_t>(row.count) * row.points;
  int m = 0;
  for (; m + 4 <= row.count; m += 4, mode += 4 * row.points) {
    float f[4];
    for (int n = 0; n < 4; ++n) {
      f[n] = row.c[m + n] * row.scale[m + n];
      for (int i = 0; i < width; i += line) __builtin_prefetch(mode + n * row.points + i + next);
    }
    const Integer *m0 = mode, *m1 = m0 + row.points, *m2 = m1 + row.points, *m3 = m2 + row.points;
    for (int i = 0; i < width; ++i)
      sum[i] += f[0] * static_cast<float>(m0[i]) + f[1] * static_cast<float>(m1[i]) +
                f[2] * static_cast<float>(m2[i]) + f[3] * static_cast<float>(m3[i]);
  }
  for (; m < row.count; ++m, mode += row.points) {
    const float factor = row.c[m] * row.scale[m];
    for (int i = 0; i < width; ++i) sum[i] += factor * static_cast<float>(mode[i]);
  }
}

// A row on the host: its sums stay in the first-level cache while the modes stream by.
template <class Real>
struct DecodeRow {
  mesh::Array3<Real> field;
  BlockModes channel;
  Coordinates c;
  void operator()(const int row) const {
    constexpr int tile = 512;
    const mesh::Range3& r = channel.points;
    const int k = r.begin[2] + row / r.size(1), j = r.begin[1] + row % r.size(1);
    const int points = r.size(0);
    const int strong = static_cast<int>(channel.strong.extent(1)),
              weak = static_cast<int>(channel.weak.extent(1));
    const RowOfModes<std::int16_t> first{
        channel.strong.data() + std::ptrdiff_t(row) * strong * points,
        channel.scale.data() + std::ptrdiff_t(row) * (strong + weak), c.data(), strong, points};
    const RowOfModes<std::int8_t> others{channel.weak.data() + std::ptrdiff_t(row) * weak * points,
                                         first.scale + strong, first.c + strong, weak, points};
    Real* out = &field(k, j, r.begin[0]);
    for (int start = 0; start < points; start += tile) {
      const int width = points - start < tile ? points - start : tile;
      float sum[tile];
      const float* mean = &channel.mean(row, start);
      for (int i = 0; i < width; ++i) sum[i] = mean[i];
      add_modes(first, start, width, sum);
      add_modes(others, start, width, sum);
      for (int i = 0; i < width; ++i) out[start + i] = static_cast<Real>(sum[i]);
    }
  }
};

}  // namespace detail

template <class Real>
void decode_channel(const mesh::Array3<Real>& field, const BlockModes& channel,
                    const Coordinates& c) {
  const mesh::Range3 r = channel.points;
  if (r.count() <= 0) return;
  if constexpr (mesh::on_host) {
    Kokkos::parallel_for("latent decode", Kokkos::RangePolicy<mesh::Exec>(0, r.size(1) * r.size(2)),
                         detail::DecodeRow<Real>{field, channel, c});
  } else {
    const auto strong = channel.strong;
    const auto weak = channel.weak;
    const auto mean = channel.mean, scale = channel.scale;
    const int count = static_cast<int>(scale.extent(1)), rows_j = r.size(1);
    const int k0 = r.begin[2], j0 = r.begin[1], i0 = r.begin[0];
    mesh::for_cells(
        "latent decode", r, KOKKOS_LAMBDA(int k, int j, int i) {
          const int row = (k - k0) * rows_j + j - j0;
          float sum = mean(row, i - i0);
          for (int m = 0; m < count; ++m)
            sum += c(m) * scale(row, m) * mode_value(strong, weak, row, m, i - i0);
          field(k, j, i) = static_cast<Real>(sum);
        });
  }
}

/// What the values count in a projection: `all` alike, times their cells' measure where there is one. A closing face
/// has its last cell's.
struct ProjectionWeight {
  float all = 1;
  mesh::Array3<const double> measure{};  ///< [k, j, i] with ghosts; empty: all alike
  int last[3] = {0, 0, 0};               ///< index of the last cell along x, y, z

  KOKKOS_INLINE_FUNCTION float operator()(int k, int j, int i) const {
    if (measure.size() == 0) return 1;
    return static_cast<float>(
        measure(k < last[2] ? k : last[2], j < last[1] ? j : last[1], i < last[0] ? i : last[0]));
  }
};

/// partial(row, m) = weight * scale(row, m) * sum_i modes(row, m, i) (field - mean).
template <class Real>
void project_rows(const mesh::Array3<Real>& field, const BlockModes& channel,
                  const ProjectionWeight& weight,
                  const Kokkos::View<float**, Kokkos::LayoutRight, mesh::Memory>& partial) {
  const mesh::Range3 r = channel.points;
  const auto strong = channel.strong;
  const auto weak = channel.weak;
  const auto mean = channel.mean, scale = channel.scale;
  const int rows_j = r.size(1), points = r.size(0);
  const int count = static_cast<int>(scale.extent(1));
  const int k0 = r.begin[2], j0 = r.begin[1], i0 = r.begin[0];
  mesh::Range3 pairs;
  pairs.end = {count, r.size(1) * r.size(2), 1};
  mesh::for_cells(
      "latent project", pairs, KOKKOS_LAMBDA(int, int row, int m) {
        const int k = k0 + row / rows_j, j = j0 + row % rows_j;
        float sum = 0;
        for (int i = 0; i < points; ++i)
          sum += mode_value(strong, weak, row, m, i) *
                 (static_cast<float>(field(k, j, i0 + i)) - mean(row, i)) * weight(k, j, i0 + i);
        partial(row, m) = weight.all * scale(row, m) * sum;
      });
}

}  // namespace understudy::surrogates
