// A communicator: the few collective and point-to-point operations that the rooms need, over MPI
// (comm_mpi.cpp) or, in a build without MPI, over one rank (comm_serial.cpp). Buffers are host
// pointers unless MPI is GPU-aware (mesh/halo decides). All calls are collective unless said.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace understudy::core {

class Comm {
 public:
  struct Impl;
  static Comm world();
  static Comm self();

  int rank() const;
  int size() const;
  bool is_root() const { return rank() == 0; }

  void barrier() const;
  /// Ranks of one colour, ordered by key, share the returned communicator.
  Comm split(int color, int key) const;

  double sum(double value) const;
  double min(double value) const;
  double max(double value) const;
  long long sum(long long value) const;
  long long max(long long value) const;
  /// Element-wise sum over ranks, in place.
  void sum(std::span<double> values) const;
  void sum(std::span<float> values) const;

  /// The same, begun: the values may be read after wait(). Every rank begins its sums in one order, and
  /// between them other calls may be made.
  struct Request;
  Request begin_sum(std::span<float> values) const;

  void broadcast(void* data, std::size_t bytes, int root = 0) const;
  std::string broadcast(const std::string& text, int root = 0) const;
  /// The bytes of every rank, in rank order, on `root`; empty elsewhere.
  std::vector<std::vector<std::byte>> gather(std::span<const std::byte> mine, int root = 0) const;
  /// The bytes of every rank, in rank order, on every rank.
  std::vector<std::vector<std::byte>> all_gather(std::span<const std::byte> mine) const;
  /// Counts and displacements in bytes, one entry a rank.
  void all_to_all(const void* send, std::span<const std::size_t> send_bytes,
                  std::span<const std::size_t> send_offsets, void* receive,
                  std::span<const std::size_t> receive_bytes,
                  std::span<const std::size_t> receive_offsets) const;

  /// Non-blocking point-to-point, not collective. Every request must be waited for.
  struct Request {
    std::shared_ptr<void> handle;
  };
  Request send(const void* data, std::size_t bytes, int to, int tag) const;
  Request receive(void* data, std::size_t bytes, int from, int tag) const;
  static void wait(std::span<Request> requests);

  /// If `error` is non-empty on any rank, every rank throws: the ranks that had none throw the
  /// first one's text. Call it after a step that may fail on some ranks only (file access).
  template <class ErrorType>
  void throw_on_all_ranks(const std::string& error) const {
    const std::string first = first_non_empty(error);
    if (!first.empty()) throw ErrorType(first);
  }

  /// Rank 0 runs `action`; an ErrorType that it throws is thrown on every rank. For what only rank 0
  /// does (files). Collective.
  template <class ErrorType, class Action>
  void on_root(const Action& action) const {
    std::string error;
    try {
      if (is_root()) action();
    } catch (const ErrorType& e) {
      error = e.what();
    }
    throw_on_all_ranks<ErrorType>(error);
  }

  const Impl& impl() const { return *impl_; }

 private:
  explicit Comm(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::string first_non_empty(const std::string& mine) const;
  std::shared_ptr<Impl> impl_;
};

}  // namespace understudy::core
