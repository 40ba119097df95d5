#include "mesh/linear_solver/petsc_solver.hpp"

#include <petscksp.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "core/traffic.hpp"
#include "mesh/linear_solver/ghost_layer.hpp"
#include "mesh/petsc_session.hpp"
#ifdef UNDERSTUDY_WITH_MPI
#include "core/mpi.hpp"
#endif

namespace understudy::mesh::detail {

namespace {

void check(PetscErrorCode code, const char* what) { petsc::check(code, "linear solver", what); }

/// Global number of any cell: blocks one after another by rank, [k, j, i] within a block.
class Numbering {
 public:
  explicit Numbering(const Grid& grid) : first_{0} {
    for (int q = 0; q < grid.comm().size(); ++q) {
      blocks_.push_back(grid.block(q));
      first_.push_back(first_.back() + blocks_.back().count());
    }
  }
  /// `cell` is global; `rank` owns it.
  PetscInt operator()(const std::array<int, 3>& cell, int rank) const {
    const Range3& b = blocks_[rank];
    const long long k = cell[2] - b.begin[2], j = cell[1] - b.begin[1], i = cell[0] - b.begin[0];
    return static_cast<PetscInt>(first_[rank] + (k * b.size(1) + j) * b.size(0) + i);
  }

 private:
  std::vector<Range3> blocks_;
  std::vector<long long> first_;
};

template <class Real>
class PetscSolver final : public LinearSolver<Real> {
 public:
  PetscSolver(const LinearSolverParams& params, const LinearProblem<Real>& problem);
  ~PetscSolver() override;
  std::string name() const override { return "petsc"; }
  SolveReport solve(const Array3<Real>& b, const Array3<Real>& x) override;

 private:
  void assemble();
  void insert_row(const Numbering& number, const std::array<int, 3>& local);
  void set_up();
  void warn_of_unused_options();
  void load(const Array3<Real>& from, Vec to);
  double residual_norm(double b_norm);

  LinearSolverParams params_;
  LinearProblem<Real> problem_;
  GhostLayer<Real> ghosts_;
  std::array<HostArray3<Real>, 3> beta_;  ///< only while assembling
  Mat matrix_ = nullptr;
  Vec b_ = nullptr, x_ = nullptr, r_ = nullptr;
  KSP ksp_ = nullptr;
  MatNullSpace constants_ = nullptr;
  PetscOptions options_ = nullptr;
};

// What PETSc has sent since it began by its own count: point to point with bytes, collectives without. Nothing where
// it was built without logging.
core::Traffic petsc_traffic() {
#ifdef PETSC_USE_LOG
  return {.messages = std::llround(petsc_isend_ct + petsc_send_ct),
          .bytes = std::llround(petsc_isend_len + petsc_send_len),
          .collectives = std::llround(petsc_allreduce_ct + petsc_gather_ct + petsc_scatter_ct)};
#else
  return {};
#endif
}

MPI_Comm native_comm(const Grid& grid) {
#ifdef UNDERSTUDY_WITH_MPI
  return core::native(grid.comm());
#else
  (void)grid;
  return PETSC_COMM_SELF;
#endif
}

template <class Real>
PetscSolver<Real>::PetscSolver(const LinearSolverParams& params, const LinearProblem<Real>& problem)
    : params_(params), problem_(problem), ghosts_(block_of(*problem.grid, problem.boundary)) {
  petsc::start();
  assemble();
  set_up();
}

template <class Real>
PetscSolver<Real>::~PetscSolver() {
  PetscBool finalized = PETSC_FALSE;
  PetscFinalized(&finalized);
  if (finalized) return;
  KSPDestroy(&ksp_);
  VecDestroy(&b_);
  VecDestroy(&x_);
  VecDestroy(&r_);
  MatNullSpaceDestroy(&constants_);
  MatDestroy(&matrix_);
  PetscOptionsDestroy(&options_);
}

template <class Real>
void PetscSolver<Real>::assemble() {
  const BoxGrid& grid = *problem_.grid;
  const MPI_Comm comm = native_comm(grid);
  const Numbering number(grid);
  const auto mine = static_cast<PetscInt>(grid.interior().count());
  check(MatCreateAIJ(comm, mine, mine, PETSC_DETERMINE, PETSC_DETERMINE, 7, nullptr, 6, nullptr,
                     &matrix_),
        "creating the matrix");
  if (!problem_.constant_coefficient())
    for (int a = 0; a < grid.dimension(); ++a) {
      // The closing faces of a block are its neighbours' first ones, whatever the caller's ghosts
      // hold.
      Array3<Real> copy("petsc beta", problem_.beta[a].layout());
      Kokkos::deep_copy(copy, problem_.beta[a]);
      ghosts_.exchange(copy);
      beta_[a] = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), copy);
    }
  for (int k = 0; k < grid.local_cells(2); ++k)
    for (int j = 0; j < grid.local_cells(1); ++j)
      for (int i = 0; i < grid.local_cells(0); ++i) insert_row(number, {i, j, k});
  beta_ = {};
  check(MatAssemblyBegin(matrix_, MAT_FINAL_ASSEMBLY), "assembling the matrix");
  check(MatAssemblyEnd(matrix_, MAT_FINAL_ASSEMBLY), "assembling the matrix");
  check(MatSetOption(matrix_, MAT_SPD, problem_.singular() ? PETSC_FALSE : PETSC_TRUE), "options");
  check(MatSetOption(matrix_, MAT_SYMMETRIC, PETSC_TRUE), "options");
  if (problem_.singular()) {
    check(MatNullSpaceCreate(comm, PETSC_TRUE, 0, nullptr, &constants_), "the null space");
    check(MatSetNullSpace(matrix_, constants_), "the null space");
  }
  check(MatCreateVecs(matrix_, &x_, &b_), "creating vectors");
  check(VecDuplicate(b_, &r_), "creating vectors");
}

