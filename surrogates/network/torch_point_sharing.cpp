#include "surrogates/network/torch_point_sharing.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <span>

namespace understudy::surrogates {

void broadcast(const at::Tensor& values, const core::Comm& comm) {
  constexpr std::size_t most = 1 << 30;  // MPI counts with 31 bits
  auto* bytes = static_cast<char*>(values.data_ptr());
  for (std::size_t done = 0; done < values.nbytes(); done += most)
    comm.broadcast(bytes + done, std::min(most, values.nbytes() - done));
}

at::Tensor signs_of(const at::Tensor& values) {
  const at::Tensor signs = values.sign();
  return at::where(signs == 0, at::ones_like(signs), signs);
}

at::Tensor PointSharing::sum(at::Tensor own) const {
  if (!shared()) return own;
  own = own.contiguous();
  const auto count = static_cast<std::size_t>(own.numel());
  if (own.scalar_type() == at::kDouble)
    group_->sum(std::span(own.data_ptr<double>(), count));
  else
    group_->sum(std::span(own.data_ptr<float>(), count));
  return own;
}

std::pair<at::Tensor, at::Tensor> PointSharing::leading_first(const at::Tensor& matrix) const {
  at::Tensor values = at::empty({matrix.size(0)}, matrix.options()),
             vectors = at::empty(matrix.sizes(), matrix.options());
  if (!shared() || group_->is_root()) {
    const auto [rising, found] = at::linalg_eigh(matrix);
    values.copy_(rising.flip(0));
    vectors.copy_(found.flip(1));
  }
  if (shared()) {
    broadcast(values, *group_);
    broadcast(vectors, *group_);
  }
  return {values, vectors};
}

at::Tensor PointSharing::orthonormal(const at::Tensor& columns) const {
  auto [q, triangle] = at::linalg_qr(columns);
  if (!shared()) return q.mul_(signs_of(triangle.diagonal()));
  // Of a rank with fewer points than columns the triangle has as many rows.
  const std::int64_t rows = triangle.size(0), rank = group_->rank();
  at::Tensor rows_of = at::zeros({group_->size()}, at::kDouble);
  rows_of.data_ptr<double>()[rank] = static_cast<double>(rows);
  rows_of = sum(rows_of);
  const auto before = static_cast<std::int64_t>(rows_of.narrow(0, 0, rank).sum().item<double>()),
             all = static_cast<std::int64_t>(rows_of.sum().item<double>());
  at::Tensor triangles = at::zeros({all, columns.size(1)}, at::kDouble);
  triangles.narrow(0, before, rows).copy_(triangle);
  triangles = sum(triangles);
  at::Tensor turned = at::empty_like(triangles);
  if (group_->is_root()) {
    const auto [whole, last] = at::linalg_qr(triangles);
    turned.copy_(whole * signs_of(last.diagonal()));
  }
  broadcast(turned, *group_);
  return at::mm(q, turned.narrow(0, before, rows).to(columns.scalar_type()));
}

}  // namespace understudy::surrogates
