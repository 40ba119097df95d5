#include "mesh/linear_solver/fft_solver.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/error.hpp"
#include "mesh/box_exchange.hpp"
#include "mesh/linear_solver/columns.hpp"
#include "mesh/linear_solver/ghost_layer.hpp"
#include "mesh/linear_solver/split_columns.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh::detail {

namespace {

/// f(part) for every part < parts, over the host's threads.
template <class F>
void for_parts(int parts, const F& f) {
  if (parts == 1) return f(0);
  Kokkos::parallel_for(
      "fft solver",
      Kokkos::RangePolicy<Kokkos::DefaultHostExecutionSpace, Kokkos::Schedule<Kokkos::Static>>(
          0, parts),
      f);
}

/// to[i][j] = from[j][i], in tiles that keep both sides' lines in the first-level cache.
template <class Real>
void transpose(const Real* from, long from_pitch, int rows, int columns, Real* to, long to_pitch) {
  constexpr int tile = 16;
  for (int j0 = 0; j0 < rows; j0 += tile)
    for (int i0 = 0; i0 < columns; i0 += tile) {
      const int j1 = std::min(rows, j0 + tile), i1 = std::min(columns, i0 + tile);
      for (int i = i0; i < i1; ++i)
        for (int j = j0; j < j1; ++j) to[i * to_pitch + j] = from[j * from_pitch + i];
    }
}

template <class Real>
class FftSolver final : public LinearSolver<Real> {
 public:
  explicit FftSolver(const LinearProblem<Real>& problem);
  std::string name() const override { return "fft"; }
  SolveReport solve(const Array3<Real>& b, const Array3<Real>& x) override;

 private:
  using View = BoxView<Real>;
  using ConstView = BoxView<const Real>;
  struct Scratch {
    AlignedBuffer<Real> row, plane, lines;
    AlignedBuffer<double> eigenvalues;
    std::optional<ColumnScratch> columns;
  };
  /// Neighbouring modes, which are swept together: their first one's place, its number, and how many.
  struct Group {
    Real* data;
    int mode, width;
    const double* eigenvalue;
  };

  void plan_exchanges();
  double eigenvalue(int mode) const;
  void forward(const ConstView& source);
  void inverse(const View& target);
  void solve_modes();
  void solve_split_modes();
  template <class Solve>
  void for_groups(const Solve& solve);
  void forward_plane(const ConstView& source, int level, Scratch& s);
  void inverse_plane(const View& target, int level, Scratch& s);
  View interior(const Array3<Real>& a) const;

