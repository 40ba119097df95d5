#include "mesh/linear_solver/multigrid_cycle.hpp"

#include <cmath>

#include "core/error.hpp"
#include "mesh/linear_solver/device_range.hpp"
#include "mesh/linear_solver/multigrid_layers.hpp"

namespace understudy::mesh::detail {

namespace {

/// Levels up to this many cells are solved with a dense inverse.
constexpr long long dense_cells = 64;
/// Levels split over ranks are gathered below these: a message costs more than the work it spares.
constexpr long long gathered_cells = 8192;
constexpr int smallest_split_block = 4;

template <class Real>
struct DenseProduct {
  Kokkos::View<Real**, Kokkos::LayoutRight, Memory> inverse;
  Array3<Real> x, b;
  DeviceRange r;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    for (int i = begin; i < end; ++i) {
      const int equation = r.at(k, j, i);
      int column = 0;
      Real sum = 0;
      for (int kk = 0; kk < r.size[2]; ++kk)
        for (int jj = 0; jj < r.size[1]; ++jj)
          for (int ii = 0; ii < r.size[0]; ++ii)
            sum +=
                inverse(equation, column++) * b(kk + r.begin[2], jj + r.begin[1], ii + r.begin[0]);
      x(k, j, i) = sum;
    }
  }
};

/// Gauss-Jordan elimination with row pivoting, in place.
void invert(std::vector<double>& a, int n) {
  std::vector<double> inverse(1UL * n * n, 0.0);
  for (int i = 0; i < n; ++i) inverse[1UL * i * n + i] = 1;
  for (int c = 0; c < n; ++c) {
    int pivot = c;
    for (int r = c + 1; r < n; ++r)
      if (std::abs(a[1UL * r * n + c]) > std::abs(a[1UL * pivot * n + c])) pivot = r;
    if (a[1UL * pivot * n + c] == 0)
      throw core::RunError(
          "multigrid: the coarsest operator cannot be inverted; is beta positive?");
    for (int m = 0; m < n; ++m) {
      std::swap(a[1UL * pivot * n + m], a[1UL * c * n + m]);
      std::swap(inverse[1UL * pivot * n + m], inverse[1UL * c * n + m]);
    }
    const double scale = 1 / a[1UL * c * n + c];
    for (int m = 0; m < n; ++m) {
      a[1UL * c * n + m] *= scale;
      inverse[1UL * c * n + m] *= scale;
    }
    for (int r = 0; r < n; ++r) {
      const double factor = a[1UL * r * n + c];
      if (r == c || factor == 0) continue;
      for (int m = 0; m < n; ++m) {
        a[1UL * r * n + m] -= factor * a[1UL * c * n + m];
        inverse[1UL * r * n + m] -= factor * inverse[1UL * c * n + m];
      }
    }
  }
  a = inverse;
}

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
}

template <class Real>
void MultigridCycle<Real>::invert_coarsest() {
  const MultigridLevel<Real>& level = *levels_.back();
  std::vector<double> matrix = level.dense_matrix();
  const std::vector<double> volume = level.volumes();
  const int n = static_cast<int>(volume.size());
  // Times the volumes the matrix is symmetric; v v^T added lifts the constant of a singular
  // equation without a change to solutions of zero mean.
  double trace = 0, squares = 0;
  for (int r = 0; r < n; ++r) {
    for (int c = 0; c < n; ++c) matrix[1UL * r * n + c] *= volume[r];
    trace += matrix[1UL * r * n + r];
    squares += volume[r] * volume[r];
  }
  if (singular_) {
    const double scale = trace > 0 ? trace / (n * squares) : 1 / squares;
    for (int r = 0; r < n; ++r)
      for (int c = 0; c < n; ++c) matrix[1UL * r * n + c] += scale * volume[r] * volume[c];
  }
  invert(matrix, n);
  inverse_ = Kokkos::View<Real**, Kokkos::LayoutRight, Memory>("coarsest inverse", n, n);
  auto host = Kokkos::create_mirror_view(inverse_);
  for (int r = 0; r < n; ++r)
    for (int c = 0; c < n; ++c) host(r, c) = static_cast<Real>(matrix[1UL * r * n + c] * volume[c]);
  Kokkos::deep_copy(inverse_, host);
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
  if (!gathers(level) && !weighs_fully(level))
    return sum_rows("multigrid restrict", below.cells(),
                    ResidualRestrict<Real, dimension, variable>{s, transfers_[level], l.x.data(),
                                                                l.b.data(), below.b.data()});
  const Array3<Real>& r = residual_[level];
  const double squares =
      sum_rows("multigrid residual", l.cells(),
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
  const std::size_t coarsest = levels_.size() - 1;
  for (std::size_t level = 1; level < coarsest; ++level) descend_any(level, true);
  solve_coarsest();
  for (std::size_t level = coarsest; level-- > 0;) ascend_any(level);
}

template <class Real>
void MultigridCycle<Real>::solve_coarsest() {
  MultigridLevel<Real>& l = *levels_.back();
  for_rows("multigrid coarsest", l.cells(),
           DenseProduct<Real>{inverse_, l.x, l.b, DeviceRange(l.cells())});
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
