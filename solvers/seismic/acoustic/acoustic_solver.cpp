#include "solvers/seismic/acoustic/acoustic_solver.hpp"

#include <cmath>
#include <utility>

#include "core/denormals.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"
#include "solvers/seismic/acoustic/acoustic_derivative.hpp"

namespace understudy::solvers::seismic {

namespace {

const std::array<const char*, 3> first_names{"layer_first_x", "layer_first_y", "layer_first_z"};
const std::array<const char*, 3> second_names{"layer_second_x", "layer_second_y", "layer_second_z"};

}  // namespace

template <class Real>
AcousticSolver<Real>::AcousticSolver(const AcousticSetup& setup, std::span<const double> speed_m_s,
                                     std::span<const double> density, const core::Comm& comm) {
  AcousticSetup single = setup;
  single.shots = 1;
  op_ = make_acoustic_operator<Real>(single, comm);
  op_->set_model(speed_m_s, density);
}

template <class Real>
AcousticSolver<Real>::~AcousticSolver() = default;

template <class Real>
std::vector<mesh::FieldInfo> AcousticSolver<Real>::fields() const {
  using mesh::Location, mesh::Role;
  std::vector<mesh::FieldInfo> all{{.name = "pressure",
                                    .unit = "Pa",
                                    .location = Location::cell,
                                    .role = Role::prognostic,
                                    .description = "pressure of the wave"},
                                   {.name = "pressure_before",
                                    .unit = "Pa",
                                    .location = Location::cell,
                                    .role = Role::history,
                                    .description = "one step earlier"}};
  for (int a = 0; a < op_->grid().dimension(); ++a) {
    all.push_back({.name = first_names[a],
                   .unit = "Pa/m",
                   .location = Location::cell,
                   .role = Role::history,
                   .description = "absorbing layer"});
    all.push_back({.name = second_names[a],
                   .unit = "Pa/m2",
                   .location = Location::cell,
                   .role = Role::history,
                   .description = "absorbing layer"});
  }
  return all;
}

template <class Real>
WaveFields<Real> AcousticSolver<Real>::of(mesh::State<Real>& state) const {
  WaveFields<Real> fields;
  fields.now = state["pressure"].data;
  fields.before = state["pressure_before"].data;
  for (int a = 0; a < op_->grid().dimension(); ++a) {
    fields.psi[a] = state[first_names[a]].data;
    fields.zeta[a] = state[second_names[a]].data;
  }
  return fields;
}

// A step exchanges the arrays of the two times.
template <class Real>
void AcousticSolver<Real>::put_back(const WaveFields<Real>& fields,
                                    mesh::State<Real>& state) const {
  state["pressure"].data = fields.now;
  state["pressure_before"].data = fields.before;
}

template <class Real>
void AcousticSolver<Real>::resume_shot(const Shot& shot) {
  shot_ = std::make_shared<AcousticShots<Real>>(op_, std::vector<Shot>{shot});
}

template <class Real>
void AcousticSolver<Real>::begin_shot(const Shot& shot, mesh::State<Real>& state) {
  resume_shot(shot);
  of(state).zero();
  state.time_s = 0;
  state.step = 0;
}

template <class Real>
AdvanceReport AcousticSolver<Real>::advance(mesh::State<Real>& state, double duration_s) {
  return advance(state, duration_s, nullptr);
}

template <class Real>
AdvanceReport AcousticSolver<Real>::advance(mesh::State<Real>& state, double duration_s,
                                            AcousticTape<Real>* tape) {
  const double dt_s = op_->setup().dt_s;
  const long long steps = std::llround(duration_s / dt_s);
  if (steps < 1 || std::abs(double(steps) * dt_s - duration_s) > 1e-6 * dt_s * double(steps))
    throw core::UserError(
        core::format("an advance of {:.9g} s is no multiple of the acoustic time step, {:.9g} s",
                     duration_s, dt_s));
  const core::FlushDenormals flush;
  WaveFields<Real> fields = of(state);
  if (tape) tape->begin(fields, {state.step, state.time_s}, steps, shot_);
  for (long long n = 0; n < steps; ++n) {
    wave_step(*op_, shot_.get(), fields, state.step + n, tape ? tape->recording(n) : nullptr);
    if (shot_) shot_->record(fields, state.step + n + 1);
  }
  put_back(fields, state);
  state.step += steps;
  state.time_s += duration_s;
  AdvanceReport report;
  report.steps = steps;
  report.cell_updates = double(steps) * double(op_->grid().padded->global_cell_count());
  return report;
}

namespace {

template <class Real>
double leapfrog_energy(const mesh::BoxGrid& grid, const mesh::Array3<const Real>& k,
                       const WaveFields<Real>& fields, const mesh::Array4<Real>& laplacian) {
  const auto now = fields.now, before = fields.before;
  return mesh::sum_cells(
      "wave energy", grid.interior(), KOKKOS_LAMBDA(const int kk, const int j, const int i) {
        const double p = now(0, kk, j, i), q = before(0, kk, j, i);
        return 0.5 * ((p - q) * (p - q) / double(k(kk, j, i)) - p * double(laplacian(0, kk, j, i)));
      });
}

}  // namespace

template <class Real>
std::vector<Diagnostic> AcousticSolver<Real>::diagnostics(const mesh::State<Real>& state) {
  // L p_{n-1} is what a step without layers' memory keeps; on copies.
  const mesh::BoxGrid& g = *op_->grid().padded;
  WaveFields<Real> scratch = op_->make_fields();
  Kokkos::deep_copy(scratch.now, state["pressure_before"].data);
  const mesh::Array4<Real> laplacian = op_->make_array("laplacian");
  op_->forward(scratch, laplacian.data());
  WaveFields<Real> fields;
  fields.now = state["pressure"].data;
  fields.before = state["pressure_before"].data;
  const double sum = g.comm().sum(leapfrog_energy<Real>(g, op_->k(), fields, laplacian));
  return {{"seismic.energy", "Pa2 m^(d-2)", sum * g.cell_volume(), DiagnosticKind::free}};
}

template <class Real>
double AcousticSolver<Real>::kinetic_energy(const mesh::State<Real>& state) const {
  WaveFields<Real> fields;
  fields.now = state["pressure"].data;
  fields.before = state["pressure_before"].data;
  return op_->kinetic_energy(fields);
}

template <class Real>
void AcousticSolver<Real>::constrain(mesh::State<Real>& state) {
  for (int a = 0; a < op_->grid().dimension(); ++a) {
    Kokkos::deep_copy(state[first_names[a]].data, Real(0));
    Kokkos::deep_copy(state[second_names[a]].data, Real(0));
  }
}

template <class Real>
std::vector<Traces> AcousticSolver<Real>::traces() {
  if (!shot_) return {};
  return {{"pressure", "Pa", shot_->traces().front()}};
}

template <class Real>
DifferentiableStepper<Real>* AcousticSolver<Real>::differentiable() {
  if (!derivative_) derivative_ = std::make_unique<AcousticDerivative<Real>>(*this);
  return derivative_.get();
}

template class AcousticSolver<float>;
template class AcousticSolver<double>;

}  // namespace understudy::solvers::seismic
