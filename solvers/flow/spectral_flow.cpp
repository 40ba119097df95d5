#include "solvers/flow/spectral_flow.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "solvers/flow/flow_impl.hpp"
#include "solvers/flow/initial_state.hpp"
#include "solvers/flow/spectral_impl.hpp"
#include "solvers/flow/time_step.hpp"

namespace understudy::solvers {

namespace {

constexpr const char* component_names[3] = {"u", "v", "w"};

mesh::Location face(int axis) { return static_cast<mesh::Location>(axis + 1); }

}  // namespace

template <class Real>
SpectralFlow<Real>::Impl::Impl(const FlowParams& params_,
                               std::shared_ptr<const mesh::BoxGrid> grid_)
    : params((check_flow_params(params_, *grid_), check_spectral_flow(params_, *grid_), params_)),
      grid(grid_),
      motion(params, grid),
      halo(grid),
      scratch(motion.box().make("spectral scratch")) {}

template <class Real>
flow::Velocity<Real> SpectralFlow<Real>::Impl::velocity(const State& state) const {
  flow::Velocity<Real> u;
  for (int a = 0; a < grid->dimension(); ++a) u[a] = state[component_names[a]].component();
  return u;
}

template <class Real>
void SpectralFlow<Real>::Impl::read(const State& state) {
  for (int a = 0; a < grid->dimension(); ++a)
    box().read(state[component_names[a]].component(), face(a), motion.velocity()[a]);
}

template <class Real>
void SpectralFlow<Real>::Impl::fill_ghosts(const State& state) {
  std::vector<mesh::Array3<Real>> arrays{state["p"].component()};
  for (int a = 0; a < grid->dimension(); ++a)
    arrays.push_back(state[component_names[a]].component());
  halo.exchange(arrays);
}

template <class Real>
void SpectralFlow<Real>::Impl::write(State& state) {
  const core::ScopedTimer region("fields");
  for (int a = 0; a < grid->dimension(); ++a)
    box().write(motion.velocity()[a], face(a), state[component_names[a]].component());
  motion.pressure(state.time_s, scratch);
  box().write(scratch, mesh::Location::cell, state["p"].component());
  fill_ghosts(state);
}

template <class Real>
SpectralFlow<Real>::SpectralFlow(const FlowParams& params,
                                 std::shared_ptr<const mesh::BoxGrid> grid)
    : impl_(std::make_unique<Impl>(params, std::move(grid))) {}

template <class Real>
SpectralFlow<Real>::~SpectralFlow() = default;

template <class Real>
std::shared_ptr<const mesh::Grid> SpectralFlow<Real>::grid() const {
  return impl_->grid;
}

template <class Real>
double SpectralFlow<Real>::last_dt_s() const {
  return impl_->last_dt_s;
}

template <class Real>
std::vector<mesh::FieldInfo> SpectralFlow<Real>::fields() const {
  std::vector<mesh::FieldInfo> list;
  for (int a = 0; a < std::min(3, impl_->grid->dimension()); ++a)
    list.push_back({.name = component_names[a],
                    .unit = "m/s",
                    .location = face(a),
                    .role = mesh::Role::prognostic,
                    .description = std::string("velocity along ") + "xyz"[a]});
  list.push_back({.name = "p",
                  .unit = "Pa",
                  .location = mesh::Location::cell,
                  .role = mesh::Role::prognostic,
                  .description = "pressure, zero mean"});
  return list;
}

template <class Real>
void SpectralFlow<Real>::constrain(mesh::State<Real>& state) {
  impl_->read(state);
  impl_->motion.project();
  impl_->write(state);
}

template <class Real>
void SpectralFlow<Real>::initialise(mesh::State<Real>& state) {
  flow::fill_initial_state(impl_->params, state);
  constrain(state);
}

template <class Real>
double SpectralFlow<Real>::stable_dt(const mesh::State<Real>& state) {
  impl_->read(state);
  impl_->motion.project();
  return impl_->motion.begin(state.time_s);
}

template <class Real>
AdvanceReport SpectralFlow<Real>::advance(mesh::State<Real>& state, double duration_s) {
  Impl& m = *impl_;
  const double end_s = state.time_s + duration_s;
  AdvanceReport report;
  m.read(state);
  m.motion.project();
  double left_s = duration_s;
  {
    const core::ScopedTimer region("steps");
    while (left_s > 0) {
      const double limit_s = m.motion.begin(state.time_s);
      if (!(limit_s > 1e-9 * duration_s))
        throw core::RunError(core::format(
            "the stable time step fell to {:.3g} s at step {}, time {:.6g} s: the velocities grow "
            "without bound. A finer grid or a smaller flow.cfl may help.",
            limit_s, state.step, state.time_s));
      const long long steps =
          std::max(1LL, static_cast<long long>(std::ceil(left_s / limit_s * (1 - 1e-12))));
      const double dt_s = left_s / static_cast<double>(steps);
      m.motion.step(state.time_s, dt_s);
      left_s = dt_s * static_cast<double>(steps - 1);
      state.time_s += dt_s;
      ++state.step;
      ++report.steps;
      m.last_dt_s = dt_s;
      if (this->watched() && left_s > 0) {
        m.write(state);
        m.motion.keep();  // who looks asks for diagnostics
        this->stepped(state);
        m.motion.restore();
      }
    }
  }
  state.time_s = end_s;
  m.write(state);
  if (report.steps > 0) this->stepped(state);
  report.cell_updates =
      static_cast<double>(report.steps) * static_cast<double>(m.grid->global_cell_count());
  return report;
}

template <class Real>
DifferentiableStepper<Real>* SpectralFlow<Real>::differentiable() {
  throw core::UserError(
      "flow.discretisation: is spectral, which has no adjoint; gradients through the solver want "
      "finite_volume");
}

template <class Real>
template <class Other>
void SpectralFlow<Real>::Impl::take(const mesh::State<Other>& finer, State& own) {
  const mesh::BoxGrid& from = mesh::as_box(finer.grid(), "the start of a spectral method");
  const flow::SpectralBox<Other> whole(from, 1);
  const auto modes = whole.make("modes of the finer state");
  for (int a = 0; a < grid->dimension(); ++a) {
    whole.read(finer[component_names[a]].component(), face(a), modes);
    box().take(whole, modes, motion.velocity()[a]);
  }
  motion.project();
  write(own);
}

template <class Real>
void SpectralFlow<Real>::start_from(const mesh::State<float>& finer, mesh::State<Real>& own) {
  impl_->take(finer, own);
}
template <class Real>
void SpectralFlow<Real>::start_from(const mesh::State<double>& finer, mesh::State<Real>& own) {
  impl_->take(finer, own);
}

template class SpectralFlow<float>;
template class SpectralFlow<double>;

}  // namespace understudy::solvers
