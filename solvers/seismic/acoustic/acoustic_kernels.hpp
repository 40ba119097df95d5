// One time step of the acoustic wave equation of constant density, and of its discrete adjoint, at one
// cell. With u the pressure, k = dt^2 c^2, D2 and D1 the second and first central differences and the
// layer's memory variables psi, zeta of each axis (Pasalic and McGarry 2010; profiles a, b of cpml.hpp):
//
//   psi   <- b psi + a D1 u                                          slabs
//   zeta  <- b zeta + a (D2 u + D1 psi)                              cells near slabs
//   w      = sum_axes (D2 u + D1 psi + zeta)
//   u_next = 2 u - u_before + k w
//
// Its transpose, with v = k lambda for the multiplier lambda of u_next, stepping back in time:
//
//   nu     <- b nu + v                                               slabs
//   mu     <- b mu - D1 (v + a nu)                                   slabs
//   v_next  = 2 v - v_before + k sum_axes (D2 (v + a nu) - D1 (a mu))
//   gradient += v w,  illumination += w^2         (dJ/dk = gradient / k; Shin, Jang and Min 2001)
//
// D2 is symmetric and D1 antisymmetric (zero outside the padded box, odd images at a free surface), so
// that this is the exact transpose; away from layers both steps are the same stencil.
// Arrays [shot, k, j, i]; k and the sums of the gradient as noted.
#pragma once

#include "mesh/box_grid.hpp"
#include "solvers/seismic/acoustic/layer_rows.hpp"
#include "solvers/seismic/numerics/differences.hpp"

namespace understudy::solvers::seismic {

/// Coefficients divided by the spacings.
template <class Real, int D, int R>
struct Stencil {
  Real second[D][R + 1], first[D][R + 1], centre = 0;
  Index stride[D];

