// The pressure equation and its like behind one small interface: find x with
//
//     alpha x - div( beta grad x ) = b        (cell-centred second-order finite volumes)
//
// on the grid's box, beta = 1 unless coefficients are given, alpha >= 0 constant. Each side of the box
// is periodic, Neumann (dx/dn = 0) or Dirichlet (x = 0 on the face; ghost = -interior). Where alpha is 0
// and no side is Dirichlet the equation is singular: the mean of b is removed and the x returned has
// zero mean.
//
// Three implementations, and `auto`, which chooses (make_linear_solver):
//   fft        fast direct solver by FFTW's real transforms; uniform coefficient; exact to round-off
//   multigrid  matrix-free geometric V-cycles in Kokkos, alone or as preconditioner of CG; any size,
//              variable beta; runs on the GPU (Trottenberg, Oosterlee, Schueller 2001)
//   petsc      PETSc KSP, CG + GAMG by default, options from the deck and PETSC_OPTIONS (double only)
//   auto       fft where it fits (host backend, constant coefficient), else multigrid
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "mesh/array.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/linear_solver/linear_solver_params.hpp"

namespace understudy::mesh {

enum class LinearBoundary { periodic, neumann, dirichlet };

/// The equation: what does not change between solves.
template <class Real>
struct LinearProblem {
  std::shared_ptr<const BoxGrid> grid;
  std::array<LinearBoundary, 6> boundary{};  ///< by Side; periodic must agree with the grid
  double alpha = 0;                          ///< 1/m2
  /// beta on the lower face of each cell per axis, [k, j, i] with the grid's extents (closing faces
  /// included); empty views: beta = 1.
  std::array<Array3<Real>, 3> beta{};
  bool constant_coefficient() const { return beta[0].data() == nullptr; }
  bool singular() const;
};

struct SolveReport {
  int iterations = 0;
  double initial_residual =
      0;  ///< 2-norm of b - A x at the start, relative to b (NaN: not measured)
  /// 2-norm of b - A x at the end, relative to b (fft: NaN unless asked for). In single precision x is
  /// rounded after that, which leaves more of it: eps |A| |x| / |b|.
  double residual = 0;
  bool converged = true;
};

template <class Real>
class LinearSolver {
 public:
  virtual ~LinearSolver() = default;
  virtual std::string name() const = 0;
  /// `b` and `x` have the grid's extents; interiors are read and written; x is the initial guess on
  /// entry; ghosts of x are valid on return (halo, and boundary kinds applied, one layer). Collective.
  virtual SolveReport solve(const Array3<Real>& b, const Array3<Real>& x) = 0;
};

/// UserError when `method` is unknown, not in this build, or does not fit the problem.
template <class Real>
std::unique_ptr<LinearSolver<Real>> make_linear_solver(const LinearSolverParams& params,
                                                       const LinearProblem<Real>& problem);

}  // namespace understudy::mesh
