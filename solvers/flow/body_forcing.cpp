#include "solvers/flow/body_forcing.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "solvers/flow/body_lists.hpp"
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

// Writes the weighted sums, all of which are formed before any is written, so that the result does
// not depend on the order. Returns the sum of the changes.
template <class Real>
double impose(const InterpolatedList<Real>& list, Real* const values) {
  Kokkos::parallel_for(
      "interpolated targets", Span(0, list.index.extent(0)), KOKKOS_LAMBDA(const int n) {
        Real sum = 0;
        for (int m = 0; m < 16; ++m) sum += list.weight(n, m) * values[list.stencil(n, m)];
        list.target(n) = sum;
      });
  double change = 0;
  Kokkos::parallel_reduce(
      "impose interpolated", Span(0, list.index.extent(0)),
      KOKKOS_LAMBDA(const int n, double& sum) {
        const int at = list.index(n);
        sum += list.target(n) - values[at];
        values[at] = list.target(n);
      },
      change);
  return change;
}

template <class Real>
double impose_rest(const Kokkos::View<int*, mesh::Memory>& solid, Real* const values) {
  double change = 0;
  Kokkos::parallel_reduce(
      "impose rest", Span(0, solid.extent(0)),
      KOKKOS_LAMBDA(const int n, double& sum) {
        sum -= values[solid(n)];
        values[solid(n)] = 0;
      },
      change);
  return change;
}

template <class Real>
struct ForceInputs {
  const mesh::Grid& grid;
  const StepNumbers<Real>& numbers;
  const Velocity<Real>& u;
  const mesh::Array3<Real>&p, &nu_t;
};

template <int a, int dim, bool upwind, bool eddy, class Real>
double sum_list(const ForceInputs<Real>& in, const Kokkos::View<int*, mesh::Memory>& list) {
  PointForce<Real, a, dim, upwind, eddy> f;
  f.s = Steps<Real>(in.grid);
  f.nu = in.numbers.viscosity, f.inv_rho = in.numbers.inv_density;
  for (int c = 0; c < dim; ++c) f.u[c] = in.u[c].data();
  f.p = in.p.data(), f.nu_t = in.nu_t.data(), f.list = list;
  double sum = 0;
  Kokkos::parallel_reduce("body force", Span(0, list.extent(0)), f, sum);
  return sum;
}

template <int a, class Real>
double sum_component(const ForceInputs<Real>& in, const Kokkos::View<int*, mesh::Memory>& list) {
  const bool upwind = in.numbers.upwind;
  if (in.grid.dimension() == 2) {
    if constexpr (a < 2)
      return upwind ? sum_list<a, 2, true, false>(in, list)
                    : sum_list<a, 2, false, false>(in, list);
    return 0;
  }
  if (in.nu_t.data())
    return upwind ? sum_list<a, 3, true, true>(in, list) : sum_list<a, 3, false, true>(in, list);
  return upwind ? sum_list<a, 3, true, false>(in, list) : sum_list<a, 3, false, false>(in, list);
}

}  // namespace

template <class Real>
BodyForcing<Real>::BodyForcing(const Bodies& bodies, std::shared_ptr<const mesh::Grid> grid)
    : grid_(std::move(grid)), empty_(bodies.empty()) {
  if (empty_) return;
  long long blocked = 0, interface = 0;
  for (int c = 0; c < grid_->dimension(); ++c) {
    const ForcedPoints points = bodies.find(static_cast<mesh::Location>(c + 1));
    std::vector<int> all = points.solid;
    all.insert(all.end(), points.interface.index.begin(), points.interface.index.end());
    using Indices = Kokkos::View<int*, mesh::Memory>;
    lists_[c] = {to_device<Indices>("solid points", points.solid),
                 to_device<Indices>("forced points", all), interpolated<Real>(points.interface)};
    blocked += points.blocked;
    interface += static_cast<long long>(points.interface.index.size());
  }
  buried_ = to_device<decltype(buried_)>("buried cells", bodies.buried_cells());
  buried_count_ = std::max(1LL, grid_->comm().sum(static_cast<long long>(buried_.extent(0))));
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
std::array<double, 3> BodyForcing<Real>::apply(const Velocity<Real>& u,
                                               mesh::Halo<Real>& halo) const {
  std::array<double, 3> change{};
  halo.exchange({u.begin(), u.begin() + grid_->dimension()});
  for (int c = 0; c < grid_->dimension(); ++c)
    change[c] =
        impose(lists_[c].interface, u[c].data()) + impose_rest(lists_[c].solid, u[c].data());
  return change;
}

template <class Real>
void BodyForcing<Real>::level_buried(const mesh::Array3<Real>& b) const {
  const auto cells = buried_;
  Real* const values = b.data();
  double sum = 0;
  Kokkos::parallel_reduce(
      "sum over buried", Span(0, cells.extent(0)),
      KOKKOS_LAMBDA(const int n, double& partial) {
        partial += static_cast<double>(values[cells(n)]);
      },
      sum);
  const double mean = grid_->comm().sum(sum) / static_cast<double>(buried_count_);
  Kokkos::parallel_for(
      "level buried", Span(0, cells.extent(0)),
      KOKKOS_LAMBDA(const int n) { values[cells(n)] = Real(mean); });
}

template <class Real>
void BodyForcing<Real>::clear_buried(const mesh::Array3<Real>& a) const {
  const auto cells = buried_;
  Real* const values = a.data();
  Kokkos::parallel_for(
      "clear buried", Span(0, cells.extent(0)),
      KOKKOS_LAMBDA(const int n) { values[cells(n)] = 0; });
}

template <class Real>
void BodyForcing<Real>::fill_mask(const mesh::Array3<Real>& mask) const {
  const auto host = Kokkos::create_mirror_view(mask);
  Kokkos::deep_copy(host, fraction_);
  Kokkos::deep_copy(mask, host);
}

template <class Real>
std::array<double, 3> BodyForcing<Real>::force(const StepNumbers<Real>& numbers, double density,
                                               const Velocity<Real>& u, const mesh::Array3<Real>& p,
                                               const mesh::Array3<Real>& eddy_viscosity) const {
  std::array<double, 3> force{};
  if (empty_) return force;
  const ForceInputs<Real> in{*grid_, numbers, u, p, eddy_viscosity};
  const double scale = density * grid_->cell_volume();
  force[0] = scale * sum_component<0>(in, lists_[0].all);
  force[1] = scale * sum_component<1>(in, lists_[1].all);
  if (grid_->dimension() == 3) force[2] = scale * sum_component<2>(in, lists_[2].all);
  grid_->comm().sum(std::span<double>(force));
  return force;
}

template class BodyForcing<float>;
template class BodyForcing<double>;

}  // namespace understudy::solvers::flow
