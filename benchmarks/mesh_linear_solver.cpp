// Rates of the linear solvers, in million cells per second (Mcells/s) of one solve, beside a memory
// triad and FFTW's own 2-D and 3-D real transforms (forward and back) measured in the same run.
//
//   bench_mesh_linear_solver [--quick] [--no-petsc] [N...]    --quick: no periodic boxes; sizes N: N^2 and
//                                                      N^3 with N up to 512 in place of 512^2 and 128^3
//   bench_mesh_linear_solver --stretched               multigrid with cells of 12:1:7 and prime sizes,
//                                                      time a cell over that of the cube
//
// multigrid and petsc solve to 1e-6 relative to |b| from x = 0, for a right-hand side of noise.
#include <fftw3.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "best_time.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/provenance.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/linear_solver/linear_solver.hpp"

namespace {

using namespace understudy;
using bench::best_time;

struct Triad {
  Kokkos::View<double*, mesh::Memory> a, b, c;
  KOKKOS_INLINE_FUNCTION void operator()(const std::size_t i) const { a(i) = b(i) + 0.5 * c(i); }
};

double triad_gb_s() {
  const std::size_t n = 1 << 24;
  Kokkos::View<double*, mesh::Memory> a("a", n), b("b", n), c("c", n);
  Kokkos::deep_copy(b, 1.0);
  Kokkos::deep_copy(c, 2.0);
  const double seconds = best_time([&] {
    Kokkos::parallel_for("triad", Kokkos::RangePolicy<mesh::Exec>(0, n), Triad{a, b, c});
    Kokkos::fence();
  });
  return 24.0 * n / seconds / 1e9;
}

/// FFTW alone: a cosine transform of the whole array there and back, one thread.
double fftw_alone_mcells(const std::vector<int>& cells, bool periodic) {
  std::size_t count = 1;
  for (const int n : cells) count *= n;
  auto* data =
      static_cast<double*>(fftw_malloc((count + 2 * count / cells.back()) * sizeof(double)));
  const int rank = static_cast<int>(cells.size());
  fftw_plan there, back;
  if (periodic) {
    auto* complex = reinterpret_cast<fftw_complex*>(data);
    there = fftw_plan_dft_r2c(rank, cells.data(), data, complex, FFTW_MEASURE);
    back = fftw_plan_dft_c2r(rank, cells.data(), complex, data, FFTW_MEASURE);
  } else {
    const std::vector<fftw_r2r_kind> to(rank, FFTW_REDFT10), from(rank, FFTW_REDFT01);
    there = fftw_plan_r2r(rank, cells.data(), data, data, to.data(), FFTW_MEASURE);
    back = fftw_plan_r2r(rank, cells.data(), data, data, from.data(), FFTW_MEASURE);
  }
  std::fill_n(data, count, 0.0);
  const double seconds = best_time([&] {
    fftw_execute(there);
    fftw_execute(back);
  });
  fftw_destroy_plan(there);
  fftw_destroy_plan(back);
  fftw_free(data);
  return count / seconds / 1e6;
}

struct Setting {
  std::vector<long long> cells;
  std::string boundary;  ///< "periodic", "neumann" or "channel" (Neumann in, Dirichlet out, walls)
  std::string method;
  std::vector<double> cell{};  ///< its lengths; empty: 1 over the cells
};

template <class Real>
mesh::LinearProblem<Real> make_problem(const Setting& s) {
  using B = mesh::LinearBoundary;
  mesh::LinearProblem<Real> problem;
  mesh::GridParams params;
  params.lower_m.assign(s.cells.size(), 0.0);
  params.upper_m.assign(s.cells.size(), 1.0);
  params.cells = s.cells;
  for (std::size_t axis = 0; axis < s.cell.size(); ++axis)
    params.upper_m[axis] = s.cell[axis] * static_cast<double>(s.cells[axis]);
  std::array<bool, 3> periodic{true, true, true};
  problem.boundary.fill(B::periodic);
  for (int axis = 0; axis < params.dimension(); ++axis) {
    periodic[axis] = s.boundary == "periodic";
    if (periodic[axis]) continue;
    problem.boundary[2 * axis] = problem.boundary[2 * axis + 1] = B::neumann;
  }
  if (s.boundary == "channel") problem.boundary[1] = B::dirichlet;
  problem.grid = std::make_shared<mesh::BoxGrid>(params, periodic, core::Comm::world());
  return problem;
}

/// Returns ns a cell.
template <class Real>
double time_solver(const Setting& s, bool krylov = false) {
  const auto problem = make_problem<Real>(s);
  const mesh::Grid& grid = *problem.grid;
  mesh::LinearSolverParams params;
  params.method = s.method;
  params.krylov = krylov;
  params.max_iterations = 200;
  std::unique_ptr<mesh::LinearSolver<Real>> solver;
  core::Stopwatch setup;
  solver = mesh::make_linear_solver<Real>(params, problem);
  const double setup_s = setup.seconds();
  mesh::Array3<Real> b("b", grid.extent(2), grid.extent(1), grid.extent(0)), x("x", b.layout());
  auto host = Kokkos::create_mirror_view(b);
  unsigned state = 1u + grid.comm().rank();
  for (std::size_t n = 0; n < host.size(); ++n) {
    state = state * 1664525u + 1013904223u;
    host.data()[n] = static_cast<Real>(state / 2147483648.0 - 1.0);
  }
  Kokkos::deep_copy(b, host);
  mesh::SolveReport report;
  const double seconds = grid.comm().max(best_time(
      [&] {
        Kokkos::deep_copy(x, Real(0));
        report = solver->solve(b, x);
      },
      3));
  const double cells = static_cast<double>(grid.global_cell_count());
  if (!grid.comm().is_root()) return 1e9 * seconds / cells;
  std::printf(
      "%-10s %-6s %-9s %-9s %9.2f Mcells/s %8.1f ns/cell %4d iterations %7.1f ns/cell each"
      "  residual %.1e  set-up %.2f s\n",
      (s.method + (krylov ? "+cg" : "")).c_str(), std::is_same_v<Real, float> ? "fp32" : "fp64",
      s.cells.size() == 2 ? std::to_string(s.cells[0]).append("^2").c_str()
                          : std::to_string(s.cells[0]).append("^3").c_str(),
      s.boundary.c_str(), cells / seconds / 1e6, 1e9 * seconds / cells, report.iterations,
      1e9 * seconds / cells / std::max(1, report.iterations), report.residual, setup_s);
  std::fflush(stdout);
  return 1e9 * seconds / cells;
}

void time_stretched() {
  const std::vector<double> cube{1, 1, 1}, stretched{12, 1, 7};
  for (const char* boundary : {"neumann", "periodic"}) {
    double first = 0;
    for (const long long n : {64LL, 61LL, 67LL})
      for (const auto& cell : {cube, stretched}) {
        const double ns = time_solver<double>({{n, n, n}, boundary, "multigrid", cell});
        if (first == 0) first = ns;
        if (core::Comm::world().is_root())
          std::printf("  cells of %g:%g:%g: %.2f times the cube's 64^3\n", cell[0], cell[1],
                      cell[2], ns / first);
      }
  }
}

std::vector<std::vector<long long>> sizes_of(const std::vector<std::string>& options) {
  std::vector<std::vector<long long>> sizes;
  for (const std::string& option : options) {
    if (option.starts_with("--")) continue;
    const long long n = std::stoll(option);
    sizes.push_back({n, n});
    if (n <= 512) sizes.push_back({n, n, n});
  }
  if (sizes.empty()) sizes = {{512, 512}, {128, 128, 128}};
  return sizes;
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  core::log::set_level(core::log::Level::warn);
  const std::vector<std::string> options(argv + 1, argv + argc);
  auto given = [&](const char* name) {
    return std::find(options.begin(), options.end(), name) != options.end();
  };
  if (given("--stretched")) {
    time_stretched();
    return 0;
  }
  const bool quick = given("--quick");
  const core::Comm world = core::Comm::world();
  if (world.is_root()) {
    const core::Provenance build = core::describe_build_and_host("");
    std::printf("%s, %s\n", build.cpu.c_str(), build.git.c_str());
    std::printf("backend %s, %d thread(s), %d rank(s)\n", core::Runtime::backend().c_str(),
                core::Runtime::threads(), world.size());
    std::printf("memory triad %.1f GB/s a rank\n", triad_gb_s());
    for (const bool periodic : {false, true}) {
      const char* kind = periodic ? "r2c/c2r" : "cosine II/III";
      std::printf("FFTW alone, %s there and back: 512^2 %.1f  128^3 %.1f Mcells/s\n", kind,
                  fftw_alone_mcells({512, 512}, periodic),
                  fftw_alone_mcells({128, 128, 128}, periodic));
    }
  }
  world.barrier();
  for (const std::string& method : mesh::linear_solver_methods()) {
    if (method == "petsc" && given("--no-petsc")) continue;
    for (const std::vector<long long>& cells : sizes_of(options))
      for (const char* boundary : {"neumann", "channel", "periodic"}) {
        if (quick && std::string(boundary) == "periodic") continue;
        time_solver<double>({cells, boundary, method});
        if (method != "petsc") time_solver<float>({cells, boundary, method});
        if (method == "multigrid") time_solver<double>({cells, boundary, method}, true);
      }
  }
  return 0;
}
