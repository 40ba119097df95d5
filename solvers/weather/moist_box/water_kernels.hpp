// Transport of water in a Runge-Kutta stage: rho q by the mean mass fluxes of the acoustic steps, so that a
// uniform q stays uniform, in flux form. In the last stage the fluxes beyond first-order upwind ones are
// scaled so that no cell gives more than it has (Skamarock 2006, Mon. Wea. Rev. 134, eqs. 7 to 10): positive,
// and conservative. Diffusion is a part of the fluxes. Private to solvers/weather.
#pragma once

#include "solvers/weather/moist_box/stage_kernels.hpp"

namespace understudy::solvers::moist {

/// Mean mass fluxes: the stage's own and the mean of the acoustic departures.
template <class Real>
struct MeanFluxes {
  const Real *stage[3] = {}, *sum[3] = {};  ///< along x, y, vertical (the last of dim)
  Real part = 0;                            ///< 1 over the number of acoustic steps
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Real at(const Index n) const {
    return stage[axis][n] + part * sum[axis][n];
  }
};

/// Fluxes of q through the lower faces of a cell along an axis.
template <class F, int order, bool viscous>
struct WaterFluxes {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  MeanFluxes<Real> mass;
  const Real* q;     ///< the stage's
  const Real* eddy;  ///< rho K (kg/(m s)) at cells; null unless viscous
  Real half_inv_prandtl;

  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Real high(const Index n) const {
    const Index e = f.template step<axis>();
    Real flux = upwind_flux<order>(mass.template at<axis>(n), q, n, e);
    if constexpr (viscous && F::mapped) {
      const Real mixed = half_inv_prandtl * (eddy[n] + eddy[n - e]) * (q[n] - q[n - e]);
      const Real thick = f.thickness(n, e);
      flux -= mixed * f.inv_h[axis] * (axis == F::up ? 1 / thick : thick);
    } else if constexpr (viscous) {
      flux -= half_inv_prandtl * (eddy[n] + eddy[n - e]) * (q[n] - q[n - e]) * f.inv_h[axis];
    }
    return flux;
  }
  /// First order, of the q at the step's start.
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Real low(const Real* start, const Index n) const {
    const Real flux = mass.template at<axis>(n);
    return flux * (flux > 0 ? start[n - f.template step<axis>()] : start[n]);
  }
};

/// q at the stage's end, dt after the step's start.
template <class F, int order, bool viscous>
struct AdvanceWater {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  WaterFluxes<F, order, viscous> flux;
  BasePointers<Real> b;
  Real dt;
  const Real *start, *rho_start, *rho_end;
  Real* end;

  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Real divergence(const Index n) const {
    const Index e = flux.f.template step<axis>();
    return (flux.template high<axis>(n + e) - flux.template high<axis>(n)) * flux.f.inv_h[axis];
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = flux.f.at(k, j, i);
    const Real base = b.rho[F::base(F::level(k, j), n)];
    Real sum = divergence<0>(n) + divergence<dim - 1>(n);
    if constexpr (dim == 3) sum += divergence<1>(n);
    const Real q = start[n];
    if constexpr (F::mapped) sum /= flux.f.thickness(n);
    end[n] = q - (dt * sum + q * (rho_end[n] - rho_start[n])) / (base + rho_end[n]);
  }
};

/// The part of what leaves a cell beyond first-order fluxes that it can give.
template <class F, int order, bool viscous>
struct WaterToGive {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  WaterFluxes<F, order, viscous> flux;
  BasePointers<Real> b;
  Real dt;
  const Real *start, *rho_start;
  Real* share;

  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION void along(const Index n, Real& left, Real& leaves) const {
    const Index e = flux.f.template step<axis>();
    Real inv = dt * flux.f.inv_h[axis];
    if constexpr (F::mapped) inv /= flux.f.thickness(n);
    const Real low_in = flux.template low<axis>(start, n);
    const Real low_out = flux.template low<axis>(start, n + e);
    const Real in = flux.template high<axis>(n) - low_in;
    const Real out = flux.template high<axis>(n + e) - low_out;
    left -= inv * (low_out - low_in);
    leaves += inv * ((out > 0 ? out : Real(0)) - (in < 0 ? in : Real(0)));
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = flux.f.at(k, j, i);
    Real left = (b.rho[F::base(F::level(k, j), n)] + rho_start[n]) * start[n], leaves = 0;
    along<0>(n, left, leaves);
    if constexpr (dim == 3) along<1>(n, left, leaves);
    along<dim - 1>(n, left, leaves);
    left = left > 0 ? left : Real(0);
    share[n] = leaves > left ? left / leaves : Real(1);
  }
};

/// AdvanceWater with the limited fluxes.
template <class F, int order, bool viscous>
struct AdvanceWaterLimited {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  WaterFluxes<F, order, viscous> flux;
  BasePointers<Real> b;
  Real dt;
  const Real *start, *rho_start, *rho_end, *share;
  Real* end;

  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Real limited(const Index n) const {
    const Index e = flux.f.template step<axis>();
    const Real low = flux.template low<axis>(start, n);
    const Real more = flux.template high<axis>(n) - low;
    return low + more * (more > 0 ? share[n - e] : share[n]);
  }
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Real divergence(const Index n) const {
    const Index e = flux.f.template step<axis>();
    return (limited<axis>(n + e) - limited<axis>(n)) * flux.f.inv_h[axis];
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = flux.f.at(k, j, i);
    const Real base = b.rho[F::base(F::level(k, j), n)];
    Real sum = divergence<0>(n) + divergence<dim - 1>(n);
    if constexpr (dim == 3) sum += divergence<1>(n);
    const Real q = start[n];
    if constexpr (F::mapped) sum /= flux.f.thickness(n);
    end[n] = q - (dt * sum + q * (rho_end[n] - rho_start[n])) / (base + rho_end[n]);
  }
};

/// Water in all of its phases, kg/kg.
template <class F>
struct SumWater {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  const Real *qv, *qc, *qr;  ///< qr may be null
  Real* total;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    total[n] = qv[n] + qc[n] + (qr ? qr[n] : Real(0));
  }
};

