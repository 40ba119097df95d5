#include "solvers/flow/adjoint_sweeps.hpp"

#include <type_traits>
#include <vector>

#include "mesh/loops.hpp"
#include "solvers/flow/adjoint_kernels.hpp"
#include "solvers/flow/linear_boundaries.hpp"

namespace understudy::solvers::flow {

namespace {

template <class Real, int dim, bool upwind>
struct PredictChange {
  Steps<Real> s;
  Real dt, now, old, nu, inv_rho, drag, dnu, dg[3];
  const Real *u[dim], *d[dim], *p, *force[dim];
  Real *rate[dim], *star[dim];

  template <int a>
  KOKKOS_INLINE_FUNCTION void component(const Index n) const {
    const Real h = momentum_rate_change<a, dim, upwind>(u, d, n, s, nu) - drag * d[a][n] +
                   dnu * laplacian<a, dim>(u, n, s);
    const Real push = inv_rho * s.inv_h[a] * (p[n] - p[n - s.template step<a>()]);
    const Real pull = dg[a] + (force[a] != nullptr ? force[a][n] : Real(0));
    star[a][n] = d[a][n] + dt * (now * h + old * rate[a][n] - push + pull);
    rate[a][n] = h;
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    component<0>(n);
    component<1>(n);
    if constexpr (dim == 3) component<2>(n);
  }
};

template <class Real, int dim>
struct WeighRates {
  Steps<Real> s;
  Real now, old;
  const Real* star[dim];
  Real *rate[dim], *w[dim];
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    for (int a = 0; a < dim; ++a) {
      const Real by_star = star[a][n];
      w[a][n] = now * by_star + rate[a][n];
      rate[a][n] = old * by_star;
    }
  }
};

template <class Real, int dim, bool upwind>
struct TransposedRates {
  Steps<Real> s;
  Real nu, drag;
  const Real *u[dim], *w[dim];
  Real* a[dim];
  template <int c, class Where>
  KOKKOS_INLINE_FUNCTION void component(const Index n, const Where& where) const {
    const Real brake = where.point(0, 0) ? drag * w[c][n] : Real(0);
    a[c][n] += momentum_gather<c, dim, upwind>(u, w, n, s, nu, where) - brake;
  }
  template <class Where>
  KOKKOS_INLINE_FUNCTION void all(const Index n, const Where& where) const {
    component<0>(n, where);
    component<1>(n, where);
    if constexpr (dim == 3) component<2>(n, where);
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    all(s.at(k, j, i), AllAround{});
  }
};

// The same in ghost layers beyond sides of the box, where not all rates around exist.
template <class Real, int dim, bool upwind>
struct TransposedRatesBeyond {
  TransposedRates<Real, dim, upwind> rates;
  Within where;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    Within here = where;
    here.x[0] = i;
    here.x[1] = j;
    here.x[2] = k;
    rates.all(rates.s.at(k, j, i), here);
  }
};

template <class Real, int dim>
struct DivergenceTo {
  Steps<Real> s;
  Real factor;
  const Real* a[dim];
  Real* to;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    to[n] -= factor * divergence<dim>(a, n, s);
  }
};

template <class Real, int dim>
struct ViscositySlope {
  Steps<Real> s;
  const Real *u[dim], *w[dim];
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    Real sum = w[0][n] * laplacian<0, dim>(u, n, s) + w[1][n] * laplacian<1, dim>(u, n, s);
    if constexpr (dim == 3) sum += w[2][n] * laplacian<2, dim>(u, n, s);
    return static_cast<double>(sum);
  }
};

template <class Pointers, class Real>
void point_to(Pointers& pointers, const Velocity<Real>& u) {
  int a = 0;
  for (auto& pointer : pointers) pointer = u[a++].data();
}

// f(integral dimension, whether upwind3), both as constants.
template <class F>
void dispatch(const mesh::BoxGrid& grid, bool upwind, const F& f) {
  using std::bool_constant, std::integral_constant;
  if (grid.dimension() == 2)
    upwind ? f(integral_constant<int, 2>{}, bool_constant<true>{})
           : f(integral_constant<int, 2>{}, bool_constant<false>{});
  else
    upwind ? f(integral_constant<int, 3>{}, bool_constant<true>{})
           : f(integral_constant<int, 3>{}, bool_constant<false>{});
}

