// The memory bandwidth that kernels are held against: STREAM's triad (McCalpin 1995), a = b + s c.
#pragma once

#include "core/comm.hpp"

namespace understudy::mesh {

/// Best of ten triads over arrays far larger than the caches, bytes/s of all ranks together, which work at the same
/// time. Takes 400 MB a rank. Collective.
double triad_bytes_per_s(const core::Comm& comm);

}  // namespace understudy::mesh
