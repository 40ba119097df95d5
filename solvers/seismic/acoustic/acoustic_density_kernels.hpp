// As acoustic_kernels.hpp for variable density: k = dt^2 rho c^2, r = 1 / rho at faces (mean of the two
// cells' 1 / rho), and the staggered differences, G from cells to faces and V back, G = -V^T:
//
//   psi   <- b psi + a G u,   q = r (s G u + psi)     faces of each axis; psi in slabs
//   zeta  <- b zeta + a V q
//   w      = sum_axes (s V q + zeta),   u_next = 2 u - u_before + k w
//
// and transposed, with e = -G (s v + a nu) and p = r e at faces:
//
//   nu    <- b nu + v
//   mu    <- b mu + p
//   v_next = 2 v - v_before - k sum_axes V (s p + a mu)
//
// with s = 1 / kappa of the layer (1 elsewhere).
//
// The faces reach R - 1 beyond the cells, where the layers end the same way for G and V; so arrays have
// 2 R ghosts, and no fluxes are exchanged between ranks. On a free surface u is odd, r and q are even.
#pragma once

#include "mesh/box_grid.hpp"
#include "solvers/seismic/acoustic/layer_rows.hpp"
#include "solvers/seismic/numerics/differences.hpp"

namespace understudy::solvers::seismic {

template <class Real, int D, int R>
struct StaggeredStencil {
  Real c[D][R + 1];
  Index stride[D];
  StaggeredStencil() = default;
  StaggeredStencil(const mesh::BoxGrid& grid, const LayerBox& box) {
    for (int a = 0; a < D; ++a) {
      for (int m = 0; m <= R; ++m) c[a][m] = Real(Differences<R>::staggered[m] / grid.spacing(a));
      stride[a] = box.stride[a];
    }
  }
  /// G u at the lower face of cell n.
  template <int a>
  KOKKOS_FORCEINLINE_FUNCTION Real to_face(const Real* u, Index n) const {
    Real sum = 0;
    for (int m = 1; m <= R; ++m)
      sum += c[a][m] * (u[n + (m - 1) * stride[a]] - u[n - m * stride[a]]);
    return sum;
  }
  /// Of (1 + s) u + p w, s and p profiles at cell centres.
  template <int a>
  KOKKOS_FORCEINLINE_FUNCTION Real to_face(const Real* u, const Real* s, const Real* w,
                                           const Real* p, Index n, int x) const {
    Real sum = 0;
    for (int m = 1; m <= R; ++m) {
      const Index above = n + (m - 1) * stride[a], below = n - m * stride[a];
      const int xa = x + m - 1, xb = x - m;
      sum += c[a][m] * ((u[above] + s[xa] * u[above] + p[xa] * w[above]) -
                        (u[below] + s[xb] * u[below] + p[xb] * w[below]));
    }
    return sum;
  }
  /// V q at the centre of cell n.
  template <int a>
  KOKKOS_FORCEINLINE_FUNCTION Real to_cell(const Real* q, Index n) const {
    Real sum = 0;
    for (int m = 1; m <= R; ++m)
      sum += c[a][m] * (q[n + m * stride[a]] - q[n - (m - 1) * stride[a]]);
    return sum;
  }
};

/// Faces of one axis and one shot: q or p + a mu into `flux`.
template <class Real, int D, int R, int axis, bool adjoint>
struct DensityFaces {
  StaggeredStencil<Real, D, R> stencil;
  const Real *u = nullptr, *r = nullptr, *nu = nullptr;
  Real *memory = nullptr, *flux = nullptr;  ///< psi or mu
  const Real *a = nullptr, *a_half = nullptr, *b_half = nullptr;
  const Real *s = nullptr, *s_half = nullptr;  ///< 1 / kappa - 1
  Index stride_j = 0, stride_k = 0;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = k * stride_k + j * stride_j + i;
    const int x = axis == 0 ? i : axis == 1 ? j : k;
    if constexpr (adjoint) {
      const Real p = -r[n] * stencil.template to_face<axis>(u, s, nu, a, n, x);
      memory[n] = b_half[x] * memory[n] + p;
      flux[n] = p + (s_half[x] * p + a_half[x] * memory[n]);
    } else {
      const Real g = stencil.template to_face<axis>(u, n);
      memory[n] = b_half[x] * memory[n] + a_half[x] * g;
      flux[n] = r[n] * (g + (s_half[x] * g + memory[n]));
    }
  }
};

template <class Real, int D, int R>
struct DensityForward {
  static constexpr int dimension = D;
  LayerBox box;
  StaggeredStencil<Real, D, R> stencil;
  const Real *u = nullptr, *k = nullptr;
  Real* next = nullptr;
  const Real* flux[3] = {};
  Real* zeta[3] = {};
  const Real *a[3] = {}, *b[3] = {}, *s[3] = {};
  Real* kept = nullptr;

  template <int axis, bool layer>
  KOKKOS_FORCEINLINE_FUNCTION Real along(Index n, int x) const {
    const Real d = stencil.template to_cell<axis>(flux[axis], n);
    if constexpr (!layer) return d;
    const Real z = b[axis][x] * zeta[axis][n] + a[axis][x] * d;
    zeta[axis][n] = z;
    return d + (s[axis][x] * d + z);
  }
  template <bool X, bool Y, bool Z>
  KOKKOS_FORCEINLINE_FUNCTION void cell(Index n, int kk, int jj, int ii, int shot) const {
    Real w = along<0, X>(n, ii) + along<1, Y>(n, jj);
    if constexpr (D == 3) w += along<2, Z>(n, kk);
    next[n] = Real(2) * u[n] - next[n] + k[n - shot * box.shot_stride] * w;
    if (kept != nullptr) kept[n] = w;
  }
};

template <class Real, int D, int R>
struct DensityAdjoint {
  static constexpr int dimension = D;
  LayerBox box;
  StaggeredStencil<Real, D, R> stencil;
  const Real *v = nullptr, *k = nullptr;
  Real* next = nullptr;
  const Real* flux[3] = {};
  const Real* kept = nullptr;
  Real *gradient = nullptr, *illumination = nullptr;

  template <bool X, bool Y, bool Z>
  KOKKOS_FORCEINLINE_FUNCTION void cell(Index n, int, int, int, int shot) const {
    Real w = stencil.template to_cell<0>(flux[0], n) + stencil.template to_cell<1>(flux[1], n);
    if constexpr (D == 3) w += stencil.template to_cell<2>(flux[2], n);
    if (kept != nullptr) {
      gradient[n] += v[n] * kept[n];
      illumination[n] += kept[n] * kept[n];
    }
    next[n] = Real(2) * v[n] - next[n] - k[n - shot * box.shot_stride] * w;
  }
};

/// nu <- b nu + v in the slabs.
template <class Real, int D>
struct DensityNu {
  static constexpr int dimension = D;
  LayerBox box;
  const Real* v = nullptr;
  Real* nu[3] = {};
  const Real* b[3] = {};
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION void slab(Index n, int x) const {
    nu[axis][n] = b[axis][x] * nu[axis][n] + v[n];
  }
};

}  // namespace understudy::solvers::seismic
