#include "apps/weather/shallow_water.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <numbers>

#include "core/format.hpp"
#include "core/seeds.hpp"
#include "mesh/io/netcdf_map.hpp"
#include "solvers/weather/shallow_water/shallow_water_solver.hpp"

namespace understudy::apps {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

class ShallowWater : public PhysicsOf<ShallowWater, SpherePhysics> {
 public:
  std::string name() const override { return "shallow_water"; }
  std::string summary() const override {
    return "shallow-water equations on a rotating sphere, on a cubed-sphere grid";
  }
  std::string document() const override { return "docs/numerics_weather.md"; }
  std::vector<CatalogSection> parts() const override {
    CatalogSection section{"Shallow-water cases (shallow_water.start:)", {}};
    for (const auto& entry : solvers::shallow_water_cases())
      section.entries.push_back({entry.name, entry.help});
    return {section};
  }
  void describe(core::ParamVisitor& v) override { params_.describe(v); }

  /// Members start from other perturbations of the jet, or other waves.
  std::vector<std::string> member_settings(long long n) const override {
    if (params_.start == "galewsky")
      return {core::format("shallow_water.perturbation.seed={}",
                           core::shifted_seed(std::max(1LL, params_.perturbation.seed), n))};
    return {
        core::format("shallow_water.random.seed={}", core::shifted_seed(params_.random.seed, n))};
  }
  std::string realisation() const override {
    if (params_.start == "random") return core::format("random waves {}", params_.random.seed);
    if (params_.start == "galewsky" && params_.perturbation.seed > 0)
      return core::format("perturbation {}", params_.perturbation.seed);
    return "";
  }
  std::vector<std::string> looser_settings() const override {
    std::vector<std::string> settings;
    if (params_.step_fraction < 1) settings.emplace_back("shallow_water.step_fraction=1");
    if (params_.time_scheme != "ssp_rk3")
      settings.emplace_back("shallow_water.time_scheme=ssp_rk3");
    if (params_.order > 3) settings.emplace_back("shallow_water.order=3");
    return settings;
  }
  std::vector<std::string> restart_keys() const override {
    return {"shallow_water.step_fraction", "shallow_water.max_dt_s"};
  }
  std::vector<std::string> default_pictures() const override { return {"vorticity"}; }

  std::vector<Quantity> quantities(const std::vector<TimeSeries>& series, double) const override {
    std::vector<Quantity> result;
    const auto last = [&](const char* of, const char* name) {
      const TimeSeries* s = find_series(series, of);
      if (s && !s->value.empty()) result.push_back({name, s->unit, s->value.back()});
    };
    const auto drift = [&](const char* of, const char* name) {
      const TimeSeries* s = find_series(series, of);
      if (!s || s->value.size() < 2) return;
      const double first = s->value.front();
      result.push_back({name, "1", first == 0 ? unknown : (s->value.back() - first) / first});
    };
    last("shallow_water.depth_rel_l2", "weather.h_rel_l2");
    last("shallow_water.depth_rel_linf", "weather.h_rel_linf");
    drift("shallow_water.energy", "weather.energy_drift");
    drift("shallow_water.potential_enstrophy", "weather.enstrophy_drift");
    last("shallow_water.speed_most", "weather.speed_most_m_s");
    last("shallow_water.vorticity_least", "weather.vorticity_least");
    last("shallow_water.vorticity_most", "weather.vorticity_most");
    return result;
  }

  double memory_bytes(const mesh::Grid& grid, std::size_t real_bytes) const override {
    const double cells = double(grid.extent(0)) * grid.extent(1) * grid.extent(2);
    const double arrays =
        34 + (params_.viscosity_m2_s > 0 ? 4 : 0) + (params_.hyperviscosity_m4_s > 0 ? 8 : 0);
    return cells * arrays * double(real_bytes);
  }

  template <class Real>
  Simulation<Real> make(const SimulationSetup& setup) const {
    solvers::ShallowWaterParams params = params_;
    params.random.seed = core::shifted_seed(params.random.seed, setup.seed - 1);
    const auto solver = std::make_shared<solvers::ShallowWaterSolver<Real>>(
        params, mesh::as_cubed_sphere(setup.grid, "shallow_water"), topography(setup));
    const auto state = std::make_shared<mesh::State<Real>>(setup.grid, solver->fields());
    solver->initialise(*state);
    solver->constrain(*state);
    return {solver, state};
  }

 private:
  // From the file that the deck names; none: the case's own.
  solvers::Topography topography(const SimulationSetup& setup) const {
    if (params_.topography.file.empty()) return {};
    const auto map = std::make_shared<mesh::LongitudeLatitudeValues>(mesh::read_longitude_latitude(
        std::filesystem::path(setup.directory) / params_.topography.file,
        params_.topography.variable, setup.grid->comm()));
    return [map](const mesh::Vector3& at) {
      const auto place = mesh::longitude_latitude(at);
      constexpr double degrees = 180 / std::numbers::pi;
      return map->at(place.longitude * degrees, place.latitude * degrees);
    };
  }

  int ghosts() const override { return solvers::shallow_water_ghosts(params_.order); }

  solvers::ShallowWaterParams params_;
};

}  // namespace

std::shared_ptr<Physics> make_shallow_water() { return std::make_shared<ShallowWater>(); }

}  // namespace understudy::apps
