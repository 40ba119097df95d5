// Point kernels of the elastic velocity-stress equations on the staggered grid (Virieux 1986, eqs. 1-2;
// order 4: Levander 1988):
//   rho dv_a/dt = sum_b d s_ab / dx_b
//   ds_aa/dt = lambda div v + 2 mu dv_a/dx_a,   ds_ab/dt = mu (dv_a/dx_b + dv_b/dx_a)
// v_a on the lower faces of axis a, s_aa at cell centres, s_ab on the edges at the lower ends of axes a
// and b. D is the dimension, R the stencil's radius; the vertical axis is D - 1. With `surface` the
// vertical differences are the dense rows of surface_closure.hpp. Private to the elastic solver.
#pragma once

#include <cstddef>

#include "mesh/loops.hpp"
#include "solvers/seismic/elastic/elastic_medium.hpp"
#include "solvers/seismic/elastic/surface_closure.hpp"

namespace understudy::solvers::seismic {

using Offset = std::ptrdiff_t;

/// Raw arrays of a state, [k, j, i] of the grid's extents.
template <class Real>
struct ElasticArrays {
  Real* velocity[3] = {};
  Real* stress[6] = {};
  Real* velocity_memory[3][3] = {};  ///< [axis of the layer][component]
  Real* stress_memory[3][3] = {};
};

template <class Real, int D, int R>
struct StaggeredDifferences {
  Offset stride[3] = {1, 0, 0};
  Real c[D][R];  ///< over the spacing

  /// At the lower face of cell n from values at cells.
  template <int A>
  KOKKOS_FORCEINLINE_FUNCTION Real to_face(const Real* u, Offset n) const {
    const Offset s = A == 0 ? 1 : stride[A];
    Real sum = 0;
    for (int m = 1; m <= R; ++m) sum += c[A][m - 1] * (u[n + (m - 1) * s] - u[n - m * s]);
    return sum;
  }
  /// At cell n from values at lower faces.
  template <int A>
  KOKKOS_FORCEINLINE_FUNCTION Real to_cell(const Real* u, Offset n) const {
    const Offset s = A == 0 ? 1 : stride[A];
    Real sum = 0;
    for (int m = 1; m <= R; ++m) sum += c[A][m - 1] * (u[n + m * s] - u[n - (m - 1) * s]);
    return sum;
  }
};

/// Dense vertical differences, upwards and over the spacing; row r begins at r * columns.
template <class Real, int R>
struct SurfaceRows {
  static constexpr int columns = SurfaceClosure<R>::columns;
  const Real* to_faces = nullptr;
  const Real* to_cells = nullptr;
  int top = 0;  ///< local index of the surface's faces

  /// At the face `depth` rows below the surface, index n.
  KOKKOS_FORCEINLINE_FUNCTION Real face(const Real* u, Offset n, Offset stride, int depth) const {
    Real sum = 0;
    for (int m = 0; m < columns; ++m)
      sum += to_faces[depth * columns + m] * u[n + (depth - 1 - m) * stride];
    return sum;
  }
  /// At the cell `depth` rows below the uppermost, index n.
  KOKKOS_FORCEINLINE_FUNCTION Real cell(const Real* u, Offset n, Offset stride, int depth) const {
    Real sum = 0;
    for (int m = 0; m < columns; ++m)
      sum += to_cells[depth * columns + m] * u[n + (depth + 1 - m) * stride];
    return sum;
  }
};

/// What both updates share.
template <class Real, int D, int R, bool surface>
struct ElasticKernel {
  StaggeredDifferences<Real, D, R> d;
  SurfaceRows<Real, R> rows;
  Real* v[3];
  Real* s[6];
  Real dt;

  KOKKOS_FORCEINLINE_FUNCTION Offset at(int k, int j, int i) const {
    return k * d.stride[2] + j * d.stride[1] + i;
  }
  /// Rows between index (k, j) and the surface's faces.
  KOKKOS_FORCEINLINE_FUNCTION int depth(int k, int j) const { return rows.top - (D == 2 ? j : k); }

  template <int A>
  KOKKOS_FORCEINLINE_FUNCTION Real face(const Real* u, Offset n, int depth) const {
    if constexpr (surface && A == D - 1) return rows.face(u, n, d.stride[A], depth);
    return d.template to_face<A>(u, n);
  }
  template <int A>
  KOKKOS_FORCEINLINE_FUNCTION Real cell(const Real* u, Offset n, int depth) const {
    if constexpr (surface && A == D - 1) return rows.cell(u, n, d.stride[A], depth - 1);
    return d.template to_cell<A>(u, n);
  }
};

template <class Real, int D, int R, bool surface>
struct VelocityUpdate : ElasticKernel<Real, D, R, surface> {
  const Real* buoyancy[3];

  template <int A, int B>
  KOKKOS_FORCEINLINE_FUNCTION Real term(Offset n, int depth) const {
    if constexpr (B >= D)
      return 0;
    else if constexpr (A == B)
      return this->template face<A>(this->s[A], n, depth);
    else
      return this->template cell<B>(this->s[shear_index(D, A, B)], n, depth);
  }
  template <int A>
  KOKKOS_FORCEINLINE_FUNCTION void component(Offset n, int depth) const {
    const Real force = term<A, 0>(n, depth) + term<A, 1>(n, depth) + term<A, 2>(n, depth);
    this->v[A][n] += this->dt * buoyancy[A][n] * force;
  }
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int k, int j, int i) const {
    const Offset n = this->at(k, j, i);
    const int depth = surface ? this->depth(k, j) : 0;
    if constexpr (surface) {
      if (depth == 0) {  // the surface itself: shear stress is 0 there
        const Real force = this->template face<D - 1>(this->s[D - 1], n, 0);
        this->v[D - 1][n] += this->dt * buoyancy[D - 1][n] * force;
        return;
      }
    }
    component<0>(n, depth);
    component<1>(n, depth);
    if constexpr (D == 3) component<2>(n, depth);
  }
};

