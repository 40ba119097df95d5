// The scoped lifetime of MPI, Kokkos and whatever else registers itself (PETSc does, at first use).
// One Runtime lives in main() for the whole process: start-up order MPI, Kokkos, then the others;
// shutdown in the reverse order. Thread counts are set here once, so that the pools of Kokkos and
// LibTorch (both OpenMP) agree.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/comm.hpp"

namespace understudy::core {

struct RuntimeOptions {
  int threads = 0;  ///< OpenMP threads per rank; 0: OMP_NUM_THREADS if set, else 1
};

class Runtime {
 public:
  Runtime(int& argc, char**& argv, const RuntimeOptions& options);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Threads per rank that every pool uses, but where a caller raises LibTorch's for a while. In a
  /// program that started Kokkos itself: Kokkos' own number.
  static int threads();
  /// Threads that work gains from when it has the rank for itself (training): threads() where the
  /// user set a number, else the cores that this process may use, shared among its node's ranks.
  static int most_threads();
  /// Name of Kokkos' default execution space: "OpenMP", "Serial", "Cuda", "HIP".
  static std::string backend();
  /// Name of the GPU that it computes on; empty on processors.
  static std::string gpu();
  /// Runs `finalizer` when the Runtime ends, last registered first, before Kokkos and MPI end.
  static void at_end(std::function<void()> finalizer);
  /// The errors of all ranks, in rank order, when every rank calls this within `patience_s`: all of
  /// them failed, and can end by themselves. Empty where some rank does not come.
  static std::vector<std::string> errors_of_all(const std::string& mine, double patience_s);
  /// Ends all ranks at once (an error on one rank must not leave the others waiting).
  [[noreturn]] static void abort_all_ranks(int exit_code);
};

/// Installs handlers for SIGTERM, SIGINT and SIGUSR1 that only note the signal.
void catch_signals();
/// The signal noted on any rank so far, 0 if none. Collective: all ranks get the same answer.
int stop_signal(const Comm& comm);

}  // namespace understudy::core
