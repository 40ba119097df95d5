#include "solvers/flow/body_forcing.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "solvers/flow/momentum_kernels.hpp"

namespace understudy::solvers::flow {

namespace {

using Span = Kokkos::RangePolicy<mesh::Exec>;

// H_a - (1/rho) dp/dx_a at one point.
template <class Real, int a, int dim, bool upwind, bool eddy>
struct PointForce {
  Steps<Real> s;
  Real nu, inv_rho;
  const Real *u[dim], *p, *nu_t;
  Kokkos::View<int*, mesh::Memory> list;
  KOKKOS_INLINE_FUNCTION void operator()(const int m, double& sum) const {
    const Index n = list(m);
    Real rate = momentum_rate<a, dim, upwind>(u, n, s, nu);
    if constexpr (eddy) rate += eddy_rate<a>(u, nu_t, n, s);
    sum += rate - inv_rho * s.inv_h[a] * (p[n] - p[n - s.template step<a>()]);
  }
};

template <int a, int dim, bool upwind, bool eddy, class Real>
double sum_list(const mesh::BoxGrid& grid, const BodyForceInputs<Real>& in,
                const Kokkos::View<int*, mesh::Memory>& list) {
  PointForce<Real, a, dim, upwind, eddy> f;
  f.s = Steps<Real>(grid);
  f.nu = in.numbers.viscosity;
  f.inv_rho = in.numbers.inv_density;
  for (int c = 0; c < dim; ++c) f.u[c] = in.u[c].data();
  f.p = in.p.data();
  f.nu_t = in.eddy_viscosity.data();
  f.list = list;
  double sum = 0;
  Kokkos::parallel_reduce("body force", Span(0, list.extent(0)), f, sum);
  return sum;
}

template <int a, class Real>
double sum_component(const mesh::BoxGrid& grid, const BodyForceInputs<Real>& in,
                     const Kokkos::View<int*, mesh::Memory>& list) {
  const bool upwind = in.numbers.upwind;
  if (grid.dimension() == 2) {
    if constexpr (a < 2)
      return upwind ? sum_list<a, 2, true, false>(grid, in, list)
                    : sum_list<a, 2, false, false>(grid, in, list);
    return 0;
  }
  if (in.eddy_viscosity.data())
    return upwind ? sum_list<a, 3, true, true>(grid, in, list)
                  : sum_list<a, 3, false, true>(grid, in, list);
  return upwind ? sum_list<a, 3, true, false>(grid, in, list)
                : sum_list<a, 3, false, false>(grid, in, list);
}

using Indices = Kokkos::View<int*, mesh::Memory>;

void append(const InterpolatedPoints& from, InterpolatedPoints& to) {
  to.index.insert(to.index.end(), from.index.begin(), from.index.end());
  to.stencil.insert(to.stencil.end(), from.stencil.begin(), from.stencil.end());
  to.weight.insert(to.weight.end(), from.weight.begin(), from.weight.end());
}

// The body nearest to each of the points at `location` (linear indices).
std::vector<std::size_t> owners(const std::vector<int>& points, const Bodies& bodies,
                                const mesh::BoxGrid& grid, mesh::Location location) {
  std::vector<std::size_t> result(points.size(), 0);
  if (bodies.count() == 1) return result;
  for (std::size_t m = 0; m < points.size(); ++m) {
    const int i = points[m] % grid.extent(0), row = points[m] / grid.extent(0);
    const int j = row % grid.extent(1), k = row / grid.extent(1);
    result[m] = bodies.nearest({grid.coordinate(location, 0, i), grid.coordinate(location, 1, j),
                                grid.coordinate(location, 2, k)});
  }
  return result;
}

// Those of `values` that belong to a body.
template <class Value>
std::vector<Value> share_of(std::size_t body, const std::vector<std::size_t>& owner,
                            const std::vector<Value>& values) {
  std::vector<Value> mine;
  for (std::size_t m = 0; m < values.size(); ++m)
    if (owner[m] == body) mine.push_back(values[m]);
  return mine;
}

// Sum over points of share (f - lambda u); `f` may be null.
template <class Real>
double sum_external(const Kokkos::View<int*, mesh::Memory>& points,
                    const Kokkos::View<Real*, mesh::Memory>& share, const Real* const f,
                    const Real* const u, const Real friction) {
  double sum = 0;
  Kokkos::parallel_reduce(
      "external force on bodies", Span(0, points.extent(0)),
      KOKKOS_LAMBDA(const int m, double& part) {
        const int n = points(m);
        const Real push = f != nullptr ? f[n] : Real(0);
        part += static_cast<double>(share(m) * (push - friction * u[n]));
      },
      sum);
  return sum;
}

}  // namespace

template <class Real>
BodyForcing<Real>::BodyForcing(const Bodies& bodies, std::shared_ptr<const mesh::BoxGrid> grid)
    : grid_(std::move(grid)), empty_(bodies.empty()) {
  if (empty_) return;
  shares_.resize(bodies.count());
  long long blocked = 0, interface = 0;
  InterpolatedPoints interpolated_points;
  std::vector<int> solid;
  for (int c = 0; c < grid_->dimension(); ++c) {
    const ForcedPoints points = bodies.find(static_cast<mesh::Location>(c + 1));
    std::vector<int> all = points.solid;
    all.insert(all.end(), points.interface.index.begin(), points.interface.index.end());
    append(points.interface, interpolated_points);
    solid.insert(solid.end(), points.solid.begin(), points.solid.end());
    for (int later = c + 1; later < 4; ++later) {
      lists_.first_interface[later] = static_cast<int>(interpolated_points.index.size());
      lists_.first_solid[later] = static_cast<int>(solid.size());
    }
    const auto location = static_cast<mesh::Location>(c + 1);
    const auto owner = owners(all, bodies, *grid_, location),
               partly_owner = owners(points.partly.index, bodies, *grid_, location);
    for (std::size_t n = 0; n < shares_.size(); ++n) {
      Share& share = shares_[n];
      share.forced[c] = to_device<Indices>("points of a body", share_of(n, owner, all));
      share.partly[c] = to_device<Indices>("points partly in a body",
                                           share_of(n, partly_owner, points.partly.index));
      const std::vector<double> fluid = share_of(n, partly_owner, points.partly.share);
      share.fluid[c] = to_device<Kokkos::View<Real*, mesh::Memory>>("their fluid", fluid);
      for (const double one : fluid) share.fluid_points[c] += one;
    }
    blocked += points.blocked;
    interface += static_cast<long long>(points.interface.index.size());
  }
  lists_.interface = interpolated<Real>(interpolated_points);
  lists_.solid = to_device<Indices>("solid points", solid);
  buried_sums_ = Kokkos::View<double*, mesh::Memory>("sums over buried", shares_.size());
  const std::vector<int> buried = bodies.buried_cells();
  const auto owner = owners(buried, bodies, *grid_, mesh::Location::cell);
  for (std::size_t n = 0; n < shares_.size(); ++n) {
    shares_[n].buried = to_device<Indices>("buried cells", share_of(n, owner, buried));
    shares_[n].buried_count = grid_->comm().sum(static_cast<double>(shares_[n].buried.extent(0)));
  }
  blocked = grid_->comm().sum(blocked);
  interface = grid_->comm().sum(interface);
  if (blocked > 0)
    core::log::info("flow: {} of {} points beside the bodies have no free stencil (corners)",
                    blocked, interface);
  double h = 1e30;
  for (int axis = 0; axis < grid_->dimension(); ++axis) h = std::min(h, grid_->spacing(axis));
  fraction_ = mesh::HostArray3<Real>("mask", grid_->extent(2), grid_->extent(1), grid_->extent(0));
  for (int k = 0; k < grid_->extent(2); ++k)
    for (int j = 0; j < grid_->extent(1); ++j)
      for (int i = 0; i < grid_->extent(0); ++i) {
        const double d = bodies.distance({grid_->coordinate(mesh::Location::cell, 0, i),
                                          grid_->coordinate(mesh::Location::cell, 1, j),
                                          grid_->coordinate(mesh::Location::cell, 2, k)});
        fraction_(k, j, i) = Real(std::clamp(0.5 + d / h, 0.0, 1.0));
      }
}

template <class Real>
void BodyForcing<Real>::apply(const Velocity<Real>& u, const int round) {
  if (round >= changes_.extent_int(0)) Kokkos::resize(changes_, round + 1);
  impose(u, Kokkos::subview(changes_, round));
}

template <class Real>
void BodyForcing<Real>::apply_to_change(const Velocity<Real>& d) const {
  impose(d, uncounted_);
}

template <class Real>
void BodyForcing<Real>::impose(const Velocity<Real>& u,
                               const Kokkos::View<VelocityChanges, mesh::Memory>& changes) const {
  InterpolateTargets<Real> targets{lists_, {}};
  ImposeValues<Real> values{lists_, {}};
  for (int c = 0; c < 3; ++c) targets.values[c] = values.values[c] = u[c].data();
  Kokkos::parallel_for("interpolated targets", Span(0, lists_.interface_points()), targets);
  Kokkos::parallel_reduce("impose body", Span(0, lists_.points()), values, changes);
}

template <class Real>
std::array<double, 3> BodyForcing<Real>::changes(const int rounds) const {
  VelocityChanges sum;
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), changes_);
  for (int round = 0; round < std::min(rounds, changes_.extent_int(0)); ++round) sum += host(round);
  return {sum.component[0], sum.component[1], sum.component[2]};
}

