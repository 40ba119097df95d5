// The native MPI communicator behind a core::Comm, for the libraries that take one (PETSc, parallel
// HDF5, VTK). Only in builds with MPI.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <span>

#include "core/comm.hpp"

namespace understudy::core {

MPI_Comm native(const Comm& comm);

/// Comm::sum in calls of at most `piece` values, for MPI counts in an int. Double and float.
template <class T>
void sum_in_pieces(const Comm& comm, std::span<T> values, std::size_t piece = std::size_t(1) << 30);

}  // namespace understudy::core
