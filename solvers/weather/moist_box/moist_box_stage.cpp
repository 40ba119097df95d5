// One Runge-Kutta stage of the moist box.
#include "core/timers.hpp"
#include "solvers/weather/moist_box/moist_box_impl.hpp"
#include "solvers/weather/moist_box/viscosity_kernels.hpp"
#include "solvers/weather/moist_box/water_kernels.hpp"

#include <cmath>

namespace understudy::solvers {

namespace {

// Bundles of columns, over threads.
template <class Bundles, class F>
void for_bundles(const char* name, const Bundles& bundles, const F& f) {
  if constexpr (mesh::on_host)
    if (mesh::detail::host_threads() == 1) {
      for (int n = 0; n < bundles.count(); ++n) f(n);
      return;
    }
  Kokkos::parallel_for(name, Kokkos::RangePolicy<mesh::Exec>(0, bundles.count()), f);
}

template <class Real>
moist::Air<Real> to_real(const moist::Air<double>& air) {
  moist::Air<Real> own;
  own.cp = Real(air.cp);
  own.rd = Real(air.rd);
  own.gravity = Real(air.gravity);
  return own;
}

}  // namespace

template <class Real>
void MoistBoxSolver<Real>::Impl::prepare(const Stage& task) {
  with_frame([&](auto f) {
    using Frame = decltype(f);
    const auto& water = task.from.water;
    if (wet()) {
      mesh::for_rows(
          "total water", grid->everything(),
          moist::SumWater<Frame>{f, water[0].data(), water[1].data(),
                                 water.size() > 2 ? water[2].data() : nullptr, total_water.data()});
      add_water(water, 3, water.size(), total_water);
    }
    mesh::for_rows("pressure", with_lower_neighbours(),
                   moist::Prepare<Frame>{f, base_pointers(), pointers(task.from), Real(air.gamma()),
                                         flux.u.data(), flux.v.data(), momentum_w().data(),
                                         pressure.data(), c.data()});
    if constexpr (Frame::mapped) {
      mesh::Range3 inner = with_lower_neighbours();
      for (int axis = 0; axis + 1 < Frame::dim; ++axis) --inner.end[axis];
      mesh::for_rows(
          "through levels", inner,
          moist::ThroughLevels<Frame>{f, flux.u.data(), flux.v.data(), rise.data(), flux.w.data()});
    }
  });
}

template <class Real>
void MoistBoxSolver<Real>::Impl::slow_tendencies(const Stage& task) {
  const auto b = base_pointers();
  const auto s = pointers(task.from);
  const mesh::Range3 cells = grid->interior();
  with_frame([&](auto f) {
    using Frame = decltype(f);
    moist::with_order(params.advection_order, [&](auto o) {
      constexpr int order = decltype(o)::value;
      moist::with_flag(wet(), [&](auto w) {
        mesh::for_rows(
            "momentum", cells,
            moist::MomentumTendency<Frame, order, decltype(w)::value>{
                f, b, s, Real(0.5 * air.gravity), flux.u.data(), flux.v.data(), flux.w.data(),
                pressure.data(), slow.u.data(), slow.v.data(), slow.w.data()});
      });
      mesh::for_rows(
          "heat", cells,
          moist::HeatTendency<Frame, order>{f, b, flux.u.data(), flux.v.data(), flux.w.data(),
                                            s.theta, slow.rho.data(), slow.theta.data()});
    });
  });
  if (viscous()) add_viscosity(task);
  with_frame([&](auto f) {
    using Frame = decltype(f);
    if (damped() || params.coriolis_1_s != 0)
      mesh::for_rows("forces", cells,
                     moist::ForceTendency<Frame>{f, b, s, Real(params.coriolis_1_s), sides.data(),
                                                 sides.data() + sides.stride(0), flux.u.data(),
                                                 flux.v.data(), momentum_w().data(), slow.u.data(),
                                                 slow.v.data(), slow.w.data(), slow.theta.data()});
    const auto& water = task.from.water;
    if (params.heat_capacities == "moist")
      mesh::for_rows("heat capacities", cells,
                     moist::HeatCapacityTendency<Frame>{
                         f, b, s, to_real<Real>(air), water[0].data(), water[1].data(),
                         water.size() > 2 ? water[2].data() : nullptr, slow.theta.data()});
  });
  ghosts.close_faces(dim() == 2 ? std::vector<Array>{slow.u} : std::vector<Array>{slow.u, slow.v});
}

template <class Real>
void MoistBoxSolver<Real>::Impl::find_eddies(const moist::StatePointers<Real>& s) const {
  with_frame([&](auto f) {
    using Frame = decltype(f);
    const double length =
        params.diffusion.constant * std::pow(grid->cell_volume(), 1.0 / Frame::dim);
    mesh::for_rows("eddy viscosity", grid->interior(),
                   moist::SmagorinskyEddy<Frame>{f, base_pointers(), s, Real(length * length),
                                                 Real(air.gravity),
                                                 Real(1 / params.diffusion.prandtl), eddy.data()});
  });
}

template <class Real>
void MoistBoxSolver<Real>::Impl::add_viscosity(const Stage& task) {
  const auto s = pointers(task.from);
  const bool smagorinsky = params.diffusion.model == "smagorinsky";
  with_frame([&](auto f) {
    using Frame = decltype(f);
    const Real inv_prandtl = Real(1 / params.diffusion.prandtl);
    if (smagorinsky) {
      find_eddies(s);
      ghosts.fill_cells({eddy}, 1);
    } else {
      mesh::for_rows(
          "viscosity", grid->everything(),
          moist::ConstantEddy<Frame>{f, base_pointers(), Real(params.diffusion.viscosity_m2_s),
                                     s.rho, eddy.data()});
    }
    const auto add = [&](auto stress) {
      moist::AddViscosity<Frame, decltype(stress)::value> kernel{};
      kernel.f = f;
      kernel.theta = s.theta;
      kernel.eddy = eddy.data();
      kernel.inv_prandtl = inv_prandtl;
      kernel.Rtheta = slow.theta.data();
      kernel.u[0] = s.u;
      kernel.u[1] = Frame::dim == 3 ? s.v : s.w;
      kernel.u[2] = s.w;
      kernel.rate[0] = slow.u.data();
      kernel.rate[1] = Frame::dim == 3 ? slow.v.data() : slow.w.data();
      kernel.rate[2] = slow.w.data();
      mesh::for_rows("add viscosity", grid->interior(), kernel);
    };
    moist::with_flag(smagorinsky, add);
  });
}

template <class Real>
void MoistBoxSolver<Real>::Impl::begin_acoustics(const Arrays& start, const Stage& task) {
  if (wet())
    for (const Array& array : velocity_of(mean)) Kokkos::deep_copy(array, Real(0));
  const Arrays& o = departure;
  with_frame([&](auto f) {
    using Frame = decltype(f);
    mesh::for_rows("begin acoustic", with_lower_neighbours(),
                   moist::BeginAcoustic<Frame>{
                       f, base_pointers(), pointers(start), pointers(task.from), flux.u.data(),
                       flux.v.data(), momentum_w().data(), c.data(), o.u.data(), o.v.data(),
                       o.w.data(), o.rho.data(), o.theta.data(), forward.data()});
  });
}

template <class Real>
void MoistBoxSolver<Real>::Impl::acoustics(const Stage& task) {
  const core::ScopedTimer region("acoustic");
  const auto b = base_pointers();
  const Real* theta = task.from.theta.data();
  const Real dt = Real(task.dt_s / task.acoustic_steps), gravity = Real(air.gravity);
  const Real ahead = Real(0.5 * (1 + params.off_centring)), behind = 1 - ahead;
  const Real damping = Real(params.divergence_damping);
  mesh::Range3 faces = grid->interior();
  for (int axis = 0; axis + 1 < dim(); ++axis) ++faces.end[axis];
  with_frame([&](auto f) {
    using Frame = decltype(f);
    const moist::Bundles<Frame> columns(f, grid->interior());
    auto& o = departure;
    moist::with_flag(wet(), [&](auto w) {
      constexpr bool has_water = decltype(w)::value;
      const Real* qt = total_water.data();
      for_bundles(
          "factorise", columns,
          moist::Factorise<Frame, has_water>{columns, b, dt, ahead, gravity, theta, c.data(), qt,
                                             inverse.data(), lower.data(), upper.data()});
      moist::PushHorizontal<Frame, has_water> push{
          f,          dt / 2,     Real(1),       forward.data(), qt, slow.u.data(), slow.v.data(),
          o.u.data(), o.v.data(), mean.u.data(), mean.v.data()};
      moist::SolveColumns<Frame, has_water> solve{columns,
                                                  b,
                                                  dt,
                                                  ahead,
                                                  behind,
                                                  gravity / 2,
                                                  damping,
                                                  o.u.data(),
                                                  o.v.data(),
                                                  theta,
                                                  c.data(),
                                                  qt,
                                                  slow.w.data(),
                                                  slow.rho.data(),
                                                  slow.theta.data(),
                                                  inverse.data(),
                                                  lower.data(),
                                                  upper.data(),
                                                  o.w.data(),
                                                  o.rho.data(),
                                                  o.theta.data(),
                                                  forward.data(),
                                                  mean.w.data()};
      for (int n = 0; n < task.acoustic_steps; ++n) {
        mesh::for_rows("push", faces, push);
        for_bundles("columns", columns, solve);
        ghosts.fill_cells({forward}, 1);
        push.dt = dt;
      }
      push.dt = dt / 2;
      push.weight = 0;
      mesh::for_rows("push", faces, push);
    });
  });
}

template <class Real>
void MoistBoxSolver<Real>::Impl::finish(const Stage& task) {
  with_frame([&](auto f) {
    using Frame = decltype(f);
    mesh::for_rows(
        "finish cells", grid->interior(),
        moist::FinishCells<Frame>{f, base_pointers(), pointers(task.from), departure.rho.data(),
                                  departure.theta.data(), stage.rho.data(), stage.theta.data()});
    ghosts.fill_cells({stage.rho, stage.theta});
    mesh::for_rows("finish faces", grid->interior(),
                   moist::FinishFaces<Frame>{f, base_pointers(), stage.rho.data(), flux.u.data(),
                                             flux.v.data(), momentum_w().data(), departure.u.data(),
                                             departure.v.data(), departure.w.data(), stage.u.data(),
                                             stage.v.data(), stage.w.data()});
  });
  ghosts.fill_velocity(velocity_of(stage));
}

template <class Real>
void MoistBoxSolver<Real>::Impl::run_stage(const Arrays& start, const Stage& task) {
  {
    const core::ScopedTimer region("slow");
    prepare(task);
    slow_tendencies(task);
  }
  begin_acoustics(start, task);
  acoustics(task);
  finish(task);
  if (wet()) advance_water(start, task);
}

template void MoistBoxSolver<float>::Impl::find_eddies(const moist::StatePointers<float>&) const;
template void MoistBoxSolver<double>::Impl::find_eddies(const moist::StatePointers<double>&) const;
template void MoistBoxSolver<float>::Impl::run_stage(const moist::Arrays<float>&,
                                                     const moist::Stage<float>&);
template void MoistBoxSolver<double>::Impl::run_stage(const moist::Arrays<double>&,
                                                      const moist::Stage<double>&);

}  // namespace understudy::solvers
