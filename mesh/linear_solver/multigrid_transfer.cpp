// What goes from one level to the next coarser one: weights of interpolation and restriction, coarse
// coefficients, and whole arrays from the blocks of every rank.
#include <algorithm>
#include <cstring>

#include "mesh/linear_solver/multigrid_level.hpp"

namespace understudy::mesh::detail {

namespace {

/// How one cell of an axis lies in the coarse ones.
struct Parent {
  int coarse, next;       ///< its own, and the one on the cell's side of it (may not exist)
  double share, outward;  ///< width / coarse width; interpolation weight of `next`
};

// Of all cells of an axis, on all ranks.
std::vector<Parent> parents(const LevelShape& fine, const LevelShape& coarse, int axis,
                            bool periodic) {
  std::vector<Parent> result;
  const std::vector<double>&narrow = fine.widths[axis], &wide = coarse.widths[axis];
  const int n = static_cast<int>(wide.size());
  for (std::size_t p = 0; p + 1 < fine.starts[axis].size(); ++p) {
    const int begin = fine.starts[axis][p], cells = fine.starts[axis][p + 1] - begin;
    for (int i = 0; i < cells; ++i) {
      Parent parent{};
      parent.coarse = coarse.starts[axis][p] + (coarse.joined[axis] ? i / 2 : i);
      parent.next = parent.coarse + (i % 2 == 1 ? 1 : -1);
      const double here = narrow[begin + i], whole = wide[parent.coarse];
      parent.share = here / whole;
      // Centres: of the fine cell (whole - here) / 2 away from the coarse one's; beyond a boundary
      // the ghost mirrors its cell.
      const bool outside = parent.next < 0 || parent.next >= n;
      const double other = !outside   ? wide[parent.next]
                           : periodic ? wide[(parent.next + n) % n]
                                      : whole;
      parent.outward = (whole - here) / (whole + other);
      result.push_back(parent);
    }
  }
  return result;
}

}  // namespace

template <class Real>
Transfer<Real> MultigridLevel<Real>::transfer_to(const MultigridLevel& coarser) {
  constexpr int span = Transfer<Real>::span;
  Transfer<Real> t;
  t.coarse_row = coarser.block_.extent(0);
  t.coarse_plane = t.coarse_row * coarser.block_.extent(1);
  for (int a = 0; a < 3; ++a) {
    t.joined[a] = coarser.shape_.joined[a] ? 1 : 0;
    t.fine_ghosts[a] = block_.ghosts[a], t.coarse_ghosts[a] = coarser.block_.ghosts[a];
    t.fine_cells[a] = block_.cells[a];
    share_[a] = Line("share", block_.extent(a) + 2);
    outward_[a] = Line("outward", block_.extent(a) + 2);
    auto share = Kokkos::create_mirror_view(share_[a]);
    auto outward = Kokkos::create_mirror_view(outward_[a]);
    const bool periodic = block_.boundary[2 * a] == LinearBoundary::periodic;
    const std::vector<Parent> all = parents(shape_, coarser.shape_, a, periodic);
    const int fine_begin = shape_.block(shape_.rank).begin[a];
    for (int i = 0; i < block_.cells[a]; ++i) {
      share(block_.ghosts[a] + i) = static_cast<Real>(all[fine_begin + i].share);
      outward(block_.ghosts[a] + i) = static_cast<Real>(all[fine_begin + i].outward);
    }
    Kokkos::deep_copy(share_[a], share);
    Kokkos::deep_copy(outward_[a], outward);
    t.share[a] = share_[a].data(), t.outward[a] = outward_[a].data();
    if (t.joined[a] == 0 || !coarser.shape_.partly_joined()) continue;
    weights_[a] = Line("full weighting", span * coarser.block_.extent(a));
    auto weights = Kokkos::create_mirror_view(weights_[a]);
    const int cells = static_cast<int>(all.size());
    const std::vector<double>& wide = coarser.shape_.widths[a];
    for (int c = 0; c < coarser.block_.cells[a]; ++c) {
      const int I = coarser.shape_.block(coarser.shape_.rank).begin[a] + c;
      const int I_count = static_cast<int>(wide.size());
      const int first = fine_begin + 2 * c;
      const int end = std::min(first + 2, fine_begin + block_.cells[a]);
      for (int i = first - 1; i <= end; ++i) {
        const bool beyond = i < 0 || i >= cells;
        if (beyond && !periodic) continue;  // what it would give comes from the cell inside
        const int at = (i + cells) % cells;
        const Parent& parent = all[at];
        double weight = 0;
        if (i >= first && i < end) {
          weight = 1 - parent.outward;
          const int side = 2 * a + (parent.next < 0 ? 0 : 1);
          if (!periodic && (parent.next < 0 || parent.next >= I_count))
            weight += block_.boundary[side] == LinearBoundary::dirichlet ? -parent.outward
                                                                         : parent.outward;
        } else if ((parent.next + I_count) % I_count == I &&
                   (parent.next > parent.coarse) == (i < first)) {
          weight = parent.outward;
        }
        weights(span * (coarser.block_.ghosts[a] + c) + i - first + 1) =
            static_cast<Real>(weight * shape_.widths[a][at] / wide[I]);
      }
    }
    Kokkos::deep_copy(weights_[a], weights);
    t.weights[a] = weights_[a].data();
  }
  return t;
}

template <class Real>
std::vector<double> MultigridLevel<Real>::local_widths(int axis) const {
  const Range3 mine = shape_.block(shape_.rank);
  return {shape_.widths[axis].begin() + mine.begin[axis],
          shape_.widths[axis].begin() + mine.end[axis]};
}

template <class Real>
auto MultigridLevel<Real>::path_to_centres(const MultigridLevel& finer, int axis, int coarse_face,
                                           int fine_face) const -> Path {
  const std::vector<double>&coarse = shape_.widths[axis], &fine = finer.shape_.widths[axis];
  const int n = static_cast<int>(coarse.size()), m = static_cast<int>(fine.size());
  const bool periodic = block_.boundary[2 * axis] == LinearBoundary::periodic;
  const int coarse_at = shape_.block(shape_.rank).begin[axis] + coarse_face;
  const int fine_at = finer.shape_.block(shape_.rank).begin[axis] + fine_face;
  Path path;
  if (coarse_at > 0 || periodic) {
    const double child = fine[(fine_at - 1 + m) % m];
    path.face += 0.5 * child;
    path.below = 0.5 * (coarse[(coarse_at - 1 + n) % n] - child);
  }
  if (coarse_at < n || periodic) {
    const double child = fine[fine_at % m];
    path.face += 0.5 * child;
    path.above = 0.5 * (coarse[coarse_at % n] - child);
  }
  return path;
}

template <class Real>
void MultigridLevel<Real>::coarsen_beta(const MultigridLevel& finer) {
  const std::array<std::vector<double>, 3> width{finer.local_widths(0), finer.local_widths(1),
                                                 finer.local_widths(2)};
  for (int axis = 0; axis < shape_.dimension; ++axis) {
    auto fine = Kokkos::create_mirror_view(finer.beta_[axis]);
    auto coarse = Kokkos::create_mirror_view(beta_[axis]);
    Kokkos::deep_copy(fine, finer.beta_[axis]);
    const std::array<int, 3>&g = finer.block_.ghosts, step{axis == 0, axis == 1, axis == 2};
    auto series = [&](const Path& path, int k, int j, int i) {
      k += g[2], j += g[1], i += g[0];
      double resistance = path.face / fine(k, j, i);
      if (path.below > 0) resistance += path.below / fine(k - step[2], j - step[1], i - step[0]);
      if (path.above > 0) resistance += path.above / fine(k + step[2], j + step[1], i + step[0]);
      return (path.face + path.below + path.above) / resistance;
    };
    std::array<int, 3> count = block_.cells, from, to;
    if (block_.at_boundary(2 * axis + 1))
      ++count[axis];  // others: the neighbour's, exchanged below
    for (int K = 0; K < count[2]; ++K)
      for (int J = 0; J < count[1]; ++J)
        for (int I = 0; I < count[0]; ++I) {
          const std::array<int, 3> at{I, J, K};
          for (int a = 0; a < 3; ++a) {
            const int children = shape_.joined[a] ? 2 : 1, cells = finer.block_.cells[a];
            from[a] = std::min(children * at[a], cells);
            to[a] = a == axis ? from[a] + 1 : std::min(from[a] + children, cells);
          }
          const Path path = path_to_centres(finer, axis, at[axis], from[axis]);
          double sum = 0, area = 0;
          for (int k = from[2]; k < to[2]; ++k)
            for (int j = from[1]; j < to[1]; ++j)
              for (int i = from[0]; i < to[0]; ++i) {
                const double part = (axis == 0 ? 1 : width[0][i]) * (axis == 1 ? 1 : width[1][j]) *
                                    (axis == 2 ? 1 : width[2][k]);
                sum += part * series(path, k, j, i);
                area += part;
              }
          coarse(K + block_.ghosts[2], J + block_.ghosts[1], I + block_.ghosts[0]) =
              static_cast<Real>(sum / area);
        }
    Kokkos::deep_copy(beta_[axis], coarse);
    ghosts_.exchange(beta_[axis]);
  }
}

template <class Real>
void MultigridLevel<Real>::gather_beta(const MultigridLevel& distributed) {
  for (int a = 0; a < shape_.dimension; ++a) {
    distributed.gather_box(distributed.beta_[a], *this, beta_[a], a);
    ghosts_.exchange(beta_[a]);
  }
}

template <class Real>
void MultigridLevel<Real>::gather(const Array3<Real>& mine, const MultigridLevel& whole,
                                  const Array3<Real>& all) const {
  gather_box(mine, whole, all, -1);
}

template <class Real>
void MultigridLevel<Real>::gather_box(const Array3<Real>& mine, const MultigridLevel& whole,
                                      const Array3<Real>& all, int closing_axis) const {
  auto host = Kokkos::create_mirror_view(mine);
  Kokkos::deep_copy(host, mine);
  auto count = block_.cells;
  if (closing_axis >= 0) ++count[closing_axis];
  std::vector<Real> values;
  values.reserve(1UL * count[0] * count[1] * count[2]);
  for (int k = 0; k < count[2]; ++k)
    for (int j = 0; j < count[1]; ++j)
      for (int i = 0; i < count[0]; ++i)
        values.push_back(host(k + block_.ghosts[2], j + block_.ghosts[1], i + block_.ghosts[0]));
  const auto parts = block_.comm.all_gather(std::as_bytes(std::span(values)));
  auto target = Kokkos::create_mirror_view(all);
  Kokkos::deep_copy(target, all);
  const auto& g = whole.block_.ghosts;
  for (std::size_t q = 0; q < parts.size(); ++q) {
    Range3 r = shape_.block(static_cast<int>(q));
    if (closing_axis >= 0) ++r.end[closing_axis];
    const std::byte* from = parts[q].data();
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i, from += sizeof(Real))
          std::memcpy(&target(k + g[2], j + g[1], i + g[0]), from, sizeof(Real));
  }
  Kokkos::deep_copy(all, target);
}

