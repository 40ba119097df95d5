// A few integers that all ranks of a communicator share, read and added to by any rank at any time
// without the others' help: work that is handed out to whoever is free, progress, a request to stop.
// MPI one-sided communication with rank 0's memory; plain integers in a build without MPI.
#pragma once

#include <memory>

#include "core/comm.hpp"

namespace understudy::core {

class SharedCounters {
 public:
  /// `count` counters, all 0. Collective.
  SharedCounters(const Comm& comm, int count);
  /// Collective; where an exception passes that the other ranks do not share, nothing is freed, so
  /// that it reaches its handler and does not wait for them.
  ~SharedCounters();
  SharedCounters(const SharedCounters&) = delete;
  SharedCounters& operator=(const SharedCounters&) = delete;

  /// Adds and returns the value before, in one step that no other rank can come between.
  long long add(int counter, long long value);
  long long read(int counter) { return add(counter, 0); }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::core
