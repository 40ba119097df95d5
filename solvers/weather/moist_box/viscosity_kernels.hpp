// Viscosity and heat conduction of the moist box, added to the slow tendencies in flux form:
//
//   constant      div(rho K grad u_a), the form of Straka et al. (1993)
//   smagorinsky   div(rho K (grad u_a + grad_a u)), K = (C D)^2 sqrt(max(0, S^2 - N^2 / Pr)),
//                 S^2 = 2 S_ij S_ij, D the cube (square) root of a cell's volume (Lilly 1962);
//                 N^2 = g d ln theta_m / dz
//   theta'        div(rho K / Pr grad theta'): the base is not mixed
//
// Mapped: gradients along x and y are those along the levels, the vertical ones true (J): diffusion along the
// levels, conservative, without the terms that their slope adds. Private to solvers/weather.
#pragma once

#include "solvers/weather/moist_box/stage_kernels.hpp"

namespace understudy::solvers::moist {

/// rho K (kg/(m s)) of a constant K at all cells.
template <class F>
struct ConstantEddy {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  Real viscosity;
  const Real* rho;
  Real* eddy;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    eddy[n] = viscosity * (b.rho[f.base(f.level(k, j), n)] + rho[n]);
  }
};

/// rho K of Smagorinsky and Lilly in the interior.
template <class F>
struct SmagorinskyEddy {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  StatePointers<Real> s;
  Real length_squared, gravity, inv_prandtl;  ///< length: of a cell with J = 1
  Real* eddy;

  /// d u_a / dx_c + d u_c / dx_a, mean of the four edges round the cell.
  KOKKOS_FORCEINLINE_FUNCTION static Real shear(const Real* ua, const Real* uc, const Index n,
                                                const Index a, const Index c, const Real inv_a,
                                                const Real inv_c) {
    const Real along_c = (ua[n + c] - ua[n - c]) + (ua[n + a + c] - ua[n + a - c]);
    const Real along_a = (uc[n + a] - uc[n - a]) + (uc[n + c + a] - uc[n + c - a]);
    return Real(0.25) * (along_c * inv_c + along_a * inv_a);
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    const Real inv_dx = f.inv_h[0], inv_dz = f.inv_h[dim - 1] / f.thickness(n);
    const Real xx = (s.u[n + 1] - s.u[n]) * inv_dx, zz = (s.w[n + up] - s.w[n]) * inv_dz;
    const Real xz = shear(s.u, s.w, n, 1, up, inv_dx, inv_dz);
    Real squared = Real(2) * (xx * xx + zz * zz) + xz * xz;
    if constexpr (dim == 3) {
      const Real yy = (s.v[n + f.ex] - s.v[n]) * f.inv_h[1];
      const Real xy = shear(s.u, s.v, n, 1, f.ex, inv_dx, f.inv_h[1]);
      const Real yz = shear(s.v, s.w, n, f.ex, up, f.inv_h[1], inv_dz);
      squared += Real(2) * yy * yy + xy * xy + yz * yz;
    }
    const Real above = b.theta_m[f.base(l + 1, n + up)] + s.theta[n + up],
               below = b.theta_m[f.base(l - 1, n - up)] + s.theta[n - up];
    const Index o = f.base(l, n);
    const Real stability =
        gravity * Real(0.5) * inv_dz * (above - below) / (b.theta_m[o] + s.theta[n]);
    const Real left = squared - stability * inv_prandtl;
    Real mixing = left > 0 ? length_squared * Kokkos::sqrt(left) * (b.rho[o] + s.rho[n]) : Real(0);
    if constexpr (F::mapped) {
      const Real thick = f.thickness(n);
      mixing *= dim == 2 ? thick : Kokkos::cbrt(thick * thick);
    }
    eddy[n] = mixing;
  }
};

/// Adds to the tendencies of the momenta and of Theta in the interior. `stress`: Smagorinsky's form.
template <class F, bool stress>
struct AddViscosity {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  const Real *u[3], *theta, *eddy;  ///< u by axis: x, y, vertical (the last of dim)
  Real inv_prandtl;
  Real *rate[3], *Rtheta;

  /// J of what passes the faces of an axis, at a place of that thickness: an area along x, y, a length upwards.
  template <int c>
  KOKKOS_FORCEINLINE_FUNCTION static Real on_levels(const Real flux, const Real thick) {
    if constexpr (c == F::up)
      return flux / thick;
    else
      return flux * thick;
  }
  /// Stress on the lower c-face of the control volume of u_a, times J where c is horizontal.
  template <int a, int c>
  KOKKOS_FORCEINLINE_FUNCTION Real on_face(const Index n) const {
    const Index ea = f.template step<a>(), ec = f.template step<c>();
    if constexpr (a == c) {
      return on_levels<c>(
          (stress ? Real(2) : Real(1)) * eddy[n - ea] * (u[a][n] - u[a][n - ea]) * f.inv_h[a],
          f.thickness(n - ea));
    } else {
      const Real mean =
          Real(0.25) * ((eddy[n] + eddy[n - ea]) + (eddy[n - ec] + eddy[n - ea - ec]));
      const Real thick = f.thickness(n, ea, ec);
      Real gradient = (u[a][n] - u[a][n - ec]) * f.inv_h[c];
      if constexpr (c == F::up) gradient /= thick;
      if constexpr (stress) {
        const Real other = (u[c][n] - u[c][n - ea]) * f.inv_h[a];
        gradient += a == F::up ? other / thick : other;
      }
      return c == F::up ? mean * gradient : mean * gradient * thick;
    }
  }
  template <int a, int c>
  KOKKOS_FORCEINLINE_FUNCTION Real along(const Index n) const {
    return (on_face<a, c>(n + f.template step<c>()) - on_face<a, c>(n)) * f.inv_h[c];
  }
  template <int a>
  KOKKOS_FORCEINLINE_FUNCTION void component(const Index n) const {
    Real sum = along<a, 0>(n) + along<a, dim - 1>(n);
    if constexpr (dim == 3) sum += along<a, 1>(n);
    // R_U is of J rho u, R_W of rho w.
    rate[a][n] += a == F::up ? sum / f.thickness(n, f.template step<a>()) : sum;
  }
  template <int c>
  KOKKOS_FORCEINLINE_FUNCTION Real conducted(const Index n) const {
    const Index e = f.template step<c>();
    const Real out =
        on_levels<c>((eddy[n] + eddy[n + e]) * (theta[n + e] - theta[n]), f.thickness(n + e, e));
    const Real in =
        on_levels<c>((eddy[n] + eddy[n - e]) * (theta[n] - theta[n - e]), f.thickness(n, e));
    return Real(0.5) * (out - in) * f.inv_h[c] * f.inv_h[c];
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    component<0>(n);
    if constexpr (dim == 3) component<1>(n);
    component<dim - 1>(n);
    Real sum = conducted<0>(n) + conducted<dim - 1>(n);
    if constexpr (dim == 3) sum += conducted<1>(n);
    Rtheta[n] += inv_prandtl * sum / f.thickness(n);
  }
};

}  // namespace understudy::solvers::moist
