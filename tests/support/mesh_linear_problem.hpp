// What the linear solvers' tests share: problems over all boundary kinds, and the equation applied
// by a plain host loop as oracle.
#pragma once

#include <Kokkos_Core.hpp>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/linear_solver/linear_solver.hpp"

namespace linear_test {

using namespace understudy;
using mesh::Array3;
using mesh::LinearBoundary;

/// One letter a side: p periodic, n Neumann, d Dirichlet; "nd pp" = x_lower Neumann, x_upper
/// Dirichlet...
inline std::array<LinearBoundary, 6> kinds(const std::string& text) {
  std::array<LinearBoundary, 6> result;
  result.fill(LinearBoundary::periodic);
  int side = 0;
  for (const char c : text) {
    if (c == ' ') continue;
    result[side++] = c == 'n'   ? LinearBoundary::neumann
                     : c == 'd' ? LinearBoundary::dirichlet
                                : LinearBoundary::periodic;
  }
  return result;
}

struct Case {
  std::string boundary;
  std::vector<long long> cells;
  std::vector<double> upper;  ///< box [0, upper]
  double alpha = 0;
  std::vector<long long> ranks{};
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) {
  out << c.boundary << " cells";
  for (const long long n : c.cells) out << " " << n;
  out << " box";
  for (const double u : c.upper) out << " " << u;
  return out << " alpha " << c.alpha;
}

template <class Real>
mesh::LinearProblem<Real> make_problem(const Case& c,
                                       const core::Comm& comm = core::Comm::world()) {
  mesh::GridParams params;
  params.lower_m.assign(c.cells.size(), 0.0);
  params.upper_m = c.upper;
  params.cells = c.cells;
  params.ranks = c.ranks;
  mesh::LinearProblem<Real> problem;
  problem.boundary = kinds(c.boundary);
  std::array<bool, 3> periodic{true, true, true};
  for (int axis = 0; axis < params.dimension(); ++axis)
    periodic[axis] = problem.boundary[2 * axis] == LinearBoundary::periodic;
  problem.grid = std::make_shared<mesh::BoxGrid>(params, periodic, comm);
  problem.alpha = c.alpha;
  return problem;
}

using Function = std::function<double(double, double, double)>;

template <class Real>
Array3<Real> field(const mesh::Grid& grid, const Function& f,
                   mesh::Location location = mesh::Location::cell) {
  Array3<Real> x("x", grid.extent(2), grid.extent(1), grid.extent(0));
  auto host = Kokkos::create_mirror_view(x);
  for (int k = 0; k < grid.extent(2); ++k)
    for (int j = 0; j < grid.extent(1); ++j)
      for (int i = 0; i < grid.extent(0); ++i) {
        const auto at = grid.position(location, k, j, i);
        host(k, j, i) = static_cast<Real>(f(at[0], at[1], at[2]));
      }
  Kokkos::deep_copy(x, host);
  return x;
}

/// Noise that depends on the global cell only (a hash), in [-1, 1], the same on any number of
/// ranks.
template <class Real>
Array3<Real> noise(const mesh::Grid& grid, unsigned seed = 1) {
  Array3<Real> x("noise", grid.extent(2), grid.extent(1), grid.extent(0));
  auto host = Kokkos::create_mirror_view(x);
  const mesh::Range3 r = grid.interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        unsigned long long h = 1ULL * (k - r.begin[2] + grid.offset(2)) * 1000003ULL +
                               1ULL * (j - r.begin[1] + grid.offset(1)) * 10007ULL +
                               (i - r.begin[0] + grid.offset(0)) + seed * 7919ULL;
        h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
        h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
        h ^= h >> 31;
        host(k, j, i) = static_cast<Real>(static_cast<double>(h >> 11) / 4503599627370496.0 - 1.0);
      }
  Kokkos::deep_copy(x, host);
  return x;
}

inline double global_sum(const mesh::Grid& grid, const std::function<double(int, int, int)>& f) {
  double sum = 0;
  const mesh::Range3 r = grid.interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) sum += f(k, j, i);
  return grid.comm().sum(sum);
}

/// ||b - mean - (alpha x - div beta grad x)|| / ||b - mean||, from x and its ghosts as they stand;
/// the mean is removed where the problem is singular.
template <class Real>
double relative_residual(const mesh::LinearProblem<Real>& p, const Array3<Real>& b_device,
                         const Array3<Real>& x_device) {
  const mesh::BoxGrid& g = *p.grid;
  auto b = Kokkos::create_mirror_view(b_device);
  auto x = Kokkos::create_mirror_view(x_device);
  Kokkos::deep_copy(b, b_device);
  Kokkos::deep_copy(x, x_device);
  std::array<typename Array3<Real>::host_mirror_type, 3> beta;
  for (int a = 0; a < g.dimension() && !p.constant_coefficient(); ++a) {
    beta[a] = Kokkos::create_mirror_view(p.beta[a]);
    Kokkos::deep_copy(beta[a], p.beta[a]);
  }
  double mean = 0;
  if (p.singular())
    mean = global_sum(g, [&](int k, int j, int i) { return b(k, j, i); }) / g.global_cell_count();
  auto residual = [&](int k, int j, int i) {
    double value = b(k, j, i) - mean - p.alpha * x(k, j, i);
    for (int a = 0; a < g.dimension(); ++a) {
      const int di = a == 0, dj = a == 1, dk = a == 2;
      const double h2 = g.spacing(a) * g.spacing(a);
      const double lower = p.constant_coefficient() ? 1.0 : beta[a](k, j, i);
      const double upper = p.constant_coefficient() ? 1.0 : beta[a](k + dk, j + dj, i + di);
      value += (upper * (double(x(k + dk, j + dj, i + di)) - x(k, j, i)) -
                lower * (double(x(k, j, i)) - x(k - dk, j - dj, i - di))) /
               h2;
    }
    return value * value;
  };
  const double top = global_sum(g, residual);
  const double bottom =
      global_sum(g, [&](int k, int j, int i) { return (b(k, j, i) - mean) * (b(k, j, i) - mean); });
  return std::sqrt(top / bottom);
}

/// max |a - b| over cells of all ranks.
template <class Real>
double max_difference(const mesh::Grid& g, const Array3<Real>& a_device,
                      const Array3<Real>& b_device) {
  auto a = Kokkos::create_mirror_view(a_device);
  auto b = Kokkos::create_mirror_view(b_device);
  Kokkos::deep_copy(a, a_device);
  Kokkos::deep_copy(b, b_device);
  double largest = 0;
  const mesh::Range3 r = g.interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        largest = std::max(largest, std::abs(double(a(k, j, i)) - b(k, j, i)));
  return g.comm().max(largest);
}

/// The mixes of boundary kinds that every method is tried on.
inline std::vector<std::string> mixes_2d() {
  return {"pp pp", "nn nn", "dd dd", "nd nn", "dn pp", "pp nd", "pp dn", "nd dn", "nn dd", "dd pp"};
}
inline std::vector<std::string> mixes_3d() {
  return {"pp pp pp", "nn nn nn", "dd dd dd", "nd nn pp", "nn pp dd", "pp dn nd", "dn nd nn"};
}

}  // namespace linear_test
