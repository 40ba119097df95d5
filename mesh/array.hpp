// The arrays that every room shares: i fastest on every backend (LayoutRight), so that interior data
// reach LibTorch as [channel, k, j, i] with at most one packing copy. Real is float or double.
#pragma once

#include <Kokkos_Core.hpp>

namespace understudy::mesh {

using Exec = Kokkos::DefaultExecutionSpace;
using Memory = Exec::memory_space;

template <class Real>
using Array3 = Kokkos::View<Real***, Kokkos::LayoutRight, Memory>;  ///< [k, j, i]
template <class Real>
using Array4 = Kokkos::View<Real****, Kokkos::LayoutRight, Memory>;  ///< [component, k, j, i]
template <class Real>
using HostArray3 = Kokkos::View<Real***, Kokkos::LayoutRight, Kokkos::HostSpace>;

}  // namespace understudy::mesh
