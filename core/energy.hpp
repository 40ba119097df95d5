// Energy that the machine's own counters say was used, in joules.
//
//   processors  Linux powercap (RAPL): /sys/class/powercap/intel-rapl:<n>/energy_uj, micro-joules since
//               some start, of each package and, beside it, its memory (sub-domain dram; cores and
//               graphics are parts of the package). Counts up to max_energy_range_uj and starts again,
//               after half an hour to hours of full load: what is measured must be shorter. Most
//               systems let only the administrator read it.
//   GPU         NVIDIA's management library, loaded if it is there, in builds whose default backend is
//               CUDA: nvmlDeviceGetTotalEnergyConsumption, milli-joules (Volta and later).
//
// The counters are of the whole processor and GPU: whatever else runs there is counted too, and what
// they leave out (power supply, fans, network) is not. Of the ranks of one machine one reads, and
// their GPUs are read once each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/comm.hpp"

namespace understudy::core {

class EnergyMeter {
 public:
  struct Places {
    std::filesystem::path powercap = "/sys/class/powercap";
    std::string nvml = "libnvidia-ml.so.1";
    bool gpu = false;  ///< the GPU's energy is a part of it
  };
  /// The machine's own. Collective.
  explicit EnergyMeter(const Comm& comm);
  EnergyMeter(const Comm& comm, const Places& places);
  ~EnergyMeter();

  bool available() const { return reason_.empty(); }
  /// Why there is none; empty where there is. The same on all ranks.
  const std::string& reason() const { return reason_; }
  /// What is counted, "package-0, dram, package-1, dram"; rank 0's machine.
  const std::string& sources() const { return sources_; }

  /// Counters now, this rank's share. Not collective; a counter that cannot be read any more makes
  /// the result of every later joules() unknown.
  std::vector<std::uint64_t> read() const;
  /// Energy (J) between two readings, at most one restart of a counter between them; this rank's share.
  double joules(const std::vector<std::uint64_t>& from, const std::vector<std::uint64_t>& to) const;

 private:
  struct Counter;
  void find_processors(const std::filesystem::path& powercap);
  std::vector<Counter> counters_;
  std::string reason_, sources_;
};

/// Adds the energy used while it lives to `joules`; nothing where there is no meter.
class ScopedEnergy {
 public:
  ScopedEnergy(const EnergyMeter& meter, double& joules)
      : meter_(meter), joules_(joules), start_(meter.read()) {}
  ~ScopedEnergy() { joules_ += meter_.joules(start_, meter_.read()); }
  ScopedEnergy(const ScopedEnergy&) = delete;
  ScopedEnergy& operator=(const ScopedEnergy&) = delete;

 private:
  const EnergyMeter& meter_;
  double& joules_;
  std::vector<std::uint64_t> start_;
};

}  // namespace understudy::core
