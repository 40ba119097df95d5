// Lists of points on the device, made from those that body_points.hpp finds on the host.
#pragma once

#include "mesh/array.hpp"
#include "solvers/flow/body_points.hpp"

namespace understudy::solvers::flow {

/// Interpolated points on the device.
template <class Real>
struct InterpolatedList {
  Kokkos::View<int*, mesh::Memory> index;
  Kokkos::View<int* [16], Kokkos::LayoutRight, mesh::Memory> stencil;
  Kokkos::View<Real* [16], Kokkos::LayoutRight, mesh::Memory> weight;
  Kokkos::View<Real*, mesh::Memory> target;
};

template <class Device, class Host>
Device to_device(const char* name, const std::vector<Host>& values) {
  Device device(name, values.size());
  const auto host = Kokkos::create_mirror_view(device);
  if constexpr (std::is_arithmetic_v<Host>) {
    for (std::size_t n = 0; n < values.size(); ++n)
      host(n) = static_cast<typename Device::value_type>(values[n]);
  } else {
    for (std::size_t n = 0; n < values.size(); ++n)
      for (std::size_t m = 0; m < 16; ++m)
        host(n, m) = static_cast<typename Device::value_type>(values[n][m]);
  }
  Kokkos::deep_copy(device, host);
  return device;
}

template <class Real>
InterpolatedList<Real> interpolated(const InterpolatedPoints& points) {
  InterpolatedList<Real> list;
  list.index = to_device<decltype(list.index)>("interpolated points", points.index);
  list.stencil = to_device<decltype(list.stencil)>("stencils", points.stencil);
  list.weight = to_device<decltype(list.weight)>("weights", points.weight);
  list.target = decltype(list.target)("targets", points.index.size());
  return list;
}

}  // namespace understudy::solvers::flow
