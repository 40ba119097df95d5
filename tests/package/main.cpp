// A program that is not Understudy's own: it solves a Poisson equation and prints the error against the
// exact solution cos(pi x) of -u'' = pi^2 cos(pi x) with Neumann sides.
#include <cmath>
#include <cstdio>
#include <numbers>
#include <understudy/core/runtime.hpp>
#include <understudy/mesh/box_grid.hpp>
#include <understudy/mesh/linear_solver/linear_solver.hpp>
#include <understudy/mesh/loops.hpp>
#include <understudy/solvers/stepper.hpp>

#include "core/error.hpp"
#include "mesh/grid.hpp"

namespace mesh = understudy::mesh;

int main(int argc, char** argv) {
  understudy::core::Runtime runtime(argc, argv, {});
  mesh::GridParams params;
  params.cells = {64, 16};
  const auto grid = std::make_shared<mesh::BoxGrid>(params, std::array{false, true, true},
                                                    understudy::core::Comm::world());
  mesh::LinearProblem<double> problem;
  problem.grid = grid;
  problem.boundary = {mesh::LinearBoundary::neumann,  mesh::LinearBoundary::neumann,
                      mesh::LinearBoundary::periodic, mesh::LinearBoundary::periodic,
                      mesh::LinearBoundary::periodic, mesh::LinearBoundary::periodic};
  const auto solver = mesh::make_linear_solver(mesh::LinearSolverParams{}, problem);
  mesh::Array3<double> b("b", 1, grid->extent(1), grid->extent(0));
  mesh::Array3<double> x("x", 1, grid->extent(1), grid->extent(0));
  const double h = grid->spacing(0), pi = std::numbers::pi;
  const int g = grid->ghosts(0);
  mesh::for_cells(
      "right side", grid->interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        b(k, j, i) = pi * pi * Kokkos::cos(pi * h * (i - g + 0.5));
      });
  solver->solve(b, x);
  const double error = mesh::max_cells(
      "error", grid->interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        return Kokkos::abs(x(k, j, i) - Kokkos::cos(pi * h * (i - g + 0.5)));
      });
  std::printf("largest error %.2e\n", error);
  // Headers of the same names are this program's own.
  const own::Grid coarse{2};
  return error < 1e-3 && coarse.triangles == 2 ? 0 : own::Error{1}.code;
}
