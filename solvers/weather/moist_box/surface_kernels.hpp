// What the ground does to the lowest level, by bulk formulas (Stull 1988, section 7.4): fluxes of momentum, heat and
// vapour
//
//   tau = -rho Cd |V| (u, v)     H = rho Ch |V| (theta_s - theta)     E = rho Cq |V| (qs - qv)
//
// with the lowest level's wind, theta and qv, |V|^2 = u^2 + v^2 + least^2, and qs at saturation over water of the
// surface's temperature and pressure. Backward in time in that level: stable and monotone for any step.
// Private to solvers/weather.
#pragma once

#include "solvers/weather/moist_box/stage_kernels.hpp"

namespace understudy::solvers::moist {

/// The surface, and what is shared by all of its fluxes.
template <class F>
struct Surface {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  Air<Real> air;
  Real least_wind;
  const Real* theta;  ///< of the surface (K), by column of the plane of extents x, y
  const Real *u, *v;  ///< v: null in slices

  KOKKOS_FORCEINLINE_FUNCTION Index column(const int j, const int i) const {
    return dim == 2 ? Index(i) : f.ex * j + i;
  }
  KOKKOS_FORCEINLINE_FUNCTION Real spacing(const Real thick) const {
    return thick / f.inv_h[F::up];
  }
  KOKKOS_FORCEINLINE_FUNCTION Real speed(const Real along, const Real across) const {
    return Kokkos::sqrt(along * along + across * across + least_wind * least_wind);
  }
  /// Of the wind at the cell n.
  KOKKOS_FORCEINLINE_FUNCTION Real speed_at(const Index n) const {
    Real across = 0;
    if constexpr (dim == 3) across = Real(0.5) * (v[n] + v[n + f.ex]);
    return speed(Real(0.5) * (u[n] + u[n + 1]), across);
  }
  /// exner of the base at the ground below the cell n of the lowest level l, extrapolated.
  KOKKOS_FORCEINLINE_FUNCTION Real exner(const Index n, const int l) const {
    const Index up = f.template step<F::up>();
    return Real(1.5) * b.exner[f.base(l, n)] - Real(0.5) * b.exner[f.base(l + 1, n + up)];
  }
  /// Saturation mixing ratio at the surface.
  KOKKOS_FORCEINLINE_FUNCTION Real saturation(const Real surface_theta, const Real pi) const {
    return saturation_ratio(air, surface_theta * pi, air.p0 * Kokkos::pow(pi, 1 / air.kappa()));
  }
};

/// u and v of the lowest level, dt later; `drag` 0 leaves them.
template <class F>
struct SurfaceDrag {
  using Real = typename F::Real;
  Surface<F> s;
  Real dt, drag;
  Real *u, *v;

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.f.at(k, j, i), ex = s.f.ex;
    const auto slowed = [&](const Real own, const Real other, const Index e) {
      return own / (1 + dt * drag * s.speed(own, other) / s.spacing(s.f.thickness(n, e)));
    };
    if constexpr (F::dim == 2) {
      u[n] = slowed(s.u[n], 0, 1);
    } else {
      const Real v_here = Real(0.25) * (s.v[n] + s.v[n - 1] + s.v[n + ex] + s.v[n + ex - 1]);
      const Real u_here = Real(0.25) * (s.u[n] + s.u[n + 1] + s.u[n - ex] + s.u[n - ex + 1]);
      u[n] = slowed(s.u[n], v_here, 1);
      v[n] = slowed(s.v[n], u_here, ex);
    }
  }
};

/// theta' and vapour of the lowest level, dt later.
template <class F>
struct SurfaceExchange {
  using Real = typename F::Real;
  Surface<F> s;
  Real dt, heat, vapour;  ///< coefficients
  Real *theta, *qv;       ///< qv: null where there is no water

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.f.at(k, j, i);
    const int l = s.f.level(k, j);
    const Real rate = dt * s.speed_at(n) / s.spacing(s.f.thickness(n));
    const Real surface = s.theta[s.column(j, i)], part = heat * rate / (1 + heat * rate);
    theta[n] += part * (surface - (s.b.theta[s.f.base(l, n)] + theta[n]));
    if (qv) {
      const Real wet = vapour * rate / (1 + vapour * rate);
      qv[n] += wet * (s.saturation(surface, s.exner(n, l)) - qv[n]);
    }
  }
};

/// Flux into the air: of heat (W/m2), or of vapour (kg/(m2 s)).
template <class F, bool of_heat>
struct SurfaceFlux {
  using Real = typename F::Real;
  Surface<F> s;
  Real coefficient;
  const Real *rho, *values;  ///< rho'; theta' or qv

  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const Index n = s.f.at(k, j, i);
    const int l = s.f.level(k, j);
    const Index o = s.f.base(l, n);
    const Real surface = s.theta[s.column(j, i)], pi = s.exner(n, l);
    const Real carried = (s.b.rho[o] + rho[n]) * coefficient * s.speed_at(n);
    return of_heat ? double(s.air.cp * pi * carried * (surface - (s.b.theta[o] + values[n])))
                   : double(carried * (s.saturation(surface, pi) - values[n]));
  }
};

}  // namespace understudy::solvers::moist
