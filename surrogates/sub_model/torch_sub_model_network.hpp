// The network of a SubModel on a batch (private to surrogates/sub_model/sub_model.cpp).
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/ScalarType.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/torch_view.hpp"
#include "surrogates/sub_model/torch_sub_model.hpp"

namespace understudy::sub_model {

/// Points given to the network at once. On a processor its hidden layers then stay in the cache; on a
/// device it bounds their memory.
inline std::int64_t points_at_once(at::Device device) { return device.is_cpu() ? 2048 : 262144; }

/// Normalised points of any number, in pieces.
template <class Net, class Memory>
Prediction<Net, Memory> predict(const surrogates::PointModel& model, const Matrix<Net, Memory>& x) {
  const c10::InferenceMode no_autograd;
  const auto points = static_cast<std::int64_t>(x.extent(0));
  const auto members = model.card.engine == "mlp" ? model.card.members : 1;
  const Kokkos::View<Net***, Kokkos::LayoutRight, Memory> y(
      Kokkos::view_alloc(Kokkos::WithoutInitializing, "prediction"), members, points,
      model.card.outputs.size());
  const auto run = [&](const auto& from, const auto& to) {
    const at::Tensor in = surrogates::tensor_of(from), result = surrogates::tensor_of(to);
    const std::int64_t most = points_at_once(in.device());
    for (std::int64_t first = 0; first < points; first += most) {
      const std::int64_t count = std::min(most, points - first);
      at::Tensor(result.narrow(1, first, count))
          .copy_(model.engine->predict(in.narrow(0, first, count)));
    }
  };
  if (surrogates::torch_serves<Memory>()) {
    run(x, y);
  } else {
    const auto host_x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), x);
    const auto host_y = Kokkos::create_mirror_view(Kokkos::HostSpace(), y);
    run(host_x, host_y);
    Kokkos::deep_copy(y, host_y);
  }
  Kokkos::fence("network");
  return {y, {}, -1};
}

/// UserError for the first point whose input is not finite, RunError for one whose output is not.
template <class Real, class Memory>
void refuse_first(const SubModelOptions& options, const Points<const Real, Memory>& in,
                  const Vector<std::int8_t, Memory>& verdict) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), verdict);
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), in);
  for (std::size_t n = 0; n < host.extent(0); ++n) {
    if (host(n) == trusted) continue;
    std::string values;
    for (std::size_t f = 0; f < x.extent(1); ++f)
      values += core::format("{}{} = {} {}", f ? ", " : "", options.inputs[f].name, x(n, f),
                             options.inputs[f].unit);
    if (host(n) == not_finite)
      throw core::UserError(core::format(
          "sub-model {}: point {} has an input that is not finite ({}); policy always has no physics "
          "to give it to, policy gate has",
          options.name, n, values));
    throw core::RunError(
        core::format("sub-model {}: the network's output at point {} is not finite ({})",
                     options.name, n, values));
  }
}

}  // namespace understudy::sub_model
