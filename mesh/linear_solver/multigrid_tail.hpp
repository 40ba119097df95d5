// The coarse levels of a cycle in one launch of one block of threads, for a device: there a launch costs more
// than the work of a level with few cells. Same passes, same values as level by level
// (multigrid_cycle.cpp), with a barrier of the block where there one launch follows another.
#pragma once

#include <Kokkos_Core.hpp>

#include "mesh/linear_solver/multigrid_level.hpp"

namespace understudy::mesh::detail {

/// One level as the block sees it, plain pointers.
template <class Real>
struct TailLevel {
  Stencil<Real> stencil;
  Transfer<Real> transfer;          ///< to the next coarser level
  Real *x = nullptr, *b = nullptr;  ///< [k, j, i] with one ghost layer
  Real* residual = nullptr;         ///< where full weighting needs it
  int begin[3] = {}, size[3] = {};  ///< interior
  int ghosts[3] = {};               ///< layers, 0: the axis is not there
  bool periodic[3] = {};
  bool seam[3] = {};  ///< MultigridLevel::has_seam
  bool exchanges = false;
  Real sign[6] = {};  ///< of the mirror image beyond a side

  KOKKOS_INLINE_FUNCTION long at(const int k, const int j, const int i) const {
    return k * stencil.plane + j * stencil.row + i;
  }
};

/// What the block does: down from the first of the levels, x = 0 there, to the coarsest and up again.
template <class Real, int dimension, bool variable>
struct TailCycle {
  using Team = typename Kokkos::TeamPolicy<Exec>::member_type;
  using Again = Relax<Real, dimension, variable, false>;
  using First = Relax<Real, dimension, variable, true>;

  Kokkos::View<const TailLevel<Real>*, Memory> levels;
  Kokkos::View<const Real**, Kokkos::LayoutRight, Memory> inverse;  ///< of the coarsest operator
  int sweeps_before, sweeps_after;

