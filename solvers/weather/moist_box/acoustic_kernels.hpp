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
// Mapped: U'', V'' are J rho u, J rho v, W'' is rho w, and what passes the levels is W'' less what U'' and V''
// carry along them (Frame::risen), taken explicitly. Slopes therefore bound the acoustic step with the horizontal
// spacings: dt c sqrt(1/dx^2 + (dz/dx / (2 dz))^2) < 1.
//
// Columns are worked on in bundles of `bundle` cells along x: the inner loop is over them, and vectorised.
#pragma once

#include "solvers/weather/moist_box/stage_kernels.hpp"

namespace understudy::solvers::moist {

/// U'', V'' by dt, the closing faces included; adds `weight` of them to the means where there are any. The first
/// push is half as long and a last one makes up for it: momentum and the rest then leapfrog, which is of second
/// order (Stoermer and Verlet).
template <class F, bool wet>
struct PushHorizontal {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  Real dt, weight;
  const Real *forward, *qt, *RU, *RV;
  Real *U, *V, *mean_U, *mean_V;  ///< means: null where not wanted

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    const int l = f.level(k, j);
    U[n] += dt * (RU[n] - f.template gradient<0>(dry_share<wet>(qt, n, Index(1)), forward, n, l));
    if constexpr (wet) mean_U[n] += weight * U[n];
    if constexpr (dim == 3) {
      V[n] += dt * (RV[n] - f.template gradient<1>(dry_share<wet>(qt, n, f.ex), forward, n, l));
      if constexpr (wet) mean_V[n] += weight * V[n];
    }
  }
};

/// Columns of the interior in bundles: which cells the n-th has.
template <class F>
struct Bundles {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  static constexpr int width = mesh::on_host ? 512 / int(sizeof(Real)) : 1;
  F f;
  mesh::Range3 cells;
  int across = 0;  ///< bundles a row

  Bundles() = default;
  Bundles(const F& frame, const mesh::Range3& r)
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
template <class F, bool wet>
struct Factorise {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  Bundles<F> columns;
  BasePointers<Real> b;
  Real dt, ahead, gravity;  ///< ahead: (1 + e) / 2
  const Real *theta, *c, *qt;
  Real *inverse, *lower, *upper;

  KOKKOS_INLINE_FUNCTION Real face(const Index n, const Index up, const int l) const {
    return Real(0.5) * (b.theta_m[F::base(l, n)] + theta[n] + b.theta_m[F::base(l - 1, n - up)] +
                        theta[n - up]);
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int bundle) const {
    const Index first = columns.first(bundle), up = columns.f.template step<dim - 1>();
    const Real inv_dz = columns.f.inv_h[dim - 1], reach = dt * ahead * inv_dz;
    const Real square = reach * reach, G = Real(0.5) * dt * ahead * reach * gravity;
    const int size = columns.size(bundle);
    const Factorise here = *this;
    mesh::independent(0, size, [&](const int i) { here.upper[first + i] = 0; });
    for (int k = 1; k < columns.levels(); ++k) {
      const Index row = first + k * up;
      const int l = columns.lowest() + k;
      mesh::independent(0, size, [&](const int i) {
        const Index n = row + i;
        const Real m = dry_share<wet>(here.qt, n, up);
        const F& f = here.columns.f;
        const Real per_below = 1 / f.thickness(n - up), per_above = 1 / f.thickness(n);
        const Real B = square / f.thickness(n, up);
        const Real below = here.c[n - up] * per_below, above = here.c[n] * per_above;
        const Real A = -m * (B * below * here.face(n - up, up, l - 1) - G * per_below);
        Real D = 1 + m * B * (above + below) * here.face(n, up, l);
        if constexpr (F::mapped) D += m * G * (per_above - per_below);
        const Real C = -m * (B * above * here.face(n + up, up, l + 1) + G * per_above);
        const Real pivot = 1 / (D - A * here.upper[n - up]);
        here.inverse[n] = pivot;
        here.lower[n] = A * pivot;
        here.upper[n] = C * pivot;
      });
    }
  }
};

/// The vertical part: W'', rho'', Theta'' by dt and `forward` for the next step.
template <class F, bool wet>
struct SolveColumns {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  Bundles<F> columns;
  BasePointers<Real> b;
  Real dt, ahead, behind, half_g, damping;  ///< ahead, behind: (1 +- e) / 2
  const Real *U, *V, *theta, *c, *qt, *RW, *Rrho, *Rtheta;
  const Real *inverse, *lower, *upper;
  Real *W, *rho, *heat, *forward, *mean_W;