template <class Real>
void PetscSolver<Real>::insert_row(const Numbering& number, const std::array<int, 3>& local) {
  const BoxGrid& grid = *problem_.grid;
  const int me = grid.comm().rank();
  std::array<int, 3> cell;
  for (int a = 0; a < 3; ++a) cell[a] = grid.offset(a) + local[a];
  const PetscInt row = number(cell, me);
  double diagonal = problem_.alpha;
  for (int side = 0; side < 2 * grid.dimension(); ++side) {
    const int a = side_axis(side), n = grid.global_cells(a), up = is_upper(side) ? 1 : 0;
    std::array<int, 3> face;
    for (int b = 0; b < 3; ++b) face[b] = local[b] + grid.ghosts(b) + (b == a ? up : 0);
    const double beta =
        problem_.constant_coefficient() ? 1.0 : double(beta_[a](face[2], face[1], face[0]));
    const double weight = beta / (grid.spacing(a) * grid.spacing(a));
    const bool block_edge = local[a] == (up ? grid.local_cells(a) - 1 : 0);
    if (block_edge && grid.at_boundary(side)) {
      if (problem_.boundary[side] == LinearBoundary::dirichlet) diagonal += 2 * weight;
      continue;
    }
    std::array<int, 3> next = cell;
    next[a] = (cell[a] + (up ? 1 : n - 1)) % n;
    const PetscInt column = number(next, block_edge ? grid.neighbour(side) : me);
    diagonal += weight;
    check(MatSetValue(matrix_, row, column, -weight, ADD_VALUES), "filling the matrix");
  }
  check(MatSetValue(matrix_, row, row, diagonal, ADD_VALUES), "filling the matrix");
}

template <class Real>
void PetscSolver<Real>::set_up() {
  const char* environment = std::getenv("PETSC_OPTIONS");
  const petsc::QuietErrors quiet;
  auto accept = [&](PetscErrorCode code) {
    if (code == PETSC_SUCCESS) return;
    throw core::UserError(
        "linear solver: PETSc refuses its options (petsc_options: '" + params_.petsc_options +
        "', PETSC_OPTIONS: '" + (environment != nullptr ? environment : "") +
        "'): " + petsc::message(code) + "; valid is what -help lists, e.g. '-pc_type gamg'");
  };
  accept(KSPCreate(native_comm(*problem_.grid), &ksp_));
  accept(KSPSetOperators(ksp_, matrix_, matrix_));
  accept(KSPSetType(ksp_, KSPCG));
  accept(KSPSetNormType(ksp_, KSP_NORM_UNPRECONDITIONED));
  accept(KSPSetInitialGuessNonzero(ksp_, PETSC_TRUE));
  accept(KSPSetTolerances(ksp_, params_.tolerance, 0.0, 1e10, params_.max_iterations));
  PC pc = nullptr;
  accept(KSPGetPC(ksp_, &pc));
  accept(PCSetType(pc, PCGAMG));
  accept(PetscOptionsCreate(&options_));
  if (environment != nullptr) accept(PetscOptionsInsertString(options_, environment));
  accept(PetscOptionsInsertString(options_, params_.petsc_options.c_str()));
  // A table of its own, so that one solver's options do not reach the next one.
  accept(PetscOptionsPush(options_));
  PetscErrorCode code = KSPSetFromOptions(ksp_);
  if (code == PETSC_SUCCESS) code = KSPSetUp(ksp_);
  PetscOptionsPop();
  accept(code);
  warn_of_unused_options();
}

