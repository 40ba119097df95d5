// What a Runge-Kutta stage of the moist box computes from its state before the acoustic steps: pressure, mass
// fluxes and slow tendencies. Private to solvers/weather.
//
//   rho    dry density = rho_b + rho'      theta_m  = theta (1 + qv Rv/Rd) = theta_b + theta'
//   U, V, W = rho u, rho v, rho w at faces (rho: mean of both sides);  Theta = rho theta_m
//   p = p0 (Rd Theta / p0)^gamma, so that grad p'' = grad(c Theta''), c = gamma p / Theta
// All arrays [k, j, i] of the grid's extents; base profiles by level, or by cell where the frame is mapped. Slow tendencies (flux form, Klemp,
// Skamarock & Dudhia 2007, eqs. 8 to 11, with the pressure's gradient in place of that of exner):
//   R_U = -div(U u) - m dp'/dx,   R_W = -div(U w) - m (dp'/dz + g rho_t'),   m = 1 / (1 + qt)
//   R_rho = -div(U),   R_Theta = -div(U theta_m),   rho_t' = rho (1 + qt) - rho_b (1 + qt_b)
//
// Mapped (Gal-Chen & Somerville 1975): U, V hold J rho u, J rho v and the flux through the levels is
// Omega = rho (w - u dz/dx - v dz/dy), so that J div = d(U)/dx + d(V)/dy + d(Omega)/dzeta; R_U is that of
// J rho u, R_W that of rho w. At rest p' and rho_t' are 0 at every cell, whatever the slope.
#pragma once

#include "solvers/weather/moist_box/frame.hpp"
#include "solvers/weather/moist_box/moist_air.hpp"

namespace understudy::solvers::moist {

/// Profiles on the device, by level or by cell (Frame::base), ghosts included; face, slope: by level alone.
template <class Real>
struct BasePointers {
  const Real *theta_m, *theta, *rho, *pressure, *qt, *qv, *u, *v, *damping, *exner, *face, *slope;
};

/// The state of a stage. qt is null where there is no water; v in slices.
template <class Real>
struct StatePointers {
  const Real *u = nullptr, *v = nullptr, *w = nullptr, *theta = nullptr, *rho = nullptr;
  const Real* qt = nullptr;
};

/// What both sides' water makes of a pressure force at the face between n - e and n.
template <bool wet, class Real>
KOKKOS_FORCEINLINE_FUNCTION Real dry_share(const Real* qt, const Index n, const Index e) {
  if constexpr (wet)
    return Real(2) / (Real(2) + qt[n] + qt[n - e]);
  else
    return Real(1);
}

/// Mass fluxes, p' (Pa) and c (Pa m3/(kg K)), all but the first index of each axis.
template <class F>
struct Prepare {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Real gamma;
  Real *U, *V, *W, *pressure, *c;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    const Index o = f.base(l, n);
    const Real rho = b.rho[o] + s.rho[n], base = b.rho[o] * b.theta_m[o];
    const Real excess = s.rho[n] * b.theta_m[o] + rho * s.theta[n];
    const Real p = b.pressure[o] * power_minus_one(excess / base, gamma);
    pressure[n] = p;
    c[n] = gamma * (b.pressure[o] + p) / (base + excess);
    U[n] = Real(0.5) * (rho + b.rho[f.base(l, n - 1)] + s.rho[n - 1]) * s.u[n] * f.thickness(n, 1);
    if constexpr (dim == 3)
      V[n] = Real(0.5) * (rho + b.rho[f.base(l, n - f.ex)] + s.rho[n - f.ex]) * s.v[n] *
             f.thickness(n, f.ex);
    W[n] = Real(0.5) * (rho + b.rho[f.base(l - 1, n - up)] + s.rho[n - up]) * s.w[n];
  }
};

/// Mapped: Omega through the levels from the momenta; none passes ground and lid.
template <class F>
struct ThroughLevels {
  using Real = typename F::Real;
  F f;
  const Real *U, *V, *W;
  Real* omega;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    const int l = f.level(k, j);
    const Real inside = Real(l > f.metric.ground && l < f.metric.lid);
    omega[n] = inside * (W[n] - f.risen(U, V, n));
  }
};

/// Slow tendencies of the momenta at the interior's faces.
template <class F, int order, bool wet>
struct MomentumTendency {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Real half_g;
  const Real *U, *V, *W, *pressure;  ///< W: through the levels
  Real *RU, *RV, *RW;