  KOKKOS_FORCEINLINE_FUNCTION Real face(const Index n, const Index up, const int l) const {
    return Real(0.5) * (b.theta_m[F::base(l, n)] + theta[n] + b.theta_m[F::base(l - 1, n - up)] +
                        theta[n - up]);
  }
  /// U'' theta_m through the face between n - e and n of the level l.
  KOKKOS_FORCEINLINE_FUNCTION Real carried(const Real* M, const Index n, const Index e,
                                           const int l) const {
    if constexpr (F::mapped)
      return M[n] * Real(0.5) * ((b.theta_m[n] + theta[n]) + (b.theta_m[n - e] + theta[n - e]));
    else
      return M[n] * (b.theta_m[l] + Real(0.5) * (theta[n] + theta[n - e]));
  }

  KOKKOS_INLINE_FUNCTION void operator()(const int bundle) const {
    const SolveColumns here = *this;
    here.eliminate(bundle);
    here.substitute(bundle);
  }

  /// A level on the way up, of cells from `row` on: a functor, which is inlined where a lambda of this size is not.
  struct UpCell {
    SolveColumns s;
    Index row;
    int l;
    bool bottom;
    Real open_above;                              ///< 0 below the lid
    Real *pressure_below, *weight_below, *risen;  ///< by i; risen, mapped: through the lower face

    KOKKOS_FORCEINLINE_FUNCTION void operator()(const int i) const {
      const F& f = s.columns.f;
      const Index n = row + i, up = f.template step<dim - 1>(), ex = f.ex;
      const Real inv_dz = f.inv_h[dim - 1];
      Real mass = (s.U[n + 1] - s.U[n]) * f.inv_h[0];
      Real flow = (s.carried(s.U, n + 1, 1, l) - s.carried(s.U, n, 1, l)) * f.inv_h[0];
      if constexpr (dim == 3) {
        mass += (s.V[n + ex] - s.V[n]) * f.inv_h[1];
        flow += (s.carried(s.V, n + ex, ex, l) - s.carried(s.V, n, ex, l)) * f.inv_h[1];
      }
      const Real w = s.W[n], w_above = s.W[n + up], behind = s.behind;
      [[maybe_unused]] Real risen_here = 0;
      if constexpr (F::mapped) {
        risen_here = risen[i];
        const Real risen_above = open_above * f.risen(s.U, s.V, n + up);
        const Real out = behind * w_above - risen_above, in = behind * w - risen_here;
        const Real per = 1 / f.thickness(n);
        mass = (mass + (out - in) * inv_dz) * per;
        flow = (flow + (out * s.face(n + up, up, l + 1) - in * s.face(n, up, l)) * inv_dz) * per;
        risen[i] = risen_above;
      } else {
        mass += behind * (w_above - w) * inv_dz;
        flow += behind * (w_above * s.face(n + up, up, l + 1) - w * s.face(n, up, l)) * inv_dz;
      }
      const Real rho_old = s.rho[n], heat_old = s.heat[n];
      const Real rho_part = rho_old + s.dt * (s.Rrho[n] - mass);
      const Real heat_part = heat_old + s.dt * (s.Rtheta[n] - flow);
      s.rho[n] = rho_part;
      s.heat[n] = heat_part;
      s.forward[n] = -s.damping * heat_old;
      const Real pressure = s.c[n] * (s.ahead * heat_part + behind * heat_old);
      const Real weight = s.ahead * rho_part + behind * rho_old;
      if (!bottom) {
        const Real known =
            w +
            s.dt * (s.RW[n] - dry_share<wet>(s.qt, n, up) *
                                  ((pressure - pressure_below[i]) * inv_dz / f.thickness(n, up) +
                                   s.half_g * (weight + weight_below[i])));
        if constexpr (wet) {
          s.mean_W[n] += behind * w;
          if constexpr (F::mapped) s.mean_W[n] -= risen_here;
        }
        s.W[n] = known * s.inverse[n] - s.lower[n] * s.W[n - up];
      }
      pressure_below[i] = pressure;
      weight_below[i] = weight;
    }
  };

