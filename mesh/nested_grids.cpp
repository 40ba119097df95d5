#include "mesh/nested_grids.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh {

namespace {

constexpr int averages = 5, values = 4;  ///< taps along an axis

// Lagrange's polynomial of node `n` of `count` nodes 0, 1..., at x.
double lagrange(int count, int n, double x) {
  double product = 1;
  for (int m = 0; m < count; ++m)
    if (m != n) product *= (x - m) / (n - m);
  return product;
}

// The mean between `from` and `to` of the polynomial with given means of cells [0, 1], [1, 2]...: the weight of
// cell n. The polynomial's integral is known at the cells' edges.
double mean_weight(int n, double from, double to) {
  double sum = 0;
  for (int edge = n + 1; edge <= averages; ++edge)
    sum += lagrange(averages + 1, edge, to) - lagrange(averages + 1, edge, from);
  return sum / (to - from);
}

// Cells that a block's stencils may read along an axis: its own and ghosts across blocks.
int in_reach(const BoxGrid& grid, int axis) {
  int cells = grid.local_cells(axis);
  for (const int side : {2 * axis, 2 * axis + 1})
    if (!grid.at_boundary(side)) cells += grid.ghosts(axis);
  return cells;
}

template <class Real, int dimension>
struct LocalProjection {
  static constexpr int most = NestedGrids<Real>::most;
  static constexpr int cells = dimension == 2 ? most * most : most * most * most;
  Array3<Real> u[3];
  int f[3] = {1, 1, 1}, ghosts[3] = {0, 0, 0};
  Real inv_h[3] = {0, 0, 0};
  Real mode[3][most][most];    ///< [axis][wave number][cell], orthonormal cosines
  Real eigenvalue[3][most]{};  ///< of minus the second difference, 1/m2

  KOKKOS_INLINE_FUNCTION int at(int c, int b, int a) const { return (c * f[1] + b) * f[0] + a; }

  // To the coefficients of the cosines along an axis, or back.
  KOKKOS_INLINE_FUNCTION void transform(Real* d, int axis, bool back) const {
    const int n = f[axis], step = axis == 0 ? 1 : axis == 1 ? f[0] : f[0] * f[1];
    const int rows = f[0] * f[1] * f[2] / n;
    for (int r = 0; r < rows; ++r) {
      const int start = (r / step) * step * n + r % step;
      Real row[most];
      for (int m = 0; m < n; ++m) {
        Real sum = 0;
        for (int p = 0; p < n; ++p)
          sum += (back ? mode[axis][p][m] : mode[axis][m][p]) * d[start + p * step];
        row[m] = sum;
      }
      for (int m = 0; m < n; ++m) d[start + m * step] = row[m];
    }
  }

