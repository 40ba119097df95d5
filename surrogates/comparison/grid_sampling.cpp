#include "surrogates/comparison/grid_sampling.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <map>
#include <numbers>
#include <span>

#include "mesh/box_grid.hpp"
#include "mesh/cell_measure.hpp"
#include "mesh/cubed_sphere_halo.hpp"

namespace understudy::surrogates {

namespace {

// The points of one axis that make up a value between them.
struct Stencil {
  int first = 0, count = 1;
  std::array<double, 4> weight{1, 0, 0, 0};
  int around = 0;  ///< points of an axis that closes on itself; 0: none are beyond its ends

  int point(int m) const {
    const int n = first + m;
    return around > 0 ? (n + around) % around : n;
  }
};

// `at`: position in units of the spacing, from the first of `points`; `closed`: the last is beside the first.
Stencil stencil_at(double at, int points, bool closed = false) {
  const double nearest = std::round(at);
  if (points == 1 || (std::abs(at - nearest) < 1e-9 && nearest >= 0 && nearest < points))
    return {points == 1 ? 0 : static_cast<int>(nearest), 1, {1, 0, 0, 0}};
  Stencil s;
  s.count = std::min(points, 4);
  const int about = static_cast<int>(std::floor(at)) - 1;
  const int low = closed ? about : std::clamp(about, 0, points - s.count);
  s.around = closed ? points : 0;
  for (int m = 0; m < s.count; ++m) {
    s.weight[m] = 1;
    for (int n = 0; n < s.count; ++n)
      if (n != m) s.weight[m] *= (at - low - n) / (m - n);
  }
  s.first = low;
  return s;
}

// The points of a field on every rank, [component][k][j][i] by global index, closing faces included.
template <class Real>
struct WholeField {
  std::array<int, 3> points{1, 1, 1};
  std::vector<Real> values;

  std::size_t at(int c, int k, int j, int i) const {
    return ((static_cast<std::size_t>(c) * points[2] + k) * points[1] + j) * points[0] + i;
  }

