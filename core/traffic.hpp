// What this rank has sent to others, for those that plan how long messages would take elsewhere.
#pragma once

namespace understudy::core {

/// Since the process began, through every communicator. Of libraries that talk over MPI by themselves, PETSc's linear
/// solvers are counted (add_traffic), HDF5 is not. A build without MPI sends nothing.
struct Traffic {
  long long messages = 0;  ///< from rank to rank, those of Comm::all_to_all included
  long long bytes = 0;     ///< in them
  /// Sums, broadcasts, gathers and barriers on more than one rank; a gather, and a broadcast of a text, is two: sizes
  /// go before what they are of.
  long long collectives = 0;
  long long collective_bytes = 0;  ///< what this rank gave into them, or of a broadcast received
};
Traffic traffic();

/// Counts what a library sent by itself. Any thread.
void add_traffic(const Traffic& sent);

inline Traffic operator-(const Traffic& a, const Traffic& b) {
  return {a.messages - b.messages, a.bytes - b.bytes, a.collectives - b.collectives,
          a.collective_bytes - b.collective_bytes};
}
inline Traffic& operator+=(Traffic& a, const Traffic& b) {
  a.messages += b.messages;
  a.bytes += b.bytes;
  a.collectives += b.collectives;
  a.collective_bytes += b.collective_bytes;
  return a;
}

}  // namespace understudy::core
