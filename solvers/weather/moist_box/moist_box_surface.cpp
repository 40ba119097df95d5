// The ground's fluxes into the lowest level.
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "solvers/weather/moist_box/formula.hpp"
#include "solvers/weather/moist_box/moist_box_impl.hpp"
#include "solvers/weather/moist_box/surface_kernels.hpp"

namespace understudy::solvers {

template <class Real>
void MoistBoxSolver<Real>::Impl::make_surface() {
  if (!params.surface.exchanges()) return;
  const int nx = grid->extent(0), ny = dim() == 3 ? grid->extent(1) : 1;
  surface_theta = Kokkos::View<Real*, mesh::Memory>("surface theta", std::size_t(nx) * ny);
  if (params.surface.theta_k.empty()) return;
  const core::Expression formula =
      moist::formula_of("moist_box.surface.theta_k", params.surface.theta_k);
  const auto host = Kokkos::create_mirror_view(surface_theta);
  std::string fault;
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i) {
      const double x = grid->coordinate(mesh::Location::cell, 0, i);
      const double y = dim() == 3 ? grid->coordinate(mesh::Location::cell, 1, j) : 0;
      const double value = formula(x, y, 0, 0);
      host(std::size_t(j) * nx + i) = Real(value);
      const bool inside =
          i >= grid->interior().begin[0] && i < grid->interior().end[0] &&
          (dim() == 2 || (j >= grid->interior().begin[1] && j < grid->interior().end[1]));
      if (inside && fault.empty() && !(value >= 150 && value <= 2000))
        fault = core::format(
            "moist_box.surface.theta_k: '{}' is {:.6g} K at ({:.6g}, {:.6g}) m; 150 to 2000 K is possible",
            formula.text(), value, x, y);
    }
  grid->comm().template throw_on_all_ranks<core::UserError>(fault);
  Kokkos::deep_copy(surface_theta, host);
}

template <class Real>
mesh::Range3 MoistBoxSolver<Real>::Impl::lowest_cells() const {
  mesh::Range3 lowest = grid->interior();
  lowest.end[dim() - 1] = lowest.begin[dim() - 1] + 1;
  return lowest;
}

template <class Real>
template <class F>
moist::Surface<F> MoistBoxSolver<Real>::Impl::surface_of(const F& f, const Arrays& arrays) const {
  moist::Air<Real> own;
  own.cp = Real(air.cp);
  own.rd = Real(air.rd);
  return {f,
          base_pointers(),
          own,
          Real(params.surface.least_wind_m_s),
          surface_theta.data(),
          arrays.u.data(),
          arrays.v.data()};
}

template <class Real>
void MoistBoxSolver<Real>::Impl::exchange_with_surface(const Arrays& end, double dt_s) {
  const core::ScopedTimer region("surface");
  const MoistBoxSurfaceParams& own = params.surface;
  with_frame([&](auto f) {
    using Frame = decltype(f);
    // The stage holds the velocities that the state has: read there, written here.
    const auto surface = surface_of(f, stage);
    if (own.heat_coefficient > 0 || own.vapour_coefficient > 0)
      mesh::for_rows(
          "surface exchange", lowest_cells(),
          moist::SurfaceExchange<Frame>{
              surface, Real(dt_s), Real(own.heat_coefficient), Real(own.vapour_coefficient),
              end.theta.data(), own.vapour_coefficient > 0 ? end.water[0].data() : nullptr});
    if (own.drag_coefficient > 0)
      mesh::for_rows("surface drag", lowest_cells(),
                     moist::SurfaceDrag<Frame>{surface, Real(dt_s), Real(own.drag_coefficient),
                                               end.u.data(), end.v.data()});
  });
  std::vector<Array> cells{end.theta};
  if (own.vapour_coefficient > 0) cells.push_back(end.water[0]);
  ghosts.fill_cells(cells);
  if (own.drag_coefficient > 0) ghosts.fill_velocity(velocity_of(end));
}

template <class Real>
std::array<double, 2> MoistBoxSolver<Real>::Impl::surface_fluxes(const Arrays& arrays) const {
  std::array<double, 2> sums{0, 0};
  with_frame([&](auto f) {
    using Frame = decltype(f);
    const auto surface = surface_of(f, arrays);
    sums[0] = mesh::sum_cells(
        "surface heat", lowest_cells(),
        moist::SurfaceFlux<Frame, true>{surface, Real(params.surface.heat_coefficient),
                                        arrays.rho.data(), arrays.theta.data()});
    if (params.surface.vapour_coefficient > 0)
      sums[1] = mesh::sum_cells(
          "surface vapour", lowest_cells(),
          moist::SurfaceFlux<Frame, false>{surface, Real(params.surface.vapour_coefficient),
                                           arrays.rho.data(), arrays.water[0].data()});
  });
  const double columns = double(grid->global_cell_count()) / double(grid->global_cells(dim() - 1));
  for (double& sum : sums) sum = grid->comm().sum(sum) / columns;
  return sums;
}

template void MoistBoxSolver<float>::Impl::make_surface();
template void MoistBoxSolver<double>::Impl::make_surface();
template mesh::Range3 MoistBoxSolver<float>::Impl::lowest_cells() const;
template mesh::Range3 MoistBoxSolver<double>::Impl::lowest_cells() const;
template void MoistBoxSolver<float>::Impl::exchange_with_surface(const moist::Arrays<float>&,
                                                                 double);
template void MoistBoxSolver<double>::Impl::exchange_with_surface(const moist::Arrays<double>&,
                                                                  double);
template std::array<double, 2> MoistBoxSolver<float>::Impl::surface_fluxes(
    const moist::Arrays<float>&) const;
template std::array<double, 2> MoistBoxSolver<double>::Impl::surface_fluxes(
    const moist::Arrays<double>&) const;

}  // namespace understudy::solvers