  // From the block of one rank: its global ranges, then its values.
  void take(std::span<const std::byte> bytes, int components) {
    mesh::Range3 r;
    std::memcpy(&r, bytes.data(), sizeof r);
    const std::byte* next = bytes.data() + sizeof r;
    for (int c = 0; c < components; ++c)
      for (int k = r.begin[2]; k < r.end[2]; ++k)
        for (int j = r.begin[1]; j < r.end[1]; ++j, next += sizeof(Real) * r.size(0))
          std::memcpy(&values[at(c, k, j, r.begin[0])], next, sizeof(Real) * r.size(0));
  }
};

template <class Real>
WholeField<Real> gather_everywhere(const mesh::Field<Real>& field, const mesh::Grid& grid) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
  const mesh::Range3 local = grid.points(field.info.location);
  mesh::Range3 global;
  WholeField<Real> whole;
  for (int axis = 0; axis < 3; ++axis) {
    global.begin[axis] = grid.offset(axis);
    global.end[axis] = grid.offset(axis) + local.size(axis);
    whole.points[axis] = axis < grid.dimension() ? grid.global_points(field.info.location, axis)
                                                 : grid.global_cells(axis);
  }
  std::vector<std::byte> mine(sizeof global +
                              sizeof(Real) * field.info.components * global.count());
  std::memcpy(mine.data(), &global, sizeof global);
  std::byte* next = mine.data() + sizeof global;
  for (int c = 0; c < field.info.components; ++c)
    for (int k = local.begin[2]; k < local.end[2]; ++k)
      for (int j = local.begin[1]; j < local.end[1]; ++j)
        for (int i = local.begin[0]; i < local.end[0]; ++i, next += sizeof(Real))
          std::memcpy(next, &host(c, k, j, i), sizeof(Real));
  whole.values.resize(static_cast<std::size_t>(field.info.components) * whole.points[0] *
                      whole.points[1] * whole.points[2]);
  for (const auto& block : grid.comm().all_gather(mine)) whole.take(block, field.info.components);
  return whole;
}

// One stencil for each point of `to` along an axis, by array index; into global indices of `from`.
std::vector<Stencil> stencils(const mesh::BoxGrid& from, const mesh::BoxGrid& to,
                              mesh::Location location, int axis) {
  const mesh::Range3 target = to.points(location);
  const bool there = axis < from.dimension();
  const int points = there ? from.global_points(location, axis) : 1;
  // A finer grid has points beyond the last one.
  const bool finer = there && to.spacing(axis) < (1 - 1e-9) * from.spacing(axis);
  std::vector<Stencil> all(target.end[axis]);
  const double first = from.coordinate(location, axis, from.interior().begin[axis]) -
                       from.offset(axis) * from.spacing(axis);
  for (int n = target.begin[axis]; n < target.end[axis]; ++n) {
    const double at = there ? (to.coordinate(location, axis, n) - first) / from.spacing(axis) : 0;
    all[n] = stencil_at(at, points, finer && from.periodic(axis));
  }
  return all;
}

// What the value at a place of a sphere of n x n cells a panel is made of: by the tensor product of two stencils of
// a panel where four points lie about the place along both of its axes, else as ghosts are.
std::vector<mesh::GhostTerm> terms_at(int n, const mesh::Vector3& direction) {
  constexpr int degree = 3;
  const mesh::PanelPoint at = mesh::locate_panel(direction);
  const double step = std::numbers::pi / 2 / n;
  const double u = (at.alpha + std::numbers::pi / 4) / step - 0.5,
               v = (at.beta + std::numbers::pi / 4) / step - 0.5;
  const auto inside = [&](double x) { return x >= 1 && x <= n - 2; };
  if (!inside(u) || !inside(v)) return mesh::ghost_terms(n, degree, at.panel, at.alpha, at.beta);
  const Stencil x = stencil_at(u, n), y = stencil_at(v, n);
  std::vector<mesh::GhostTerm> terms;
  for (int j = 0; j < y.count; ++j)
    for (int i = 0; i < x.count; ++i)
      terms.push_back(
          {(1LL * at.panel * n + y.first + j) * n + x.first + i, x.weight[i] * y.weight[j]});
  return terms;
}

// The same for all cells of this rank, [k, j, i] over the interior. Fields of a window and windows of a run ask for the
// same again and again, and what a place beside an edge is made of takes a fit.
using SphereTerms = std::vector<std::vector<mesh::GhostTerm>>;
const SphereTerms& sphere_terms(int n, const mesh::CubedSphereGrid& to) {
  const mesh::Range3 r = to.interior(), block = to.block(to.comm().rank());
  static std::map<std::array<int, 6>, SphereTerms> made;
  const std::array key{
      n, to.cells_per_edge(), block.begin[0], block.end[0], block.begin[1], block.end[1]};
  const auto found = made.find(key);
  if (found != made.end()) return found->second;
  constexpr std::size_t kept = 4;
  if (made.size() >= kept) made.clear();
  SphereTerms& all = made[key];
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) all.push_back(terms_at(n, to.direction(k, j, i)));
  return all;
}

template <class Real, class Act>
void for_samples_on_sphere(const mesh::Field<Real>& field, const mesh::CubedSphereGrid& from,
                           const mesh::CubedSphereGrid& to, const Act& act) {
  const WholeField<Real> whole = gather_everywhere(field, from);
  const int n = from.cells_per_edge();
  const SphereTerms& terms = sphere_terms(n, to);
  const mesh::Range3 r = to.interior();
  for (int c = 0; c < field.info.components; ++c) {
    const Real* values = &whole.values[whole.at(c, 0, 0, 0)];
    std::size_t cell = 0;
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i, ++cell) {
          double value = 0;
          for (const mesh::GhostTerm& term : terms[cell])
            value += term.weight * static_cast<double>(values[term.cell]);
          act(c, k, j, i, value);
        }
  }
}

