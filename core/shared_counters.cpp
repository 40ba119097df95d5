#include "core/shared_counters.hpp"

#include <algorithm>
#include <exception>
#include <vector>

#ifdef UNDERSTUDY_WITH_MPI
#include "core/mpi.hpp"
#endif

namespace understudy::core {

#ifdef UNDERSTUDY_WITH_MPI

struct SharedCounters::Impl {
  MPI_Win window = MPI_WIN_NULL;
  int exceptions = std::uncaught_exceptions();
};

SharedCounters::SharedCounters(const Comm& comm, int count) : impl_(std::make_unique<Impl>()) {
  long long* mine = nullptr;
  const int here = comm.is_root() ? count : 0;
  MPI_Win_allocate(static_cast<MPI_Aint>(here * sizeof(long long)), sizeof(long long),
                   MPI_INFO_NULL, native(comm), &mine, &impl_->window);
  MPI_Win_lock_all(MPI_MODE_NOCHECK, impl_->window);
  std::fill(mine, mine + here, 0LL);
  MPI_Win_sync(impl_->window);
  comm.barrier();
}

SharedCounters::~SharedCounters() {
  if (std::uncaught_exceptions() > impl_->exceptions) return;
  MPI_Win_unlock_all(impl_->window);
  MPI_Win_free(&impl_->window);
}

long long SharedCounters::add(int counter, long long value) {
  long long before = 0;
  MPI_Fetch_and_op(&value, &before, MPI_LONG_LONG, 0, counter, MPI_SUM, impl_->window);
  MPI_Win_flush(0, impl_->window);
  return before;
}

#else

struct SharedCounters::Impl {
  std::vector<long long> values;
};

SharedCounters::SharedCounters(const Comm&, int count)
    : impl_(std::make_unique<Impl>(Impl{std::vector<long long>(count, 0)})) {}
SharedCounters::~SharedCounters() = default;

long long SharedCounters::add(int counter, long long value) {
  const long long before = impl_->values.at(counter);
  impl_->values[counter] += value;
  return before;
}

#endif

}  // namespace understudy::core
