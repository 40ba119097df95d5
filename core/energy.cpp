#include "core/energy.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <span>

#include "core/format.hpp"
#include "core/nvml.hpp"

namespace understudy::core {

namespace fs = std::filesystem;

struct EnergyMeter::Counter {
  fs::path file;           ///< of a processor's counter; empty: the GPU's
  GpuEnergy gpu;           ///< where `file` is empty
  std::uint64_t most = 0;  ///< it counts from 0 to this; 0: never starts again
  double unit_j = 1e-6;
};

namespace {

constexpr std::uint64_t unreadable = std::numeric_limits<std::uint64_t>::max();

std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::ifstream stream(file);
  std::uint64_t value = 0;
  return stream >> value ? std::optional(value) : std::nullopt;
}

std::string line_in(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

// "intel-rapl:0" and "intel-rapl:0:2", which lie side by side; no "intel-rapl-mmio", the same counters
// by another way.
std::vector<fs::path> zones(const fs::path& powercap) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(powercap, none))
    if (entry.path().filename().string().starts_with("intel-rapl:")) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

std::string host() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// Among the ranks whose `key` is this one's, is this the first? Collective.
bool first_of(const Comm& comm, const std::string& key) {
  const auto all = comm.all_gather(std::as_bytes(std::span(key)));
  for (int rank = 0; rank < comm.rank(); ++rank) {
    const auto& bytes = all[rank];
    if (std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == key) return false;
  }
  return true;
}

std::string first_reason(const Comm& comm, const std::string& mine) {
  for (const auto& bytes : comm.all_gather(std::as_bytes(std::span(mine))))
    if (!bytes.empty()) return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  return "";
}

}  // namespace

EnergyMeter::EnergyMeter(const Comm& comm)
    : EnergyMeter(comm, Places{.gpu = !gpu_address().empty()}) {}

EnergyMeter::EnergyMeter(const Comm& comm, const Places& places) {
  const std::string here = host();
  if (first_of(comm, here)) find_processors(places.powercap);
  const std::string address = places.gpu ? gpu_address() : "";
  if (first_of(comm, here + " " + address) && places.gpu && reason_.empty()) {
    Counter gpu;
    gpu.unit_j = 1e-3;
    gpu.gpu = open_gpu_energy(places.nvml, address, reason_);
    counters_.push_back(std::move(gpu));
    sources_ += (sources_.empty() ? "" : ", ") + std::string("GPU");
  }
  reason_ = first_reason(comm, reason_);
  sources_ = comm.broadcast(sources_);
  if (!reason_.empty()) counters_.clear();
}

EnergyMeter::~EnergyMeter() = default;

void EnergyMeter::find_processors(const fs::path& powercap) {
  for (const fs::path& zone : zones(powercap)) {
    const std::string name = line_in(zone / "name");
    // The platform's counter (psys) holds the packages; cores and graphics are parts of a package.
    if (!name.starts_with("package") && name != "dram") continue;
    const fs::path file = zone / "energy_uj";
    errno = 0;
    if (!number_in(file)) {
      reason_ = errno == EACCES
                    ? core::format("{} may be read by the administrator only", file.string())
                    : core::format("{} cannot be read", file.string());
      return;
    }
    counters_.push_back({file, {}, number_in(zone / "max_energy_range_uj").value_or(0), 1e-6});
    sources_ += (sources_.empty() ? "" : ", ") + name;
  }
  if (counters_.empty())
    reason_ =
        core::format("{} has no energy counter of a processor (intel-rapl)", powercap.string());
}

std::vector<std::uint64_t> EnergyMeter::read() const {
  std::vector<std::uint64_t> values;
  for (const Counter& c : counters_)
    values.push_back(c.file.empty() ? c.gpu() : number_in(c.file).value_or(unreadable));
  return values;
}

double EnergyMeter::joules(const std::vector<std::uint64_t>& from,
                           const std::vector<std::uint64_t>& to) const {
  double sum = 0;
  for (std::size_t n = 0; n < counters_.size(); ++n) {
    const Counter& c = counters_[n];
    const std::uint64_t a = from.at(n), b = to.at(n);
    if (a == unreadable || b == unreadable || (b < a && c.most == 0))
      return std::numeric_limits<double>::quiet_NaN();
    // From `most` the next count is 0.
    sum += static_cast<double>(b >= a ? b - a : c.most - a + b + 1) * c.unit_j;
  }
  return sum;
}

}  // namespace understudy::core
