// The bounded minimisation (bounded_minimiser.hpp) by PETSc's TAO.
#include <petsctao.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "core/error.hpp"
#include "core/format.hpp"
#ifdef UNDERSTUDY_WITH_MPI
#include "core/mpi.hpp"
#endif
#include "mesh/optimisation/bounded_minimiser.hpp"
#include "mesh/petsc_session.hpp"

namespace understudy::mesh {

namespace {

void check(PetscErrorCode code, const char* what) { petsc::check(code, "minimiser", what); }

struct Context {
  const MinimisedFunction& function;
  const std::function<bool(const MinimiserProgress&)>& monitor;
  std::size_t size;
  int evaluations = 0;
  bool stopped = false;  ///< by the monitor
  std::exception_ptr error;
};

// Exceptions must not pass through C: they are kept, and PETSC_ERR_USER ends the solve.
PetscErrorCode evaluate(Tao, Vec x, PetscReal* value, Vec gradient, void* pointer) {
  auto& context = *static_cast<Context*>(pointer);
  const double* at = nullptr;
  double* into = nullptr;
  PetscCall(VecGetArrayRead(x, &at));
  PetscCall(VecGetArrayWrite(gradient, &into));
  ++context.evaluations;
  try {
    *value = context.function({at, context.size}, {into, context.size});
  } catch (...) {
    context.error = std::current_exception();
  }
  PetscCall(VecRestoreArrayWrite(gradient, &into));
  PetscCall(VecRestoreArrayRead(x, &at));
  return context.error ? PETSC_ERR_USER : PETSC_SUCCESS;
}

PetscErrorCode watch(Tao tao, void* pointer) {
  auto& context = *static_cast<Context*>(pointer);
  PetscInt iteration = 0;
  PetscReal value = 0, norm = 0;
  Vec x = nullptr;
  PetscCall(TaoGetSolutionStatus(tao, &iteration, &value, &norm, nullptr, nullptr, nullptr));
  PetscCall(TaoGetSolution(tao, &x));
  const double* at = nullptr;
  PetscCall(VecGetArrayRead(x, &at));
  bool go_on = true;
  try {
    if (context.monitor)
      go_on =
          context.monitor({int(iteration), context.evaluations, value, norm, {at, context.size}});
  } catch (...) {
    context.error = std::current_exception();
  }
  PetscCall(VecRestoreArrayRead(x, &at));
  if (context.error) return PETSC_ERR_USER;
  if (!go_on) {
    context.stopped = true;
    PetscCall(TaoSetConvergedReason(tao, TAO_CONVERGED_USER));
  }
  return PETSC_SUCCESS;
}

std::string in_words(TaoConvergedReason reason) {
  switch (reason) {
    case TAO_CONVERGED_GATOL:
    case TAO_CONVERGED_GRTOL:
    case TAO_CONVERGED_GTTOL:
      return "the gradient is small enough";
    case TAO_CONVERGED_MINF:
      return "the value is small enough";
    case TAO_CONVERGED_USER:
      return "asked to stop";
    case TAO_DIVERGED_MAXITS:
      return "iterations are spent";
    case TAO_DIVERGED_MAXFCN:
      return "evaluations are spent";
    case TAO_DIVERGED_LS_FAILURE:
      return "the line search found no smaller value";
    case TAO_DIVERGED_NAN:
      return "a value is not finite";
    default:
      return core::format("TAO's reason {}", int(reason));
  }
}

MPI_Comm ranks_of([[maybe_unused]] const core::Comm* comm) {
#ifdef UNDERSTUDY_WITH_MPI
  if (comm && comm->size() > 1) return core::native(*comm);
#endif
  return PETSC_COMM_SELF;
}

// Owners of PETSc's objects.
struct Vector {
  Vec vec = nullptr;
  Vector(MPI_Comm ranks, std::span<const double> values) {
    const auto size = PetscInt(values.size());
    check(ranks == PETSC_COMM_SELF ? VecCreateSeq(ranks, size, &vec)
                                   : VecCreateMPI(ranks, size, PETSC_DETERMINE, &vec),
          "creating vectors");
    set(values);
  }
  ~Vector() { VecDestroy(&vec); }
  Vector(const Vector&) = delete;
  Vector& operator=(const Vector&) = delete;
  void set(std::span<const double> values) {
    double* into = nullptr;
    check(VecGetArrayWrite(vec, &into), "copying");
    std::copy(values.begin(), values.end(), into);
    check(VecRestoreArrayWrite(vec, &into), "copying");
  }
  void get(std::vector<double>& values) const {
    const double* from = nullptr;
    check(VecGetArrayRead(vec, &from), "copying");
    std::copy(from, from + values.size(), values.begin());
    check(VecRestoreArrayRead(vec, &from), "copying");
  }
};

struct Solver {
  Tao tao = nullptr;
  explicit Solver(MPI_Comm ranks) { check(TaoCreate(ranks, &tao), "creating TAO"); }
  ~Solver() { TaoDestroy(&tao); }
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;
};

// TAOBLMVM shows its matrix to the options alone.
void set_memory(Tao tao, int pairs) {
  constexpr const char* key = "-tao_blmvm_mat_lmvm_hist_size";
  if (pairs == MinimiserSettings{}.memory) return;
  check(PetscOptionsSetValue(nullptr, key, core::format("{}", pairs).c_str()), "set-up");
  const PetscErrorCode code = TaoSetFromOptions(tao);
  check(PetscOptionsClearValue(nullptr, key), "set-up");
  check(code, "set-up");
}

void require_inside(std::span<const double> x, std::span<const double> lower,
                    std::span<const double> upper, const core::Comm* comm) {
  std::string fault;
  for (std::size_t n = 0; n < x.size() && fault.empty(); ++n)
    if (!(x[n] >= lower[n] && x[n] <= upper[n]))
      fault =
          core::format("the start of variable {} is {:.6g}, outside its bounds [{:.6g}, {:.6g}]", n,
                       x[n], lower[n], upper[n]);
  if (comm) comm->throw_on_all_ranks<core::UserError>(fault);
  if (!fault.empty()) throw core::UserError(fault);
}

}  // namespace

MinimiserResult minimise(std::vector<double>& x, std::span<const double> lower,
                         std::span<const double> upper, const MinimisedFunction& function,
                         const MinimiserSettings& settings,
                         const std::function<bool(const MinimiserProgress&)>& monitor) {
  require_inside(x, lower, upper, settings.comm);
  petsc::start();
  const petsc::QuietErrors quiet;
  Context context{function, monitor, x.size(), 0, false, nullptr};
  const MPI_Comm ranks = ranks_of(settings.comm);
  const Solver solver(ranks);
  Tao tao = solver.tao;
  const auto finite = [](std::span<const double> bounds) {  // PETSc's own infinity
    std::vector<double> all(bounds.begin(), bounds.end());
    for (double& bound : all) bound = std::clamp<double>(bound, PETSC_NINFINITY, PETSC_INFINITY);
    return all;
  };
  const Vector solution(ranks, x), low(ranks, finite(lower)), high(ranks, finite(upper));
  check(TaoSetType(tao, TAOBLMVM), "choosing the method");
  set_memory(tao, settings.memory);
  check(TaoSetSolution(tao, solution.vec), "set-up");
  check(TaoSetVariableBounds(tao, low.vec, high.vec), "set-up");
  check(TaoSetObjectiveAndGradient(tao, nullptr, evaluate, &context), "set-up");
  check(TaoSetTolerances(tao, 0, 0, settings.gradient_tolerance), "set-up");
  check(TaoSetMaximumIterations(tao, settings.iterations), "set-up");
  check(TaoSetMaximumFunctionEvaluations(tao, settings.evaluations), "set-up");
  if (settings.value_tolerance > 0)
    check(TaoSetFunctionLowerBound(tao, settings.value_tolerance), "set-up");
  check(TaoMonitorSet(tao, watch, &context, nullptr), "set-up");
  const PetscErrorCode code = TaoSolve(tao);
  if (context.error) std::rethrow_exception(context.error);
  check(code, "minimising");
  solution.get(x);
  MinimiserResult result;
  TaoConvergedReason reason;
  PetscInt iterations = 0;
  PetscReal value = 0;
  check(TaoGetSolutionStatus(tao, &iterations, &value, nullptr, nullptr, nullptr, &reason),
        "asking how it ended");
  if (!std::isfinite(value) || reason == TAO_DIVERGED_NAN)
    throw core::RunError("minimiser: the function's value is not finite");
  result.iterations = int(iterations);
  result.evaluations = context.evaluations;
  result.value = value;
  result.reason = in_words(reason);
  result.failed = reason == TAO_DIVERGED_LS_FAILURE;
  return result;
}

}  // namespace understudy::mesh