/// One more of them.
template <class Real>
struct AddWater {
  mesh::Array3<Real> q, total;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    total(k, j, i) += q(k, j, i);
  }
};

/// theta' of the state (dry potential temperature less the base's) to theta' of theta_m, and back.
template <class F, bool back>
struct ConvertTheta {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  Real ratio;  ///< Rv / Rd
  const Real *from, *qv;
  Real* to;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), l = f.base(f.level(k, j), n);
    const Real shift = b.theta[l] * ratio * (qv[n] - b.qv[l]), factor = 1 + ratio * qv[n];
    to[n] = back ? (from[n] - shift) / factor : from[n] * factor + shift;
  }
};

/// Vapour and cloud to saturation. `moist_heat`: in a closed volume with all heat capacities, else at the
/// point's pressure with those of dry air.
template <class F>
struct Saturate {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  Air<Real> air;
  bool moist_heat;
  const Real *rho, *qr;  ///< rho'; qr may be null
  Real *theta, *qv, *qc;

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), l = f.base(f.level(k, j), n);
    const Real density = b.rho[l] + rho[n], potential = b.theta[l] + theta[n];
    const Real ratio = air.rv / air.rd, vapour = qv[n], cloud = qc[n];
    const Real heat = density * potential * (1 + ratio * vapour);
    const Real exner = Kokkos::pow(air.rd * heat / air.p0, air.gamma() - 1);
    Real t = potential * exner;
    const Real pressure = density * air.rm(vapour) * t;
    if (cloud <= 0 && vapour * pressure < (vapour + air.rd / air.rv) * saturation_pressure(t))
      return;
    Real condensed, warmer;
    if (moist_heat) {
      condensed = condense(air, density, vapour, cloud, qr ? qr[n] : Real(0), t);
      const Real after = density * air.rm(vapour - condensed) * t;
      warmer = t * Kokkos::pow(after / air.p0, -air.kappa()) - potential;
    } else {
      const Real warming = air.latent_0 / air.cp;
      condensed = 0;
      for (int m = 0; m < 3; ++m) {
        const Real now = t + warming * condensed;
        const Real saturated = saturation_ratio(air, now, pressure);
        const Real slope =
            saturated * Real(17.67 * 243.5) / ((now - Real(29.65)) * (now - Real(29.65)));
        condensed += (vapour - condensed - saturated) / (1 + warming * slope);
        condensed = condensed > vapour ? vapour : condensed;
        condensed = condensed < -cloud ? -cloud : condensed;
      }
      warmer = warming * condensed / exner;
    }
    qv[n] = vapour - condensed;
    qc[n] = cloud + condensed;
    theta[n] += warmer;
  }
};

}  // namespace understudy::solvers::moist
