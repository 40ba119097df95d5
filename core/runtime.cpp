#include "core/runtime.hpp"

#include <sched.h>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/lone_task.hpp"
#include "core/memory.hpp"
#include "core/nvml.hpp"
#include "core/timers.hpp"
#ifdef UNDERSTUDY_WITH_MPI
#include "core/mpi.hpp"
#endif

namespace understudy::core {

namespace {

int thread_count = 0;  // until there is a Runtime
int most_thread_count = 1;
std::vector<std::function<void()>> finalizers;
std::atomic<int> noted_signal{0};
// Of all ranks, for the time after an error, when nobody knows what the others wait for elsewhere.
std::optional<Comm> after_errors;

// The user's choice, 0 where there is none.
int chosen_threads(const RuntimeOptions& options) {
  if (options.threads > 0) return options.threads;
  const char* set = std::getenv("OMP_NUM_THREADS");
  return set ? std::max(0, std::atoi(set)) : 0;
}

// The cores that the node's ranks may use together, bound to their own or not, over the ranks, whose number
// is noted; collective.
int cores_of_rank() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) CPU_ZERO(&set);
  int ranks = 1;
#ifdef UNDERSTUDY_WITH_MPI
  MPI_Comm node;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  MPI_Comm_size(node, &ranks);
  MPI_Allreduce(MPI_IN_PLACE, &set, sizeof set, MPI_UNSIGNED_CHAR, MPI_BOR, node);
  MPI_Comm_free(&node);
#endif
  set_ranks_of_machine(ranks);
  return std::max(1, CPU_COUNT(&set) / ranks);
}

void note_signal(int signal) { noted_signal.store(signal); }

}  // namespace

Runtime::Runtime(int& argc, char**& argv, const RuntimeOptions& options) {
  const int chosen = chosen_threads(options);
  thread_count = std::max(1, chosen);
  // Both OpenMP pools read these when they start; waiting passively keeps a shared core usable, and
  // an unset binding makes Kokkos warn.
  setenv("OMP_NUM_THREADS", std::to_string(thread_count).c_str(), 1);
  setenv("OMP_WAIT_POLICY", "passive", 0);
  setenv("OMP_PROC_BIND", "false", 0);
#ifdef UNDERSTUDY_WITH_MPI
  int provided;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
#else
  (void)argc;
  (void)argv;
#endif
  const int cores = cores_of_rank();
  most_thread_count = chosen > 0 ? chosen : cores;
  Kokkos::InitializationSettings settings;
  settings.set_num_threads(thread_count).set_disable_warnings(true);
#ifdef UNDERSTUDY_WITH_MPI
  settings.set_map_device_id_by("mpi_rank");  // without MPI Kokkos would warn that it finds no rank
#endif
  Kokkos::initialize(settings);
  log::set_rank(Comm::world().rank());
  if (const auto warning = lone_task(Comm::world().size()); !warning.empty())
    log::warn("{}", warning);
  after_errors = Comm::world().split(0, Comm::world().rank());
}

Runtime::~Runtime() {
  while (!finalizers.empty()) {
    const auto finalizer = std::move(finalizers.back());
    finalizers.pop_back();
    finalizer();
  }
  after_errors.reset();
  Kokkos::finalize();
#ifdef UNDERSTUDY_WITH_MPI
  MPI_Finalize();
#endif
}

int Runtime::threads() {
  if (thread_count > 0) return thread_count;
  return Kokkos::is_initialized() ? Kokkos::DefaultHostExecutionSpace().concurrency() : 1;
}

int Runtime::most_threads() { return most_thread_count; }

std::string Runtime::backend() { return Kokkos::DefaultExecutionSpace::name(); }

std::string Runtime::gpu() { return gpu_name(); }

void Runtime::at_end(std::function<void()> finalizer) {
  finalizers.push_back(std::move(finalizer));
}

std::vector<std::string> Runtime::errors_of_all(const std::string& mine, double patience_s) {
#ifdef UNDERSTUDY_WITH_MPI
  MPI_Request request;
  MPI_Ibarrier(native(*after_errors), &request);
  const Stopwatch clock;
  for (int all = 0;;) {
    MPI_Test(&request, &all, MPI_STATUS_IGNORE);
    if (all) break;
    if (clock.seconds() > patience_s) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
#else
  (void)patience_s;
#endif
  std::vector<std::string> errors;
  for (const auto& bytes : after_errors->all_gather(std::as_bytes(std::span(mine))))
    errors.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return errors;
}

void Runtime::abort_all_ranks(int exit_code) {
#ifdef UNDERSTUDY_WITH_MPI
  int initialized = 0;
  MPI_Initialized(&initialized);
  if (initialized && Comm::world().size() > 1) MPI_Abort(MPI_COMM_WORLD, exit_code);
#endif
  std::_Exit(exit_code);
}

void catch_signals() {
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) std::signal(signal, note_signal);
  // A write beyond a file-size limit must come back as an error of the write, not end the process.
  std::signal(SIGXFSZ, SIG_IGN);
}

int stop_signal(const Comm& comm) {
  return static_cast<int>(comm.max(static_cast<long long>(noted_signal.load())));
}

}  // namespace understudy::core
