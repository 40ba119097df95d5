#include "mesh/linear_solver/multigrid_solver.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <type_traits>

#include "mesh/linear_solver/multigrid_cycle.hpp"
#include "mesh/linear_solver/multigrid_refinement.hpp"
#include "mesh/linear_solver/multigrid_vectors.hpp"

namespace understudy::mesh::detail {

namespace {

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
    if constexpr (refines)
      for (Array3<Real>* a : {&low_, &correction_, &rest_})
        *a = cycle_.finest().allocate("multigrid refinement");
    if (!params.krylov) return;
    for (Array3<Real>* a : {&r_, &z_, &p_, &q_}) *a = cycle_.finest().allocate("multigrid krylov");
  }
  std::string name() const override { return "multigrid"; }
  SolveReport solve(const Array3<Real>& b, const Array3<Real>& x) override;

 private:
  static constexpr bool refines = std::is_same_v<Real, float>;

  SolveReport plain(const Array3<Real>& x, double b_norm, double tolerance);
  SolveReport cycles(double b_norm, double tolerance);
  SolveReport conjugate_gradients(const Array3<Real>& x, double b_norm, double tolerance);
  SolveReport refined(double shift, double b_norm)
    requires refines;
  SolveReport correct(double b_norm, const SolveReport& so_far)
    requires refines;
  double dot(const Array3<Real>& a, const Array3<Real>& b) const;
  double norm(double squares) const { return std::sqrt(problem_.grid->comm().sum(squares)); }
  static double copy_of(const Kokkos::View<double, Memory>& value) {
    double copy = 0;
    Kokkos::deep_copy(copy, value);
    return copy;
  }
  void finish(const Array3<Real>& x) const;

  LinearSolverParams params_;
  LinearProblem<Real> problem_;
  MultigridCycle<Real> cycle_;
  Kokkos::View<double, Memory> sum_{"multigrid mean"};
  Array3<Real> r_, z_, p_, q_;            ///< of conjugate gradients
  Array3<Real> low_, correction_, rest_;  ///< in single precision: x + low_ is the solution
};

template <class Real>
double MultigridSolver<Real>::dot(const Array3<Real>& a, const Array3<Real>& b) const {
  const Range3 cells = problem_.grid->interior();
  return problem_.grid->comm().sum(sum_rows("multigrid dot", cells, Dot<Real>{a, b}));
}

template <class Real>
SolveReport MultigridSolver<Real>::solve(const Array3<Real>& b, const Array3<Real>& x) {
  const BoxGrid& grid = *problem_.grid;
  const auto moments = [&](double shift) {
    const Moments mine = sum_rows("multigrid norm", grid.interior(), MomentsOf<Real>{b, shift});
    std::array<double, 2> all{mine.sum, mine.squares};
    grid.comm().sum(std::span<double>(all));
    return all;
  };
  const auto cells = static_cast<double>(grid.global_cell_count());
  const auto [sum, raw_squares] = moments(0);
  const double shift = problem_.singular() ? -sum / cells : 0;
  double squares = raw_squares - cells * shift * shift;
  if (squares < 1e-6 * raw_squares) squares = moments(shift)[1];  // little is left beside the mean
  const double b_norm = std::sqrt(squares);
  SolveReport report;
  if (!(b_norm > 0) || !std::isfinite(b_norm)) {
    Kokkos::deep_copy(x, Real(0));
    report.converged = b_norm == 0;
    report.initial_residual = report.residual = b_norm;  // 0, or what is not finite in b
    return report;
  }
  MultigridLevel<Real>& finest = cycle_.finest();
  finest.x = x;
  finest.b = b;
  finest.ghosts().fill(x);
  if constexpr (refines) {
    report = refined(shift, b_norm);
  } else {
    cycle_.set_shift(shift);
    report = plain(x, b_norm, params_.tolerance);
  }
  finish(x);
  finest.ghosts().fill(x);
  finest.x = finest.b = Array3<Real>();
  return report;
}

/// Takes the mean of a singular equation's solution away; in single precision makes one number of two.
template <class Real>
void MultigridSolver<Real>::finish(const Array3<Real>& x) const {
  const Range3 cells = problem_.grid->interior();
  const core::Comm& comm = problem_.grid->comm();
  const bool singular = problem_.singular();
  if (singular) {
    sum_rows_into("multigrid mean", cells, SumOf<Real>{x}, sum_);
    if (comm.size() > 1) Kokkos::deep_copy(sum_, comm.sum(copy_of(sum_)));
  }
  const double share =
      singular ? -1.0 / static_cast<double>(problem_.grid->global_cell_count()) : 0;
  if constexpr (refines)
    for_rows("multigrid mean", cells, Join{x, low_, sum_, share});
  else if (singular)
    for_rows("multigrid mean", cells, AddMultiple<Real>{x, sum_, share});
}

