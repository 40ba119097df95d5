// The acoustic steps of a Runge-Kutta stage: departures (U'', V'', W'', rho'', Theta'') from the stage's state,
// forward-backward in the horizontal, implicit in the vertical (Klemp, Skamarock & Dudhia 2007, section 3;
// Skamarock & Klemp 2008). Private to solvers/weather.
//
//   dU''/dt + m d(c Theta'')/dx = R_U       dW''/dt + m (d(c Theta'')/dz + g rho'') = R_W
//   drho''/dt + div U'' = R_rho             dTheta''/dt + div(U'' theta_m) = R_Theta
//
// The vertical terms are averages (1 + e)/2 new + (1 - e)/2 old, e the off-centring, which leaves one
// tridiagonal system for W'' a column: its factors are made once a stage (Factorise) and used every step.
// `forward`, c Theta'' extrapolated by `damping` of its last change, drives the horizontal momentum: it damps
// the divergence (Skamarock & Klemp 1992; Klemp, Skamarock & Ha 2018).
//
// Columns are worked on in bundles of `bundle` cells along x: the inner loop is over them, and vectorised.
#pragma once

#include "solvers/weather/moist_box/stage_kernels.hpp"

namespace understudy::solvers::moist {

/// U'', V'' by dt, the closing faces included; adds `weight` of them to the means where there are any. The first
/// push is half as long and a last one makes up for it: momentum and the rest then leapfrog, which is of second
/// order (Stoermer and Verlet).
template <class Real, int dim, bool wet>
struct PushHorizontal {
  Frame<Real, dim> f;
  Real dt, weight;
  const Real *forward, *qt, *RU, *RV;
  Real *U, *V, *mean_U, *mean_V;  ///< means: null where not wanted

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    U[n] +=
        dt * (RU[n] - dry_share<wet>(qt, n, Index(1)) * (forward[n] - forward[n - 1]) * f.inv_h[0]);
    if constexpr (wet) mean_U[n] += weight * U[n];
    if constexpr (dim == 3) {
      V[n] += dt *
              (RV[n] - dry_share<wet>(qt, n, f.ex) * (forward[n] - forward[n - f.ex]) * f.inv_h[1]);
      if constexpr (wet) mean_V[n] += weight * V[n];
    }
  }
};

/// Columns of the interior in bundles: which cells the n-th has.
template <class Real, int dim>
struct Bundles {
  static constexpr int width = mesh::on_host ? 512 / int(sizeof(Real)) : 1;
  Frame<Real, dim> f;
  mesh::Range3 cells;
  int across = 0;  ///< bundles a row

  Bundles() = default;
  Bundles(const Frame<Real, dim>& frame, const mesh::Range3& r)
      : f(frame), cells(r), across((r.size(0) + width - 1) / width) {}
  int count() const { return across * (dim == 2 ? 1 : cells.size(1)); }
  KOKKOS_INLINE_FUNCTION int levels() const { return cells.size(dim - 1); }
  KOKKOS_INLINE_FUNCTION int lowest() const { return cells.begin[dim - 1]; }
  /// Index of the first cell in the lowest level.
  KOKKOS_INLINE_FUNCTION Index first(const int n) const {
    const int row = n / across, i = cells.begin[0] + (n % across) * width;
    return dim == 2 ? f.at(cells.begin[2], cells.begin[1], i)
                    : f.at(cells.begin[2], cells.begin[1] + row, i);
  }
  KOKKOS_INLINE_FUNCTION int size(const int n) const {
    const int left = cells.size(0) - (n % across) * width;
    return left < width ? left : width;
  }
};

/// Factors of the tridiagonal system of dt: `inverse`, `lower` and `upper` of the elimination.
template <class Real, int dim, bool wet>
struct Factorise {
  Bundles<Real, dim> columns;
  BasePointers<Real> b;
  Real dt, ahead, gravity;  ///< ahead: (1 + e) / 2
  const Real *theta, *c, *qt;
  Real *inverse, *lower, *upper;