// Calls act(component, k, j, i, value) for every point of `range` of the grid `to` (of a sphere: the interior).
template <class Real, class Act>
void for_samples(const mesh::Field<Real>& field, const mesh::Grid& from_grid,
                 const mesh::Grid& to_grid, const mesh::Range3& range, const Act& act) {
  constexpr const char* what = "sampling a state at another grid's points";
  const auto* from_sphere = dynamic_cast<const mesh::CubedSphereGrid*>(&from_grid);
  const auto* to_sphere = dynamic_cast<const mesh::CubedSphereGrid*>(&to_grid);
  if (from_sphere && to_sphere) {
    for_samples_on_sphere(field, *from_sphere, *to_sphere, act);
    return;
  }
  const mesh::BoxGrid &from = mesh::as_box(from_grid, what), &to = mesh::as_box(to_grid, what);
  const WholeField<Real> whole = gather_everywhere(field, from);
  std::array<std::vector<Stencil>, 3> along;
  for (int axis = 0; axis < 3; ++axis) along[axis] = stencils(from, to, field.info.location, axis);
  for (int c = 0; c < field.info.components; ++c)
    for (int k = range.begin[2]; k < range.end[2]; ++k)
      for (int j = range.begin[1]; j < range.end[1]; ++j)
        for (int i = range.begin[0]; i < range.end[0]; ++i) {
          const Stencil &x = along[0][i], &y = along[1][j], &z = along[2][k];
          double value = 0;
          for (int kk = 0; kk < z.count; ++kk)
            for (int jj = 0; jj < y.count; ++jj)
              for (int ii = 0; ii < x.count; ++ii)
                value += z.weight[kk] * y.weight[jj] * x.weight[ii] *
                         static_cast<double>(
                             whole.values[whole.at(c, z.point(kk), y.point(jj), x.point(ii))]);
          act(c, k, j, i, value);
        }
}

}  // namespace

template <class From, class To>
void sample(const mesh::State<From>& from, mesh::State<To>& to) {
  for (auto& field : to.fields()) {
    if (field.info.role != mesh::Role::prognostic) continue;
    const auto result = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    for_samples(
        from[field.info.name], from.grid(), to.grid(), to.grid().points(field.info.location),
        [&](int c, int k, int j, int i, double v) { result(c, k, j, i) = static_cast<To>(v); });
    Kokkos::deep_copy(field.data, result);
  }
}

template <class Reference, class Real>
std::vector<SampledError> differences_to(const mesh::State<Reference>& reference,
                                         const mesh::State<Real>& state) {
  std::vector<SampledError> errors;
  for (const auto& field : reference.fields()) {
    if (field.info.role != mesh::Role::prognostic) continue;
    const auto own =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state[field.info.name].data);
    const mesh::CellMeasure measure = state.grid().cell_measure();
    const auto weights = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), measure.of_each);
    double sums[3] = {0, 0, 0};  // of squares: the difference, the reference; points, by measure
    for_samples(field, reference.grid(), state.grid(), state.grid().interior(),
                [&](int c, int k, int j, int i, double value) {
                  const double difference = static_cast<double>(own(c, k, j, i)) - value;
                  const double weight = measure.uniform() ? 1 : weights(k, j, i);
                  sums[0] += weight * difference * difference;
                  sums[1] += weight * value * value;
                  sums[2] += weight;
                });
    state.grid().comm().sum(std::span<double>(sums));
    errors.push_back({std::sqrt(sums[0] / sums[2]), std::sqrt(sums[1] / sums[2])});
  }
  return errors;
}

template <class Reference, class Real>
std::vector<double> error_against(const mesh::State<Reference>& reference,
                                  const mesh::State<Real>& state) {
  std::vector<double> errors;
  for (const SampledError& e : differences_to(reference, state))
    errors.push_back(e.size > 0 ? e.difference / e.size : 0);
  return errors;
}