template <class Real, int D, int R, bool surface>
struct StressUpdate : ElasticKernel<Real, D, R, surface> {
  const Real* lambda;
  const Real* mu;
  const Real* mu_edge[6];

  template <int A, int B>
  KOKKOS_FORCEINLINE_FUNCTION void shear(Offset n, int depth) const {
    constexpr int c = shear_index(D, A, B);
    const Real rate =
        this->template face<B>(this->v[A], n, depth) + this->template face<A>(this->v[B], n, depth);
    this->s[c][n] += this->dt * mu_edge[c][n] * rate;
  }
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int k, int j, int i) const {
    const Offset n = this->at(k, j, i);
    const int depth = surface ? this->depth(k, j) : 0;
    Real e[3] = {this->template cell<0>(this->v[0], n, depth),
                 this->template cell<1>(this->v[1], n, depth), 0};
    if constexpr (D == 3) e[2] = this->template cell<2>(this->v[2], n, depth);
    const Real dilation = this->dt * lambda[n] * (e[0] + e[1] + e[2]);
    const Real twice = 2 * this->dt * mu[n];
    for (int a = 0; a < D; ++a) this->s[a][n] += dilation + twice * e[a];
    shear<0, 1>(n, depth);
    if constexpr (D == 3) {
      shear<0, 2>(n, depth);
      shear<1, 2>(n, depth);
    }
  }
};

/// What the layer of axis A adds (cpml.hpp): a derivative along A is stretched and gets its memory variable.
template <class Real, int D, int R, int A>
struct VelocityLayer : ElasticKernel<Real, D, R, false> {
  const Real* buoyancy[3];
  Real* memory[3];
  const Real *a, *b, *a_half, *b_half;
  const Real *squeeze, *squeeze_half;  ///< 1 / kappa - 1, [index along A]
  const Real *loss, *loss_half;        ///< what a step leaves of the field

  template <int B>
  KOKKOS_FORCEINLINE_FUNCTION void component(Offset n, int along) const {
    Real slope;
    if constexpr (A == B)
      slope = this->d.template to_face<A>(this->s[A], n);
    else
      slope = this->d.template to_cell<A>(this->s[shear_index(D, A, B)], n);
    const Real keep = A == B ? b_half[along] : b[along], gain = A == B ? a_half[along] : a[along];
    const Real psi = keep * memory[B][n] + gain * slope;
    memory[B][n] = psi;
    const Real added = psi + (A == B ? squeeze_half[along] : squeeze[along]) * slope;
    const Real kept = A == B ? loss_half[along] : loss[along];
    this->v[B][n] = kept * (this->v[B][n] + this->dt * buoyancy[B][n] * added);
  }
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int k, int j, int i) const {
    const Offset n = this->at(k, j, i);
    const int along = A == 0 ? i : A == 1 ? j : k;
    component<0>(n, along);
    component<1>(n, along);
    if constexpr (D == 3) component<2>(n, along);
  }
};

template <class Real, int D, int R, int A>
struct StressLayer : ElasticKernel<Real, D, R, false> {
  const Real* lambda;
  const Real* mu;
  const Real* mu_edge[6];
  Real* memory[3];
  const Real *a, *b, *a_half, *b_half;
  const Real *squeeze, *squeeze_half;  ///< 1 / kappa - 1
  const Real *loss, *loss_half;

  template <int B>
  KOKKOS_FORCEINLINE_FUNCTION void component(Offset n, int along) const {
    Real slope;
    if constexpr (A == B)
      slope = this->d.template to_cell<A>(this->v[A], n);
    else
      slope = this->d.template to_face<A>(this->v[B], n);
    const Real keep = A == B ? b[along] : b_half[along], gain = A == B ? a[along] : a_half[along];
    const Real psi = keep * memory[B][n] + gain * slope;
    memory[B][n] = psi;
    const Real added = psi + (A == B ? squeeze[along] : squeeze_half[along]) * slope;
    if constexpr (A == B) {
      for (int c = 0; c < D; ++c) {
        const Real stiffness = lambda[n] + (c == A ? 2 * mu[n] : Real(0));
        this->s[c][n] = loss[along] * (this->s[c][n] + this->dt * stiffness * added);
      }
    } else {
      constexpr int c = shear_index(D, A, B);
      this->s[c][n] = loss_half[along] * (this->s[c][n] + this->dt * mu_edge[c][n] * added);
    }
  }
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int k, int j, int i) const {
    const Offset n = this->at(k, j, i);
    const int along = A == 0 ? i : A == 1 ? j : k;
    component<0>(n, along);
    component<1>(n, along);
    if constexpr (D == 3) {
      component<2>(n, along);
      constexpr int other = shear_index(D, A == 0 ? 1 : 0, A == 2 ? 1 : 2);
      this->s[other][n] *= loss[along];  // has no derivative along A
    }
  }
};

}  // namespace understudy::solvers::seismic
