#include "solvers/flow/sweeps.hpp"

#include <cmath>

#include "mesh/loops.hpp"
#include "solvers/flow/les_kernels.hpp"
#include "solvers/flow/momentum_kernels.hpp"

namespace understudy::solvers::flow {

namespace {

template <class Real, int dim, bool upwind, bool eddy>
struct PredictVelocity {
  Steps<Real> s;
  Real dt, now, old, nu, inv_rho, g[3];
  const Real *u[dim], *p, *nu_t;
  Real *rate[dim], *star[dim];

  template <int a>
  KOKKOS_INLINE_FUNCTION void component(const Index n) const {
    Real h = momentum_rate<a, dim, upwind>(u, n, s, nu);
    if constexpr (eddy) h += eddy_rate<a>(u, nu_t, n, s);
    const Real push = inv_rho * s.inv_h[a] * (p[n] - p[n - s.template step<a>()]);
    star[a][n] = u[a][n] + dt * (now * h + old * rate[a][n] - push + g[a]);
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
struct RightSide {
  Steps<Real> s;
  Real minus_inv_dt;
  const Real* u[dim];
  Real* b;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    b[n] = minus_inv_dt * divergence<dim>(u, n, s);
  }
};

template <class Real, int dim, bool with_pressure>
struct Correct {
  Steps<Real> s;
  Real dt, rho, level;
  const Real *star[dim], *phi;
  Real *u[dim], *p;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    u[0][n] = star[0][n] - dt * s.inv_h[0] * (phi[n] - phi[n - 1]);
    u[1][n] = star[1][n] - dt * s.inv_h[1] * (phi[n] - phi[n - s.e[1]]);
    if constexpr (dim == 3) u[2][n] = star[2][n] - dt * s.inv_h[2] * (phi[n] - phi[n - s.e[2]]);
    if constexpr (with_pressure) p[n] += rho * (phi[n] - level);
  }
};

template <class Real, bool wale>
struct EddyViscosity {
  Steps<Real> s;
  Real constant_delta_sq;
  const Real* u[3];
  Real* nu_t;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    Real g[3][3];
    velocity_gradient(u, n, s, g);
    if constexpr (wale)
      nu_t[n] = wale_viscosity(g, constant_delta_sq);
    else
      nu_t[n] = smagorinsky_viscosity(g, constant_delta_sq);
  }
};

template <class Real, int dim>
struct CourantRate {
  Steps<Real> s;
  const Real* u[dim];
  KOKKOS_INLINE_FUNCTION Real operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    Real sum = Kokkos::abs(u[0][n]) * s.inv_h[0] + Kokkos::abs(u[1][n]) * s.inv_h[1];
    if constexpr (dim == 3) sum += Kokkos::abs(u[2][n]) * s.inv_h[2];
    return sum;
  }
};

template <class Real, int dim>
struct DivergenceSquared {
  Steps<Real> s;
  const Real* u[dim];
  KOKKOS_INLINE_FUNCTION Real operator()(const int k, const int j, const int i) const {
    const Real d = divergence<dim>(u, s.at(k, j, i), s);
    return d * d;
  }
};

template <class Real>
struct Shift {
  Steps<Real> s;
  Real change;
  Real* a;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    a[s.at(k, j, i)] += change;
  }
};

template <class Real>
struct ExtrapolateIncrement {
  Steps<Real> s;
  Real ratio;
  Real *phi, *old;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    const Real now = phi[n];
    phi[n] = ratio * (Real(2) * now - old[n]);
    old[n] = now;
  }
};

template <class Pointers, class Real>
void point_to(Pointers& pointers, const Velocity<Real>& u) {
  int a = 0;
  for (auto& pointer : pointers) pointer = u[a++].data();
}

template <class Real, int dim, bool upwind, bool eddy>
void predict(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step, const Velocity<Real>& u,
             const mesh::Array3<Real>& pressure, const mesh::Array3<Real>& nu_t,
             const Velocity<Real>& rate, const Velocity<Real>& u_star) {
  PredictVelocity<Real, dim, upwind, eddy> f;
  f.s = Steps<Real>(grid);
  f.dt = step.dt;
  f.now = step.weight_now;
  f.old = step.weight_old;
  f.nu = step.viscosity;
  f.inv_rho = step.inv_density;
  for (int a = 0; a < 3; ++a) f.g[a] = step.acceleration[a];
  point_to(f.u, u);
  point_to(f.rate, rate);
  point_to(f.star, u_star);
  f.p = pressure.data();
  f.nu_t = nu_t.data();
  mesh::for_rows("predict velocity", grid.interior(), f);
}

