#include "mesh/linear_solver/multigrid_cycle.hpp"

#include "mesh/linear_solver/multigrid_layers.hpp"
#include "mesh/linear_solver/multigrid_refinement.hpp"

namespace understudy::mesh::detail {

namespace {

/// Levels up to this many cells are solved with a dense inverse.
constexpr long long dense_cells = 64;
/// Levels split over ranks are gathered below these: a message costs more than the work it spares.
constexpr long long gathered_cells = 8192;
constexpr int smallest_split_block = 4;

}  // namespace

template <class Real>
MultigridCycle<Real>::MultigridCycle(const LinearSolverParams& params,
                                     const LinearProblem<Real>& problem)
    : sweeps_before_(params.sweeps_before),
      sweeps_after_(params.sweeps_after),
      singular_(problem.singular()) {
  levels_.push_back(std::make_unique<MultigridLevel<Real>>(problem));
  while (true) {
    MultigridLevel<Real>& fine = *levels_.back();
    const LevelShape& shape = fine.shape();
    const bool gather = shape.distributed() && (shape.global_count() <= gathered_cells ||
                                                shape.smallest_block() < smallest_split_block);
    const bool small = shape.global_count() <= dense_cells && levels_.size() > 1;
    if (!shape.distributed() && (small || shape.global_count() == 1)) break;
    levels_.push_back(
        std::make_unique<MultigridLevel<Real>>(fine, gather ? gathered(shape) : coarsened(shape)));
    transfers_.push_back(gather ? Transfer<Real>{} : fine.transfer_to(*levels_.back()));
    const std::size_t level = levels_.size() - 2;
    residual_.push_back(gather || weighs_fully(level) ? fine.allocate("multigrid residual")
                                                      : Array3<Real>());
  }
  invert_coarsest();
  if constexpr (!on_host) make_tail();
}

template <class Real>
Stencil<Real> MultigridCycle<Real>::stencil(std::size_t level) const {
  Stencil<Real> s = levels_[level]->stencil();
  if (level == 0) s.shift = shift_;
  return s;
}

template <class Real>
bool MultigridCycle<Real>::layered(std::size_t level, int sweeps) const {
  const MultigridLevel<Real>& l = *levels_[level];
  return host_threads() == 1 && !l.exchanges() && sweeps == 1 && !gathers(level);
}

template <class Real>
template <int dimension, bool variable>
void MultigridCycle<Real>::smooth(std::size_t level, int sweeps, bool from_zero) {
  MultigridLevel<Real>& l = *levels_[level];
  const Stencil<Real> s = stencil(level);
  using Again = Relax<Real, dimension, variable, false>;
  using First = Relax<Real, dimension, variable, true>;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    for (int colour = 0; colour < 2; ++colour) {
      if (from_zero && sweep == 0 && colour == 0)
        for_rows("multigrid relax", l.cells(), First{s, l.x.data(), l.b.data(), colour});
      else
        for_rows("multigrid relax", l.cells(), Again{s, l.x.data(), l.b.data(), colour});
      if (l.exchanges()) l.ghosts().exchange(l.x);
    }
    bool seams = false;
    for (int axis = 0; axis < dimension; ++axis) {
      if (!l.has_seam(axis)) continue;
      for (int colour = 0; colour < 2; ++colour)
        for_rows("multigrid relax", l.seam(axis), Again{s, l.x.data(), l.b.data(), colour});
      seams = true;
    }
    if (seams) l.ghosts().exchange(l.x);  // once: what is old in between are the edges' few cells
  }
  if (from_zero && sweeps == 0) Kokkos::deep_copy(l.x, Real(0));
}

