// Kernels of a reduced model on one rank's block (private to surrogates/). For each row of points (k, j)
// the modes lie one after the other, x fastest, so that decoding streams through them once:
//   modes [row, mode, i], mean [row, i] in physical units, c [mode]
//   decode:  field(row, i) = mean(row, i) + sum_m c(m) modes(row, m, i)
// It is bound by the memory traffic of the modes: 4 bytes per value and mode.
#pragma once

#include "mesh/field.hpp"
#include "mesh/loops.hpp"

namespace understudy::surrogates {

using RowModes = Kokkos::View<float***, Kokkos::LayoutRight, mesh::Memory>;
using RowMean = Kokkos::View<float**, Kokkos::LayoutRight, mesh::Memory>;
using Coordinates = Kokkos::View<float*, mesh::Memory>;

/// One channel of the block.
struct ChannelModes {
  mesh::Range3 points;  ///< local indices of its points
  RowModes modes;
  RowMean mean;
};

namespace detail {

// A row on the host: tiles of points whose sums stay in registers while the modes stream by.
template <class Real>
struct DecodeRow {
  mesh::Array3<Real> field;
  ChannelModes channel;
  Coordinates c;
  void operator()(const int row) const {
    constexpr int tile = 64;
    const mesh::Range3& r = channel.points;
    const int k = r.begin[2] + row / r.size(1), j = r.begin[1] + row % r.size(1);
    const int points = r.size(0), count = static_cast<int>(channel.modes.extent(1));
    Real* out = &field(k, j, r.begin[0]);
    for (int start = 0; start < points; start += tile) {
      const int width = points - start < tile ? points - start : tile;
      float sum[tile];
      const float* mean = &channel.mean(row, start);
      for (int i = 0; i < width; ++i) sum[i] = mean[i];
      const float* mode = &channel.modes(row, 0, start);
      if (width == tile) {
        for (int m = 0; m < count; ++m, mode += points) {
          const float factor = c(m);
          for (int i = 0; i < tile; ++i) sum[i] += factor * mode[i];
        }
      } else {
        for (int m = 0; m < count; ++m, mode += points) {
          const float factor = c(m);
          for (int i = 0; i < width; ++i) sum[i] += factor * mode[i];
        }
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
    const auto mean = channel.mean;
    const int count = static_cast<int>(modes.extent(1)), rows_j = r.size(1);
    const int k0 = r.begin[2], j0 = r.begin[1], i0 = r.begin[0];
    mesh::for_cells(
        "latent decode", r, KOKKOS_LAMBDA(int k, int j, int i) {
          const int row = (k - k0) * rows_j + j - j0;
          float sum = mean(row, i - i0);
          for (int m = 0; m < count; ++m) sum += c(m) * modes(row, m, i - i0);
          field(k, j, i) = static_cast<Real>(sum);
        });
  }
}

/// Adds weight * sum_i modes(row, m, i) (field - mean) of each row to partial(row, m); points outside
/// [0, owned) along x and rows beyond the channel's own cells count once on the rank that holds them.
template <class Real>
void project_rows(const mesh::Array3<Real>& field, const ChannelModes& channel, float weight,
                  const Kokkos::View<float**, Kokkos::LayoutRight, mesh::Memory>& partial) {
  const mesh::Range3 r = channel.points;
  const auto modes = channel.modes;
  const auto mean = channel.mean;
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
          sum += modes(row, m, i) * (static_cast<float>(field(k, j, i0 + i)) - mean(row, i));
        partial(row, m) = weight * sum;
      });
}

}  // namespace understudy::surrogates
