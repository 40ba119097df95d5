// Comm (comm.hpp) on MPI.
#include <mpi.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstring>
#include <type_traits>

#include "core/error.hpp"
#include "core/fortran_comm.hpp"
#include "core/mpi.hpp"
#include "core/traffic.hpp"

namespace understudy::core {

struct Comm::Impl {
  MPI_Comm comm = MPI_COMM_NULL;
  bool owned = false;
  bool alone = false;  ///< this rank's own: what it asks needs no MPI, and so any thread may ask
  ~Impl() {
    if (!owned) return;
    int finalized = 0;
    MPI_Finalized(&finalized);
    if (!finalized) MPI_Comm_free(&comm);
  }
  static Comm made_of(std::shared_ptr<Impl> impl) { return Comm(std::move(impl)); }
};

MPI_Comm native(const Comm& comm) { return comm.impl().comm; }

static_assert(sizeof(MPI_Fint) == sizeof(int), "an MPI whose Fortran integers are not C's int");

Comm comm_from_fortran(int handle) {
  int initialised = 0, finalised = 0;
  MPI_Initialized(&initialised);
  MPI_Finalized(&finalised);
  if (!initialised || finalised)
    throw UserError(std::string("a communicator needs MPI, which is ") +
                    (finalised ? "finalised" : "not initialised: call MPI_Init before"));
  const MPI_Comm theirs = MPI_Comm_f2c(handle);
  if (theirs == MPI_COMM_NULL || theirs == MPI_Comm{})
    throw UserError("the handle " + std::to_string(handle) +
                    " is no communicator of this MPI (MPI_Comm_c2f makes one)");
  auto impl = std::make_shared<Comm::Impl>();
  MPI_Comm_dup(theirs, &impl->comm);
  impl->owned = true;
  return Comm::Impl::made_of(impl);
}

namespace {

std::atomic<long long> messages_sent{0}, bytes_sent{0}, collective_calls{0}, collective_sent{0};

void count_message(std::size_t bytes) {
  messages_sent.fetch_add(1, std::memory_order_relaxed);
  bytes_sent.fetch_add(static_cast<long long>(bytes), std::memory_order_relaxed);
}

void count_collective(const Comm& comm, std::size_t bytes) {
  if (comm.size() == 1) return;
  collective_calls.fetch_add(1, std::memory_order_relaxed);
  collective_sent.fetch_add(static_cast<long long>(bytes), std::memory_order_relaxed);
}

int checked_count(std::size_t bytes) {
  if (bytes > INT_MAX) throw RunError("a message of more than 2 GiB: use more ranks");
  return static_cast<int>(bytes);
}

template <class T>
T reduce(const Comm& comm, T value, MPI_Datatype type, MPI_Op op) {
  T result;
  count_collective(comm, sizeof value);
  MPI_Allreduce(&value, &result, 1, type, op, native(comm));
  return result;
}

}  // namespace

template <class T>
void sum_in_pieces(const Comm& comm, std::span<T> values, std::size_t piece) {
  for (std::size_t from = 0; from < values.size(); from += piece) {
    const auto part = values.subspan(from, std::min(piece, values.size() - from));
    count_collective(comm, part.size_bytes());
    MPI_Allreduce(MPI_IN_PLACE, part.data(), checked_count(part.size()),
                  std::is_same_v<T, float> ? MPI_FLOAT : MPI_DOUBLE, MPI_SUM, native(comm));
  }
}

template void sum_in_pieces<float>(const Comm&, std::span<float>, std::size_t);
template void sum_in_pieces<double>(const Comm&, std::span<double>, std::size_t);

Comm Comm::world() {
  auto impl = std::make_shared<Impl>();
  impl->comm = MPI_COMM_WORLD;
  return Comm(impl);
}

Comm Comm::self() {
  auto impl = std::make_shared<Impl>();
  impl->comm = MPI_COMM_SELF;
  impl->alone = true;
  return Comm(impl);
}

int Comm::rank() const {
  if (impl_->alone) return 0;
  int rank;
  MPI_Comm_rank(impl_->comm, &rank);
  return rank;
}

int Comm::size() const {
  if (impl_->alone) return 1;
  int size;
  MPI_Comm_size(impl_->comm, &size);
  return size;
}

void Comm::barrier() const {
  count_collective(*this, 0);
  MPI_Barrier(impl_->comm);
}

Traffic traffic() { return {messages_sent, bytes_sent, collective_calls, collective_sent}; }

void add_traffic(const Traffic& sent) {
  messages_sent.fetch_add(sent.messages, std::memory_order_relaxed);
  bytes_sent.fetch_add(sent.bytes, std::memory_order_relaxed);
  collective_calls.fetch_add(sent.collectives, std::memory_order_relaxed);
  collective_sent.fetch_add(sent.collective_bytes, std::memory_order_relaxed);
}

Comm Comm::split(int color, int key) const {
  auto impl = std::make_shared<Impl>();
  MPI_Comm_split(impl_->comm, color, key, &impl->comm);
  impl->owned = true;
  return Comm(impl);
}

double Comm::sum(double value) const { return reduce(*this, value, MPI_DOUBLE, MPI_SUM); }
double Comm::min(double value) const { return reduce(*this, value, MPI_DOUBLE, MPI_MIN); }
double Comm::max(double value) const { return reduce(*this, value, MPI_DOUBLE, MPI_MAX); }
long long Comm::sum(long long value) const { return reduce(*this, value, MPI_LONG_LONG, MPI_SUM); }
long long Comm::max(long long value) const { return reduce(*this, value, MPI_LONG_LONG, MPI_MAX); }

void Comm::sum(std::span<double> values) const { sum_in_pieces(*this, values); }
void Comm::sum(std::span<float> values) const { sum_in_pieces(*this, values); }

Comm::Request Comm::begin_sum(std::span<float> values) const {
  auto request = std::make_shared<MPI_Request>();
  count_collective(*this, values.size_bytes());
  MPI_Iallreduce(MPI_IN_PLACE, values.data(), checked_count(values.size()), MPI_FLOAT, MPI_SUM,
                 impl_->comm, request.get());
  return {request};
}

void Comm::broadcast(void* data, std::size_t bytes, int root) const {
  count_collective(*this, bytes);
  MPI_Bcast(data, checked_count(bytes), MPI_BYTE, root, impl_->comm);
}

std::string Comm::broadcast(const std::string& text, int root) const {
  unsigned long long size = text.size();
  count_collective(*this, sizeof size);
  MPI_Bcast(&size, 1, MPI_UNSIGNED_LONG_LONG, root, impl_->comm);
  std::string result = rank() == root ? text : std::string(size, '\0');
  broadcast(result.data(), size, root);
  return result;
}

std::vector<std::vector<std::byte>> Comm::gather(std::span<const std::byte> mine, int root) const {
  const int count = checked_count(mine.size());
  const bool here = rank() == root;
  count_collective(*this, sizeof count);  // the sizes, then what is gathered
  count_collective(*this, mine.size());
  std::vector<int> counts(here ? size() : 0), offsets(counts.size());
  MPI_Gather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, root, impl_->comm);
  std::size_t total = 0;
  for (std::size_t r = 0; r < counts.size(); ++r) {
    offsets[r] = checked_count(total);
    total += counts[r];
  }
  std::vector<std::byte> all(total);
  MPI_Gatherv(mine.data(), count, MPI_BYTE, all.data(), counts.data(), offsets.data(), MPI_BYTE,
              root, impl_->comm);
  std::vector<std::vector<std::byte>> result(counts.size());
  for (std::size_t r = 0; r < counts.size(); ++r)
    result[r].assign(all.begin() + offsets[r], all.begin() + offsets[r] + counts[r]);
  return result;
}