// Layers beyond the sides of the box, each point once: those of the first axis first.
std::vector<mesh::Range3> layers_beyond(const mesh::BoxGrid& grid) {
  std::vector<mesh::Range3> layers;
  const mesh::Range3 own = own_points(grid), inner = grid.interior();
  mesh::Range3 rest = own;
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    for (const bool upper : {false, true}) {
      mesh::Range3 layer = rest;
      layer.begin[axis] = upper ? inner.end[axis] : own.begin[axis];
      layer.end[axis] = upper ? own.end[axis] : inner.begin[axis];
      if (layer.count() > 0) layers.push_back(layer);
    }
    rest.begin[axis] = inner.begin[axis];
    rest.end[axis] = inner.end[axis];
  }
  return layers;
}

// Where rates exist: of other ranks, too, as far as the halo reaches.
Within rates_within(const mesh::BoxGrid& grid) {
  Within where{};
  const mesh::Range3 all = grid.everything(), inner = grid.interior();
  for (int axis = 0; axis < 3; ++axis) {
    const bool there = axis < grid.dimension();
    const bool first = there && grid.at_boundary(2 * axis);
    const bool last = there && grid.at_boundary(2 * axis + 1);
    where.lower[axis] = first ? inner.begin[axis] : all.begin[axis];
    where.upper[axis] = last ? inner.end[axis] : all.end[axis];
  }
  return where;
}

// The layers of the arrays that lie across `side` of a range of points.
mesh::Range3 outside(const mesh::BoxGrid& grid, const mesh::Range3& points, int side) {
  const int axis = mesh::side_axis(side);
  mesh::Range3 layers = grid.everything();
  if (mesh::is_upper(side))
    layers.begin[axis] = points.end[axis];
  else
    layers.end[axis] = points.begin[axis];
  return layers;
}

template <class Real>
void zero(const mesh::Range3& r, const mesh::Array3<Real>& a) {
  mesh::for_cells("clear", r, KOKKOS_LAMBDA(int k, int j, int i) { a(k, j, i) = 0; });
}

}  // namespace

template <class Real>
void predict_change(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step, Real drag,
                    const StepChanges<Real>& changes, const Velocity<Real>& u,
                    const Velocity<Real>& d, const mesh::Array3<Real>& p,
                    const Velocity<Real>& rate, const Velocity<Real>& star) {
  dispatch(grid, step.upwind, [&](auto dim, auto upwind) {
    PredictChange<Real, dim(), upwind()> f;
    f.s = Steps<Real>(grid);
    f.dt = step.dt;
    f.now = step.weight_now;
    f.old = step.weight_old;
    f.nu = step.viscosity;
    f.inv_rho = step.inv_density;
    f.drag = drag;
    f.dnu = changes.viscosity;
    for (int a = 0; a < 3; ++a) f.dg[a] = changes.acceleration[a];
    point_to(f.u, u);
    point_to(f.d, d);
    point_to(f.force, changes.force);
    point_to(f.rate, rate);
    point_to(f.star, star);
    f.p = p.data();
    mesh::for_rows("predict change", grid.interior(), f);
  });
}

template <class Real>
void weigh_rates(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                 const Velocity<Real>& star, const Velocity<Real>& rate, const Velocity<Real>& w) {
  dispatch(grid, false, [&](auto dim, auto) {
    WeighRates<Real, dim()> f;
    f.s = Steps<Real>(grid);
    f.now = step.dt * step.weight_now;
    f.old = step.dt * step.weight_old;
    point_to(f.star, star);
    point_to(f.rate, rate);
    point_to(f.w, w);
    mesh::for_rows("weigh rates", grid.interior(), f);
  });
}

template <class Real>
void add_transposed_rates(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step, Real drag,
                          const Velocity<Real>& u, const Velocity<Real>& w,
                          const Velocity<Real>& a) {
  dispatch(grid, step.upwind, [&](auto dim, auto upwind) {
    TransposedRates<Real, dim(), upwind()> f;
    f.s = Steps<Real>(grid);
    f.nu = step.viscosity;
    f.drag = drag;
    point_to(f.u, u);
    point_to(f.w, w);
    point_to(f.a, a);
    mesh::for_rows("transposed rates", grid.interior(), f);
    for (const mesh::Range3& layer : layers_beyond(grid))
      mesh::for_cells("transposed rates beyond", layer,
                      TransposedRatesBeyond<Real, dim(), upwind()>{f, rates_within(grid)});
  });
}

template <class Real>
void add_transposed_gradient(const mesh::BoxGrid& grid, double factor, const Velocity<Real>& a,
                             const mesh::Array3<Real>& to) {
  dispatch(grid, false, [&](auto dim, auto) {
    DivergenceTo<Real, dim()> f;
    f.s = Steps<Real>(grid);
    f.factor = Real(factor);
    point_to(f.a, a);
    f.to = to.data();
    mesh::for_rows("transposed gradient", grid.interior(), f);
  });
}

