#include "surrogates/fields/latent_projection.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <span>

namespace understudy::surrogates {

namespace {

// [mode, z, y, x] of this rank's part of a channel.
at::Tensor modes_of(const BlockModes& channel, double std) {
  const auto strong = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), channel.strong);
  const auto weak = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), channel.weak);
  const auto scale = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), channel.scale);
  const mesh::Range3& r = channel.points;
  const auto size = static_cast<std::int64_t>(scale.extent(1));
  at::Tensor modes = at::empty({size, r.size(2), r.size(1), r.size(0)}, at::kDouble);
  double* to = modes.data_ptr<double>();
  const int first = static_cast<int>(strong.extent(1));
  for (int m = 0; m < size; ++m)
    for (int row = 0; row < r.size(1) * r.size(2); ++row)
      for (int i = 0; i < r.size(0); ++i)
        *to++ = scale(row, m) / std *
                static_cast<double>(m < first ? strong(row, m, i) : weak(row, m - first, i));
  return modes;
}

}  // namespace

std::vector<double> inverse_of_gram(const std::vector<BlockModes>& channels,
                                    const std::vector<double>& stds, const ProjectionWeight& weight,
                                    const core::Comm& comm) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), weight.measure);
  const auto size = static_cast<std::int64_t>(channels.front().scale.extent(1));
  at::Tensor gram = at::zeros({size, size}, at::kDouble);
  for (std::size_t n = 0; n < channels.size(); ++n) {
    const mesh::Range3& r = channels[n].points;
    at::Tensor by = at::empty({r.size(2), r.size(1), r.size(0)}, at::kDouble);
    double* to = by.data_ptr<double>();
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          *to++ = static_cast<double>(weight.all) * host(std::min(k, weight.last[2]),
                                                         std::min(j, weight.last[1]),
                                                         std::min(i, weight.last[0]));
    const at::Tensor modes = modes_of(channels[n], stds[n]);
    gram += at::mm((modes * by).flatten(1), modes.flatten(1).t());
  }
  comm.sum(std::span<double>(gram.data_ptr<double>(), static_cast<std::size_t>(gram.numel())));
  const at::Tensor inverse = at::linalg_inv(gram).contiguous();
  return {inverse.data_ptr<double>(), inverse.data_ptr<double>() + inverse.numel()};
}

}  // namespace understudy::surrogates
