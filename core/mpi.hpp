// The native MPI communicator behind a core::Comm, for the libraries that take one (PETSc, parallel
// HDF5, VTK). Only in builds with MPI.
#pragma once

#include <mpi.h>

#include "core/comm.hpp"

namespace understudy::core {

MPI_Comm native(const Comm& comm);

}  // namespace understudy::core