template <class Real>
void BodyForcing<Real>::sum_buried(const mesh::Array3<Real>& a) const {
  for (std::size_t m = 0; m < shares_.size(); ++m)
    Kokkos::parallel_reduce("sum over buried", Span(0, shares_[m].buried.extent(0)),
                            SumOverList<Real>{a.data(), shares_[m].buried},
                            Kokkos::subview(buried_sums_, m));
  if (grid_->comm().size() == 1) return;
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), buried_sums_);
  grid_->comm().sum(std::span<double>(host.data(), host.extent(0)));
  Kokkos::deep_copy(buried_sums_, host);
}

template <class Real>
std::vector<double> BodyForcing<Real>::buried_sums(const mesh::Array3<Real>& a) const {
  sum_buried(a);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), buried_sums_);
  return {host.data(), host.data() + host.extent(0)};
}

template <class Real>
double BodyForcing<Real>::buried_sum(const mesh::Array3<Real>& a) const {
  double sum = 0;
  for (const double one : buried_sums(a)) sum += one;
  return sum;
}

template <class Real>
double BodyForcing<Real>::buried_count() const {
  double count = 0;
  for (const Share& share : shares_) count += share.buried_count;
  return count;
}

template <class Real>
void BodyForcing<Real>::level_buried(const mesh::Array3<Real>& b) const {
  Real* const values = b.data();
  sum_buried(b);
  const Kokkos::View<const double*, mesh::Memory> sums = buried_sums_;
  for (std::size_t m = 0; m < shares_.size(); ++m) {
    const Indices cells = shares_[m].buried;
    const double count = std::max(1.0, shares_[m].buried_count);
    Kokkos::parallel_for(
        "level buried", Span(0, cells.extent(0)),
        KOKKOS_LAMBDA(const int n) { values[cells(n)] = Real(sums(m) / count); });
  }
}

