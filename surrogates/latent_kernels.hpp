// Kernels of a reduced model on one rank's block (private to surrogates/). For each row of points (k, j)
// the modes lie one after the other, x fastest, so that decoding streams through them once:
//   modes [row, mode, i], scale [row, mode], mean [row, i] in physical units, c [mode]
//   decode:  field(row, i) = mean(row, i) + sum_m c(m) scale(row, m) modes(row, m, i)
// It is bound by the memory traffic of the modes, which are therefore kept as 16-bit integers with one
// scale a row and mode (block floating point): half the bytes of single precision at an error of at most
// 2^-16 of the row's largest value, far below what the modes leave out.
#pragma once

#include <cstdint>

#include "mesh/field.hpp"
#include "mesh/loops.hpp"

namespace understudy::surrogates {

using RowModes = Kokkos::View<std::int16_t***, Kokkos::LayoutRight, mesh::Memory>;
/// [row, mode] or [row, i].
using RowMean = Kokkos::View<float**, Kokkos::LayoutRight, mesh::Memory>;
using Coordinates = Kokkos::View<float*, mesh::Memory>;

/// One channel of the block.
struct ChannelModes {
  mesh::Range3 points;  ///< local indices of its points
  RowModes modes;
  RowMean scale, mean;
};

namespace detail {

// A row on the host: its sums stay in the first-level cache while the modes stream by in the order in
// which they lie, four at a time.
template <class Real>
struct DecodeRow {
  mesh::Array3<Real> field;
  ChannelModes channel;
  Coordinates c;
  void operator()(const int row) const {
    constexpr int tile = 512;
    const mesh::Range3& r = channel.points;
    const int k = r.begin[2] + row / r.size(1), j = r.begin[1] + row % r.size(1);
    const int points = r.size(0), count = static_cast<int>(channel.modes.extent(1));
    Real* out = &field(k, j, r.begin[0]);
    for (int start = 0; start < points; start += tile) {
      const int width = points - start < tile ? points - start : tile;
      float sum[tile];
      const float* mean = &channel.mean(row, start);
      for (int i = 0; i < width; ++i) sum[i] = mean[i];
      const std::int16_t* mode = &channel.modes(row, 0, start);
      int m = 0;
      for (; m + 4 <= count; m += 4, mode += 4 * points) {
        float f[4];
        for (int n = 0; n < 4; ++n) f[n] = c(m + n) * channel.scale(row, m + n);
        const std::int16_t *m0 = mode, *m1 = m0 + points, *m2 = m1 + points, *m3 = m2 + points;
        for (int i = 0; i < width; ++i)
          sum[i] += f[0] * static_cast<float>(m0[i]) + f[1] * static_cast<float>(m1[i]) +
                    f[2] * static_cast<float>(m2[i]) + f[3] * static_cast<float>(m3[i]);
      }
      for (; m < count; ++m, mode += points) {
        const float factor = c(m) * channel.scale(row, m);
        for (int i = 0; i < width; ++i) sum[i] += factor * static_cast<float>(mode[i]);
      }
      for (int i = 0; i < width; ++i) out[start + i] = static_cast<Real>(sum[i]);
    }
  }
};

}  // namespace detail

template <class Real>
void decode_channel(const mesh::Array3<Real>& field, const ChannelModes& channel,
                    const Coordinates& c) {
  const mesh::Range3 r = channel.points;
  if (r.count() <= 0) return;
  if constexpr (mesh::on_host) {
    Kokkos::parallel_for("latent decode", Kokkos::RangePolicy<mesh::Exec>(0, r.size(1) * r.size(2)),
                         detail::DecodeRow<Real>{field, channel, c});
  } else {
    const auto modes = channel.modes;
    const auto mean = channel.mean, scale = channel.scale;
    const int count = static_cast<int>(modes.extent(1)), rows_j = r.size(1);
    const int k0 = r.begin[2], j0 = r.begin[1], i0 = r.begin[0];
    mesh::for_cells(
        "latent decode", r, KOKKOS_LAMBDA(int k, int j, int i) {
          const int row = (k - k0) * rows_j + j - j0;
          float sum = mean(row, i - i0);
          for (int m = 0; m < count; ++m)
            sum += c(m) * scale(row, m) * static_cast<float>(modes(row, m, i - i0));
          field(k, j, i) = static_cast<Real>(sum);
        });
  }
}

/// partial(row, m) = weight * scale(row, m) * sum_i modes(row, m, i) (field - mean).
template <class Real>
void project_rows(const mesh::Array3<Real>& field, const ChannelModes& channel, float weight,
                  const Kokkos::View<float**, Kokkos::LayoutRight, mesh::Memory>& partial) {
  const mesh::Range3 r = channel.points;
  const auto modes = channel.modes;
  const auto mean = channel.mean, scale = channel.scale;
  const int rows_j = r.size(1), points = r.size(0);
  const int count = static_cast<int>(modes.extent(1));
  const int k0 = r.begin[2], j0 = r.begin[1], i0 = r.begin[0];
  mesh::Range3 pairs;
  pairs.end = {count, r.size(1) * r.size(2), 1};
  mesh::for_cells(
      "latent project", pairs, KOKKOS_LAMBDA(int, int row, int m) {
        const int k = k0 + row / rows_j, j = j0 + row % rows_j;
        float sum = 0;
        for (int i = 0; i < points; ++i)
          sum += static_cast<float>(modes(row, m, i)) *
                 (static_cast<float>(field(k, j, i0 + i)) - mean(row, i));
        partial(row, m) = weight * scale(row, m) * sum;
      });
}

}  // namespace understudy::surrogates
