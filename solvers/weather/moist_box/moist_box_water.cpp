// Transport of water in a stage.
#include "core/timers.hpp"
#include "solvers/weather/moist_box/moist_box_impl.hpp"
#include "solvers/weather/moist_box/water_kernels.hpp"

namespace understudy::solvers {

template <class Real>
void MoistBoxSolver<Real>::Impl::add_water(const std::vector<Array>& water, std::size_t first,
                                           std::size_t end, const Array& sum) const {
  for (std::size_t n = first; n < end; ++n)
    mesh::for_cells("add water", grid->everything(), moist::AddWater<Real>{water[n], sum});
}

template <class Real>
void MoistBoxSolver<Real>::Impl::advance_water(const Arrays& start, const Stage& task) {
  const core::ScopedTimer region("water");
  const auto b = base_pointers();
  const mesh::Range3 cells = grid->interior();
  const Real dt = Real(task.dt_s);
  const auto run = [&](auto f, auto o, auto viscosity) {
    using Frame = decltype(f);
    constexpr int dimension = Frame::dim, order = decltype(o)::value;
    constexpr bool has_viscosity = decltype(viscosity)::value;
    moist::WaterFluxes<Frame, order, has_viscosity> fluxes{};
    fluxes.f = f;
    fluxes.eddy = eddy.data();
    fluxes.half_inv_prandtl = Real(0.5 / params.diffusion.prandtl);
    fluxes.mass.part = Real(1.0 / task.acoustic_steps);
    const Array own[3] = {flux.u, dimension == 3 ? flux.v : flux.w, flux.w};
    const Array sums[3] = {mean.u, dimension == 3 ? mean.v : mean.w, mean.w};
    for (int a = 0; a < dimension; ++a) {
      fluxes.mass.stage[a] = own[a].data();
      fluxes.mass.sum[a] = sums[a].data();
    }
    for (std::size_t n = 0; n < start.water.size(); ++n) {
      const Real *first = start.water[n].data(), *rho = start.rho.data();
      fluxes.q = task.from.water[n].data();
      if (task.number < 3) {
        mesh::for_rows("water", cells,
                       moist::AdvanceWater<Frame, order, has_viscosity>{
                           fluxes, b, dt, first, rho, stage.rho.data(), next_water.data()});
      } else {
        mesh::for_rows("water to give", cells,
                       moist::WaterToGive<Frame, order, has_viscosity>{fluxes, b, dt, first, rho,
                                                                       share.data()});
        ghosts.fill_cells({share}, 1);
        mesh::for_rows(
            "water", cells,
            moist::AdvanceWaterLimited<Frame, order, has_viscosity>{
                fluxes, b, dt, first, rho, stage.rho.data(), share.data(), next_water.data()});
      }
      std::swap(stage.water[n], next_water);
    }
  };
  with_frame([&](auto f) {
    moist::with_order(params.advection_order, [&](auto o) {
      moist::with_flag(viscous(), [&](auto viscosity) { run(f, o, viscosity); });
    });
  });
  ghosts.fill_cells(stage.water);
}

template void MoistBoxSolver<float>::Impl::add_water(const std::vector<mesh::Array3<float>>&,
                                                     std::size_t, std::size_t,
                                                     const mesh::Array3<float>&) const;
template void MoistBoxSolver<double>::Impl::add_water(const std::vector<mesh::Array3<double>>&,
                                                      std::size_t, std::size_t,
                                                      const mesh::Array3<double>&) const;
template void MoistBoxSolver<float>::Impl::advance_water(const moist::Arrays<float>&,
                                                         const moist::Stage<float>&);
template void MoistBoxSolver<double>::Impl::advance_water(const moist::Arrays<double>&,
                                                          const moist::Stage<double>&);

}  // namespace understudy::solvers
