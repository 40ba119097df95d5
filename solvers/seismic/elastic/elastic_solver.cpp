#include "solvers/seismic/elastic/elastic_solver.hpp"

#include <cmath>
#include <optional>

#include "core/denormals.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/seismic/elastic/elastic_impl.hpp"
#include "solvers/seismic/numerics/stability.hpp"

namespace understudy::solvers::seismic {
namespace {

CpmlSetup layer_setup(const ElasticSetup& setup, const EarthModel& model) {
  CpmlSetup layer;
  layer.layer = setup.absorbing;
  layer.speed_m_s = setup.layer_speed_m_s > 0 ? setup.layer_speed_m_s : model.largest_speed();
  layer.frequency_hz = setup.layer_frequency_hz;
  layer.dt_s = setup.dt_s;
  return layer;
}

void require_stable(const ElasticSetup& setup, const EarthModel& model, const WaveGrid& grid) {
  Sampling sampling;
  sampling.scheme = Scheme::elastic;
  sampling.order = setup.order;
  sampling.fastest_m_s = model.largest_speed();
  const double largest = largest_dt_s(sampling, grid.box);
  if (!(setup.dt_s > 0) || setup.dt_s > largest)
    throw core::UserError(core::format(
        "time.dt_s is {:.6g} s; the elastic solver of order {} needs a step above 0 and of "
        "at most {:.6g} s here",
        setup.dt_s, setup.order, largest));
}

}  // namespace

template <class Real>
ElasticSolver<Real>::Impl::Impl(const ElasticSetup& s, const EarthModel& model, const WaveGrid& g)
    : setup(s),
      grid(g),
      dimension(g.dimension()),
      medium(make_elastic_medium<Real>(model, g)),
      sweeps(make_elastic_sweeps<Real>(grid, s.order, layer_setup(s, model), medium)) {
  require_stable(s, model, g);
  if (g.padded->comm().size() > 1) halo.emplace(g.padded);
}

template <class Real>
ElasticArrays<Real> ElasticSolver<Real>::Impl::arrays(const mesh::State<Real>& state) const {
  ElasticArrays<Real> a;
  for (int n = 0; n < dimension; ++n) a.velocity[n] = state[velocity_name(n)].data.data();
  for (int n = 0; n < stress_count(dimension); ++n)
    a.stress[n] = state[stress_name(dimension, n)].data.data();
  for (int axis = 0; axis < dimension; ++axis)
    for (int n = 0; n < dimension && has_layer(axis); ++n) {
      a.velocity_memory[axis][n] = state[memory_name(true, axis, n)].data.data();
      a.stress_memory[axis][n] = state[memory_name(false, axis, n)].data.data();
    }
  return a;
}

template <class Real>
void ElasticSolver<Real>::Impl::exchange(mesh::State<Real>& state, bool velocities, bool stresses) {
  if (!halo) return;
  std::vector<mesh::Array3<Real>> list;
  for (int n = 0; velocities && n < dimension; ++n)
    list.push_back(state[velocity_name(n)].component());
  for (int n = 0; stresses && n < stress_count(dimension); ++n)
    list.push_back(state[stress_name(dimension, n)].component());
  halo->exchange(list);
}

template <class Real>
ElasticSolver<Real>::ElasticSolver(const ElasticSetup& setup, const EarthModel& model,
                                   const WaveGrid& grid)
    : impl_(std::make_unique<Impl>(setup, model, grid)) {}

template <class Real>
ElasticSolver<Real>::~ElasticSolver() = default;

template <class Real>
std::shared_ptr<const mesh::Grid> ElasticSolver<Real>::grid() const {
  return impl_->grid.padded;
}

template <class Real>
const WaveGrid& ElasticSolver<Real>::wave_grid() const {
  return impl_->grid;
}

template <class Real>
const AbsorbingParams& ElasticSolver<Real>::absorbing() const {
  return impl_->setup.absorbing;
}

template <class Real>
std::vector<mesh::FieldInfo> ElasticSolver<Real>::fields() const {
  const int dimension = impl_->dimension;
  std::vector<mesh::FieldInfo> list;
  for (int a = 0; a < dimension; ++a)
    list.push_back({.name = velocity_name(a),
                    .unit = "m/s",
                    .location = static_cast<mesh::Location>(a + 1),
                    .role = mesh::Role::prognostic,
                    .description = "particle velocity"});
  for (int c = 0; c < stress_count(dimension); ++c) {
    const bool shear = c >= dimension;
    // Shear stresses lie on edges, which grids have no name for: outputs, which would show them half a
    // cell off, leave them out; checkpoints have them.
    list.push_back({.name = stress_name(dimension, c),
                    .unit = "Pa",
                    .location = mesh::Location::cell,
                    .role = shear ? mesh::Role::history : mesh::Role::prognostic,
                    .description = shear ? "stress at edges, half a step after the state's time"
                                         : "stress, half a step after the state's time"});
  }
  for (int axis = 0; axis < dimension; ++axis)
    for (int c = 0; c < dimension && impl_->has_layer(axis); ++c)
      for (const bool of_velocity : {true, false})
        list.push_back({.name = memory_name(of_velocity, axis, c),
                        .unit = of_velocity ? "Pa/m" : "1/s",
                        .location = mesh::Location::cell,
                        .role = mesh::Role::history,
                        .description = "memory of the absorbing layer"});
  return list;
}

template <class Real>
double ElasticSolver<Real>::stable_dt(const mesh::State<Real>&) {
  return impl_->setup.dt_s;
}

template <class Real>
AdvanceReport ElasticSolver<Real>::advance(mesh::State<Real>& state, double duration_s) {
  const double dt = impl_->setup.dt_s;
  const auto steps = static_cast<long long>(std::llround(duration_s / dt));
  if (steps < 0 ||
      std::abs(static_cast<double>(steps) * dt - duration_s) > 1e-6 * dt + 1e-9 * duration_s)
    throw core::UserError(core::format(
        "an advance of {:.9g} s is no multiple of the elastic solver's time step, {:.9g} s: "
        "choose output intervals that are",
        duration_s, dt));
  const core::FlushDenormals flush;
  const ElasticArrays<Real> a = impl_->arrays(state);
  const auto& points = impl_->points;
  impl_->exchange(state, true, true);  // after a restart ghosts are not there
  for (long long n = 0; n < steps; ++n) {
    const long long step = ++state.step;
    impl_->sweeps->velocity(a, dt, true);
    if (points) points->add_force(a, step, dt);
    impl_->exchange(state, true, false);
    const bool record = points && points->records(step);
    if (record) {
      points->record_velocity(a, step);
      points->record_pressure(a, step);
    }
    impl_->sweeps->stress(a, dt, true);
    if (points) points->add_moment(a, step);
    if (record) points->record_pressure(a, step);
    impl_->exchange(state, false, true);
  }
  Kokkos::fence();
  state.time_s += duration_s;
  AdvanceReport report;
  report.steps = steps;
  report.cell_updates =
      static_cast<double>(steps) * static_cast<double>(impl_->grid.padded->global_cell_count());
  return report;
}

template <class Real>
void ElasticSolver<Real>::constrain(mesh::State<Real>& state) {
  for (auto& field : state.fields())
    if (field.info.name.starts_with("layer_")) Kokkos::deep_copy(field.data, Real(0));
  impl_->exchange(state, true, true);
}

template <class Real>
void ElasticSolver<Real>::begin_shot(const Shot& shot, mesh::State<Real>& state) {
  resume_shot(shot);
  for (auto& field : state.fields()) Kokkos::deep_copy(field.data, Real(0));
  state.time_s = 0;
  state.step = 0;
  impl_->points->add_moment(impl_->arrays(state), 0);
  impl_->exchange(state, true, true);
}

template <class Real>
void ElasticSolver<Real>::resume_shot(const Shot& shot) {
  impl_->points.emplace(shot, impl_->grid, impl_->medium, *impl_->sweeps);
}

template <class Real>
std::vector<Traces> ElasticSolver<Real>::traces() {
  if (!impl_->points) return {};
  return impl_->points->traces(impl_->grid.padded->comm());
}

template class ElasticSolver<float>;
template class ElasticSolver<double>;

}  // namespace understudy::solvers::seismic