  /// Up: what is known at the new time, and the elimination.
  KOKKOS_INLINE_FUNCTION void eliminate(const int bundle) const {
    const Index first = columns.first(bundle), up = columns.f.template step<dim - 1>();
    const int size = columns.size(bundle);
    Real pressure_below[Bundles<F>::width], weight_below[Bundles<F>::width];
    Real risen[F::mapped ? Bundles<F>::width : 1];
    if constexpr (F::mapped) mesh::independent(0, size, [&](const int i) { risen[i] = 0; });
    for (int k = 0; k < columns.levels(); ++k)
      mesh::independent(
          0, size,
          UpCell{*this, first + k * up, columns.lowest() + k, k == 0,
                 Real(k + 1 < columns.levels()), pressure_below, weight_below, risen});
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
        const Real per = part / columns.f.thickness(n);
        rho[n] -= per * (w_above - w);
        const Real heat_new =
            heat[n] - per * (w_above * face(n + up, up, l + 1) - w * face(n, up, l));
        heat[n] = heat_new;
        forward[n] = c[n] * ((1 + damping) * heat_new + forward[n]);
      });
    }
  }
};

/// Departures of the state of the step's start from the stage's, and c Theta'' to begin with.
template <class F>
struct BeginAcoustic {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  StatePointers<Real> start, stage;
  const Real *U_stage, *V_stage, *W_stage, *c;
  Real *U, *V, *W, *rho, *heat, *forward;

  /// Of the face between n - e and n; o and o_beside are the base's indices on both sides.
  KOKKOS_FORCEINLINE_FUNCTION Real flux(const Real* u, const Index n, const Index e, const Index o,
                                        const Index o_beside) const {
    return Real(0.5) * (b.rho[o] + start.rho[n] + b.rho[o_beside] + start.rho[n - e]) * u[n];
  }
  KOKKOS_FORCEINLINE_FUNCTION Real excess(const StatePointers<Real>& s, const Index n,
                                          const Index o) const {
    return s.rho[n] * b.theta_m[o] + (b.rho[o] + s.rho[n]) * s.theta[n];
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    const Index o = f.base(l, n);
    U[n] = flux(start.u, n, 1, o, f.base(l, n - 1)) * f.thickness(n, 1) - U_stage[n];
    if constexpr (dim == 3)
      V[n] = flux(start.v, n, f.ex, o, f.base(l, n - f.ex)) * f.thickness(n, f.ex) - V_stage[n];
    Real rise = flux(start.w, n, up, o, f.base(l - 1, n - up)) - W_stage[n];
    // Over a slope w is not 0 at the ground, but nothing passes it.
    if (F::mapped && (l <= f.metric.ground || l >= f.metric.lid)) rise = 0;
    W[n] = rise;
    rho[n] = start.rho[n] - stage.rho[n];
    const Real change = excess(start, n, o) - excess(stage, n, o);
    heat[n] = change;
    forward[n] = c[n] * change;
  }
};

/// rho' and theta' at the stage's end.
template <class F>
struct FinishCells {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  StatePointers<Real> stage;
  const Real *rho, *heat;
  Real *new_rho, *new_theta;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i);
    const Index o = f.base(f.level(k, j), n);
    const Real base = b.theta_m[o], density = stage.rho[n] + rho[n];
    const Real excess = stage.rho[n] * base + (b.rho[o] + stage.rho[n]) * stage.theta[n] + heat[n];
    new_rho[n] = density;
    new_theta[n] = (excess - density * base) / (b.rho[o] + density);
  }
};

/// Velocities at the stage's end, from the new density.
template <class F>
struct FinishFaces {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  BasePointers<Real> b;
  const Real *rho, *U_stage, *V_stage, *W_stage, *U, *V, *W;
  Real *u, *v, *w;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<dim - 1>();
    const int l = f.level(k, j);
    const Real here = b.rho[f.base(l, n)] + rho[n];
    u[n] = Real(2) * (U_stage[n] + U[n]) /
           ((here + b.rho[f.base(l, n - 1)] + rho[n - 1]) * f.thickness(n, 1));
    if constexpr (dim == 3)
      v[n] = Real(2) * (V_stage[n] + V[n]) /
             ((here + b.rho[f.base(l, n - f.ex)] + rho[n - f.ex]) * f.thickness(n, f.ex));
    w[n] = Real(2) * (W_stage[n] + W[n]) / (here + b.rho[f.base(l - 1, n - up)] + rho[n - up]);
  }
};

}  // namespace understudy::solvers::moist
