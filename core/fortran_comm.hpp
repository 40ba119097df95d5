// A communicator that another program made, by its handle in Fortran: an integer with every MPI.
#pragma once

#include "core/comm.hpp"

namespace understudy::core {

/// The same ranks under a context of our own, so that our messages and theirs never meet; given back with
/// its last copy. From C++: comm_from_fortran(MPI_Comm_c2f(theirs)). UserError where MPI is not
/// initialised or the handle is none, and in a build without MPI. Collective over those ranks.
Comm comm_from_fortran(int handle);

}  // namespace understudy::core