  KOKKOS_INLINE_FUNCTION void operator()(int K, int J, int I) const {
    const int k = ghosts[2] + K * f[2], j = ghosts[1] + J * f[1], i = ghosts[0] + I * f[0];
    Real d[cells] = {};
    for (int c = 0; c < f[2]; ++c)
      for (int b = 0; b < f[1]; ++b)
        for (int a = 0; a < f[0]; ++a) {
          Real sum = (u[0](k + c, j + b, i + a + 1) - u[0](k + c, j + b, i + a)) * inv_h[0] +
                     (u[1](k + c, j + b + 1, i + a) - u[1](k + c, j + b, i + a)) * inv_h[1];
          if constexpr (dimension == 3)
            sum += (u[2](k + c + 1, j + b, i + a) - u[2](k + c, j + b, i + a)) * inv_h[2];
          d[at(c, b, a)] = sum;
        }
    for (int axis = 0; axis < dimension; ++axis) transform(d, axis, false);
    for (int c = 0; c < f[2]; ++c)
      for (int b = 0; b < f[1]; ++b)
        for (int a = 0; a < f[0]; ++a) {
          const Real sum = eigenvalue[0][a] + eigenvalue[1][b] + eigenvalue[2][c];
          d[at(c, b, a)] = sum > 0 ? -d[at(c, b, a)] / sum : Real(0);
        }
    for (int axis = 0; axis < dimension; ++axis) transform(d, axis, true);
    for (int c = 0; c < f[2]; ++c)
      for (int b = 0; b < f[1]; ++b)
        for (int a = 0; a < f[0]; ++a) {
          const Real here = d[at(c, b, a)];
          if (a > 0) u[0](k + c, j + b, i + a) -= (here - d[at(c, b, a - 1)]) * inv_h[0];
          if (b > 0) u[1](k + c, j + b, i + a) -= (here - d[at(c, b - 1, a)]) * inv_h[1];
          if constexpr (dimension == 3)
            if (c > 0) u[2](k + c, j + b, i + a) -= (here - d[at(c - 1, b, a)]) * inv_h[2];
        }
  }
};

template <class Real, int dimension>
void project_cells(const BoxGrid& fine, const BoxGrid& coarse,
                   const std::array<Array3<Real>, 3>& velocity, const std::array<int, 3>& factor) {
  LocalProjection<Real, dimension> local;
  for (int axis = 0; axis < 3; ++axis) {
    const int n = local.f[axis] = factor[axis];
    local.u[axis] = velocity[axis];
    local.ghosts[axis] = fine.ghosts(axis);
    const double inv_h = axis < dimension ? 1 / fine.spacing(axis) : 0;
    local.inv_h[axis] = static_cast<Real>(inv_h);
    for (int m = 0; m < n; ++m) {
      local.eigenvalue[axis][m] =
          static_cast<Real>((2 - 2 * std::cos(std::numbers::pi * m / n)) * inv_h * inv_h);
      for (int p = 0; p < n; ++p)
        local.mode[axis][m][p] = static_cast<Real>(std::sqrt((m == 0 ? 1.0 : 2.0) / n) *
                                                   std::cos(std::numbers::pi * m * (p + 0.5) / n));
    }
  }
  const Range3 cells{{0, 0, 0},
                     {coarse.local_cells(0), coarse.local_cells(1), coarse.local_cells(2)}};
  for_cells("prolonged divergence", cells, local);
}

// Means over boxes of `count` fine points that begin every `step` of them. The indices of both arrays begin at
// `fine_begin` and `begin`.
struct MeanOver {
  int begin[3], fine_begin[3], step[3], count[3];
};
template <class Real>
void take_means(const Array3<Real>& fine, const MeanOver m, const Range3& points,
                const Array3<Real>& coarse) {
  const Real part = Real(1) / static_cast<Real>(m.count[0] * m.count[1] * m.count[2]);
  for_cells(
      "restrict", points, KOKKOS_LAMBDA(int k, int j, int i) {
        const int kk = m.fine_begin[2] + (k - m.begin[2]) * m.step[2],
                  jj = m.fine_begin[1] + (j - m.begin[1]) * m.step[1],
                  ii = m.fine_begin[0] + (i - m.begin[0]) * m.step[0];
        Real sum = 0;
        for (int c = 0; c < m.count[2]; ++c)
          for (int b = 0; b < m.count[1]; ++b)
            for (int a = 0; a < m.count[0]; ++a) sum += fine(kk + c, jj + b, ii + a);
        coarse(k, j, i) = sum * part;
      });
}

/// Between arrays that differ along `axis`: `to` is `from` there by stencils, and lies `shift` further along all.
struct Along {
  int axis, taps, shift[3];
};
template <class Real>
void apply_stencils(const Array3<Real>& from, const NestedStencils<Real>& s, const Along along,
                    const Range3& range, const Array3<Real>& to) {
  const auto first = s.first;
  const auto weight = s.weight;
  for_cells(
      "prolong", range, KOKKOS_LAMBDA(int k, int j, int i) {
        const int o = along.axis == 0 ? i : along.axis == 1 ? j : k;
        const int start = first(o);
        Real sum = 0;
        for (int t = 0; t < along.taps; ++t)
          sum += weight(o, t) * (along.axis == 0   ? from(k, j, start + t)
                                 : along.axis == 1 ? from(k, start + t, i)
                                                   : from(start + t, j, i));
        to(k + along.shift[2], j + along.shift[1], i + along.shift[0]) = sum;
      });
}

}  // namespace

template <class Real>
NestedGrids<Real>::NestedGrids(std::shared_ptr<const BoxGrid> fine,
                               std::shared_ptr<const BoxGrid> coarse)
    : fine_(std::move(fine)), coarse_(std::move(coarse)) {
  std::string wrong;
  for (int axis = 0; axis < fine_->dimension() && wrong.empty(); ++axis) {
    const int f = std::max(1, fine_->global_cells(axis) / coarse_->global_cells(axis));
    factor_[axis] = f;
    if (f * coarse_->global_cells(axis) != fine_->global_cells(axis) || f > most)
      wrong =
          core::format("{} cells along {} are not {} divided by a whole number from 1 to {}",
                       coarse_->global_cells(axis), "xyz"[axis], fine_ -> global_cells(axis), most);
    else if (f * coarse_->local_cells(axis) != fine_->local_cells(axis) ||
             f * coarse_->offset(axis) != fine_->offset(axis))
      wrong = core::format(
          "on {} ranks the blocks of {} cells along {} and those of {} do not begin at the same "
          "places; give grid.ranks, or cells that are a multiple of {} times the ranks",
          fine_->comm().size(), fine_->global_cells(axis), "xyz"[axis],
          coarse_ -> global_cells(axis), f);
    else if (in_reach(*coarse_, axis) < averages)
      wrong = core::format(
          "a block of {} cells along {} is left of {}, too few for the stencil of {} beside a side",
          coarse_->local_cells(axis), "xyz"[axis], fine_ -> local_cells(axis), averages);
  }
  fine_->comm().template throw_on_all_ranks<core::UserError>(wrong);
  for (int axis = 0; axis < fine_->dimension(); ++axis)
    for (const bool staggered : {false, true})
      stencils_[axis][staggered] = stencils(axis, staggered);
}