  LinearProblem<Real> problem_;
  int dimension_, last_;  ///< last_: the axis of the direct solve
  FftRows<Real> x_rows_;
  std::optional<FftRows<Real>> y_rows_;
  ColumnEquation columns_;
  GhostLayer<Real> ghosts_;
  Range3 slab_;  ///< this rank's cells while transforming
  // Modes are [last axis][outer][contiguous]: 2-D [y][1][mode x], 3-D [z][mode x][mode y].
  int outer_size_, row_size_, pitch_;
  AlignedBuffer<Real> slab_modes_, natural_;
  std::unique_ptr<BoxExchange<Real>> to_slab_, to_block_;
  std::optional<SplitColumns> split_;             ///< on several ranks
  std::optional<ColumnScratch> constant_column_;  ///< of a singular equation's mode 0 there
  std::vector<Scratch> scratch_;
};

template <class Real>
FftSolver<Real>::FftSolver(const LinearProblem<Real>& problem)
    : problem_(problem),
      dimension_(problem.grid->dimension()),
      last_(dimension_ - 1),
      x_rows_(problem.grid->global_cells(0), problem.boundary[0], problem.boundary[1],
              problem.grid->spacing(0)),
      ghosts_(block_of(*problem.grid, problem.boundary)) {
  const BoxGrid& grid = *problem.grid;
  if (dimension_ == 3)
    y_rows_.emplace(grid.global_cells(1), problem.boundary[2], problem.boundary[3],
                    grid.spacing(1));
  const double h = grid.spacing(last_);
  columns_ = {grid.global_cells(last_), problem.boundary[2 * last_],
              problem.boundary[2 * last_ + 1],
              h * h * x_rows_.scale() * (y_rows_ ? y_rows_->scale() : 1.0), problem.singular()};
  outer_size_ = y_rows_ ? x_rows_.size() : 1;
  row_size_ = y_rows_ ? y_rows_->size() : x_rows_.size();
  pitch_ = padded_row<Real>(row_size_);
  plan_exchanges();
  // What a rank sweeps at once are the rows that it has.
  ColumnEquation own_rows = columns_;
  if (split_) {
    own_rows.rows = std::max(1, slab_.size(last_));
    own_rows.lower = own_rows.upper = LinearBoundary::neumann;
    if (columns_.singular) constant_column_.emplace(columns_);
  }
  scratch_.resize(host_threads());
  for (Scratch& s : scratch_) {
    s.row = AlignedBuffer<Real>(padded_row<Real>(std::max(x_rows_.size(), row_size_)));
    if (y_rows_) {
      s.plane = AlignedBuffer<Real>(1UL * padded_row<Real>(x_rows_.size()) * row_size_);
      s.lines = AlignedBuffer<Real>(1UL * pitch_ * outer_size_);
    }
    s.columns.emplace(own_rows);
    s.eigenvalues = AlignedBuffer<double>(s.columns->width());
  }
}

template <class Real>
void FftSolver<Real>::plan_exchanges() {
  const BoxGrid& grid = *problem_.grid;
  const core::Comm& comm = grid.comm();
  const int ranks = comm.size();
  std::vector<Range3> blocks(ranks), slabs(ranks);
  std::vector<Span> rows(ranks);
  bool blocks_are_slabs = true;
  for (int axis = 0; axis < last_; ++axis)
    blocks_are_slabs = blocks_are_slabs && grid.rank_dims()[axis] == 1;
  for (int q = 0; q < ranks; ++q) {
    blocks[q] = slabs[q] = grid.block(q);
    if (!blocks_are_slabs) {
      for (int axis = 0; axis < 3; ++axis) {
        slabs[q].begin[axis] = 0;
        slabs[q].end[axis] = grid.global_cells(axis);
      }
      const Span mine = share(grid.global_cells(last_), q, ranks);
      slabs[q].begin[last_] = mine.begin;
      slabs[q].end[last_] = mine.end;
    }
    rows[q] = {slabs[q].begin[last_], slabs[q].end[last_]};
  }
  slab_ = slabs[comm.rank()];
  slab_modes_ = AlignedBuffer<Real>(1UL * slab_.size(last_) * outer_size_ * pitch_);
  if (!blocks_are_slabs) {
    to_slab_ = std::make_unique<BoxExchange<Real>>(comm, blocks, slabs);
    to_block_ = std::make_unique<BoxExchange<Real>>(comm, slabs, blocks);
    natural_ = AlignedBuffer<Real>(slab_.count());
  }
  if (ranks > 1)
    split_.emplace(comm, columns_, rows, row_size_ * outer_size_,
                   [this](int mode) { return eigenvalue(mode); });
}

// Of the difference along the last axis and times the squared spacing, as in columns.hpp.
template <class Real>
double FftSolver<Real>::eigenvalue(int mode) const {
  const double h = problem_.grid->spacing(last_);
  if (!y_rows_) return h * h * (problem_.alpha + x_rows_.eigenvalues()[mode]);
  return h * h *
         (problem_.alpha + x_rows_.eigenvalues()[mode / row_size_] +
          y_rows_->eigenvalues()[mode % row_size_]);
}

template <class Real>
BoxView<Real> FftSolver<Real>::interior(const Array3<Real>& a) const {
  const BoxGrid& g = *problem_.grid;
  const long row = a.extent(2), plane = row * a.extent(1);
  return {a.data() + g.ghosts(2) * plane + g.ghosts(1) * row + g.ghosts(0), row, plane};
}

template <class Real>
SolveReport FftSolver<Real>::solve(const Array3<Real>& b, const Array3<Real>& x) {
  const View source = interior(b), target = interior(x);
  const View slab{natural_.data(), slab_.size(0), 1L * slab_.size(0) * slab_.size(1)};
  auto constant = [](const View& v) { return ConstView{v.data, v.row, v.plane}; };
  if (to_slab_) to_slab_->run(constant(source), slab);
  forward(constant(to_slab_ ? slab : source));
  if (split_)
    solve_split_modes();
  else
    solve_modes();
  inverse(to_block_ ? slab : target);
  if (to_block_) to_block_->run(constant(slab), target);
  ghosts_.fill(x);
  const double unmeasured = std::numeric_limits<double>::quiet_NaN();
  return {1, unmeasured, unmeasured, true};
}

template <class Real>
void FftSolver<Real>::forward(const ConstView& source) {
  const int parts = static_cast<int>(scratch_.size()), levels = slab_.size(last_);
  for_parts(parts, [&](int part) {
    const Span mine = share(levels, part, parts);
    Scratch& s = scratch_[part];
    for (int r = mine.begin; r < mine.end; ++r) {
      if (y_rows_)
        forward_plane(source, r, s);
      else
        x_rows_.forward(source.data + r * source.row, slab_modes_.data() + 1L * r * pitch_,
                        s.row.data());
    }
  });
}

template <class Real>
void FftSolver<Real>::inverse(const View& target) {
  const int parts = static_cast<int>(scratch_.size()), levels = slab_.size(last_);
  for_parts(parts, [&](int part) {
    const Span mine = share(levels, part, parts);
    Scratch& s = scratch_[part];
    for (int r = mine.begin; r < mine.end; ++r) {
      if (y_rows_)
        inverse_plane(target, r, s);
      else
        x_rows_.inverse(slab_modes_.data() + 1L * r * pitch_, target.data + r * target.row,
                        s.row.data());
    }
  });
}

template <class Real>
void FftSolver<Real>::forward_plane(const ConstView& source, int level, Scratch& s) {
  const int nx = outer_size_, ny = row_size_;
  const long plane_pitch = padded_row<Real>(nx);
  for (int j = 0; j < ny; ++j)
    x_rows_.forward(source.data + level * source.plane + j * source.row,
                    s.plane.data() + j * plane_pitch, s.row.data());
  transpose(s.plane.data(), plane_pitch, ny, nx, s.lines.data(), pitch_);
  Real* modes = slab_modes_.data() + 1L * level * nx * pitch_;
  for (int i = 0; i < nx; ++i)
    y_rows_->forward(s.lines.data() + 1L * i * pitch_, modes + 1L * i * pitch_, s.row.data());
}

template <class Real>
void FftSolver<Real>::inverse_plane(const View& target, int level, Scratch& s) {
  const int nx = outer_size_, ny = row_size_;
  const long plane_pitch = padded_row<Real>(nx);
  Real* modes = slab_modes_.data() + 1L * level * nx * pitch_;
  for (int i = 0; i < nx; ++i)
    y_rows_->inverse(modes + 1L * i * pitch_, s.lines.data() + 1L * i * pitch_, s.row.data());
  transpose(s.lines.data(), pitch_, nx, ny, s.plane.data(), plane_pitch);
  for (int j = 0; j < ny; ++j)
    x_rows_.inverse(s.plane.data() + j * plane_pitch,
                    target.data + level * target.plane + j * target.row, s.row.data());
}

template <class Real>
template <class Solve>
void FftSolver<Real>::for_groups(const Solve& solve) {
  if (slab_.size(last_) == 0) return;
  const int parts = static_cast<int>(scratch_.size()), width = scratch_[0].columns->width();
  const int groups = (row_size_ + width - 1) / width;
  for_parts(parts, [&](int part) {
    const Span mine = share(groups * outer_size_, part, parts);
    Scratch& s = scratch_[part];
    for (int n = mine.begin; n < mine.end; ++n) {
      const int outer = n / groups, begin = n % groups * width;
      const Group group{slab_modes_.data() + 1L * outer * pitch_ + begin, outer * row_size_ + begin,
                        std::min(width, row_size_ - begin), s.eigenvalues.data()};
      for (int m = 0; m < group.width; ++m) s.eigenvalues.data()[m] = eigenvalue(group.mode + m);
      solve(group, *s.columns);
    }
  });
}

template <class Real>
void FftSolver<Real>::solve_modes() {
  for_groups([&](const Group& g, const ColumnScratch& scratch) {
    solve_columns(columns_, g.data, 1L * pitch_ * outer_size_, g.eigenvalue, g.width, g.mode == 0,
                  scratch);
  });
}

// The constant mode of a singular equation is one column: every rank solves all of it.
template <class Real>
void FftSolver<Real>::solve_split_modes() {
  const long stride = 1L * pitch_ * outer_size_;
  const int rows = slab_.size(last_);
  std::vector<double> column;
  if (constant_column_) {
    column.assign(columns_.rows, 0.0);
    for (int r = 0; r < rows; ++r) column[slab_.begin[last_] + r] = slab_modes_.data()[r * stride];
    problem_.grid->comm().sum(std::span<double>(column));
    const double zero = 0;
    solve_columns(columns_, column.data(), 1, &zero, 1, true, *constant_column_);
  }
  for_groups([&](const Group& g, const ColumnScratch& scratch) {
    part_ends(split_->part(), g.data, stride, g.eigenvalue, g.width, split_->first() + g.mode,
              split_->last() + g.mode, scratch);
  });
  split_->reduce();
  for_groups([&](const Group& g, const ColumnScratch& scratch) {
    solve_part(split_->part(), g.data, stride, g.eigenvalue, g.width, split_->before() + g.mode,
               split_->after() + g.mode, scratch);
  });
  if (constant_column_)
    for (int r = 0; r < rows; ++r)
      slab_modes_.data()[r * stride] = static_cast<Real>(column[slab_.begin[last_] + r]);
}

}  // namespace

template <class Real>
std::unique_ptr<LinearSolver<Real>> make_fft_solver(const LinearProblem<Real>& problem) {
  if (!problem.constant_coefficient())
    throw core::UserError(
        "linear solver: method 'fft' needs a uniform coefficient, but this problem's beta varies "
        "from face to face; use multigrid or petsc (or auto)");
  return std::make_unique<FftSolver<Real>>(problem);
}

template std::unique_ptr<LinearSolver<float>> make_fft_solver(const LinearProblem<float>&);
template std::unique_ptr<LinearSolver<double>> make_fft_solver(const LinearProblem<double>&);

}  // namespace understudy::mesh::detail