template <class Real>
void add_scaled(const mesh::BoxGrid& grid, double factor, const mesh::Array3<Real>& from,
                const mesh::Array3<Real>& to) {
  const Real scale = Real(factor);
  mesh::for_rows(
      "add scaled", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { to(k, j, i) += scale * from(k, j, i); });
}

template <class Real>
double viscosity_slope(const mesh::BoxGrid& grid, const Velocity<Real>& u,
                       const Velocity<Real>& w) {
  double sum = 0;
  dispatch(grid, false, [&](auto dim, auto) {
    ViscositySlope<Real, dim()> f;
    f.s = Steps<Real>(grid);
    point_to(f.u, u);
    point_to(f.w, w);
    sum = mesh::sum_cells("viscosity slope", grid.interior(), f);
  });
  return sum;
}

template <class Real>
double sum_interior(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a) {
  return mesh::sum_cells(
      "sum interior", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { return static_cast<double>(a(k, j, i)); });
}

template <class Real>
double count_not_finite(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a) {
  return mesh::sum_cells(
      "not finite", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { return Kokkos::isfinite(a(k, j, i)) ? 0.0 : 1.0; });
}

template <class Real>
void clear_halo(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a) {
  for (int side = 0; side < 2 * grid.dimension(); ++side)
    if (!grid.at_boundary(side)) zero(outside(grid, grid.interior(), side), a);
}

template <class Real>
void clear_ghosts(const mesh::BoxGrid& grid, mesh::Location location, const mesh::Array3<Real>& a) {
  for (int side = 0; side < 2 * grid.dimension(); ++side)
    zero(outside(grid, grid.points(location), side), a);
}

template void predict_change(const mesh::BoxGrid&, const StepCoefficients<float>&, float,
                             const StepChanges<float>&, const Velocity<float>&,
                             const Velocity<float>&, const mesh::Array3<float>&,
                             const Velocity<float>&, const Velocity<float>&);
template void weigh_rates(const mesh::BoxGrid&, const StepCoefficients<float>&,
                          const Velocity<float>&, const Velocity<float>&, const Velocity<float>&);
template void add_transposed_rates(const mesh::BoxGrid&, const StepCoefficients<float>&, float,
                                   const Velocity<float>&, const Velocity<float>&,
                                   const Velocity<float>&);
template void add_transposed_gradient(const mesh::BoxGrid&, double, const Velocity<float>&,
                                      const mesh::Array3<float>&);
template void add_scaled(const mesh::BoxGrid&, double, const mesh::Array3<float>&,
                         const mesh::Array3<float>&);
template double viscosity_slope(const mesh::BoxGrid&, const Velocity<float>&,
                                const Velocity<float>&);
template double sum_interior(const mesh::BoxGrid&, const mesh::Array3<float>&);
template double count_not_finite(const mesh::BoxGrid&, const mesh::Array3<float>&);
template void clear_halo(const mesh::BoxGrid&, const mesh::Array3<float>&);
template void clear_ghosts(const mesh::BoxGrid&, mesh::Location, const mesh::Array3<float>&);
template void predict_change(const mesh::BoxGrid&, const StepCoefficients<double>&, double,
                             const StepChanges<double>&, const Velocity<double>&,
                             const Velocity<double>&, const mesh::Array3<double>&,
                             const Velocity<double>&, const Velocity<double>&);
template void weigh_rates(const mesh::BoxGrid&, const StepCoefficients<double>&,
                          const Velocity<double>&, const Velocity<double>&,
                          const Velocity<double>&);
template void add_transposed_rates(const mesh::BoxGrid&, const StepCoefficients<double>&, double,
                                   const Velocity<double>&, const Velocity<double>&,
                                   const Velocity<double>&);
template void add_transposed_gradient(const mesh::BoxGrid&, double, const Velocity<double>&,
                                      const mesh::Array3<double>&);
template void add_scaled(const mesh::BoxGrid&, double, const mesh::Array3<double>&,
                         const mesh::Array3<double>&);
template double viscosity_slope(const mesh::BoxGrid&, const Velocity<double>&,
                                const Velocity<double>&);
template double sum_interior(const mesh::BoxGrid&, const mesh::Array3<double>&);
template double count_not_finite(const mesh::BoxGrid&, const mesh::Array3<double>&);
template void clear_halo(const mesh::BoxGrid&, const mesh::Array3<double>&);
template void clear_ghosts(const mesh::BoxGrid&, mesh::Location, const mesh::Array3<double>&);

}  // namespace understudy::solvers::flow