template <class Real>
NestedStencils<Real> NestedGrids<Real>::stencils(int axis, bool staggered) const {
  const int f = factor_[axis], n = coarse_->local_cells(axis), ghosts = coarse_->ghosts(axis);
  const int taps = staggered ? values : averages, points = f * n + (staggered ? 1 : 0);
  const int lowest = coarse_->at_boundary(2 * axis) ? ghosts : 0;
  const int highest =
      coarse_->at_boundary(2 * axis + 1) ? ghosts + n - (staggered ? 0 : 1) : n + 2 * ghosts - 1;
  NestedStencils<Real> made{
      Kokkos::View<int*, Memory>("nested first", points),
      Kokkos::View<Real**, Kokkos::LayoutRight, Memory>("nested weights", points, taps)};
  const auto first = Kokkos::create_mirror_view(Kokkos::HostSpace(), made.first);
  const auto weight = Kokkos::create_mirror_view(Kokkos::HostSpace(), made.weight);
  for (int o = 0; o < points; ++o) {
    const int cell = ghosts + o / f;
    const int wanted = cell - (staggered ? 1 : averages / 2);
    first(o) = std::clamp(wanted, lowest, highest - taps + 1);
    const double part = static_cast<double>(o % f) / f, at = cell - first(o) + part;
    for (int t = 0; t < taps; ++t)
      weight(o, t) = static_cast<Real>(
          staggered ? (o % f == 0 ? (first(o) + t == cell ? 1.0 : 0.0) : lagrange(taps, t, at))
                    : mean_weight(t, at, at + 1.0 / f));
  }
  Kokkos::deep_copy(made.first, first);
  Kokkos::deep_copy(made.weight, weight);
  return made;
}

template <class Real>
void NestedGrids<Real>::restrict(const Array3<Real>& fine, Location location,
                                 const Array3<Real>& coarse) const {
  MeanOver m{};
  for (int axis = 0; axis < 3; ++axis) {
    m.begin[axis] = coarse_->ghosts(axis);
    m.fine_begin[axis] = fine_->ghosts(axis);
    m.step[axis] = factor_[axis];
    m.count[axis] = staggered(location, axis) ? 1 : factor_[axis];
  }
  take_means(fine, m, coarse_->points(location), coarse);
}

// Axis by axis, x last; arrays in between have fine points, without ghosts, along axes that are done. Faces
// beyond the last cell are always made: where another block follows they are its ghosts here, and the local
// divergence asks for them.
template <class Real>
void NestedGrids<Real>::prolong(const Array3<Real>& coarse, Location location,
                                const Array3<Real>& fine) const {
  Array3<Real> from = coarse;
  std::array<int, 3> size{static_cast<int>(coarse.extent(2)), static_cast<int>(coarse.extent(1)),
                          static_cast<int>(coarse.extent(0))};
  for (int axis = fine_->dimension() - 1; axis >= 0; --axis) {
    const bool is_face = staggered(location, axis), last = axis == 0;
    const NestedStencils<Real>& s = stencils_[axis][is_face];
    size[axis] = static_cast<int>(s.first.extent(0));
    Along along{axis, is_face ? values : averages, {0, 0, 0}};
    for (int a = 0; a < 3 && last; ++a) along.shift[a] = fine_->ghosts(a);
    const Array3<Real> to =
        last ? fine : Array3<Real>("prolonged along an axis", size[2], size[1], size[0]);
    apply_stencils(from, s, along, Range3{{0, 0, 0}, size}, to);
    from = to;
  }
}

template <class Real>
void NestedGrids<Real>::restrict(const State<Real>& fine, State<Real>& coarse) const {
  for (const auto& field : coarse.fields()) {
    if (field.info.role != Role::prognostic || !fine.has(field.info.name)) continue;
    for (int c = 0; c < field.info.components; ++c)
      restrict(fine[field.info.name].component(c), field.info.location, field.component(c));
  }
}

template <class Real>
void NestedGrids<Real>::prolong(const State<Real>& coarse, State<Real>& fine) const {
  std::array<Array3<Real>, 3> velocity;
  std::array<int, 3> faces{0, 0, 0};
  for (const auto& field : fine.fields()) {
    if (field.info.role != Role::prognostic || !coarse.has(field.info.name)) continue;
    for (int c = 0; c < field.info.components; ++c) {
      prolong(coarse[field.info.name].component(c), field.info.location, field.component(c));
      if (field.info.location == Location::cell) continue;
      const int axis = static_cast<int>(field.info.location) - 1;
      velocity[axis] = field.component(c);
      ++faces[axis];
    }
  }
  bool vector = true;  // one component a face: a velocity
  for (int axis = 0; axis < fine_->dimension(); ++axis) vector &= faces[axis] == 1;
  if (vector) remove_divergence(velocity);
  Kokkos::fence("prolonged");
}

template <class Real>
void NestedGrids<Real>::remove_divergence(const std::array<Array3<Real>, 3>& velocity) const {
  if (fine_->dimension() == 2)
    project_cells<Real, 2>(*fine_, *coarse_, velocity, factor_);
  else
    project_cells<Real, 3>(*fine_, *coarse_, velocity, factor_);
}

template class NestedGrids<float>;
template class NestedGrids<double>;

}  // namespace understudy::mesh