template <class Real, int dim>
void right_side(const mesh::BoxGrid& grid, double dt_s, const Velocity<Real>& u,
                const mesh::Array3<Real>& b) {
  RightSide<Real, dim> f;
  f.s = Steps<Real>(grid);
  f.minus_inv_dt = Real(-1 / dt_s);
  point_to(f.u, u);
  f.b = b.data();
  mesh::for_rows("pressure right side", grid.interior(), f);
}

template <class Real, int dim, bool with_pressure>
void correct_all(const mesh::BoxGrid& grid, const PressureIncrement<Real>& increment,
                 const Velocity<Real>& star, const Velocity<Real>& u, const mesh::Array3<Real>& p) {
  Correct<Real, dim, with_pressure> f;
  f.s = Steps<Real>(grid);
  f.dt = Real(increment.dt_s);
  f.rho = Real(increment.density);
  f.level = Real(increment.level);
  point_to(f.star, star);
  point_to(f.u, u);
  f.phi = increment.phi.data();
  f.p = p.data();
  mesh::for_rows("correct", grid.interior(), f);
}

template <class Real, bool wale>
void eddy(const mesh::BoxGrid& grid, double constant, const Velocity<Real>& u,
          const mesh::Array3<Real>& nu_t) {
  EddyViscosity<Real, wale> f;
  f.s = Steps<Real>(grid);
  const double delta = std::cbrt(grid.cell_volume());
  f.constant_delta_sq = Real(constant * delta * constant * delta);
  point_to(f.u, u);
  f.nu_t = nu_t.data();
  mesh::Range3 r = grid.interior();
  for (int axis = 0; axis < 3; ++axis) {
    --r.begin[axis];
    ++r.end[axis];
  }
  mesh::for_rows("eddy viscosity", r, f);
}

}  // namespace

template <class Real>
void predict_velocity(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                      const Velocity<Real>& u, const mesh::Array3<Real>& pressure,
                      const mesh::Array3<Real>& nu_t, const Velocity<Real>& rate,
                      const Velocity<Real>& u_star) {
  const bool eddy = nu_t.data() != nullptr;
  if (grid.dimension() == 2) {
    step.upwind ? predict<Real, 2, true, false>(grid, step, u, pressure, nu_t, rate, u_star)
                : predict<Real, 2, false, false>(grid, step, u, pressure, nu_t, rate, u_star);
  } else if (eddy) {
    step.upwind ? predict<Real, 3, true, true>(grid, step, u, pressure, nu_t, rate, u_star)
                : predict<Real, 3, false, true>(grid, step, u, pressure, nu_t, rate, u_star);
  } else {
    step.upwind ? predict<Real, 3, true, false>(grid, step, u, pressure, nu_t, rate, u_star)
                : predict<Real, 3, false, false>(grid, step, u, pressure, nu_t, rate, u_star);
  }
}

template <class Real>
void pressure_right_side(const mesh::BoxGrid& grid, double dt_s, const Velocity<Real>& u_star,
                         const mesh::Array3<Real>& b) {
  grid.dimension() == 2 ? right_side<Real, 2>(grid, dt_s, u_star, b)
                        : right_side<Real, 3>(grid, dt_s, u_star, b);
}

template <class Real>
void correct(const mesh::BoxGrid& grid, const PressureIncrement<Real>& increment,
             const Velocity<Real>& u_star, const Velocity<Real>& u, const mesh::Array3<Real>& p) {
  const bool with_pressure = p.data() != nullptr;
  if (grid.dimension() == 2)
    with_pressure ? correct_all<Real, 2, true>(grid, increment, u_star, u, p)
                  : correct_all<Real, 2, false>(grid, increment, u_star, u, p);
  else
    with_pressure ? correct_all<Real, 3, true>(grid, increment, u_star, u, p)
                  : correct_all<Real, 3, false>(grid, increment, u_star, u, p);
}

template <class Real>
void shift(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a, double by) {
  mesh::for_rows("shift", grid.interior(), Shift<Real>{Steps<Real>(grid), Real(by), a.data()});
}