  /// Divergence of the flux of q, which lies between n - ea and n.
  template <int a>
  KOKKOS_FORCEINLINE_FUNCTION Real carried(const Real* q, const Index n) const {
    const Index ea = f.template step<a>();
    Real sum = along(U, q, n, ea, Index(1)) * f.inv_h[0];
    if constexpr (dim == 3) sum += along(V, q, n, ea, f.ex) * f.inv_h[1];
    return sum + along(W, q, n, ea, f.template step<dim - 1>()) * f.inv_h[dim - 1];
  }
  /// Along the axis of stride e; M is the mass flux through that axis' faces.
  KOKKOS_FORCEINLINE_FUNCTION static Real along(const Real* M, const Real* q, const Index n,
                                                const Index ea, const Index e) {
    // On its own axis q's faces lie in the middles of the cells n - e and n.
    const Real out = Real(0.5) * (M[n + e] + M[n + e - ea]);
    const Real in = Real(0.5) * (M[n] + M[n - ea]);
    return upwind_flux<order>(out, q, n + e, e) - upwind_flux<order>(in, q, n, e);
  }
  KOKKOS_FORCEINLINE_FUNCTION Real weight(const Index n, const int l) const {
    if constexpr (wet)
      return s.rho[n] * (1 + s.qt[n]) + b.rho[f.base(l, n)] * (s.qt[n] - b.qt[f.base(l, n)]);
    else
      return s.rho[n];
  }
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    RU[n] = -carried<0>(s.u, n) -
            f.template gradient<0>(dry_share<wet>(s.qt, n, Index(1)), pressure, n, l);
    if constexpr (dim == 3)
      RV[n] = -carried<1>(s.v, n) -
              f.template gradient<1>(dry_share<wet>(s.qt, n, f.ex), pressure, n, l);
    const Real thick = f.thickness(n, up);
    RW[n] =
        -carried<dim - 1>(s.w, n) / thick -
        dry_share<wet>(s.qt, n, up) * ((pressure[n] - pressure[n - up]) * f.inv_h[dim - 1] / thick +
                                       half_g * (weight(n, l) + weight(n - up, l - 1)));
  }
};

/// theta_m less `here`, without the loss of theta' in the sum.
template <class Real>
struct FullTheta {
  const Real *theta, *base;
  Real here;
  KOKKOS_FORCEINLINE_FUNCTION Real operator[](const Index n) const {
    return theta[n] + (base[n] - here);
  }
};

/// R_rho and R_Theta in the interior. The base's part of the vertical flux comes from BaseState::face; mapped, the
/// base varies along the levels, too, and goes through the fluxes with theta'.
template <class F, int order>
struct HeatTendency {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  const Real *U, *V, *W, *theta;
  Real *Rrho, *Rtheta;

  KOKKOS_FORCEINLINE_FUNCTION Real base_flux(const Real flux, const int face,
                                             const Real here) const {
    return flux * (b.face[face] - here) - Kokkos::abs(flux) * b.slope[face];
  }
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION void along(const Real* M, const FullTheta<Real>& full, const Index n,
                                         Real& mass, Real& heat) const {
    const Index e = f.template step<axis>();
    mass += (M[n + e] - M[n]) * f.inv_h[axis];
    heat += (upwind_flux<order>(M[n + e], full, n + e, e) - upwind_flux<order>(M[n], full, n, e)) *
            f.inv_h[axis];
  }
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    if constexpr (F::mapped)
      over_terrain(n);
    else
      flat(n, f.level(k, j));
  }
  KOKKOS_FORCEINLINE_FUNCTION void over_terrain(const Index n) const {
    const Real here = b.theta_m[n], per = 1 / f.thickness(n);
    const FullTheta<Real> full{theta, b.theta_m, here};
    Real mass = 0, heat = 0;
    along<0>(U, full, n, mass, heat);
    if constexpr (dim == 3) along<1>(V, full, n, mass, heat);
    along<dim - 1>(W, full, n, mass, heat);
    Rrho[n] = -mass * per;
    Rtheta[n] = -(heat + here * mass) * per;
  }
  KOKKOS_FORCEINLINE_FUNCTION void flat(const Index n, const int l) const {
    const Index up = f.template step<dim - 1>();
    const Real here = b.theta_m[l];
    Real mass = (U[n + 1] - U[n]) * f.inv_h[0];
    Real heat = (upwind_flux<order>(U[n + 1], theta, n + 1, Index(1)) -
                 upwind_flux<order>(U[n], theta, n, Index(1))) *
                f.inv_h[0];
    if constexpr (dim == 3) {
      mass += (V[n + f.ex] - V[n]) * f.inv_h[1];
      heat += (upwind_flux<order>(V[n + f.ex], theta, n + f.ex, f.ex) -
               upwind_flux<order>(V[n], theta, n, f.ex)) *
              f.inv_h[1];
    }
    mass += (W[n + up] - W[n]) * f.inv_h[dim - 1];
    heat +=
        (upwind_flux<order>(W[n + up], theta, n + up, up) - upwind_flux<order>(W[n], theta, n, up) +
         base_flux(W[n + up], l + 1, here) - base_flux(W[n], l, here)) *
        f.inv_h[dim - 1];
    Rrho[n] = -mass;
    Rtheta[n] = -heat - here * mass;
  }
};

