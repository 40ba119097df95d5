#include "mesh/nested_grids.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"
#include "mesh/nested_kernels.hpp"

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

// Orthonormal cosines of `n` cells.
double cosine(int n, int m, int p) {
  return std::sqrt((m == 0 ? 1.0 : 2.0) / n) * std::cos(std::numbers::pi * m * (p + 0.5) / n);
}

// Of minus the second difference without flow across the ends, 1/m2.
double eigenvalue(int n, int m, double inv_h) {
  return (2 - 2 * std::cos(std::numbers::pi * m / n)) * inv_h * inv_h;
}

template <class Real, int dimension>
void project_any(const BoxGrid& fine, const Range3& cells,
                 const std::array<Array3<Real>, 3>& velocity, const std::array<int, 3>& factor) {
  nested::AnyLocalProjection<Real, dimension> local;
  for (int axis = 0; axis < 3; ++axis) {
    const int n = local.f[axis] = factor[axis];
    local.u[axis] = velocity[axis];
    local.ghosts[axis] = fine.ghosts(axis);
    const double inv_h = axis < dimension ? 1 / fine.spacing(axis) : 0;
    local.inv_h[axis] = static_cast<Real>(inv_h);
    for (int m = 0; m < n; ++m) {
      local.eigenvalue[axis][m] = static_cast<Real>(eigenvalue(n, m, inv_h));
      for (int p = 0; p < n; ++p) local.mode[axis][m][p] = static_cast<Real>(cosine(n, m, p));
    }
  }
  for_cells("prolonged divergence", cells, local);
}

template <class Real, int dimension, int factor>
void project_by(const BoxGrid& fine, const Range3& cells,
                const std::array<Array3<Real>, 3>& velocity) {
  nested::LocalProjection<Real, dimension, factor> local;
  for (int axis = 0; axis < 3; ++axis) {
    local.u[axis] = velocity[axis];
    local.ghosts[axis] = fine.ghosts(axis);
    const double inv_h = axis < dimension ? 1 / fine.spacing(axis) : 0;
    local.inv_h[axis] = static_cast<Real>(inv_h);
    for (int m = 0; m < factor; ++m)
      local.eigenvalue[axis][m] = static_cast<Real>(eigenvalue(factor, m, inv_h));
  }
  for (int m = 0; m < factor; ++m)
    for (int p = 0; p < factor; ++p)
      local.mode[m][p] = local.by_cell[p][m] = static_cast<Real>(cosine(factor, m, p));
  for_rows("prolonged divergence", cells, local);
}

template <class Real, int dimension>
void project_cells(const BoxGrid& fine, const BoxGrid& coarse,
                   const std::array<Array3<Real>, 3>& velocity, const std::array<int, 3>& factor) {
  const Range3 cells{{0, 0, 0},
                     {coarse.local_cells(0), coarse.local_cells(1), coarse.local_cells(2)}};
  bool alike = true;
  for (int axis = 1; axis < dimension; ++axis) alike &= factor[axis] == factor[0];
  switch (alike ? factor[0] : 0) {
    case 2:
      return project_by<Real, dimension, 2>(fine, cells, velocity);
    case 4:
      return project_by<Real, dimension, 4>(fine, cells, velocity);
    case 8:
      return project_by<Real, dimension, 8>(fine, cells, velocity);
    default:
      return project_any<Real, dimension>(fine, cells, velocity, factor);
  }
}

/// Between arrays that differ along an axis: `to` is `from` there by stencils, and lies `shift` further along all.
template <class Real>
struct Along {
  Array3<Real> from, to;
  NestedStencils<Real> s;
  std::array<int, 3> size;  ///< of the result, without what lies around it
  std::array<int, 3> shift{0, 0, 0};
  int first = 0, last = 0;  ///< coarse cells along the axis whose stencils lie alike
  int offset = 0;           ///< of those: where their stencils begin
};

template <class Real, int axis, int taps>
void apply(const Along<Real>& a, int begin, int end) {
  Range3 range{{0, 0, 0}, a.size};
  range.begin[axis] = begin;
  range.end[axis] = end;
  for_rows("prolong", range, nested::StencilsAlong<Real, axis, taps>{a.from, a.to, a.s, a.shift});
}

// Along x: coarse cells whose stencils lie alike together, points beside the sides and closing faces one by one.
template <class Real, int factor, int taps>
void apply_along_x(const Along<Real>& a, const std::vector<std::vector<double>>& weight) {
  nested::SameStencilsAlongX<Real, factor, taps> same{a.from, a.to, a.offset, a.shift, {}};
  for (int p = 0; p < factor; ++p)
    for (int t = 0; t < taps; ++t) same.weight[p][t] = static_cast<Real>(weight[p][t]);
  Range3 range{{0, 0, 0}, a.size};
  range.begin[0] = a.first;
  range.end[0] = a.last;
  for_rows("prolong", range, same);
  apply<Real, 0, taps>(a, 0, a.first * factor);
  apply<Real, 0, taps>(a, a.last * factor, a.size[0]);
}

