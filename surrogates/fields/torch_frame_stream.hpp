// Frames of a dataset that does not fit into memory, read ahead of their use (private to surrogates/).
//
// The user says in which order it will ask for frames (expect()); a thread reads them in that order, ahead by as
// many as there is room for. A frame that is asked for again is kept while there is room: of those that nobody
// is known to want the least recently used one goes first. What was read is prepared (normalised) once, by the
// thread that asks first, so that LibTorch computes on that thread's threads alone. Values never depend on what
// is held.
//
// HDF5 is not safe among threads here: from the first expect() or frame() to the end of this object no other
// thread of the process may call it. The reading thread calls neither MPI nor LibTorch's kernels.
#pragma once

#include <ATen/core/Tensor.h>

#include <compare>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace understudy::surrogates {

class FrameStream {
 public:
  struct Key {
    int trajectory = 0;  ///< as the makers of the two functions number them
    std::int64_t frame = 0;
    auto operator<=>(const Key&) const = default;
  };
  /// The values of a frame, on the reading thread. What it throws, frame() throws.
  using Read = std::function<std::vector<float>(const Key&)>;
  /// They as they are used, on the thread that asks.
  using Prepare = std::function<at::Tensor(const Key&, std::vector<float>)>;

  /// Holds `room` frames at most, beside the one that is being read; at least one.
  FrameStream(Read read, Prepare prepare, std::size_t room);
  ~FrameStream();
  FrameStream(const FrameStream&) = delete;
  FrameStream& operator=(const FrameStream&) = delete;

  /// What frame() will be asked for next, in this order; in place of what was expected before.
  void expect(std::vector<Key> next);
  /// Waits for it where it must. One that is not the next expected one is read at once, and the expected ones
  /// stay expected.
  at::Tensor frame(const Key& key);

  double bytes_read() const;      ///< of values
  std::size_t most_held() const;  ///< so many frames were in memory at once

 private:
  struct Entry {
    std::vector<float> raw;
    at::Tensor ready;
    long long wanted = 0;    ///< so often expected since the thread passed it, or in use
    std::uint64_t idle = 0;  ///< its place in idle_ while it is not wanted
  };
  void start();
  void work();
  bool may_read() const;
  bool has_room() const { return held_.size() - idle_.size() < room_; }
  void read_next(std::unique_lock<std::mutex>& lock);
  void keep(Entry& entry);
  void release(const Key& key, Entry& entry);

  Read read_;
  Prepare prepare_;
  std::size_t room_;
  mutable std::mutex mutex_;
  std::condition_variable to_read_, was_read_;
  std::map<Key, Entry> held_;
  std::map<std::uint64_t, Key> idle_;  ///< by when they were last used
  std::uint64_t uses_ = 0, plans_ = 0;
  std::vector<Key> plan_;
  std::size_t next_ = 0;  ///< of the plan, to be read
  std::size_t used_ = 0;  ///< of the plan, to be asked for
  std::optional<Key> urgent_;
  std::exception_ptr error_;
  double bytes_ = 0;
  std::size_t most_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace understudy::surrogates
