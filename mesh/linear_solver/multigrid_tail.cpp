// Which levels a device takes in one launch, and that launch.
#include <algorithm>

#include "mesh/linear_solver/multigrid_cycle.hpp"

namespace understudy::mesh::detail {

namespace {

/// Levels of so many cells are worth less than their launches on a GPU.
constexpr long long tail_cells = 4096;
constexpr int most_threads = 512;

template <class Real, int dimension, bool variable>
void launch(const TailCycle<Real, dimension, variable>& cycle) {
  using Policy = Kokkos::TeamPolicy<Exec>;
  const int threads = Policy(1, 1).team_size_max(cycle, Kokkos::ParallelForTag());
  Kokkos::parallel_for("multigrid tail", Policy(1, std::min(threads, most_threads)), cycle);
}

}  // namespace

template <class Real>
TailLevel<Real> MultigridLevel<Real>::as_tail(const Transfer<Real>& transfer,
                                              const Array3<Real>& residual) const {
  TailLevel<Real> l;
  l.stencil = stencil();
  l.transfer = transfer;
  l.x = x.data();
  l.b = b.data();
  l.residual = residual.data();
  l.exchanges = exchanges_;
  for (int a = 0; a < 3; ++a) {
    l.begin[a] = block_.interior().begin[a];
    l.size[a] = block_.cells[a];
    l.ghosts[a] = block_.ghosts[a];
    l.periodic[a] = !block_.at_boundary(2 * a);
    l.seam[a] = has_seam(a);
    for (int side = 2 * a; side < 2 * a + 2; ++side)
      l.sign[side] = block_.boundary[side] == LinearBoundary::dirichlet ? Real(-1) : Real(1);
  }
  return l;
}

template <class Real>
void MultigridCycle<Real>::make_tail() {
  const std::size_t coarsest = levels_.size() - 1;
  tail_ = coarsest;
  while (tail_ > 1 && !levels_[tail_ - 1]->shape().distributed() &&
         levels_[tail_ - 1]->shape().global_count() <= tail_cells)
    --tail_;
  tail_levels_ = Kokkos::View<TailLevel<Real>*, Memory>("multigrid tail", levels_.size() - tail_);
  const auto host = Kokkos::create_mirror_view(tail_levels_);
  for (std::size_t level = tail_; level <= coarsest; ++level)
    host(level - tail_) = level < coarsest
                              ? levels_[level]->as_tail(transfers_[level], residual_[level])
                              : levels_[level]->as_tail({}, {});
  Kokkos::deep_copy(tail_levels_, host);
}

template <class Real>
void MultigridCycle<Real>::run_tail() {
  const auto run = [&]<int dimension, bool variable>() {
    launch(TailCycle<Real, dimension, variable>{tail_levels_, inverse_, sweeps_before_,
                                                sweeps_after_});
  };
  const bool variable = levels_[0]->variable();
  if (levels_[0]->shape().dimension == 3)
    return variable ? run.template operator()<3, true>() : run.template operator()<3, false>();
  return variable ? run.template operator()<2, true>() : run.template operator()<2, false>();
}

template TailLevel<float> MultigridLevel<float>::as_tail(const Transfer<float>&,
                                                         const Array3<float>&) const;
template TailLevel<double> MultigridLevel<double>::as_tail(const Transfer<double>&,
                                                           const Array3<double>&) const;
template void MultigridCycle<float>::make_tail();
template void MultigridCycle<double>::make_tail();
template void MultigridCycle<float>::run_tail();
template void MultigridCycle<double>::run_tail();

}  // namespace understudy::mesh::detail
