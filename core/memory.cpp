#include "core/memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::core {

namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

int ranks_of_machine = 1;

// The first number of a file; unlimited where there is none ("max").
double number_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  double value = 0;
  return file >> value ? value : unlimited;
}

// "MemAvailable:   16384 kB", "inactive_file 1234": the number behind a word; 0 where it is not.
double number_behind(const std::filesystem::path& path, const std::string& word) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(word)) continue;
    std::istringstream rest(line.substr(word.size()));
    double value = 0;
    if (rest >> value) return value;
  }
  return 0;
}

double machine_bytes() {
  const double kilobytes = number_behind("/proc/meminfo", "MemAvailable:");
  return kilobytes > 0 ? 1024 * kilobytes : unlimited;
}

struct GroupFiles {
  const char *limit, *usage, *reclaimable;
};

// Of one control group: its limit less what it uses, of which page cache can be had back.
double group_bytes(const std::filesystem::path& folder, const GroupFiles& files) {
  const double limit = number_in(folder / files.limit), usage = number_in(folder / files.usage);
  if (!std::isfinite(limit) || !std::isfinite(usage)) return unlimited;
  const double cache = number_behind(folder / "memory.stat", files.reclaimable);
  return std::max(0.0, limit - usage + cache);
}

// Of the group and all around it.
double groups_bytes(const std::filesystem::path& root, std::filesystem::path inside,
                    const GroupFiles& files) {
  double least = group_bytes(root, files);
  for (; inside.has_relative_path(); inside = inside.parent_path())
    least = std::min(least, group_bytes(root / inside.relative_path(), files));
  return least;
}

// /proc/self/cgroup: "0::/user.slice" (version 2), "9:memory:/docker/1234" (version 1).
double control_group_bytes() {
  double least = unlimited;
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string kinds = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (kinds == ",,")
      least = std::min(least, groups_bytes("/sys/fs/cgroup", path,
                                           {"memory.max", "memory.current", "inactive_file "}));
    else if (kinds.find(",memory,") != std::string::npos)
      least = std::min(least, groups_bytes("/sys/fs/cgroup/memory", path,
                                           {"memory.limit_in_bytes", "memory.usage_in_bytes",
                                            "total_inactive_file "}));
  }
  return least;
}

double own_limit(int resource) {
  rlimit limit{};
  if (getrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &limit) != 0 ||
      limit.rlim_cur == RLIM_INFINITY)
    return unlimited;
  return static_cast<double>(limit.rlim_cur);
}

// /proc/self/statm in pages: size, resident, shared, text, lib, data.
double own_pages(int column) {
  std::ifstream file("/proc/self/statm");
  double value = 0;
  for (int n = 0; n <= column; ++n)
    if (!(file >> value)) return 0;
  return value * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

double peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  constexpr double unit = 1;
#else
  constexpr double unit = 1024;
#endif
  return unit * static_cast<double>(usage.ru_maxrss);
}

void set_ranks_of_machine(int ranks) { ranks_of_machine = std::max(1, ranks); }

AvailableMemory available_memory(bool alone) {
  const double ranks = alone ? 1 : ranks_of_machine;
  const std::array<AvailableMemory, 4> all{
      {{machine_bytes() / ranks, "the machine's free memory"},
       {control_group_bytes() / ranks, "the memory limit of the job or container"},
       {std::max(0.0, own_limit(RLIMIT_AS) - own_pages(0)), "the address space (ulimit -v)"},
       {std::max(0.0, own_limit(RLIMIT_DATA) - own_pages(5)), "the data segment (ulimit -d)"}}};
  return *std::ranges::min_element(all, {}, &AvailableMemory::bytes);
}

AvailableMemory available_device_memory() {
  double bytes = unlimited;
#ifdef KOKKOS_ENABLE_CUDA
  std::size_t free = 0, total = 0;
  if (cudaMemGetInfo(&free, &total) == cudaSuccess) {
    int devices = 1;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices < 1) devices = 1;
    bytes = static_cast<double>(free) / std::ceil(double(ranks_of_machine) / devices);
  }
#endif
  return {bytes, "the GPU's free memory"};
}

std::string bytes_text(double bytes) {
  constexpr std::array units{"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < units.size()) {
    bytes /= 1000;
    ++unit;
  }
  return format("{:.3g} {}", bytes, units[unit]);
}

void require_memory(const MemoryPlan& plan, const Comm& comm) {
  const AvailableMemory host = available_memory(plan.alone), device = available_device_memory();
  const AvailableMemory& there = std::isfinite(device.bytes) && !plan.on_host ? device : host;
  std::string error;
  if (plan.bytes > there.bytes)
    error = format("{} would take {} {} of memory on a rank, and {} are there ({}{}){}{}",
                   plan.what, plan.at_least ? "at least" : "about", bytes_text(plan.bytes),
                   bytes_text(there.bytes), there.limit,
                   ranks_of_machine > 1 && !plan.alone ? format(", shared by {} ranks", ranks_of_machine) : "",
                   plan.remedy.empty() ? "" : "; ", plan.remedy);
  comm.throw_on_all_ranks<UserError>(error);
}

}  // namespace understudy::core
