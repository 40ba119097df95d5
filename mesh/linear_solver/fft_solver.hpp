// Fast direct solver for a uniform coefficient (Buzbee, Golub, Nielson 1970; Swarztrauber 1977):
// real transforms along x (and y in 3-D) diagonalise the equation there, one tridiagonal solve per
// mode along the last axis does the rest; that direct solve takes a third of the time of two more
// transforms. Exact to round-off. Each rank transforms a slab of whole x (and y) and sweeps
// its own rows of every column; four numbers a mode and rank travel in between (split_columns.hpp). One redistribution
// at either end where the grid's blocks are no such slabs. Host memory only.
#pragma once

#include <memory>

#include "mesh/linear_solver/linear_solver.hpp"

namespace understudy::mesh::detail {

/// UserError where beta varies.
template <class Real>
std::unique_ptr<LinearSolver<Real>> make_fft_solver(const LinearProblem<Real>& problem);

}  // namespace understudy::mesh::detail