  KOKKOS_INLINE_FUNCTION Real face(const Index n, const Index up, const int l) const {
    return Real(0.5) * (b.theta_m[l] + theta[n] + b.theta_m[l - 1] + theta[n - up]);
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int bundle) const {
    const Index first = columns.first(bundle), up = columns.f.template step<dim - 1>();
    const Real inv_dz = columns.f.inv_h[dim - 1], reach = dt * ahead * inv_dz;
    const Real B = reach * reach, G = Real(0.5) * dt * ahead * reach * gravity;
    const int size = columns.size(bundle);
    const Factorise here = *this;
    mesh::independent(0, size, [&](const int i) { here.upper[first + i] = 0; });
    for (int k = 1; k < columns.levels(); ++k) {
      const Index row = first + k * up;
      const int l = columns.lowest() + k;
      mesh::independent(0, size, [&](const int i) {
        const Index n = row + i;
        const Real m = dry_share<wet>(here.qt, n, up);
        const Real below = here.c[n - up], above = here.c[n];
        const Real A = -m * (B * below * here.face(n - up, up, l - 1) - G);
        const Real D = 1 + m * B * (above + below) * here.face(n, up, l);
        const Real C = -m * (B * above * here.face(n + up, up, l + 1) + G);
        const Real pivot = 1 / (D - A * here.upper[n - up]);
        here.inverse[n] = pivot;
        here.lower[n] = A * pivot;
        here.upper[n] = C * pivot;
      });
    }
  }
};

/// The vertical part: W'', rho'', Theta'' by dt and `forward` for the next step.
template <class Real, int dim, bool wet>
struct SolveColumns {
  Bundles<Real, dim> columns;
  BasePointers<Real> b;
  Real dt, ahead, behind, half_g, damping;  ///< ahead, behind: (1 +- e) / 2
  const Real *U, *V, *theta, *c, *qt, *RW, *Rrho, *Rtheta;
  const Real *inverse, *lower, *upper;
  Real *W, *rho, *heat, *forward, *mean_W;

  KOKKOS_FORCEINLINE_FUNCTION Real face(const Index n, const Index up, const int l) const {
    return Real(0.5) * (b.theta_m[l] + theta[n] + b.theta_m[l - 1] + theta[n - up]);
  }
  /// U'' theta_m through the face between n - e and n of one level, whose base is twice `half_base`.
  KOKKOS_FORCEINLINE_FUNCTION Real carried(const Real* M, const Index n, const Index e,
                                           const Real base) const {
    return M[n] * (base + Real(0.5) * (theta[n] + theta[n - e]));
  }

  KOKKOS_INLINE_FUNCTION void operator()(const int bundle) const {
    const SolveColumns here = *this;
    here.eliminate(bundle);
    here.substitute(bundle);
  }

  /// Up: what is known at the new time, and the elimination.
  KOKKOS_INLINE_FUNCTION void eliminate(const int bundle) const {
    const Index first = columns.first(bundle), up = columns.f.template step<dim - 1>();
    const Index ex = columns.f.ex;
    const Real inv_dx = columns.f.inv_h[0], inv_dy = columns.f.inv_h[1];
    const Real inv_dz = columns.f.inv_h[dim - 1];
    const int size = columns.size(bundle);
    Real pressure_below[Bundles<Real, dim>::width], weight_below[Bundles<Real, dim>::width];
    for (int k = 0; k < columns.levels(); ++k) {
      const Index row = first + k * up;
      const int l = columns.lowest() + k;
      const Real base = b.theta_m[l];
      mesh::independent(0, size, [&](const int i) {
        const Index n = row + i;
        Real mass = (U[n + 1] - U[n]) * inv_dx;
        Real flow = (carried(U, n + 1, 1, base) - carried(U, n, 1, base)) * inv_dx;
        if constexpr (dim == 3) {
          mass += (V[n + ex] - V[n]) * inv_dy;
          flow += (carried(V, n + ex, ex, base) - carried(V, n, ex, base)) * inv_dy;
        }
        const Real w = W[n], w_above = W[n + up];
        mass += behind * (w_above - w) * inv_dz;
        flow += behind * (w_above * face(n + up, up, l + 1) - w * face(n, up, l)) * inv_dz;
        const Real rho_old = rho[n], heat_old = heat[n];
        const Real rho_part = rho_old + dt * (Rrho[n] - mass);
        const Real heat_part = heat_old + dt * (Rtheta[n] - flow);
        rho[n] = rho_part;
        heat[n] = heat_part;
        forward[n] = -damping * heat_old;
        const Real pressure = c[n] * (ahead * heat_part + behind * heat_old);
        const Real weight = ahead * rho_part + behind * rho_old;
        if (k > 0) {
          const Real known = w + dt * (RW[n] - dry_share<wet>(qt, n, up) *
                                                   ((pressure - pressure_below[i]) * inv_dz +
                                                    half_g * (weight + weight_below[i])));
          if constexpr (wet) mean_W[n] += behind * w;
          W[n] = known * inverse[n] - lower[n] * W[n - up];
        }
        pressure_below[i] = pressure;
        weight_below[i] = weight;
      });
    }
  }