  Stencil() = default;
  Stencil(const mesh::BoxGrid& grid, const LayerBox& box) {
    for (int a = 0; a < D; ++a) {
      const double h = grid.spacing(a);
      for (int m = 0; m <= R; ++m) {
        second[a][m] = Real(Differences<R>::second[m] / (h * h));
        first[a][m] = Real(Differences<R>::first[m] / h);
      }
      centre += second[a][0];
      stride[a] = box.stride[a];
    }
  }
  /// The sum of the second differences over all axes.
  KOKKOS_FORCEINLINE_FUNCTION Real laplacian(const Real* u, Index n) const {
    Real sum = centre * u[n];
    // Axis by axis: as two nested loops GCC leaves the 3-D stencil neither unrolled nor vectorised.
    for (int m = 1; m <= R; ++m) sum += second[0][m] * (u[n + m] + u[n - m]);
    for (int m = 1; m <= R; ++m)
      sum += second[1][m] * (u[n + m * stride[1]] + u[n - m * stride[1]]);
    if constexpr (D == 3)
      for (int m = 1; m <= R; ++m)
        sum += second[D - 1][m] * (u[n + m * stride[D - 1]] + u[n - m * stride[D - 1]]);
    return sum;
  }
  template <int a>
  KOKKOS_FORCEINLINE_FUNCTION Real second_along(const Real* u, Index n) const {
    Real sum = second[a][0] * u[n];
    for (int m = 1; m <= R; ++m)
      sum += second[a][m] * (u[n + m * stride[a]] + u[n - m * stride[a]]);
    return sum;
  }
  template <int a>
  KOKKOS_FORCEINLINE_FUNCTION Real first_along(const Real* u, Index n) const {
    Real sum = 0;
    for (int m = 1; m <= R; ++m) sum += first[a][m] * (u[n + m * stride[a]] - u[n - m * stride[a]]);
    return sum;
  }
  /// Of p u, p a profile along the axis.
  template <int a>
  KOKKOS_FORCEINLINE_FUNCTION Real second_along(const Real* u, const Real* p, Index n,
                                                int x) const {
    Real sum = second[a][0] * p[x] * u[n];
    for (int m = 1; m <= R; ++m)
      sum += second[a][m] * (p[x + m] * u[n + m * stride[a]] + p[x - m] * u[n - m * stride[a]]);
    return sum;
  }
  template <int a>
  KOKKOS_FORCEINLINE_FUNCTION Real first_along(const Real* u, const Real* p, Index n, int x) const {
    Real sum = 0;
    for (int m = 1; m <= R; ++m)
      sum += first[a][m] * (p[x + m] * u[n + m * stride[a]] - p[x - m] * u[n - m * stride[a]]);
    return sum;
  }
};

template <class Real, int D, int R>
struct AcousticForward {
  static constexpr int dimension = D;
  LayerBox box;
  Stencil<Real, D, R> stencil;
  const Real *u = nullptr, *k = nullptr;  ///< k [k, j, i]: shared by the shots
  Real* next = nullptr;                   ///< u_before, becomes u_next
  Real *psi[3] = {}, *zeta[3] = {};
  const Real *a[3] = {}, *b[3] = {};  ///< profiles along each axis
  Real* kept = nullptr;               ///< w, where it is wanted

  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION void slab(Index n, int x) const {
    psi[axis][n] =
        b[axis][x] * psi[axis][n] + a[axis][x] * stencil.template first_along<axis>(u, n);
  }
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Real layer(Index n, int x) const {
    const Real d_psi = stencil.template first_along<axis>(psi[axis], n);
    const Real d2 = stencil.template second_along<axis>(u, n);
    const Real z = b[axis][x] * zeta[axis][n] + a[axis][x] * (d2 + d_psi);
    zeta[axis][n] = z;
    return d_psi + z;
  }
  template <bool X, bool Y, bool Z>
  KOKKOS_FORCEINLINE_FUNCTION void cell(Index n, int kk, int jj, int ii, int shot) const {
    Real w = stencil.laplacian(u, n);
    if constexpr (X) w += layer<0>(n, ii);
    if constexpr (Y) w += layer<1>(n, jj);
    if constexpr (Z) w += layer<2>(n, kk);
    next[n] = Real(2) * u[n] - next[n] + k[n - shot * box.shot_stride] * w;
    if (kept != nullptr) kept[n] = w;
  }
};

template <class Real, int D, int R>
struct AcousticAdjoint {
  static constexpr int dimension = D;
  LayerBox box;
  Stencil<Real, D, R> stencil;
  const Real *v = nullptr, *k = nullptr;
  Real* next = nullptr;
  Real *nu[3] = {}, *mu[3] = {};
  const Real *a[3] = {}, *b[3] = {};
  const Real* kept = nullptr;                         ///< w of the forward step
  Real *gradient = nullptr, *illumination = nullptr;  ///< sums, null where not wanted

  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION Real layer(Index n, int x) const {
    return stencil.template second_along<axis>(nu[axis], a[axis], n, x) -
           stencil.template first_along<axis>(mu[axis], a[axis], n, x);
  }
  template <bool X, bool Y, bool Z>
  KOKKOS_FORCEINLINE_FUNCTION void cell(Index n, int kk, int jj, int ii, int shot) const {
    Real w = stencil.laplacian(v, n);
    if constexpr (X) w += layer<0>(n, ii);
    if constexpr (Y) w += layer<1>(n, jj);
    if constexpr (Z) w += layer<2>(n, kk);
    if (kept != nullptr) {
      gradient[n] += v[n] * kept[n];
      illumination[n] += kept[n] * kept[n];
    }
    next[n] = Real(2) * v[n] - next[n] + k[n - shot * box.shot_stride] * w;
  }
};

/// The slabs' two passes of the adjoint step.
template <class Adjoint>
struct AdjointNu : Adjoint {
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION void slab(Index n, int x) const {
    this->nu[axis][n] = this->b[axis][x] * this->nu[axis][n] + this->v[n];
  }
};
template <class Adjoint>
struct AdjointMu : Adjoint {
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION void slab(Index n, int x) const {
    const auto d = this->stencil.template first_along<axis>(this->v, n) +
                   this->stencil.template first_along<axis>(this->nu[axis], this->a[axis], n, x);
    this->mu[axis][n] = this->b[axis][x] * this->mu[axis][n] - d;
  }
};

}  // namespace understudy::solvers::seismic