template <class Real>
void PetscSolver<Real>::warn_of_unused_options() {
  PetscInt count = 0;
  char **names = nullptr, **values = nullptr;
  check(PetscOptionsLeftGet(options_, &count, &names, &values), "options");
  for (PetscInt n = 0; n < count; ++n)
    core::log::warn("linear solver: PETSc knows nothing of option '-{}'", names[n]);
  PetscOptionsLeftRestore(options_, &count, &names, &values);
}

template <class Real>
void PetscSolver<Real>::load(const Array3<Real>& from, Vec to) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), from);
  const Range3 r = problem_.grid->interior();
  PetscScalar* values = nullptr;
  check(VecGetArray(to, &values), "copying");
  PetscScalar* out = values;
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) *out++ = host(k, j, i);
  check(VecRestoreArray(to, &values), "copying");
}

template <class Real>
double PetscSolver<Real>::residual_norm(double b_norm) {
  PetscReal norm = 0;
  check(MatMult(matrix_, x_, r_), "the residual");
  check(VecAYPX(r_, -1.0, b_), "the residual");
  check(VecNorm(r_, NORM_2, &norm), "the residual");
  return b_norm > 0 ? norm / b_norm : 0.0;
}

template <class Real>
SolveReport PetscSolver<Real>::solve(const Array3<Real>& b, const Array3<Real>& x) {
  const core::Traffic before = petsc_traffic();
  load(b, b_);
  load(x, x_);
  if (constants_ != nullptr) check(MatNullSpaceRemove(constants_, b_), "removing the mean");
  PetscReal b_norm = 0;
  check(VecNorm(b_, NORM_2, &b_norm), "the norm of b");
  SolveReport report;
  if (b_norm == 0) {
    check(VecSet(x_, 0.0), "setting zero");
  } else {
    report.initial_residual = residual_norm(b_norm);
    check(KSPSolve(ksp_, b_, x_), "solving");
    PetscInt iterations = 0;
    KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
    check(KSPGetIterationNumber(ksp_, &iterations), "solving");
    check(KSPGetConvergedReason(ksp_, &reason), "solving");
    report.iterations = static_cast<int>(iterations);
    report.residual = residual_norm(b_norm);
    // Its own residual is a recursion: near round-off the true one may lag behind a little.
    report.converged = reason > 0 && report.residual <= 2 * params_.tolerance;
  }
  if (constants_ != nullptr) check(MatNullSpaceRemove(constants_, x_), "removing the mean");
  core::add_traffic(petsc_traffic() - before);
  auto host = Kokkos::create_mirror_view(x);
  Kokkos::deep_copy(host, x);
  const Range3 r = problem_.grid->interior();
  const PetscScalar* values = nullptr;
  check(VecGetArrayRead(x_, &values), "copying");
  const PetscScalar* in = values;
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) host(k, j, i) = static_cast<Real>(*in++);
  check(VecRestoreArrayRead(x_, &values), "copying");
  Kokkos::deep_copy(x, host);
  ghosts_.fill(x);
  return report;
}

}  // namespace

template <class Real>
std::unique_ptr<LinearSolver<Real>> make_petsc_solver(const LinearSolverParams& params,
                                                      const LinearProblem<Real>& problem) {
  return std::make_unique<PetscSolver<Real>>(params, problem);
}

template std::unique_ptr<LinearSolver<float>> make_petsc_solver(const LinearSolverParams&,
                                                                const LinearProblem<float>&);
template std::unique_ptr<LinearSolver<double>> make_petsc_solver(const LinearSolverParams&,
                                                                 const LinearProblem<double>&);

}  // namespace understudy::mesh::detail
