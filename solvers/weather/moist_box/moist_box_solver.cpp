#include "solvers/weather/moist_box/moist_box_solver.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/weather/moist_box/diagnostics_kernels.hpp"
#include "solvers/weather/moist_box/moist_box_impl.hpp"

namespace understudy::solvers {

template <class Real>
MoistBoxSolver<Real>::MoistBoxSolver(const MoistBoxParams& params,
                                     std::shared_ptr<const mesh::BoxGrid> grid,
                                     const std::string& deck_directory)
    : impl_(std::make_unique<Impl>(params, std::move(grid), deck_directory)) {}

template <class Real>
MoistBoxSolver<Real>::~MoistBoxSolver() = default;

template <class Real>
std::shared_ptr<const mesh::Grid> MoistBoxSolver<Real>::grid() const {
  return impl_->grid;
}

template <class Real>
const MoistBoxParams& MoistBoxSolver<Real>::params() const {
  return impl_->params;
}

template <class Real>
std::vector<mesh::FieldInfo> MoistBoxSolver<Real>::fields() const {
  using mesh::Location, mesh::Role;
  const int up = impl_->dim() - 1;
  std::vector<mesh::FieldInfo> list;
  const auto add = [&](const char* name, const char* unit, Location location, const char* what) {
    list.push_back({name, unit, location, Role::prognostic, what});
  };
  add("u", "m/s", Location::face_x, "wind along x");
  if (up == 2) add("v", "m/s", Location::face_y, "wind along y");
  add("w", "m/s", static_cast<Location>(up + 1), "wind upwards");
  add("theta", "K", Location::cell, "departure of the potential temperature from the base's");
  add("density", "kg/m3", Location::cell, "departure of the density of dry air from the base's");
  const std::map<std::string, const char*> words{
      {"qv", "vapour per dry air"},
      {"qc", "cloud water per dry air"},
      {"qr", "rain water per dry air"},
      {"drops", "water per dry air in the drops of each bin"}};
  for (const auto& name : impl_->water_names())
    add(name.c_str(), "kg/kg", Location::cell, words.at(name));
  if (impl_->bins) list.back().components = impl_->params.bins.bins;
  if (impl_->rains())
    list.push_back({"rain", "kg/m2", Location::cell, Role::history,
                    "rain that fell on the ground, in the lowest level"});
  return list;
}

template <class Real>
void MoistBoxSolver<Real>::constrain(mesh::State<Real>& state) {
  for (const auto& water : impl_->arrays_of(state).water) {
    moist::CutNegative<Real> cut{water};
    mesh::for_cells("cut negative water", impl_->grid->interior(), cut);
  }
  impl_->fill_ghosts(state);
}

template <class Real>
std::vector<Diagnostic> MoistBoxSolver<Real>::diagnostics(const mesh::State<Real>& state) {
  Impl& m = *impl_;
  m.fill_ghosts(state);
  const auto arrays = m.arrays_of(state);
  const core::Comm& comm = m.grid->comm();
  const mesh::Range3 cells = m.grid->interior();
  const double volume = m.grid->cell_volume();
  const char* per = m.dim() == 2 ? "/m" : "";
  std::vector<Diagnostic> list;
  const auto add = [&](const char* name, const std::string& unit, double value,
                       DiagnosticKind kind = DiagnosticKind::free) {
    list.push_back({std::string("weather.") + name, unit, value, kind});
  };
  const auto extremes = [&](const typename Impl::Array& a) {
    const moist::Signed<Real> most{a, 1}, least{a, -1};
    return std::array<double, 2>{-comm.max(mesh::max_cells("least", cells, least)),
                                 comm.max(mesh::max_cells("most", cells, most))};
  };
  m.with_frame([&](auto f) {
    using Frame = decltype(f);
    const auto b = m.base_pointers();
    const auto s = m.pointers(arrays);
    const moist::MassOf<Frame> mass{f, b, s.rho, nullptr};
    add("mass", std::string("kg") + per, volume * comm.sum(mesh::sum_cells("mass", cells, mass)),
        DiagnosticKind::conserved);
    if (m.wet()) {
      std::vector<double> water;  // kg/m3, summed over cells
      for (const auto& q : arrays.water) {
        const moist::MassOf<Frame> one{f, b, s.rho, q.data()};
        water.push_back(comm.sum(mesh::sum_cells("water", cells, one)));
      }
      const double total = std::accumulate(water.begin(), water.end(), 0.0);
      if (m.bins) {
        const auto rain = water.begin() + 1 + m.cloud_bins();
        add("cloud_water", std::string("kg") + per,
            volume * std::accumulate(water.begin() + 1, rain, 0.0));
        add("rain_water", std::string("kg") + per,
            volume * std::accumulate(rain, water.end(), 0.0));
      }
      double rained = 0;
      if (m.rains()) {
        const moist::Signed<Real> fallen{state["rain"].component(), 1};
        rained = volume / m.grid->spacing(m.dim() - 1) *
                 comm.sum(mesh::sum_cells("rain", cells, fallen));
        add("rain", std::string("kg") + per, rained);
      }
      // In the air and on the ground.
      const bool closed = m.params.surface.vapour_coefficient == 0;
      add("water", std::string("kg") + per, volume * total + rained,
          closed ? DiagnosticKind::conserved : DiagnosticKind::free);
    }
    const moist::KineticEnergy<Frame> energy{f, b, s};
    add("kinetic_energy", std::string("J") + per,
        volume * comm.sum(mesh::sum_cells("energy", cells, energy)));
    if constexpr (Frame::mapped) {
      mesh::Range3 lowest = cells;
      lowest.end[Frame::up] = lowest.begin[Frame::up] + 1;
      const double area = volume / m.grid->spacing(Frame::up);
      const Real gamma = Real(m.air.gamma()), ratio = Real(m.air.rv / m.air.rd);
      const Real* qv = m.wet() ? arrays.water[0].data() : nullptr;
      const moist::GroundDrag<Frame, 0> along_x{f, b, s, gamma, ratio, qv};
      const moist::GroundDrag<Frame, Frame::dim - 2> across{f, b, s, gamma, ratio, qv};
      add("drag_x", std::string("N") + per,
          area * comm.sum(mesh::sum_cells("drag", lowest, along_x)));
      if (Frame::dim == 3)
        add("drag_y", "N", area * comm.sum(mesh::sum_cells("drag", lowest, across)));
    }
  });
  if (m.params.surface.exchanges()) {
    const auto fluxes = m.surface_fluxes(arrays);
    add("surface_heat_w_m2", "W/m2", fluxes[0]);
    if (m.wet()) add("surface_vapour_kg_m2_s", "kg/(m2 s)", fluxes[1]);
  }
  const auto u = extremes(arrays.u), w = extremes(arrays.w), theta = extremes(arrays.theta);
  add("u_max_m_s", "m/s", u[1]);
  add("w_min_m_s", "m/s", w[0]);
  add("w_max_m_s", "m/s", w[1]);
  add("theta_min_k", "K", theta[0]);
  add("theta_max_k", "K", theta[1]);
  const auto names = m.water_names();
  for (std::size_t n = 0; n < names.size() && names[n] != "drops"; ++n)
    add((names[n] + "_max").c_str(), "kg/kg", extremes(arrays.water[n])[1]);
  return list;
}

template <class Real>
std::vector<std::string> MoistBoxSolver<Real>::derived_names() const {
  std::vector<std::string> names{"pressure", "temperature", "potential_temperature"};
  if (impl_->rains()) names.push_back("rain_on_ground");
  if (impl_->bins) names.insert(names.end(), {"cloud_water", "rain_water"});
  if (impl_->mapped()) names.push_back("height");
  return names;
}

template <class Real>
mesh::CellField<Real> MoistBoxSolver<Real>::derive(const mesh::State<Real>& state,
                                                   const std::string& name) {
  Impl& m = *impl_;
  const auto known = derived_names();
  const auto which = std::ranges::find(known, name) - known.begin();
  if (which == std::ssize(known)) throw std::out_of_range("no derived field '" + name + "'");
  m.fill_ghosts(state);
  const auto arrays = m.arrays_of(state);
  if (name == "rain_on_ground") return {name, "kg/m2", state["rain"].component()};
  if (name == "cloud_water" || name == "rain_water")
    return {name, "kg/kg", m.sum_of_drops(arrays, name == "rain_water")};
  if (name == "height") return {name, "m", m.metric.height};
  mesh::CellField<Real> field{
      name, which == 0 ? "Pa" : "K",
      typename Impl::Array(name, m.grid->extent(2), m.grid->extent(1), m.grid->extent(0))};
  m.with_frame([&](auto frame) {
    const moist::Derived<decltype(frame)> f{frame,
                                            m.base_pointers(),
                                            m.pointers(arrays),
                                            Real(m.air.gamma()),
                                            Real(m.air.rd),
                                            Real(m.air.rv / m.air.rd),
                                            m.wet() ? arrays.water[0].data() : nullptr,
                                            int(which),
                                            field.data.data()};
    mesh::for_rows("derive", m.grid->everything(), f);
  });
  return field;
}

template class MoistBoxSolver<float>;
template class MoistBoxSolver<double>;

}  // namespace understudy::solvers