/// f-plane and Rayleigh layers, which act on departures from the base.
template <class F>
struct ForceTendency {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Real coriolis;
  const Real *side_x, *side_y;  ///< rates (1/s) of the layers at the sides, by i and j
  const Real *U, *V, *W;        ///< W: rho w
  Real *RU, *RV, *RW, *Rtheta;

  KOKKOS_FORCEINLINE_FUNCTION Real face_rho(const Index n, const Index e, const int l) const {
    if constexpr (F::mapped)
      return Real(0.5) * ((b.rho[n] + s.rho[n]) + (b.rho[n - e] + s.rho[n - e])) *
             f.thickness(n, e);
    else
      return b.rho[l] + Real(0.5) * (s.rho[n] + s.rho[n - e]);
  }
  /// The base's wind at the face between n - e and n.
  KOKKOS_FORCEINLINE_FUNCTION Real wind(const Real* u, const Index n, const Index e,
                                        const int l) const {
    if constexpr (F::mapped)
      return Real(0.5) * (u[n] + u[n - e]);
    else
      return u[l];
  }
  /// The other horizontal momentum's departure from the base's, mean over the four faces round that of axis a.
  template <int a>
  KOKKOS_FORCEINLINE_FUNCTION Real across(const Real* M, const Real* base, const Index n,
                                          const int l) const {
    const Index p = a == 0 ? Index(-1) : Index(1), q = a == 0 ? f.ex : -f.ex;
    if constexpr (F::mapped) {
      const Index e = f.template step<1 - a>();
      const auto departure = [&](const Index m) {
        return M[m] - face_rho(m, e, l) * wind(base, m, e, l);
      };
      return Real(0.25) *
             (departure(n) + departure(n + p) + departure(n + q) + departure(n + p + q));
    } else {
      return Real(0.25) * (M[n] + M[n + p] + M[n + q] + M[n + p + q]) -
             face_rho(n, f.template step<a>(), l) * base[l];
    }
  }
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    const Index o = f.base(l, n);
    Real side = side_x[i];
    if constexpr (dim == 3) side += side_y[j];
    const Real rate = b.damping[o] + side, rho_x = face_rho(n, 1, l);
    Real ru = -rate * (U[n] - rho_x * wind(b.u, n, 1, l));
    if constexpr (dim == 3) {
      const Real rho_y = face_rho(n, f.ex, l);
      ru += coriolis * across<0>(V, b.v, n, l);
      RV[n] -= rate * (V[n] - rho_y * wind(b.v, n, f.ex, l)) + coriolis * across<1>(U, b.u, n, l);
    }
    RU[n] += ru;
    RW[n] -= Real(0.5) * (rate + (b.damping[f.base(l - 1, n - up)] + side)) * W[n];
    Rtheta[n] -= rate * (b.rho[o] + s.rho[n]) * s.theta[n];
  }
};

/// What the heat capacities of water add: d ln theta_m/dt = -(gamma_m / gamma - 1) div u, where
/// d ln p/dt = -gamma_m div u holds for moist air, gamma_m = cpm / (cpm - Rm).
template <class F>
struct HeatCapacityTendency {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Air<Real> air;
  const Real *qv, *qc, *qr;  ///< qr may be null
  Real* Rtheta;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const Index o = f.base(f.level(k, j), n);
    const auto change = [&](const Real* u, const Index e) {
      return u[n + e] * f.thickness(n + e, e) - u[n] * f.thickness(n, e);
    };
    Real through = s.w[n + up] - s.w[n];
    if constexpr (F::mapped) through -= f.climb(s.u, s.v, n + up) - f.climb(s.u, s.v, n);
    Real div = change(s.u, 1) * f.inv_h[0] + through * f.inv_h[dim - 1];
    if constexpr (dim == 3) div += change(s.v, f.ex) * f.inv_h[1];
    const Real cpm = air.cpm(qv[n], qc[n] + (qr ? qr[n] : Real(0)));
    const Real gamma_m = cpm / (cpm - air.rm(qv[n]));
    const Real heat = (b.rho[o] + s.rho[n]) * (b.theta_m[o] + s.theta[n]);
    Rtheta[n] -= (gamma_m / air.gamma() - 1) * heat * div / f.thickness(n);
  }
};

}  // namespace understudy::solvers::moist
