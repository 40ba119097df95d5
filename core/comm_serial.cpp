// The communicator of a build without MPI: one rank, whose collectives are copies.
#include <cstring>

#include "core/comm.hpp"
#include "core/error.hpp"
#include "core/fortran_comm.hpp"
#include "core/traffic.hpp"

namespace understudy::core {

struct Comm::Impl {
  struct Message {
    int tag;
    std::vector<std::byte> data;
  };
  std::vector<Message> to_self;
};

Comm Comm::world() {
  static const auto impl = std::make_shared<Impl>();
  return Comm(impl);
}
Comm Comm::self() { return world(); }
Comm comm_from_fortran(int) {
  throw UserError(
      "a communicator was given, and this build of Understudy has no MPI; it works on one rank");
}
int Comm::rank() const { return 0; }
int Comm::size() const { return 1; }
void Comm::barrier() const {}
Comm Comm::split(int, int) const { return Comm(std::make_shared<Impl>()); }
double Comm::sum(double value) const { return value; }
double Comm::min(double value) const { return value; }
double Comm::max(double value) const { return value; }
long long Comm::sum(long long value) const { return value; }
long long Comm::max(long long value) const { return value; }
void Comm::sum(std::span<double>) const {}
void Comm::sum(std::span<float>) const {}
Comm::Request Comm::begin_sum(std::span<float>) const { return {}; }
void Comm::broadcast(void*, std::size_t, int) const {}
std::string Comm::broadcast(const std::string& text, int) const { return text; }

std::vector<std::vector<std::byte>> Comm::gather(std::span<const std::byte> mine, int) const {
  return {{mine.begin(), mine.end()}};
}

std::vector<std::vector<std::byte>> Comm::all_gather(std::span<const std::byte> mine) const {
  return {{mine.begin(), mine.end()}};
}

void Comm::all_to_all(const void* send, std::span<const std::size_t> send_bytes,
                      std::span<const std::size_t> send_offsets, void* receive,
                      std::span<const std::size_t>,
                      std::span<const std::size_t> receive_offsets) const {
  std::memcpy(static_cast<std::byte*>(receive) + receive_offsets[0],
              static_cast<const std::byte*>(send) + send_offsets[0], send_bytes[0]);
}

// A rank that writes to itself: a message waits in order until its receive is posted. A receive must
// come after its send, which is how a single rank's periodic halo would use it.
Comm::Request Comm::send(const void* data, std::size_t bytes, int, int tag) const {
  const auto* begin = static_cast<const std::byte*>(data);
  impl_->to_self.push_back({tag, {begin, begin + bytes}});
  return {};
}

Comm::Request Comm::receive(void* data, std::size_t bytes, int, int tag) const {
  auto& queue = impl_->to_self;
  for (auto message = queue.begin(); message != queue.end(); ++message) {
    if (message->tag != tag || message->data.size() != bytes) continue;
    std::memcpy(data, message->data.data(), bytes);
    queue.erase(message);
    return {};
  }
  throw Error("a receive without its send on one rank", 1);
}

void Comm::wait(std::span<Request>) {}
Traffic traffic() { return {}; }
void add_traffic(const Traffic&) {}
std::string Comm::first_non_empty(const std::string& mine) const { return mine; }

}  // namespace understudy::core
