// The tensor view (private to surrogates/): a Kokkos view and a torch tensor over the same memory,
// without a copy. Layout, type and device of the tensor are the view's; the tensor keeps a
// reference to the view's allocation, so that either may go first.
#pragma once

#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

#include <cstdint>
#include <type_traits>
#include <vector>

#include "mesh/field.hpp"
#include "mesh/loops.hpp"

namespace understudy::surrogates {

template <class Real>
constexpr at::ScalarType scalar_type() {
  static_assert(std::is_same_v<Real, float> || std::is_same_v<Real, double>);
  return std::is_same_v<Real, float> ? at::kFloat : at::kDouble;
}

/// The device of a memory space as torch names it: that on which Kokkos works (CUDA, or HIP, which
/// torch calls so too).
template <class MemorySpace>
at::Device torch_device() {
  constexpr bool host = Kokkos::SpaceAccessibility<Kokkos::HostSpace, MemorySpace>::accessible;
  if constexpr (host) return at::Device(at::kCPU);
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(Kokkos::device_id()));
}

/// Can this LibTorch work on the memory of that space?
template <class MemorySpace>
bool torch_serves() {
  return torch_device<MemorySpace>().is_cpu() || at::globalContext().hasCUDA();
}

/// A tensor of the view's extents, strides, type and device over the view's memory.
template <class View>
at::Tensor tensor_of(const View& view) {
  using Real = typename View::non_const_value_type;
  std::vector<std::int64_t> sizes, strides;
  for (unsigned axis = 0; axis < View::rank(); ++axis) {
    sizes.push_back(static_cast<std::int64_t>(view.extent(axis)));
    strides.push_back(static_cast<std::int64_t>(view.stride(axis)));
  }
  const auto options = at::TensorOptions()
                           .dtype(scalar_type<Real>())
                           .device(torch_device<typename View::memory_space>());
  // The copy of `view` in the deleter holds the allocation.
  return at::from_blob(
      const_cast<Real*>(view.data()), sizes, strides, [view](void*) {}, options, options.device());
}

/// The interior of a field, without ghosts: a strided tensor [component, k, j, i].
template <class Real>
at::Tensor interior_of(const mesh::Field<Real>& field, const mesh::Grid& grid) {
  at::Tensor tensor = tensor_of(field.data);
  const mesh::Range3 r = grid.interior();
  for (int axis = 0; axis < 3; ++axis)
    tensor = tensor.narrow(3 - axis, r.begin[axis], r.size(axis));
  return tensor;
}

}  // namespace understudy::surrogates
