// The energy counter of an NVIDIA GPU by NVIDIA's management library, which is loaded when it is asked
// for and need not be there when the program is built.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace understudy::core {

/// Milli-joules since the driver was loaded; 0 when the library no longer answers.
using GpuEnergy = std::function<std::uint64_t()>;

/// PCI address of the GPU that the default backend computes on ("0000:41:00.0"); empty without one.
std::string gpu_address();
/// Name of that GPU; empty without one.
std::string gpu_name();

/// The counter of the GPU of that address, or an empty function and `reason`.
GpuEnergy open_gpu_energy(const std::string& library, const std::string& address,
                          std::string& reason);

}  // namespace understudy::core
