// How the kernels of jet_kernels.hpp run over the elements of a tile (private to the files that define
// them): on a device each pass is one range; on the host passes go through the elements in blocks, in loops
// that the compiler vectorises.
#pragma once

#include <Kokkos_Core.hpp>
#include <algorithm>

#include "mesh/loops.hpp"
#include "pinn/engine/jet_functions.hpp"
#include "pinn/engine/jet_kernels.hpp"

namespace understudy::pinn::loops {

// Elements that one pass over the directions covers: every channel of a block stays in the first cache.
constexpr long long block = 1024;

// On a copy of f, which cannot be changed by what it writes.
template <class F>
void on_host(long long begin, long long end, const F f) {
  mesh::independent(begin, end, f);
}

// Runs passes, functors of one element, one after the other: all of them over one block, then the next.
template <class... Passes>
void run(const JetTile& tile, long long elements, const Passes&... passes) {
  if (tile.on_device) {
    (Kokkos::parallel_for("pinn_jets", Kokkos::RangePolicy<>(0, elements), passes), ...);
    Kokkos::fence("pinn_jets");
    return;
  }
  for (long long begin = 0; begin < elements; begin += block)
    (on_host(begin, std::min(begin + block, elements), passes), ...);
}

// Calls pass.template operator()<order>(first channel) for every direction.
template <class Pass>
void for_directions(const JetTile& tile, const Pass& pass) {
  int channel = 1;
  for (const int order : *tile.orders) {
    if (order == 1) pass.template operator()<1>(channel);
    if (order == 2) pass.template operator()<2>(channel);
    if (order == 3) pass.template operator()<3>(channel);
    if (order == 4) pass.template operator()<4>(channel);
    channel += order;
  }
}

// Functions of a block's values, ahead of the passes over its directions.
template <class Real>
struct Ahead {
  Real a[block], b[block];
  template <Activation activation>
  void fill(long long count, const Real* z) {
    if constexpr (activation == Activation::sin) sin_cos_of(count, z, a, b);
    if constexpr (activation == Activation::silu) tanh_of(count, Real(0.5), z, a);
  }
};

}  // namespace understudy::pinn::loops
