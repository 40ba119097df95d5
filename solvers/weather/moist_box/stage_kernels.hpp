// What a Runge-Kutta stage of the moist box computes from its state before the acoustic steps: pressure, mass
// fluxes and slow tendencies. Private to solvers/weather.
//
//   rho    dry density = rho_b + rho'      theta_m  = theta (1 + qv Rv/Rd) = theta_b + theta'
//   U, V, W = rho u, rho v, rho w at faces (rho: mean of both sides);  Theta = rho theta_m
//   p = p0 (Rd Theta / p0)^gamma, so that grad p'' = grad(c Theta''), c = gamma p / Theta
// All arrays [k, j, i] of the grid's extents; base profiles by level. Slow tendencies (flux form, Klemp,
// Skamarock & Dudhia 2007, eqs. 8 to 11, with the pressure's gradient in place of that of exner):
//   R_U = -div(U u) - m dp'/dx,   R_W = -div(U w) - m (dp'/dz + g rho_t'),   m = 1 / (1 + qt)
//   R_rho = -div(U),   R_Theta = -div(U theta_m),   rho_t' = rho (1 + qt) - rho_b (1 + qt_b)
#pragma once

#include "solvers/weather/moist_box/frame.hpp"
#include "solvers/weather/moist_box/moist_air.hpp"

namespace understudy::solvers::moist {

/// Profiles on the device, by level, ghosts included.
template <class Real>
struct BasePointers {
  const Real *theta_m, *theta, *rho, *pressure, *qt, *qv, *face, *slope, *u, *v, *damping, *exner;
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
template <class Real, int dim>
struct Prepare {
  Frame<Real, dim> f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Real gamma;
  Real *U, *V, *W, *pressure, *c;

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    const Real rho = b.rho[l] + s.rho[n], base = b.rho[l] * b.theta_m[l];
    const Real excess = s.rho[n] * b.theta_m[l] + rho * s.theta[n];
    const Real p = b.pressure[l] * power_minus_one(excess / base, gamma);
    pressure[n] = p;
    c[n] = gamma * (b.pressure[l] + p) / (base + excess);
    U[n] = Real(0.5) * (rho + b.rho[l] + s.rho[n - 1]) * s.u[n];
    if constexpr (dim == 3) V[n] = Real(0.5) * (rho + b.rho[l] + s.rho[n - f.ex]) * s.v[n];
    W[n] = Real(0.5) * (rho + b.rho[l - 1] + s.rho[n - up]) * s.w[n];
  }
};

/// Slow tendencies of the momenta at the interior's faces.
template <class Real, int dim, int order, bool wet>
struct MomentumTendency {
  Frame<Real, dim> f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Real half_g;
  const Real *U, *V, *W, *pressure;
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
      return s.rho[n] * (1 + s.qt[n]) + b.rho[l] * (s.qt[n] - b.qt[l]);
    else
      return s.rho[n];
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    RU[n] = -carried<0>(s.u, n) -
            dry_share<wet>(s.qt, n, Index(1)) * (pressure[n] - pressure[n - 1]) * f.inv_h[0];
    if constexpr (dim == 3)
      RV[n] = -carried<1>(s.v, n) -
              dry_share<wet>(s.qt, n, f.ex) * (pressure[n] - pressure[n - f.ex]) * f.inv_h[1];
    RW[n] = -carried<dim - 1>(s.w, n) -
            dry_share<wet>(s.qt, n, up) * ((pressure[n] - pressure[n - up]) * f.inv_h[dim - 1] +
                                           half_g * (weight(n, l) + weight(n - up, l - 1)));
  }
};

/// R_rho and R_Theta in the interior. The base's part of the vertical flux comes from BaseState::face.
template <class Real, int dim, int order>
struct HeatTendency {
  Frame<Real, dim> f;
  BasePointers<Real> b;
  const Real *U, *V, *W, *theta;
  Real *Rrho, *Rtheta;

  KOKKOS_FORCEINLINE_FUNCTION Real base_flux(const Real flux, const int face,
                                             const Real here) const {
    return flux * (b.face[face] - here) - Kokkos::abs(flux) * b.slope[face];
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
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

/// f-plane and Rayleigh layer, which act on departures from the base.
template <class Real, int dim>
struct ForceTendency {
  Frame<Real, dim> f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Real coriolis;
  const Real *U, *V, *W;
  Real *RU, *RV, *RW, *Rtheta;

  KOKKOS_FORCEINLINE_FUNCTION Real face_rho(const Index n, const Index e, const int l) const {
    return b.rho[l] + Real(0.5) * (s.rho[n] + s.rho[n - e]);
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    const int l = f.level(k, j);
    const Real rate = b.damping[l], rho_x = face_rho(n, 1, l);
    Real ru = -rate * (U[n] - rho_x * b.u[l]);
    if constexpr (dim == 3) {
      const Real rho_y = face_rho(n, f.ex, l);
      const Real across_u = Real(0.25) * (V[n] + V[n - 1] + V[n + f.ex] + V[n + f.ex - 1]);
      const Real across_v = Real(0.25) * (U[n] + U[n + 1] + U[n - f.ex] + U[n - f.ex + 1]);
      ru += coriolis * (across_u - rho_x * b.v[l]);
      RV[n] -= rate * (V[n] - rho_y * b.v[l]) + coriolis * (across_v - rho_y * b.u[l]);
    }
    RU[n] += ru;
    RW[n] -= Real(0.5) * (rate + b.damping[l - 1]) * W[n];
    Rtheta[n] -= rate * (b.rho[l] + s.rho[n]) * s.theta[n];
  }
};

/// What the heat capacities of water add: d ln theta_m/dt = -(gamma_m / gamma - 1) div u, where
/// d ln p/dt = -gamma_m div u holds for moist air, gamma_m = cpm / (cpm - Rm).
template <class Real, int dim>
struct HeatCapacityTendency {
  Frame<Real, dim> f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Air<Real> air;
  const Real *qv, *qc, *qr;  ///< qr may be null
  Real* Rtheta;

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    Real div = (s.u[n + 1] - s.u[n]) * f.inv_h[0] + (s.w[n + up] - s.w[n]) * f.inv_h[dim - 1];
    if constexpr (dim == 3) div += (s.v[n + f.ex] - s.v[n]) * f.inv_h[1];
    const Real cpm = air.cpm(qv[n], qc[n] + (qr ? qr[n] : Real(0)));
    const Real gamma_m = cpm / (cpm - air.rm(qv[n]));
    const Real heat = (b.rho[l] + s.rho[n]) * (b.theta_m[l] + s.theta[n]);
    Rtheta[n] -= (gamma_m / air.gamma() - 1) * heat * div;
  }
};

}  // namespace understudy::solvers::moist
