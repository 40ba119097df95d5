// What memory the process has held, what it may still take, and whether a plan fits.
#pragma once

#include <string>

#include "core/comm.hpp"

namespace understudy::core {

/// Largest resident memory of this process since it began, bytes (getrusage's ru_maxrss). Memory of a
/// GPU is not in it.
double peak_memory_bytes();

/// What a rank may still take, and who says so; infinite where nobody does.
struct AvailableMemory {
  double bytes = 0;
  std::string limit;  ///< "the machine's free memory", "the address space (ulimit -v)"...
};

/// The least of the machine's free memory (MemAvailable) and that of the process's control groups, each
/// shared evenly among the machine's ranks, and of the process's own limits (RLIMIT_AS, RLIMIT_DATA).
/// Linux; elsewhere the limits alone.
/// `alone`: shared with no other rank, as these take nothing meanwhile.
AvailableMemory available_memory(bool alone = false);
/// Free memory of the GPU that Kokkos computes on, shared evenly among the machine's ranks that share
/// it; infinite without one.
AvailableMemory available_device_memory();
/// How many ranks share this machine's memory; 1 until somebody says it. Runtime does.
void set_ranks_of_machine(int ranks);

/// What something will take, before it is allocated.
struct MemoryPlan {
  double bytes = 0;         ///< of this rank, in the memory where its fields lie
  std::string what;         ///< what takes it: "a flow on 40000 x 40000 cells"
  std::string remedy = {};  ///< "fewer grid.cells or more ranks"
  bool at_least = false;    ///< `bytes` is a lower bound and no estimate of the whole
  bool on_host = false;     ///< in the host's memory, wherever the fields lie
  bool alone = false;       ///< one rank of the machine takes it, and the others nothing
};

/// UserError on all ranks where the plan of one exceeds what there is. Collective.
void require_memory(const MemoryPlan& plan, const Comm& comm);

/// "3.2 GB".
std::string bytes_text(double bytes);

}  // namespace understudy::core