std::vector<std::vector<std::byte>> Comm::all_gather(std::span<const std::byte> mine) const {
  const int count = checked_count(mine.size());
  std::vector<int> counts(size()), offsets(size());
  count_collective(*this, sizeof count);  // the sizes, then what is gathered
  count_collective(*this, mine.size());
  MPI_Allgather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, impl_->comm);
  std::size_t total = 0;
  for (std::size_t r = 0; r < counts.size(); ++r) {
    offsets[r] = checked_count(total);
    total += counts[r];
  }
  std::vector<std::byte> all(total);
  MPI_Allgatherv(mine.data(), count, MPI_BYTE, all.data(), counts.data(), offsets.data(), MPI_BYTE,
                 impl_->comm);
  std::vector<std::vector<std::byte>> result(counts.size());
  for (std::size_t r = 0; r < counts.size(); ++r)
    result[r].assign(all.begin() + offsets[r], all.begin() + offsets[r] + counts[r]);
  return result;
}

void Comm::all_to_all(const void* send, std::span<const std::size_t> send_bytes,
                      std::span<const std::size_t> send_offsets, void* receive,
                      std::span<const std::size_t> receive_bytes,
                      std::span<const std::size_t> receive_offsets) const {
  auto as_int = [](std::span<const std::size_t> values) {
    std::vector<int> result(values.size());
    std::transform(values.begin(), values.end(), result.begin(), checked_count);
    return result;
  };
  const auto sc = as_int(send_bytes), so = as_int(send_offsets);
  const auto rc = as_int(receive_bytes), ro = as_int(receive_offsets);
  for (std::size_t to = 0; to < send_bytes.size(); ++to)
    if (send_bytes[to] > 0 && static_cast<int>(to) != rank()) count_message(send_bytes[to]);
  MPI_Alltoallv(send, sc.data(), so.data(), MPI_BYTE, receive, rc.data(), ro.data(), MPI_BYTE,
                impl_->comm);
}

Comm::Request Comm::send(const void* data, std::size_t bytes, int to, int tag) const {
  auto request = std::make_shared<MPI_Request>();
  if (to != rank()) count_message(bytes);
  MPI_Isend(data, checked_count(bytes), MPI_BYTE, to, tag, impl_->comm, request.get());
  return {request};
}

Comm::Request Comm::receive(void* data, std::size_t bytes, int from, int tag) const {
  auto request = std::make_shared<MPI_Request>();
  MPI_Irecv(data, checked_count(bytes), MPI_BYTE, from, tag, impl_->comm, request.get());
  return {request};
}

void Comm::wait(std::span<Request> requests) {
  for (Request& request : requests)
    MPI_Wait(static_cast<MPI_Request*>(request.handle.get()), MPI_STATUS_IGNORE);
}

std::string Comm::first_non_empty(const std::string& mine) const {
  if (impl_->alone) return mine;  // threads that read files for themselves ask this
  const long long none = size();
  const long long first = -max(mine.empty() ? -none : -static_cast<long long>(rank()));
  return first == none ? std::string() : broadcast(mine, static_cast<int>(first));
}

}  // namespace understudy::core
