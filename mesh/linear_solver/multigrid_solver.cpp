#include "mesh/linear_solver/multigrid_solver.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "mesh/linear_solver/multigrid_cycle.hpp"

namespace understudy::mesh::detail {

namespace {

template <class Real>
struct Moments {  ///< sum of b, or of its squares
  Array3<Real> b;
  Real shift;
  bool squared;
  KOKKOS_INLINE_FUNCTION double row(int k, int j, int begin, int end) const {
    const Real* line = &b(k, j, 0);
    double sum = 0;
    if (squared) {
#pragma omp simd reduction(+ : sum)
      for (int i = begin; i < end; ++i) {
        const double value = line[i] + shift;
        sum += value * value;
      }
    } else {
#pragma omp simd reduction(+ : sum)
      for (int i = begin; i < end; ++i) sum += line[i];
    }
    return sum;
  }
};

template <class Real>
struct Dot {
  Array3<Real> a, b;
  KOKKOS_INLINE_FUNCTION double row(int k, int j, int begin, int end) const {
    const Real *p = &a(k, j, 0), *q = &b(k, j, 0);
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = begin; i < end; ++i) sum += static_cast<double>(p[i]) * q[i];
    return sum;
  }
};

/// y = x + factor y
template <class Real>
struct ScaleAndAdd {
  Array3<Real> x, y;
  Real factor;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    const Real* in = &x(k, j, 0);
    Real* out = &y(k, j, 0);
    const Real times = factor;
    independent(begin, end, [=](const int i) { out[i] = in[i] + times * out[i]; });
  }
};

/// x += step p, r -= step q; returns the sum of r^2
template <class Real>
struct Step {
  Array3<Real> x, p, r, q;
  Real step;
  KOKKOS_INLINE_FUNCTION double row(int k, int j, int begin, int end) const {
    Real *x_line = &x(k, j, 0), *r_line = &r(k, j, 0);
    const Real *p_line = &p(k, j, 0), *q_line = &q(k, j, 0);
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = begin; i < end; ++i) {
      x_line[i] += step * p_line[i];
      r_line[i] -= step * q_line[i];
      sum += static_cast<double>(r_line[i]) * r_line[i];
    }
    return sum;
  }
};

template <class Real>
struct AddConstant {
  Array3<Real> x;
  Real value;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    for (int i = begin; i < end; ++i) x(k, j, i) += value;
  }
};

/// Stops when the tolerance is reached, or when `patience` iterations in a row bring no new best
/// that is `gain` times the last one or less: round-off.
class StoppingRule {
 public:
  StoppingRule(double tolerance, int patience, double gain)
      : tolerance_(tolerance), gain_(gain), patience_(patience) {}
  bool done(double residual) {
    slow_ = residual > gain_ * best_ ? slow_ + 1 : 0;
    best_ = std::min(best_, residual);
    return residual <= tolerance_ || slow_ >= patience_ || !std::isfinite(residual);
  }

 private:
  double tolerance_, gain_, best_ = std::numeric_limits<double>::infinity();
  int patience_, slow_ = 0;
};

template <class Real>
class MultigridSolver final : public LinearSolver<Real> {
 public:
  MultigridSolver(const LinearSolverParams& params, const LinearProblem<Real>& problem)
      : params_(params), problem_(problem), cycle_(params, problem) {
    if (!params.krylov) return;
    for (Array3<Real>* a : {&r_, &z_, &p_, &q_}) *a = cycle_.finest().allocate("multigrid krylov");
  }
  std::string name() const override { return "multigrid"; }
  SolveReport solve(const Array3<Real>& b, const Array3<Real>& x) override;

 private:
  SolveReport cycles(double b_norm);
  SolveReport conjugate_gradients(const Array3<Real>& x, double b_norm);
  double dot(const Array3<Real>& a, const Array3<Real>& b) const;
  double norm(double squares) const { return std::sqrt(problem_.grid->comm().sum(squares)); }
  double sum_b(Real shift, bool squared) const;
  void remove_mean(const Array3<Real>& x) const;

  LinearSolverParams params_;
  LinearProblem<Real> problem_;
  MultigridCycle<Real> cycle_;
  Array3<Real> r_, z_, p_, q_;
};

template <class Real>
double MultigridSolver<Real>::dot(const Array3<Real>& a, const Array3<Real>& b) const {
  const Range3 cells = problem_.grid->interior();
  return problem_.grid->comm().sum(sum_rows("multigrid dot", cells, Dot<Real>{a, b}));
}

template <class Real>
void MultigridSolver<Real>::remove_mean(const Array3<Real>& x) const {
  const BoxGrid& grid = *problem_.grid;
  const double sum = sum_rows("multigrid mean", grid.interior(), Moments<Real>{x, Real(0), false});
  const double mean = grid.comm().sum(sum) / grid.global_cell_count();
  for_rows("multigrid mean", grid.interior(), AddConstant<Real>{x, static_cast<Real>(-mean)});
}