template <class Real>
SolveReport MultigridSolver<Real>::plain(const Array3<Real>& x, double b_norm, double tolerance) {
  return params_.krylov ? conjugate_gradients(x, b_norm, tolerance) : cycles(b_norm, tolerance);
}

template <class Real>
SolveReport MultigridSolver<Real>::cycles(double b_norm, double tolerance) {
  SolveReport report;
  StoppingRule stopping(tolerance, 2, 0.9);
  report.initial_residual = report.residual = norm(cycle_.residual_squares({})) / b_norm;
  if (report.initial_residual <= tolerance) return report;
  // The residual is known for nothing on the way down: a cycle stops there when it is small enough.
  for (report.iterations = 0; report.iterations < params_.max_iterations;) {
    report.residual = norm(cycle_.descend(false)) / b_norm;
    if (report.residual <= tolerance) return report;
    if (report.iterations > 0 && stopping.done(report.residual)) break;
    cycle_.ascend();
    ++report.iterations;
  }
  report.residual = norm(cycle_.residual_squares({})) / b_norm;
  report.converged = report.residual <= tolerance;
  return report;
}

/// Rounds of: the residual in double precision, a correction that answers it in single precision. Ends
/// when the tolerance is reached, or when a round gains less than a tenth.
template <class Real>
SolveReport MultigridSolver<Real>::refined(double shift, double b_norm)
  requires refines
{
  MultigridLevel<Real>& finest = cycle_.finest();
  const Array3<Real> x = finest.x, b = finest.b;
  const Range3 cells = problem_.grid->interior();
  Kokkos::deep_copy(low_, Real(0));
  SolveReport report;
  for (double before = std::numeric_limits<double>::infinity();; before = report.residual) {
    const bool first = !std::isfinite(before);
    report.residual =
        norm(cycle_.refined_residual_squares(first ? Array3<Real>() : low_, shift, rest_)) / b_norm;
    if (first) report.initial_residual = report.residual;
    report.converged = report.residual <= params_.tolerance;
    if (report.converged || !(report.residual <= 0.9 * before) ||
        report.iterations >= params_.max_iterations)
      return report;
    finest.x = correction_;
    finest.b = rest_;
    report.iterations += correct(report.residual * b_norm, report).iterations;
    finest.x = x;
    finest.b = b;
    for_rows("multigrid correct", cells, AddCorrection{x, low_, correction_});
  }
}

/// The finest x solves A x = b of norm b_norm as far as this round shall: to what is wanted in the end, or
/// to where single precision begins to feel its round-off.
template <class Real>
SolveReport MultigridSolver<Real>::correct(double b_norm, const SolveReport& so_far)
  requires refines
{
  constexpr double of_a_round = 1e-3, margin = 0.9;
  const double goal = std::max(of_a_round, margin * params_.tolerance / so_far.residual);
  cycle_.set_shift(0);
  if (params_.krylov) {
    Kokkos::deep_copy(correction_, Real(0));
    return conjugate_gradients(correction_, b_norm, goal);
  }
  SolveReport report;
  StoppingRule stopping(goal, 2, 0.9);
  for (;; ++report.iterations) {
    report.residual = norm(cycle_.descend(report.iterations == 0)) / b_norm;
    const bool enough =
        report.residual <= goal || (report.iterations > 0 && stopping.done(report.residual));
    if (enough || so_far.iterations + report.iterations >= params_.max_iterations) return report;
    cycle_.ascend();
  }
}

template <class Real>
SolveReport MultigridSolver<Real>::conjugate_gradients(const Array3<Real>& x, double b_norm,
                                                       double tolerance) {
  SolveReport report;
  StoppingRule stopping(tolerance, 10, 1.0);  // its residual need not fall in every step
  const Range3 cells = problem_.grid->interior();
  MultigridLevel<Real>& finest = cycle_.finest();
  const Array3<Real> b = finest.b;
  report.initial_residual = report.residual = norm(cycle_.residual_squares(r_)) / b_norm;
  if (report.initial_residual <= tolerance) return report;
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
  report.converged = report.residual <= 1.01 * tolerance;
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