template <class Real>
template <int dimension, bool variable>
double MultigridCycle<Real>::hand_down(std::size_t level) {
  MultigridLevel<Real>&l = *levels_[level], &below = *levels_[level + 1];
  const Stencil<Real> s = stencil(level);
  // The finest level's residual alone is looked at: on a device a sum would wait for it.
  auto run = [&](const char* name, const Range3& cells, const auto& kernel) -> double {
    if (level == 0) return sum_rows(name, cells, kernel);
    for_rows(name, cells, kernel);
    return 0;
  };
  if (!gathers(level) && !weighs_fully(level))
    return run("multigrid restrict", below.cells(),
               ResidualRestrict<Real, dimension, variable>{s, transfers_[level], l.x.data(),
                                                           l.b.data(), below.b.data()});
  const Array3<Real>& r = residual_[level];
  const double squares =
      run("multigrid residual", l.cells(),
          Residual<Real, dimension, variable>{s, l.x.data(), l.b.data(), r.data()});
  if (gathers(level)) {
    l.gather(r, below, below.b);
    return squares;
  }
  if (l.exchanges()) l.ghosts().fill(r);
  for_rows(
      "multigrid weigh", below.cells(),
      FullWeighting<Real, dimension>{transfers_[level], r.data(), below.b.data(), s.row, s.plane});
  return squares;
}

template <class Real>
template <int dimension, bool variable>
double MultigridCycle<Real>::descend_level(std::size_t level, bool from_zero) {
  if constexpr (on_host) {
    if (layered(level, sweeps_before_)) {
      using Again = Relax<Real, dimension, variable, false>;
      MultigridLevel<Real>&l = *levels_[level], &below = *levels_[level + 1];
      const Stencil<Real> s = stencil(level);
      Real* x = l.x.data();
      const Real* b = l.b.data();
      const Again red{s, x, b, 0}, black{s, x, b, 1};
      const ResidualRestrict<Real, dimension, variable> down{s, transfers_[level], x, b,
                                                             below.b.data()};
      const Range3 cells = l.cells(), coarse = below.cells();
      const Relax<Real, dimension, variable, true> first{s, x, b, 0};
      if (weighs_fully(level)) {
        Real* r = residual_[level].data();
        const Residual<Real, dimension, variable> rest{s, x, b, r};
        const FullWeighting<Real, dimension> weigh{transfers_[level], r, below.b.data(), s.row,
                                                   s.plane};
        return from_zero ? sweep_and_weigh(first, black, rest, weigh, cells, coarse, dimension - 1)
                         : sweep_and_weigh(red, black, rest, weigh, cells, coarse, dimension - 1);
      }
      if (!from_zero) return sweep_and_restrict(red, black, down, cells, coarse, dimension - 1);
      return sweep_and_restrict(first, black, down, cells, coarse, dimension - 1);
    }
  }
  smooth<dimension, variable>(level, sweeps_before_, from_zero);
  return hand_down<dimension, variable>(level);
}

template <class Real>
template <int dimension, bool variable>
void MultigridCycle<Real>::ascend_level(std::size_t level) {
  MultigridLevel<Real>&l = *levels_[level], &below = *levels_[level + 1];
  if (gathers(level)) {
    l.add_part(below, below.x, l.x);
  } else {
    below.ghosts().fill(below.x);
    const Stencil<Real> s = stencil(level);
    const Prolong<Real, dimension> up{transfers_[level], l.x.data(), below.x.data(), s.row,
                                      s.plane};
    if constexpr (on_host) {
      if (layered(level, sweeps_after_)) {
        using Again = Relax<Real, dimension, variable, false>;
        prolong_and_sweep(up, Again{s, l.x.data(), l.b.data(), 0},
                          Again{s, l.x.data(), l.b.data(), 1}, l.cells(), dimension - 1);
        return;
      }
    }
    for_rows("multigrid prolong", l.cells(), up);
  }
  if (l.exchanges()) l.ghosts().exchange(l.x);
  smooth<dimension, variable>(level, sweeps_after_, false);
}

template <class Real>
double MultigridCycle<Real>::descend_any(std::size_t level, bool from_zero) {
  const bool three = levels_[0]->shape().dimension == 3;
  if (levels_[0]->variable())
    return three ? descend_level<3, true>(level, from_zero)
                 : descend_level<2, true>(level, from_zero);
  return three ? descend_level<3, false>(level, from_zero)
               : descend_level<2, false>(level, from_zero);
}