template <class Real>
void BodyForcing<Real>::clear_buried(const mesh::Array3<Real>& a) const {
  Real* const values = a.data();
  for (const Share& share : shares_) {
    const Indices cells = share.buried;
    Kokkos::parallel_for(
        "clear buried", Span(0, cells.extent(0)),
        KOKKOS_LAMBDA(const int n) { values[cells(n)] = 0; });
  }
}

template <class Real>
void BodyForcing<Real>::fill_mask(const mesh::Array3<Real>& mask) const {
  const auto host = Kokkos::create_mirror_view(mask);
  Kokkos::deep_copy(host, fraction_);
  Kokkos::deep_copy(mask, host);
}

template <class Real>
std::array<double, 3> BodyForcing<Real>::pushed_points() const {
  std::array<double, 3> points{};
  for (const Share& share : shares_)
    for (int c = 0; c < grid_->dimension(); ++c)
      points[c] += share.fluid_points[c] - static_cast<double>(share.forced[c].extent(0));
  grid_->comm().sum(std::span<double>(points));
  return points;
}

template <class Real>
std::vector<std::array<double, 3>> BodyForcing<Real>::forces(
    const BodyForceInputs<Real>& in) const {
  const mesh::BoxGrid& grid = *grid_;
  const double scale = in.density * grid.cell_volume();
  std::vector<double> sums;
  for (const Share& share : shares_) {
    std::array<double, 3> force{sum_component<0>(grid, in, share.forced[0]),
                                sum_component<1>(grid, in, share.forced[1]), 0};
    if (grid.dimension() == 3) force[2] = sum_component<2>(grid, in, share.forced[2]);
    for (int a = 0; a < grid.dimension(); ++a) {
      force[a] += static_cast<double>(in.numbers.acceleration[a]) * share.fluid_points[a];
      const Real* const external = in.external[a].data();
      if (external != nullptr || in.friction_1_s != 0)
        force[a] += sum_external<Real>(share.partly[a], share.fluid[a], external, in.u[a].data(),
                                       static_cast<Real>(in.friction_1_s));
    }
    for (const double one : force) sums.push_back(scale * one);
  }
  grid.comm().sum(std::span<double>(sums));
  std::vector<std::array<double, 3>> result;
  for (std::size_t n = 0; n < shares_.size(); ++n)
    result.push_back({sums[3 * n], sums[3 * n + 1], sums[3 * n + 2]});
  return result;
}