template <class Real>
void extrapolate_increment(const mesh::BoxGrid& grid, double ratio, const mesh::Array3<Real>& phi,
                           const mesh::Array3<Real>& old) {
  mesh::for_rows(
      "extrapolate increment", grid.interior(),
      ExtrapolateIncrement<Real>{Steps<Real>(grid), Real(ratio), phi.data(), old.data()});
}

template <class Real>
void eddy_viscosity(const mesh::BoxGrid& grid, bool wale, double constant, const Velocity<Real>& u,
                    const mesh::Array3<Real>& nu_t) {
  wale ? eddy<Real, true>(grid, constant, u, nu_t) : eddy<Real, false>(grid, constant, u, nu_t);
}

template <class Real>
double max_cfl_rate_1_s(const mesh::BoxGrid& grid, const Velocity<Real>& u) {
  const Steps<Real> s(grid);
  if (grid.dimension() == 2)
    return mesh::max_rows<Real>("courant", grid.interior(),
                                CourantRate<Real, 2>{s, {u[0].data(), u[1].data()}});
  return mesh::max_rows<Real>("courant", grid.interior(),
                              CourantRate<Real, 3>{s, {u[0].data(), u[1].data(), u[2].data()}});
}

template <class Real>
double largest_value(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a) {
  return mesh::max_rows<Real>(
      "largest", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) { return a(k, j, i); });
}

template <class Real>
std::array<double, 2> divergence_norms(const mesh::BoxGrid& grid, const Velocity<Real>& u) {
  const Steps<Real> s(grid);
  const auto both = [&](const auto& f) {
    return std::array<double, 2>{mesh::sum_cells("divergence", grid.interior(), f),
                                 std::sqrt(mesh::max_rows<Real>("divergence", grid.interior(), f))};
  };
  if (grid.dimension() == 2) return both(DivergenceSquared<Real, 2>{s, {u[0].data(), u[1].data()}});
  return both(DivergenceSquared<Real, 3>{s, {u[0].data(), u[1].data(), u[2].data()}});
}

template void predict_velocity(const mesh::BoxGrid&, const StepCoefficients<float>&,
                               const Velocity<float>&, const mesh::Array3<float>&,
                               const mesh::Array3<float>&, const Velocity<float>&,
                               const Velocity<float>&);
template void pressure_right_side(const mesh::BoxGrid&, double, const Velocity<float>&,
                                  const mesh::Array3<float>&);
template void correct(const mesh::BoxGrid&, const PressureIncrement<float>&, const Velocity<float>&,
                      const Velocity<float>&, const mesh::Array3<float>&);
template void shift(const mesh::BoxGrid&, const mesh::Array3<float>&, double);
template void extrapolate_increment(const mesh::BoxGrid&, double, const mesh::Array3<float>&,
                                    const mesh::Array3<float>&);
template void eddy_viscosity(const mesh::BoxGrid&, bool, double, const Velocity<float>&,
                             const mesh::Array3<float>&);
template double max_cfl_rate_1_s(const mesh::BoxGrid&, const Velocity<float>&);
template double largest_value(const mesh::BoxGrid&, const mesh::Array3<float>&);
template std::array<double, 2> divergence_norms(const mesh::BoxGrid&, const Velocity<float>&);
template void predict_velocity(const mesh::BoxGrid&, const StepCoefficients<double>&,
                               const Velocity<double>&, const mesh::Array3<double>&,
                               const mesh::Array3<double>&, const Velocity<double>&,
                               const Velocity<double>&);
template void pressure_right_side(const mesh::BoxGrid&, double, const Velocity<double>&,
                                  const mesh::Array3<double>&);
template void correct(const mesh::BoxGrid&, const PressureIncrement<double>&,
                      const Velocity<double>&, const Velocity<double>&,
                      const mesh::Array3<double>&);
template void shift(const mesh::BoxGrid&, const mesh::Array3<double>&, double);
template void extrapolate_increment(const mesh::BoxGrid&, double, const mesh::Array3<double>&,
                                    const mesh::Array3<double>&);
template void eddy_viscosity(const mesh::BoxGrid&, bool, double, const Velocity<double>&,
                             const mesh::Array3<double>&);
template double max_cfl_rate_1_s(const mesh::BoxGrid&, const Velocity<double>&);
template double largest_value(const mesh::BoxGrid&, const mesh::Array3<double>&);
template std::array<double, 2> divergence_norms(const mesh::BoxGrid&, const Velocity<double>&);

}  // namespace understudy::solvers::flow