template <class Real, int taps>
void apply_axis(const Along<Real>& a, int axis, const std::vector<std::vector<double>>& weight) {
  if (axis == 2) return apply<Real, 2, taps>(a, 0, a.size[2]);
  if (axis == 1) return apply<Real, 1, taps>(a, 0, a.size[1]);
  switch (weight.size()) {
    case 2:
      return apply_along_x<Real, 2, taps>(a, weight);
    case 4:
      return apply_along_x<Real, 4, taps>(a, weight);
    case 8:
      return apply_along_x<Real, 8, taps>(a, weight);
    default:
      return apply<Real, 0, taps>(a, 0, a.size[0]);
  }
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
NestedAxis<Real> NestedGrids<Real>::stencils(int axis, bool staggered) const {
  const int f = factor_[axis], n = coarse_->local_cells(axis), ghosts = coarse_->ghosts(axis);
  const int taps = staggered ? values : averages, points = f * n + (staggered ? 1 : 0);
  const int lowest = coarse_->at_boundary(2 * axis) ? ghosts : 0;
  const int highest =
      coarse_->at_boundary(2 * axis + 1) ? ghosts + n - (staggered ? 0 : 1) : n + 2 * ghosts - 1;
  const int before = staggered ? 1 : averages / 2;  // taps before the cell, where they lie alike
  NestedAxis<Real> made;
  auto& s = made.stencils;
  s.first = Kokkos::View<int*, Memory>("nested first", points);
  s.weight = Kokkos::View<Real**, Kokkos::LayoutRight, Memory>("nested weights", points, taps);
  const auto first = Kokkos::create_mirror_view(Kokkos::HostSpace(), s.first);
  const auto weight = Kokkos::create_mirror_view(Kokkos::HostSpace(), s.weight);
  // Of fine point `part` of f of cell `at`, counted from the stencil's begin.
  const auto weight_of = [&](int t, int part, int at) {
    const double x = at + static_cast<double>(part) / f;
    if (!staggered) return mean_weight(t, x, x + 1.0 / f);
    return part == 0 ? (t == at ? 1.0 : 0.0) : lagrange(taps, t, x);
  };
  for (int o = 0; o < points; ++o) {
    const int cell = ghosts + o / f;
    first(o) = std::clamp(cell - before, lowest, highest - taps + 1);
    for (int t = 0; t < taps; ++t)
      weight(o, t) = static_cast<Real>(weight_of(t, o % f, cell - first(o)));
  }
  Kokkos::deep_copy(s.first, first);
  Kokkos::deep_copy(s.weight, weight);
  made.offset = ghosts - before;
  made.first = std::clamp(lowest - made.offset, 0, n);
  made.last = std::clamp(highest - taps + 2 - made.offset, made.first, n);
  for (int part = 0; part < f; ++part) {
    made.weight.emplace_back();
    for (int t = 0; t < taps; ++t) made.weight.back().push_back(weight_of(t, part, before));
  }
  return made;
}

template <class Real>
void NestedGrids<Real>::restrict(const Array3<Real>& fine, Location location,
                                 const Array3<Real>& coarse) const {
  nested::MeansOver<Real> m{fine, coarse, {}, {}, {}, {}, 1};
  int points = 1;
  for (int axis = 0; axis < 3; ++axis) {
    m.begin[axis] = coarse_->ghosts(axis);
    m.fine_begin[axis] = fine_->ghosts(axis);
    m.step[axis] = factor_[axis];
    m.count[axis] = staggered(location, axis) ? 1 : factor_[axis];
    points *= m.count[axis];
  }
  m.part = Real(1) / static_cast<Real>(points);
  for_cells("restrict", coarse_->points(location), m);
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
    const NestedAxis<Real>& a = stencils_[axis][is_face];
    size[axis] = static_cast<int>(a.stencils.first.extent(0));
    Array3<Real>& between = between_[static_cast<int>(location)][axis];
    if (!last && between.size() == 0)
      between = Array3<Real>("prolonged along an axis", size[2], size[1], size[0]);
    const Array3<Real> to = last ? fine : between;
    std::array<int, 3> shift{0, 0, 0};
    for (int n = 0; n < 3 && last; ++n) shift[n] = fine_->ghosts(n);
    const Along<Real> along{from, to, a.stencils, size, shift, a.first, a.last, a.offset};
    if (is_face)
      apply_axis<Real, values>(along, axis, a.weight);
    else
      apply_axis<Real, averages>(along, axis, a.weight);
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