template <class Real>
void BodyForcing<Real>::add_to_forced(int body, int c, double value,
                                      const mesh::Array3<Real>& to) const {
  Real* const values = to.data();
  const Real added = static_cast<Real>(value);
  for (std::size_t m = 0; m < shares_.size(); ++m) {
    if (body >= 0 && m != static_cast<std::size_t>(body)) continue;
    const Indices points = shares_[m].forced[c];
    Kokkos::parallel_for(
        "add to forced points", Span(0, points.extent(0)),
        KOKKOS_LAMBDA(const int n) { values[points(n)] += added; });
  }
}

template <class Real>
void BodyForcing<Real>::add_fluid_share(int body, int c, double value,
                                        const mesh::Array3<Real>& to) const {
  Real* const values = to.data();
  const Real factor = static_cast<Real>(value);
  for (std::size_t m = 0; m < shares_.size(); ++m) {
    if (body >= 0 && m != static_cast<std::size_t>(body)) continue;
    const Indices points = shares_[m].partly[c];
    const Kokkos::View<Real*, mesh::Memory> fluid = shares_[m].fluid[c];
    Kokkos::parallel_for(
        "add to partly fluid points", Span(0, points.extent(0)),
        KOKKOS_LAMBDA(const int n) { values[points(n)] += factor * fluid(n); });
  }
}

template <class Real>
double BodyForcing<Real>::fluid_points(int body, int c) const {
  double points = 0;
  for (std::size_t m = 0; m < shares_.size(); ++m)
    if (body < 0 || m == static_cast<std::size_t>(body)) points += shares_[m].fluid_points[c];
  return points;
}

template class BodyForcing<float>;
template class BodyForcing<double>;

}  // namespace understudy::solvers::flow
