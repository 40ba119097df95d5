// How a MoistBoxSolver chooses and takes its time steps.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "solvers/weather/moist_box/moist_box_impl.hpp"
#include "solvers/weather/moist_box/water_kernels.hpp"

namespace understudy::solvers {

namespace {

// Part of the limit of forward-backward acoustic steps, dt c sqrt(sum 1/h^2) < 1, which divergence damping
// lowers: (1 + 2 damping)^(-1/2). Mapped: LevelMap::sound_inverse_square in place of the sum.
constexpr double acoustic_part = 0.9;
// Part of the limit of explicit diffusion in Runge-Kutta stages, dt K sum 4/h^2 < 2.5.
constexpr double diffusive_part = 0.8 * 2.5;

template <class F>
struct AdvectiveRate {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  const Real *u, *v, *w;
  KOKKOS_INLINE_FUNCTION Real operator()(const int k, const int j, const int i) const {
    const moist::Index n = f.at(k, j, i);
    Real through = w[n];
    if constexpr (F::mapped) through -= f.climb(u, v, n);
    Real sum = Kokkos::abs(u[n]) * f.inv_h[0] +
               Kokkos::abs(through) * f.inv_h[dim - 1] / f.thickness(n, f.template step<dim - 1>());
    if constexpr (dim == 3) sum += Kokkos::abs(v[n]) * f.inv_h[1];
    return sum;
  }
};

// Square of the speed of sound, gamma p / rho.
template <class F>
struct SoundSquared {
  using Real = typename F::Real;
  F f;
  moist::BasePointers<Real> b;
  moist::StatePointers<Real> s;
  Real gamma;
  KOKKOS_INLINE_FUNCTION Real operator()(const int k, const int j, const int i) const {
    const moist::Index n = f.at(k, j, i);
    const moist::Index l = f.base(f.level(k, j), n);
    const Real rho = b.rho[l] + s.rho[n], base = b.rho[l] * b.theta_m[l];
    const Real excess = s.rho[n] * b.theta_m[l] + rho * s.theta[n];
    return gamma * b.pressure[l] * (1 + moist::power_minus_one(excess / base, gamma)) / rho;
  }
};

// K sum 4/h^2 of a cell's own spacings, from rho K.
template <class F>
struct EddyRate {
  using Real = typename F::Real;
  static constexpr int dim = F::dim;
  F f;
  const Real *base_rho, *rho, *eddy;
  KOKKOS_INLINE_FUNCTION Real operator()(const int k, const int j, const int i) const {
    const moist::Index n = f.at(k, j, i);
    const Real inv_dz = f.inv_h[dim - 1] / f.thickness(n);
    Real sum = f.inv_h[0] * f.inv_h[0] + inv_dz * inv_dz;
    if constexpr (dim == 3) sum += f.inv_h[1] * f.inv_h[1];
    return Real(4) * sum * eddy[n] / (base_rho[f.base(f.level(k, j), n)] + rho[n]);
  }
};

int part_of(int steps, int parts) { return std::max(1, (steps + parts - 1) / parts); }

}  // namespace

template <class Real>
double MoistBoxSolver<Real>::Impl::eddy_rate(const Arrays& arrays) const {
  auto s = pointers(arrays);
  if (wet()) {
    convert_theta(arrays.theta, arrays.water[0], theta_start, false);
    s.theta = theta_start.data();
  }
  find_eddies(s);
  double rate = 0;
  with_frame([&](auto f) {
    using Frame = decltype(f);
    rate = mesh::max_rows<Real>(
        "eddy rate", grid->interior(),
        EddyRate<Frame>{f, base_pointers().rho, arrays.rho.data(), eddy.data()});
  });
  // The stress form has twice K along a component's own axis.
  return grid->comm().max(rate) * std::max(2.0, 1 / params.diffusion.prandtl);
}

template <class Real>
double MoistBoxSolver<Real>::Impl::time_step_limit(const State& state, double& acoustic_s) const {
  const core::ScopedTimer region("time step");
  const Arrays arrays = arrays_of(state);
  double rate = 0, sound = 0;
  with_frame([&](auto f) {
    using Frame = decltype(f);
    const auto s = pointers(arrays);
    rate = mesh::max_rows<Real>("advective rate", grid->interior(),
                                AdvectiveRate<Frame>{f, s.u, s.v, s.w});
    sound = mesh::max_rows<Real>("sound", grid->interior(),
                                 SoundSquared<Frame>{f, base_pointers(), s, Real(air.gamma())});
  });
  rate = grid->comm().max(rate);
  sound = grid->comm().max(sound);
  double horizontal = 0, all = 0;
  for (int axis = 0; axis < dim(); ++axis) {
    const double spacing =
        mapped() && axis + 1 == dim() ? metric.map.least_spacing_m : grid->spacing(axis);
    const double inverse_square = 1 / (spacing * spacing);
    all += inverse_square;
    if (axis + 1 < dim()) horizontal += inverse_square;
  }
  if (mapped()) horizontal = metric.map.sound_inverse_square;
  // Vapour and the departures' own share in theta_m make sound a little faster than here: within the part.
  acoustic_s = acoustic_part / std::sqrt(sound * horizontal * (1 + 2 * params.divergence_damping));
  double dt = params.acoustic_steps * acoustic_s;
  if (rate > 0) dt = std::min(dt, params.cfl / rate);
  if (params.diffusion.model == "constant") {
    const double most = params.diffusion.viscosity_m2_s / std::min(1.0, params.diffusion.prandtl);
    dt = std::min(dt, diffusive_part / (4 * most * all));
  }
  if (params.diffusion.model == "smagorinsky") {
    const double eddies = eddy_rate(arrays);
    if (eddies > 0) dt = std::min(dt, diffusive_part / eddies);
  }
  if (damped()) {
    // Layers overlap in the corners. Their part of the stages' limit on the real axis, dt rate < 2.5.
    double most = params.rayleigh.depth_m > 0 ? params.rayleigh.rate_1_s : 0;
    for (const double width : {params.rayleigh.x_sides_m, params.rayleigh.y_sides_m})
      if (width > 0) most += params.rayleigh.sides_rate_1_s;
    if (most > 0) dt = std::min(dt, 1 / most);
  }
  return params.max_dt_s > 0 ? std::min(dt, params.max_dt_s) : dt;
}

template <class Real>
void MoistBoxSolver<Real>::Impl::check_time_step(const State& state) const {
  double acoustic_s = 0;
  const double limit_s = time_step_limit(state, acoustic_s);
  if (params.time_step_s > limit_s)
    throw core::UserError(core::format(
        "moist_box.time_step_s: {:.6g} s is not stable from this state; the largest stable step is "
        "{:.6g} s with {} acoustic steps, cfl {:.3g} and diffusion {}",
        params.time_step_s, limit_s, params.acoustic_steps, params.cfl, params.diffusion.model));
}

template <class Real>
void MoistBoxSolver<Real>::Impl::step(State& state, double dt_s, double acoustic_s) {
  Arrays start = arrays_of(state);
  if (wet()) {
    convert_theta(start.theta, start.water[0], theta_start, false);
    start.theta = theta_start;
  }
  const int steps = std::max(1, int(std::ceil(dt_s / acoustic_s * (1 - 1e-9))));
  for (int number = 1; number <= 3; ++number) {
    const int parts = 4 - number;
    run_stage(start, {number, dt_s / parts, part_of(steps, parts), number == 1 ? start : stage});
  }
  const Arrays end = arrays_of(state);
  const auto components = velocity_of(end), results = velocity_of(stage);
  for (std::size_t a = 0; a < components.size(); ++a) Kokkos::deep_copy(components[a], results[a]);
  Kokkos::deep_copy(end.rho, stage.rho);
  for (std::size_t n = 0; n < end.water.size(); ++n)
    Kokkos::deep_copy(end.water[n], stage.water[n]);
  if (wet()) {
    convert_theta(stage.theta, end.water[0], end.theta, true);
    ghosts.fill_cells({end.theta});
  } else {
    Kokkos::deep_copy(end.theta, stage.theta);
  }
  if (params.surface.exchanges()) exchange_with_surface(end, dt_s);
  run_processes(state, dt_s);
  state.time_s += dt_s;
  ++state.step;
}

template <class Real>
double MoistBoxSolver<Real>::stable_dt(const mesh::State<Real>& state) {
  impl_->fill_ghosts(state);
  double acoustic_s = 0;
  return impl_->time_step_limit(state, acoustic_s);
}

template <class Real>
AdvanceReport MoistBoxSolver<Real>::advance(mesh::State<Real>& state, double duration_s) {
  constexpr long long steps_per_limit = 4;  // the limit is found anew after so many steps
  const double end_s = state.time_s + duration_s, wanted_s = impl_->params.time_step_s;
  AdvanceReport report;
  impl_->fill_ghosts(state);
  double left_s = duration_s;
  while (left_s > 0) {
    double acoustic_s = 0;
    const double limit_s = impl_->time_step_limit(state, acoustic_s);
    if (!(limit_s > 1e-9 * duration_s) || !std::isfinite(limit_s) || wanted_s > limit_s)
      throw core::RunError(core::format(
          "the stable time step fell to {:.3g} s at step {}, time {:.6g} s{}", limit_s, state.step,
          state.time_s,
          wanted_s > limit_s
              ? core::format(
                    ", below moist_box.time_step_s of {:.3g} s. Choose a smaller one, or 0: the "
                    "limit is then followed.",
                    wanted_s)
              : ": the winds grow without bound. A finer grid, a smaller moist_box.cfl or viscosity may "
                "help."));
    const double largest_s = wanted_s > 0 ? wanted_s : limit_s;
    const long long steps =
        std::max(1LL, static_cast<long long>(std::ceil(left_s / largest_s * (1 - 1e-12))));
    const double dt_s = left_s / double(steps);
    const long long now = std::min(steps, steps_per_limit);
    for (long long n = 0; n < now; ++n) {
      impl_->step(state, dt_s, acoustic_s);
      this->stepped(state);
    }
    report.steps += now;
    left_s = dt_s * double(steps - now);
  }
  state.time_s = end_s;
  report.cell_updates = double(report.steps) * double(impl_->grid->global_cell_count());
  return report;
}

template double MoistBoxSolver<float>::Impl::time_step_limit(const mesh::State<float>&,
                                                             double&) const;
template double MoistBoxSolver<double>::Impl::time_step_limit(const mesh::State<double>&,
                                                              double&) const;
template void MoistBoxSolver<float>::Impl::check_time_step(const mesh::State<float>&) const;
template void MoistBoxSolver<double>::Impl::check_time_step(const mesh::State<double>&) const;
template double MoistBoxSolver<float>::stable_dt(const mesh::State<float>&);
template double MoistBoxSolver<double>::stable_dt(const mesh::State<double>&);
template AdvanceReport MoistBoxSolver<float>::advance(mesh::State<float>&, double);
template AdvanceReport MoistBoxSolver<double>::advance(mesh::State<double>&, double);

}  // namespace understudy::solvers