template <class Reference, class Real>
double correlation(const mesh::CellField<Reference>& reference, const mesh::Grid& reference_grid,
                   const mesh::CellField<Real>& own, const mesh::Grid& own_grid) {
  const auto& data = reference.data;
  const mesh::Field<Reference> field{
      {.name = reference.name, .unit = reference.unit},
      mesh::Array4<Reference>(data.data(), 1, data.extent(0), data.extent(1), data.extent(2))};
  const auto mine = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), own.data);
  const mesh::CellMeasure measure = own_grid.cell_measure();
  const auto weights = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), measure.of_each);
  const auto for_pairs = [&](const auto& add) {
    for_samples(field, reference_grid, own_grid, own_grid.interior(),
                [&](int, int k, int j, int i, double a) {
                  add(measure.uniform() ? 1 : weights(k, j, i), a,
                      static_cast<double>(mine(k, j, i)));
                });
  };
  double sums[5] = {0, 0, 0, 0, 0};  // weight, a, b, a a, b b
  for_pairs([&](double w, double a, double b) {
    const double terms[5] = {1, a, b, a * a, b * b};
    for (int n = 0; n < 5; ++n) sums[n] += w * terms[n];
  });
  own_grid.comm().sum(std::span<double>(sums));
  const double mean_a = sums[1] / sums[0], mean_b = sums[2] / sums[0];
  double about[3] = {0, 0, 0};  // the means: a a, b b, a b
  for_pairs([&](double w, double a, double b) {
    const double terms[3] = {(a - mean_a) * (a - mean_a), (b - mean_b) * (b - mean_b),
                             (a - mean_a) * (b - mean_b)};
    for (int n = 0; n < 3; ++n) about[n] += w * terms[n];
  });
  own_grid.comm().sum(std::span<double>(about));
  constexpr double round_off = 1e-20;  // squared, of means: what a constant leaves
  if (!(about[0] > round_off * sums[3])) return std::numeric_limits<double>::quiet_NaN();
  return about[1] > round_off * sums[4] ? about[2] / std::sqrt(about[0] * about[1]) : 0;
}

template double correlation(const mesh::CellField<float>&, const mesh::Grid&,
                            const mesh::CellField<float>&, const mesh::Grid&);
template double correlation(const mesh::CellField<float>&, const mesh::Grid&,
                            const mesh::CellField<double>&, const mesh::Grid&);
template double correlation(const mesh::CellField<double>&, const mesh::Grid&,
                            const mesh::CellField<float>&, const mesh::Grid&);
template double correlation(const mesh::CellField<double>&, const mesh::Grid&,
                            const mesh::CellField<double>&, const mesh::Grid&);
template void sample(const mesh::State<float>&, mesh::State<float>&);
template void sample(const mesh::State<float>&, mesh::State<double>&);
template void sample(const mesh::State<double>&, mesh::State<float>&);
template void sample(const mesh::State<double>&, mesh::State<double>&);
template std::vector<SampledError> differences_to(const mesh::State<float>&,
                                                  const mesh::State<float>&);
template std::vector<SampledError> differences_to(const mesh::State<float>&,
                                                  const mesh::State<double>&);
template std::vector<SampledError> differences_to(const mesh::State<double>&,
                                                  const mesh::State<float>&);
template std::vector<SampledError> differences_to(const mesh::State<double>&,
                                                  const mesh::State<double>&);
template std::vector<double> error_against(const mesh::State<float>&, const mesh::State<float>&);
template std::vector<double> error_against(const mesh::State<float>&, const mesh::State<double>&);
template std::vector<double> error_against(const mesh::State<double>&, const mesh::State<float>&);
template std::vector<double> error_against(const mesh::State<double>&, const mesh::State<double>&);

}  // namespace understudy::surrogates
