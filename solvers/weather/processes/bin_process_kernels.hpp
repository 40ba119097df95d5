// What BinScheme does around its two processes: which points they are asked for, what goes in, and how what comes
// out is applied so that water, heat and signs are kept. bin_scheme.hpp says what the columns are.
#pragma once

#include "mesh/loops.hpp"
#include "solvers/weather/processes/bin_kernels.hpp"
#include "solvers/weather/processes/bin_scheme.hpp"
#include "solvers/weather/processes/cell_place.hpp"

namespace understudy::solvers::weather {

using CellList = Kokkos::View<int*, mesh::Memory>;
inline constexpr int before_condensing = 5, before_colliding = 2;  // inputs in front of the bins

template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real drops_at(const mesh::Array4<Real>& q, const int bins, const int k,
                                          const int j, const int i) {
  Real sum = 0;
  for (int b = 0; b < bins; ++b) sum += q(b, k, j, i);
  return sum;
}

/// Drops that could evaporate, or air in which some could be activated.
template <class Real>
struct MayCondense {
  BinFields<Real> f;
  MoistConstants<Real> c;
  int bins;
  KOKKOS_FORCEINLINE_FUNCTION bool operator()(int k, int j, int i) const {
    constexpr Real least = Real(1e-12);  // kg/kg
    const Real exner = f.exner(k, j, i);
    return f.qv(k, j, i) > saturation(f.theta(k, j, i) * exner, pressure_of(c, exner)) ||
           drops_at(f.q, bins, k, j, i) > least;
  }
};

template <class Real>
struct MayCollide {
  mesh::Array4<Real> q;
  int bins;
  Real least;
  KOKKOS_FORCEINLINE_FUNCTION bool operator()(int k, int j, int i) const {
    return drops_at(q, bins, k, j, i) > least;
  }
};

/// The places of the cells that are asked for, in the cells' order; how many.
template <class Asked>
int list_cells(const mesh::Range3& cells, const Asked& asked, const CellList& list) {
  const CellPlace place{cells};
  int count = 0;
  Kokkos::parallel_scan(
      "cells with drops", Kokkos::RangePolicy<mesh::Exec>(0, int(cells.count())),
      KOKKOS_LAMBDA(const int n, int& sum, const bool last) {
        int k, j, i;
        place.cell(n, k, j, i);
        if (!asked(k, j, i)) return;
        if (last) list(sum) = n;
        ++sum;
      },
      count);
  return count;
}

/// f(n, k, j, i) for each point of a batch and its cell.
template <class F>
void for_points(const char* name, const mesh::Range3& cells, const CellList& list, int points,
                const F& f) {
  const CellPlace place{cells};
  Kokkos::parallel_for(
      name, Kokkos::RangePolicy<mesh::Exec>(0, points), KOKKOS_LAMBDA(const int n) {
        int k, j, i;
        place.cell(list(n), k, j, i);
        f(n, k, j, i);
      });
}

/// What transport undershot is taken from the vapour.
template <class Real>
struct FillNegative {
  BinFields<Real> f;
  int bins;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int k, int j, int i) const {
    Real missing = 0;
    for (int b = 0; b < bins; ++b) {
      const Real q = f.q(b, k, j, i);
      if (q >= 0) continue;
      missing += q;
      f.q(b, k, j, i) = 0;
    }
    f.qv(k, j, i) += missing;
  }
};

template <class Real>
struct PackCondensation {
  BinFields<Real> f;
  int bins;
  Real dt;
  mesh::Points<Real> in;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int n, int k, int j, int i) const {
    in(n, 0) = f.theta(k, j, i);
    in(n, 1) = f.qv(k, j, i);
    in(n, 2) = f.exner(k, j, i);
    in(n, 3) = f.rho(k, j, i);
    in(n, 4) = dt;
    for (int b = 0; b < bins; ++b) in(n, before_condensing + b) = f.q(b, k, j, i);
  }
};

/// No bin loses more than it has, all together gain no more than the vapour and what others lose.
template <class Real>
struct ApplyCondensation {
  BinFields<Real> f;
  MoistConstants<Real> c;
  int bins;
  mesh::Points<Real> out;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int n, int k, int j, int i) const {
    const Real qv = f.qv(k, j, i);
    Real gained = 0, lost = 0;
    for (int b = 0; b < bins; ++b) {
      const Real change = out(n, b), q = f.q(b, k, j, i);
      gained += change > 0 ? change : Real(0);
      lost += change > 0 ? Real(0) : change < -q ? q : -change;
    }
    const Real there = (qv > 0 ? qv : Real(0)) + lost;
    const Real part = gained > there ? there / gained : Real(1);
    Real condensed = 0;
    for (int b = 0; b < bins; ++b) {
      const Real change = out(n, b), q = f.q(b, k, j, i);
      const Real after = change > 0 ? q + part * change : change < -q ? Real(0) : q + change;
      condensed += after - q;
      f.q(b, k, j, i) = after;
    }
    f.qv(k, j, i) = qv - condensed;
    f.theta(k, j, i) += c.latent / (c.cp * f.exner(k, j, i)) * condensed;
  }
};

template <class Real>
struct PackCoalescence {
  BinFields<Real> f;
  int bins;
  Real dt;
  mesh::Points<Real> in;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int n, int k, int j, int i) const {
    in(n, 0) = f.rho(k, j, i);
    in(n, 1) = dt;
    for (int b = 0; b < bins; ++b)
      in(n, before_colliding + b) = Kokkos::log1p(f.q(b, k, j, i) / Real(drop_floor));
  }
};

/// No bin holds less than nothing, or more than all drops; all together hold what they held.
template <class Real>
struct ApplyCoalescence {
  BinFields<Real> f;
  int bins;
  mesh::Points<Real> out;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int n, int k, int j, int i) const {
    constexpr Real most = 40;  // e^40 floors are more than any content
    const Real before = drops_at(f.q, bins, k, j, i);
    Real q[most_bins], after = 0;
    for (int b = 0; b < bins; ++b) {
      const Real growth = out(n, b) < most ? out(n, b) : most, old = f.q(b, k, j, i);
      const Real grown = old + (old + Real(drop_floor)) * Kokkos::expm1(growth);
      q[b] = grown > 0 ? (grown < before ? grown : before) : Real(0);
      after += q[b];
    }
    if (after <= 0) return;  // nothing is left of the drops: they stay
    const Real part = before / after;
    for (int b = 0; b < bins; ++b) q[b] *= part;
    restore_sum(bins, q, before);
    for (int b = 0; b < bins; ++b) f.q(b, k, j, i) = q[b];
  }
};

}  // namespace understudy::solvers::weather
