#include "core/nvml.hpp"

#include <dlfcn.h>

#include <Kokkos_Core.hpp>
#include <array>
#include <memory>

#include "core/format.hpp"

namespace understudy::core {

std::string gpu_address() {
#ifdef KOKKOS_ENABLE_CUDA
  std::array<char, 32> address{};
  if (cudaDeviceGetPCIBusId(address.data(), static_cast<int>(address.size()),
                            Kokkos::device_id()) == cudaSuccess)
    return address.data();
#endif
  return "";
}

std::string gpu_name() {
#ifdef KOKKOS_ENABLE_CUDA
  cudaDeviceProp properties;
  if (cudaGetDeviceProperties(&properties, Kokkos::device_id()) == cudaSuccess)
    return properties.name;
#endif
  return "";
}

namespace {

// The library's own types, as its documentation gives them.
using Device = void*;
constexpr int success = 0;

template <class Function>
Function* find(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

}  // namespace

GpuEnergy open_gpu_energy(const std::string& library, const std::string& address,
                          std::string& reason) {
  const std::shared_ptr<void> loaded(dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL),
                                     [](void*) { /* stays: its threads may outlive us */ });
  if (!loaded) {
    reason = core::format("the GPU's energy is not known: {} cannot be loaded", library);
    return {};
  }
  const auto init = find<int()>(loaded.get(), "nvmlInit_v2");
  const auto by_address =
      find<int(const char*, Device*)>(loaded.get(), "nvmlDeviceGetHandleByPciBusId_v2");
  const auto energy =
      find<int(Device, unsigned long long*)>(loaded.get(), "nvmlDeviceGetTotalEnergyConsumption");
  Device device = nullptr;
  unsigned long long now = 0;
  if (!init || !by_address || !energy || init() != success ||
      by_address(address.c_str(), &device) != success || energy(device, &now) != success) {
    reason = core::format("the GPU at {} tells no energy to {}", address, library);
    return {};
  }
  return [energy, device]() -> std::uint64_t {
    unsigned long long value = 0;
    return energy(device, &value) == success ? value : 0;
  };
}

}  // namespace understudy::core