  /// f(k, j, i) for the cells of a box, then a barrier.
  template <class F>
  KOKKOS_INLINE_FUNCTION static void for_box(const Team& team, const int (&begin)[3],
                                             const int (&size)[3], const F& f) {
    const int row = size[0], plane = size[0] * size[1];
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, plane * size[2]), [&](const int n) {
      const int k = n / plane, j = (n - k * plane) / row;
      f(begin[2] + k, begin[1] + j, begin[0] + n - k * plane - j * row);
    });
    team.team_barrier();
  }

  /// Ghosts of `field` from the interior; `whole`: edges, corners and boundary kinds, else the faces of
  /// periodic axes.
  KOKKOS_INLINE_FUNCTION static void fill(const Team& team, const TailLevel<Real>& l,
                                          Real* const field, const bool whole) {
    int begin[3], size[3];
    for (int a = 0; a < 3; ++a) {
      const int layer = l.ghosts[a] > 0 ? 1 : 0;
      begin[a] = l.begin[a] - layer;
      size[a] = l.size[a] + 2 * layer;
    }
    for_box(team, begin, size, [&](const int k, const int j, const int i) {
      int from[3] = {i, j, k}, outside = 0;
      bool mirrored = false;
      Real factor = 1;
      for (int a = 0; a < 3; ++a) {
        const int end = l.begin[a] + l.size[a];
        const bool below = from[a] < l.begin[a], above = from[a] >= end;
        if (!below && !above) continue;
        ++outside;
        if (l.periodic[a]) {
          from[a] += below ? l.size[a] : -l.size[a];
        } else {
          mirrored = true;
          factor *= l.sign[2 * a + (above ? 1 : 0)];
          from[a] = below ? 2 * l.begin[a] - 1 - from[a] : 2 * end - 1 - from[a];
        }
      }
      if (outside == 0 || (!whole && (mirrored || outside > 1))) return;
      field[l.at(k, j, i)] = factor * field[l.at(from[2], from[1], from[0])];
    });
  }

  KOKKOS_INLINE_FUNCTION void smooth(const Team& team, const TailLevel<Real>& l, const int sweeps,
                                     const bool from_zero) const {
    if (from_zero && sweeps == 0) {
      for_box(team, l.begin, l.size,
              [&](const int k, const int j, const int i) { l.x[l.at(k, j, i)] = 0; });
      if (l.exchanges) fill(team, l, l.x, false);
    }
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      for (int colour = 0; colour < 2; ++colour) {
        const First first{l.stencil, l.x, l.b, colour};
        const Again again{l.stencil, l.x, l.b, colour};
        const bool zero = from_zero && sweep == 0 && colour == 0;
        for_box(team, l.begin, l.size, [&](const int k, const int j, const int i) {
          if (zero)
            first.row(k, j, i, i + 1);
          else
            again.row(k, j, i, i + 1);
        });
        if (l.exchanges) fill(team, l, l.x, false);
      }
      relax_seams(team, l);
    }
  }

  KOKKOS_INLINE_FUNCTION void relax_seams(const Team& team, const TailLevel<Real>& l) const {
    bool any = false;
    for (int a = 0; a < dimension; ++a) {
      if (!l.seam[a]) continue;
      any = true;
      int begin[3], size[3];
      for (int other = 0; other < 3; ++other) {
        begin[other] = other == a ? l.begin[a] + l.size[a] - 1 : l.begin[other];
        size[other] = other == a ? 1 : l.size[other];
      }
      for (int colour = 0; colour < 2; ++colour) {
        const Again again{l.stencil, l.x, l.b, colour};
        for_box(team, begin, size,
                [&](const int k, const int j, const int i) { again.row(k, j, i, i + 1); });
      }
    }
    if (any) fill(team, l, l.x, false);
  }

  KOKKOS_INLINE_FUNCTION void hand_down(const Team& team, const TailLevel<Real>& l,
                                        const TailLevel<Real>& below) const {
    if (l.residual == nullptr) {
      const ResidualRestrict<Real, dimension, variable> down{l.stencil, l.transfer, l.x, l.b,
                                                             below.b};
      for_box(team, below.begin, below.size,
              [&](const int k, const int j, const int i) { down.row(k, j, i, i + 1); });
      return;
    }
    const Residual<Real, dimension, variable> rest{l.stencil, l.x, l.b, l.residual};
    const FullWeighting<Real, dimension> weigh{l.transfer, l.residual, below.b, l.stencil.row,
                                               l.stencil.plane};
    for_box(team, l.begin, l.size,
            [&](const int k, const int j, const int i) { rest.row(k, j, i, i + 1); });
    if (l.exchanges) fill(team, l, l.residual, true);
    for_box(team, below.begin, below.size,
            [&](const int k, const int j, const int i) { weigh.row(k, j, i, i + 1); });
  }

  KOKKOS_INLINE_FUNCTION void solve(const Team& team, const TailLevel<Real>& l) const {
    const auto matrix = inverse;
    for_box(team, l.begin, l.size, [&](const int k, const int j, const int i) {
      const int rows = l.size[1], columns = l.size[0];
      const int equation = ((k - l.begin[2]) * rows + j - l.begin[1]) * columns + i - l.begin[0];
      int column = 0;
      Real sum = 0;
      for (int kk = 0; kk < l.size[2]; ++kk)
        for (int jj = 0; jj < rows; ++jj)
          for (int ii = 0; ii < columns; ++ii)
            sum += matrix(equation, column++) *
                   l.b[l.at(l.begin[2] + kk, l.begin[1] + jj, l.begin[0] + ii)];
      l.x[l.at(k, j, i)] = sum;
    });
  }

  KOKKOS_INLINE_FUNCTION void hand_up(const Team& team, const TailLevel<Real>& l,
                                      const TailLevel<Real>& below) const {
    fill(team, below, below.x, true);
    const Prolong<Real, dimension> up{l.transfer, l.x, below.x, l.stencil.row, l.stencil.plane};
    for_box(team, l.begin, l.size,
            [&](const int k, const int j, const int i) { up.row(k, j, i, i + 1); });
    if (l.exchanges) fill(team, l, l.x, false);
  }

  KOKKOS_INLINE_FUNCTION void operator()(const Team& team) const {
    const int coarsest = static_cast<int>(levels.extent(0)) - 1;
    for (int level = 0; level < coarsest; ++level) {
      smooth(team, levels(level), sweeps_before, true);
      hand_down(team, levels(level), levels(level + 1));
    }
    solve(team, levels(coarsest));
    for (int level = coarsest - 1; level >= 0; --level) {
      hand_up(team, levels(level), levels(level + 1));
      smooth(team, levels(level), sweeps_after, false);
    }
  }
};

}  // namespace understudy::mesh::detail
