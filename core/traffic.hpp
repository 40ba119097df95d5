// What this rank has sent to others, for those that plan how long messages would take elsewhere.
#pragma once

namespace understudy::core {

/// Since the process began, through every communicator. Libraries that talk over MPI by themselves (PETSc, FFTW,
/// HDF5) are not counted. A build without MPI sends nothing.
struct Traffic {
  long long messages = 0;          ///< from rank to rank, those of Comm::all_to_all included
  long long bytes = 0;             ///< in them
  long long collectives = 0;       ///< sums, broadcasts, gathers and barriers on more than one rank
  long long collective_bytes = 0;  ///< of the values that this rank gave to them
};
Traffic traffic();

}  // namespace understudy::core