namespace {

template <class Real>
struct AddShifted {
  Array3<Real> from, to;
  int dk, dj, di;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    for (int i = begin; i < end; ++i) to(k, j, i) += from(k + dk, j + dj, i + di);
  }
};

}  // namespace

template <class Real>
void MultigridLevel<Real>::add_part(const MultigridLevel& whole, const Array3<Real>& all,
                                    const Array3<Real>& mine) const {
  const Range3 r = shape_.block(shape_.rank);
  std::array<int, 3> shift;
  for (int a = 0; a < 3; ++a) shift[a] = r.begin[a] + whole.block_.ghosts[a] - block_.ghosts[a];
  for_rows("multigrid part", cells(), AddShifted<Real>{all, mine, shift[2], shift[1], shift[0]});
}

template Transfer<float> MultigridLevel<float>::transfer_to(const MultigridLevel&);
template MultigridLevel<float>::Path MultigridLevel<float>::path_to_centres(const MultigridLevel&,
                                                                            int, int, int) const;
template void MultigridLevel<float>::coarsen_beta(const MultigridLevel&);
template void MultigridLevel<float>::gather_beta(const MultigridLevel&);
template void MultigridLevel<float>::gather(const Array3<float>&, const MultigridLevel&,
                                            const Array3<float>&) const;
template void MultigridLevel<float>::gather_box(const Array3<float>&, const MultigridLevel&,
                                                const Array3<float>&, int) const;
template void MultigridLevel<float>::add_part(const MultigridLevel&, const Array3<float>&,
                                              const Array3<float>&) const;
template std::vector<double> MultigridLevel<float>::local_widths(int) const;
template Transfer<double> MultigridLevel<double>::transfer_to(const MultigridLevel&);
template MultigridLevel<double>::Path MultigridLevel<double>::path_to_centres(const MultigridLevel&,
                                                                              int, int, int) const;
template void MultigridLevel<double>::coarsen_beta(const MultigridLevel&);
template void MultigridLevel<double>::gather_beta(const MultigridLevel&);
template void MultigridLevel<double>::gather(const Array3<double>&, const MultigridLevel&,
                                             const Array3<double>&) const;
template void MultigridLevel<double>::gather_box(const Array3<double>&, const MultigridLevel&,
                                                 const Array3<double>&, int) const;
template void MultigridLevel<double>::add_part(const MultigridLevel&, const Array3<double>&,
                                               const Array3<double>&) const;
template std::vector<double> MultigridLevel<double>::local_widths(int) const;

}  // namespace understudy::mesh::detail