  /// Down: W'', and with it the rest.
  KOKKOS_INLINE_FUNCTION void substitute(const int bundle) const {
    const Index first = columns.first(bundle), up = columns.f.template step<dim - 1>();
    const Real part = dt * ahead * columns.f.inv_h[dim - 1];
    const int size = columns.size(bundle);
    for (int k = columns.levels() - 1; k >= 0; --k) {
      const Index row = first + k * up;
      const int l = columns.lowest() + k;
      mesh::independent(0, size, [&](const int i) {
        const Index n = row + i;
        const Real w_above = W[n + up];
        Real w = 0;
        if (k > 0) {
          w = W[n] - upper[n] * w_above;
          if constexpr (wet) mean_W[n] += ahead * w;
          W[n] = w;
        }
        rho[n] -= part * (w_above - w);
        const Real heat_new =
            heat[n] - part * (w_above * face(n + up, up, l + 1) - w * face(n, up, l));
        heat[n] = heat_new;
        forward[n] = c[n] * ((1 + damping) * heat_new + forward[n]);
      });
    }
  }
};

/// Departures of the state of the step's start from the stage's, and c Theta'' to begin with.
template <class Real, int dim>
struct BeginAcoustic {
  Frame<Real, dim> f;
  BasePointers<Real> b;
  StatePointers<Real> start, stage;
  const Real *U_stage, *V_stage, *W_stage, *c;
  Real *U, *V, *W, *rho, *heat, *forward;

  KOKKOS_FORCEINLINE_FUNCTION Real flux(const Real* u, const Index n, const Index e, const int l,
                                        const int l_beside) const {
    return Real(0.5) * (b.rho[l] + start.rho[n] + b.rho[l_beside] + start.rho[n - e]) * u[n];
  }
  KOKKOS_FORCEINLINE_FUNCTION Real excess(const StatePointers<Real>& s, const Index n,
                                          const int l) const {
    return s.rho[n] * b.theta_m[l] + (b.rho[l] + s.rho[n]) * s.theta[n];
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    U[n] = flux(start.u, n, 1, l, l) - U_stage[n];
    if constexpr (dim == 3) V[n] = flux(start.v, n, f.ex, l, l) - V_stage[n];
    W[n] = flux(start.w, n, up, l, l - 1) - W_stage[n];
    rho[n] = start.rho[n] - stage.rho[n];
    const Real change = excess(start, n, l) - excess(stage, n, l);
    heat[n] = change;
    forward[n] = c[n] * change;
  }
};

/// rho' and theta' at the stage's end.
template <class Real, int dim>
struct FinishCells {
  Frame<Real, dim> f;
  BasePointers<Real> b;
  StatePointers<Real> stage;
  const Real *rho, *heat;
  Real *new_rho, *new_theta;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    const int l = f.level(k, j);
    const Real base = b.theta_m[l], density = stage.rho[n] + rho[n];
    const Real excess = stage.rho[n] * base + (b.rho[l] + stage.rho[n]) * stage.theta[n] + heat[n];
    new_rho[n] = density;
    new_theta[n] = (excess - density * base) / (b.rho[l] + density);
  }
};

/// Velocities at the stage's end, from the new density.
template <class Real, int dim>
struct FinishFaces {
  Frame<Real, dim> f;
  BasePointers<Real> b;
  const Real *rho, *U_stage, *V_stage, *W_stage, *U, *V, *W;
  Real *u, *v, *w;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    const Real here = b.rho[l] + rho[n];
    u[n] = Real(2) * (U_stage[n] + U[n]) / (here + b.rho[l] + rho[n - 1]);
    if constexpr (dim == 3)
      v[n] = Real(2) * (V_stage[n] + V[n]) / (here + b.rho[l] + rho[n - f.ex]);
    w[n] = Real(2) * (W_stage[n] + W[n]) / (here + b.rho[l - 1] + rho[n - up]);
  }
};

}  // namespace understudy::solvers::moist
