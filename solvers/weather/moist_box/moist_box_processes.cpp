// What acts on the state at points and in columns after a step of the dynamics.
#include <algorithm>

#include "core/timers.hpp"
#include "solvers/weather/moist_box/moist_box_impl.hpp"
#include "solvers/weather/moist_box/process_kernels.hpp"
#include "solvers/weather/moist_box/water_kernels.hpp"

namespace understudy::solvers {

template <class Real>
void MoistBoxSolver<Real>::Impl::make_processes() {
  if (params.microphysics != "kessler" && params.microphysics != "bins") return;
  const int up = dim() - 1;
  std::array<int, 3> extents{grid->extent(2), grid->extent(1), grid->extent(0)};
  Kokkos::View<Real*, mesh::Memory> thickness("level thickness", grid->extent(up));
  Kokkos::deep_copy(thickness, Real(grid->spacing(up)));
  MoistConstants<double> constants;
  constants.cp = air.cp;
  constants.rd = air.rd;
  constants.rv = air.rv;
  constants.p0 = air.p0;
  const Columns<Real> columns{grid->interior(), up, thickness, metric.thickness};
  if (params.microphysics == "bins")
    bins = std::make_unique<BinScheme<Real>>(params.bins, constants, columns, extents);
  else
    kessler = std::make_unique<Kessler<Real>>(params.kessler, constants, columns, extents);
  for (Array* one : {&theta_full, &exner, &rho_full})
    *one = Array("process", extents[0], extents[1], extents[2]);
  extents[2 - up] = 1;
  fallen = Array("fallen rain", extents[0], extents[1], extents[2]);
}

template <class Real>
void MoistBoxSolver<Real>::Impl::saturate(const Arrays& arrays) {
  moist::Air<Real> own;
  own.cp = Real(air.cp);
  own.rd = Real(air.rd);
  with_frame([&](auto f) {
    mesh::for_rows(
        "saturate", grid->interior(),
        moist::Saturate<decltype(f)>{
            f, base_pointers(), own, params.heat_capacities == "moist", arrays.rho.data(),
            arrays.water.size() > 2 ? arrays.water[2].data() : nullptr, arrays.theta.data(),
            arrays.water[0].data(), arrays.water[1].data()});
  });
}

template <class Real>
void MoistBoxSolver<Real>::Impl::rain(const State& state, const Arrays& arrays, double dt_s) {
  Kokkos::deep_copy(fallen, Real(0));
  const Array rained = state["rain"].component();
  with_frame([&](auto f) {
    using Frame = decltype(f);
    const mesh::Range3 cells = grid->interior();
    mesh::for_rows(
        "to process", cells,
        moist::ToProcess<Frame>{f, base_pointers(), Real(air.gamma()), Real(air.rv / air.rd),
                                arrays.theta.data(), arrays.rho.data(), arrays.water[0].data(),
                                theta_full.data(), exner.data(), rho_full.data()});
    const auto& water = arrays.water;
    if (bins)
      bins->step({theta_full, water[0], state["drops"].data, exner, rho_full, fallen}, dt_s);
    else
      kessler->step({theta_full, water[0], water[1], water[2], exner, rho_full, fallen}, dt_s);
    mesh::for_rows(
        "from process", cells,
        moist::FromProcess<Frame>{f, base_pointers(), theta_full.data(), arrays.theta.data()});
    mesh::Range3 lowest = cells;
    lowest.end[Frame::up] = lowest.begin[Frame::up] + 1;
    mesh::for_cells("fallen rain", lowest, moist::AddFallen<Real, Frame::dim>{fallen, rained});
  });
}

template <class Real>
void MoistBoxSolver<Real>::Impl::run_processes(State& state, double dt_s) {
  if (params.microphysics == "none") return;
  const core::ScopedTimer region("microphysics");
  const Arrays arrays = arrays_of(state);
  if (rains())
    rain(state, arrays, dt_s);
  else
    saturate(arrays);
  std::vector<Array> changed{arrays.theta};
  changed.insert(changed.end(), arrays.water.begin(), arrays.water.end());
  ghosts.fill_cells(changed);
}

template <class Real>
int MoistBoxSolver<Real>::Impl::cloud_bins() const {
  const auto sizes = weather::bin_sizes(params.bins);
  return int(std::ranges::lower_bound(sizes.radius, weather::smallest_rain_radius_m) -
             sizes.radius.begin());
}

template <class Real>
auto MoistBoxSolver<Real>::Impl::sum_of_drops(const Arrays& arrays, bool of_rain) const -> Array {
  const Array sum("drops", grid->extent(2), grid->extent(1), grid->extent(0));
  const int first_rain = 1 + cloud_bins();
  add_water(arrays.water, of_rain ? first_rain : 1, of_rain ? arrays.water.size() : first_rain,
            sum);
  return sum;
}

template <class Real>
std::vector<PointProcess<Real>> MoistBoxSolver<Real>::point_processes() {
  if (impl_->bins) return impl_->bins->processes();
  if (impl_->kessler) return {impl_->kessler->process()};
  return {};
}

template void MoistBoxSolver<float>::Impl::make_processes();
template void MoistBoxSolver<double>::Impl::make_processes();
template int MoistBoxSolver<float>::Impl::cloud_bins() const;
template int MoistBoxSolver<double>::Impl::cloud_bins() const;
template mesh::Array3<float> MoistBoxSolver<float>::Impl::sum_of_drops(const moist::Arrays<float>&,
                                                                       bool) const;
template mesh::Array3<double> MoistBoxSolver<double>::Impl::sum_of_drops(
    const moist::Arrays<double>&, bool) const;
template void MoistBoxSolver<float>::Impl::run_processes(mesh::State<float>&, double);
template void MoistBoxSolver<double>::Impl::run_processes(mesh::State<double>&, double);
template std::vector<PointProcess<float>> MoistBoxSolver<float>::point_processes();
template std::vector<PointProcess<double>> MoistBoxSolver<double>::point_processes();

}  // namespace understudy::solvers