template <class Real>
SolveReport MultigridSolver<Real>::solve(const Array3<Real>& b, const Array3<Real>& x) {
  const BoxGrid& grid = *problem_.grid;
  MultigridLevel<Real>& finest = cycle_.finest();
  finest.x = x;
  finest.b = b;
  Real shift = 0;
  if (problem_.singular()) {
    const double sum =
        sum_rows("multigrid mean", grid.interior(), Moments<Real>{b, Real(0), false});
    shift = static_cast<Real>(-grid.comm().sum(sum) / grid.global_cell_count());
  }
  cycle_.set_shift(shift);
  const double b_norm =
      norm(sum_rows("multigrid norm", grid.interior(), Moments<Real>{b, shift, true}));
  SolveReport report;
  if (!(b_norm > 0) || !std::isfinite(b_norm)) {
    Kokkos::deep_copy(x, Real(0));
    report.converged = b_norm == 0;
    report.initial_residual = report.residual = b_norm;  // 0, or what is not finite in b
    return report;
  }
  finest.ghosts().fill(x);
  report = params_.krylov ? conjugate_gradients(x, b_norm) : cycles(b_norm);
  if (problem_.singular()) remove_mean(x);
  finest.ghosts().fill(x);
  finest.x = finest.b = Array3<Real>();
  return report;
}

template <class Real>
SolveReport MultigridSolver<Real>::cycles(double b_norm) {
  SolveReport report;
  StoppingRule stopping(params_.tolerance, 2, 0.9);
  report.initial_residual = report.residual = norm(cycle_.residual_squares({})) / b_norm;
  if (report.initial_residual <= params_.tolerance) return report;
  // The residual is known for nothing on the way down: a cycle stops there when it is small enough.
  for (report.iterations = 0; report.iterations < params_.max_iterations;) {
    report.residual = norm(cycle_.descend(false)) / b_norm;
    if (report.residual <= params_.tolerance) return report;
    if (report.iterations > 0 && stopping.done(report.residual)) break;
    cycle_.ascend();
    ++report.iterations;
  }
  report.residual = norm(cycle_.residual_squares({})) / b_norm;
  report.converged = report.residual <= params_.tolerance;
  return report;
}

template <class Real>
SolveReport MultigridSolver<Real>::conjugate_gradients(const Array3<Real>& x, double b_norm) {
  SolveReport report;
  StoppingRule stopping(params_.tolerance, 10, 1.0);  // its residual need not fall in every step
  const Range3 cells = problem_.grid->interior();
  MultigridLevel<Real>& finest = cycle_.finest();
  const Array3<Real> b = finest.b;
  report.initial_residual = report.residual = norm(cycle_.residual_squares(r_)) / b_norm;
  if (report.initial_residual <= params_.tolerance) return report;
  Kokkos::deep_copy(p_, Real(0));
  finest.x = z_;
  finest.b = r_;
  const Real shift = cycle_.shift();
  cycle_.set_shift(0);
  double zr_before = 0, step = 0;
  while (report.iterations < params_.max_iterations) {
    cycle_.descend(true);
    cycle_.ascend();
    // Flexible: z . (r - r_before) / (z_before . r_before), where r - r_before = -step q.
    const double zr = dot(z_, r_);
    const double zq = report.iterations > 0 ? dot(z_, q_) : 0;
    const double factor = report.iterations > 0 ? -step * zq / zr_before : 0;
    for_rows("multigrid direction", cells, ScaleAndAdd<Real>{z_, p_, static_cast<Real>(factor)});
    const double pq = problem_.grid->comm().sum(cycle_.apply(p_, q_));
    if (!(pq > 0)) break;
    step = zr / pq;
    const double squares =
        sum_rows("multigrid step", cells, Step<Real>{x, p_, r_, q_, static_cast<Real>(step)});
    zr_before = zr;
    ++report.iterations;
    if (stopping.done(norm(squares) / b_norm)) break;
  }
  // The true one: the recursion above drifts from it near round-off.
  finest.x = x;
  finest.b = b;
  cycle_.set_shift(shift);
  finest.ghosts().fill(x);
  report.residual = norm(cycle_.residual_squares({})) / b_norm;
  report.converged = report.residual <= 1.01 * params_.tolerance;
  return report;
}

}  // namespace

template <class Real>
std::unique_ptr<LinearSolver<Real>> make_multigrid_solver(const LinearSolverParams& params,
                                                          const LinearProblem<Real>& problem) {
  return std::make_unique<MultigridSolver<Real>>(params, problem);
}

template std::unique_ptr<LinearSolver<float>> make_multigrid_solver(const LinearSolverParams&,
                                                                    const LinearProblem<float>&);
template std::unique_ptr<LinearSolver<double>> make_multigrid_solver(const LinearSolverParams&,
                                                                     const LinearProblem<double>&);

}  // namespace understudy::mesh::detail
