// Where networks work (private to pinn/): on the GPU that Kokkos works on, where LibTorch can use it.
#pragma once

#include "mesh/array.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy::pinn {

inline at::Device compute_device() {
  return surrogates::torch_serves<mesh::Memory>() ? surrogates::torch_device<mesh::Memory>()
                                                  : at::Device(at::kCPU);
}

}  // namespace understudy::pinn