template <class Real>
void MultigridCycle<Real>::ascend_any(std::size_t level) {
  const bool three = levels_[0]->shape().dimension == 3;
  if (levels_[0]->variable())
    return three ? ascend_level<3, true>(level) : ascend_level<2, true>(level);
  return three ? ascend_level<3, false>(level) : ascend_level<2, false>(level);
}

template <class Real>
double MultigridCycle<Real>::descend(bool from_zero) {
  return levels_.size() == 1 ? residual_squares({}) : descend_any(0, from_zero);
}

template <class Real>
void MultigridCycle<Real>::ascend() {
  const std::size_t coarsest = levels_.size() - 1, alone = tail_ > 0 ? tail_ : coarsest;
  for (std::size_t level = 1; level < alone; ++level) descend_any(level, true);
  if (tail_ > 0)
    run_tail();
  else
    solve_coarsest();
  for (std::size_t level = alone; level-- > 0;) ascend_any(level);
}

template <class Real>
double MultigridCycle<Real>::residual_squares(const Array3<Real>& r) {
  MultigridLevel<Real>& l = finest();
  const Stencil<Real> s = stencil(0);
  const bool three = l.shape().dimension == 3;
  auto run = [&](const auto& kernel) { return sum_rows("multigrid residual", l.cells(), kernel); };
  const Real *x = l.x.data(), *b = l.b.data();
  if (l.variable())
    return three ? run(Residual<Real, 3, true>{s, x, b, r.data()})
                 : run(Residual<Real, 2, true>{s, x, b, r.data()});
  return three ? run(Residual<Real, 3, false>{s, x, b, r.data()})
               : run(Residual<Real, 2, false>{s, x, b, r.data()});
}

template <class Real>
double MultigridCycle<Real>::refined_residual_squares(const Array3<Real>& low, const double shift,
                                                      const Array3<Real>& r)
  requires std::is_same_v<Real, float>
{
  MultigridLevel<float>& l = finest();
  if (l.exchanges()) {
    l.ghosts().exchange(l.x);
    if (low.data() != nullptr) l.ghosts().exchange(low);
  }
  const Stencil<float> s = l.stencil();
  auto run = [&]<int dimension, bool variable, bool with_low>() {
    return sum_rows("multigrid residual", l.cells(),
                    RefinedResidual<dimension, variable, with_low>{s, shift, l.x.data(), low.data(),
                                                                   l.b.data(), r.data()});
  };
  auto with = [&]<int dimension, bool variable>() {
    return low.data() != nullptr ? run.template operator()<dimension, variable, true>()
                                 : run.template operator()<dimension, variable, false>();
  };
  if (l.shape().dimension == 3)
    return l.variable() ? with.template operator()<3, true>()
                        : with.template operator()<3, false>();
  return l.variable() ? with.template operator()<2, true>() : with.template operator()<2, false>();
}

template <class Real>
double MultigridCycle<Real>::apply(const Array3<Real>& in, const Array3<Real>& out) {
  MultigridLevel<Real>& l = finest();
  if (l.exchanges()) l.ghosts().exchange(in);
  const Stencil<Real> s = stencil(0);
  const bool three = l.shape().dimension == 3;
  auto run = [&](const auto& kernel) { return sum_rows("multigrid apply", l.cells(), kernel); };
  if (l.variable())
    return three ? run(Apply<Real, 3, true>{s, in.data(), out.data()})
                 : run(Apply<Real, 2, true>{s, in.data(), out.data()});
  return three ? run(Apply<Real, 3, false>{s, in.data(), out.data()})
               : run(Apply<Real, 2, false>{s, in.data(), out.data()});
}

template class MultigridCycle<float>;
template class MultigridCycle<double>;

}  // namespace understudy::mesh::detail
