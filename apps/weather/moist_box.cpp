#include "apps/weather/moist_box.hpp"

#include <algorithm>
#include <limits>

#include "core/format.hpp"
#include "core/seeds.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/weather/moist_box/moist_box_solver.hpp"
#include "solvers/weather/processes/bin_scheme.hpp"

namespace understudy::apps {

namespace {

class MoistBox : public PhysicsOf<MoistBox> {
 public:
  std::string name() const override { return "moist_box"; }
  std::string summary() const override {
    return "compressible, moist air in a box: thermals, density currents, storms, mountain waves";
  }
  std::string document() const override { return "docs/numerics_weather_moist_box.md"; }
  void describe(core::ParamVisitor& v) override { params_.describe(v); }

  std::shared_ptr<const mesh::Grid> make_grid(const core::Comm& comm) const override {
    return solvers::make_moist_box_grid(params_, grid_, comm);
  }
  surrogates::SideKinds boundary_kinds(int dimension) const override {
    using surrogates::SideKind;
    surrogates::SideKinds kinds(2 * dimension, SideKind::wall);
    for (int axis = 0; axis + 1 < dimension; ++axis)
      if (params_.sides[axis] == "periodic")
        kinds[2 * axis] = kinds[2 * axis + 1] = SideKind::periodic;
    return kinds;
  }

  std::vector<std::string> member_settings(long long n) const override {
    return {core::format("moist_box.initial.noise_seed={}",
                         core::shifted_seed(params_.initial.noise_seed, n))};
  }
  std::vector<std::string> looser_settings() const override {
    if (params_.advection_order == 3) return {};
    return {"moist_box.advection_order=3"};
  }
  std::vector<std::string> restart_keys() const override {
    return {"moist_box.cfl", "moist_box.max_dt_s", "moist_box.time_step_s",
            "moist_box.acoustic_steps"};
  }
  std::vector<std::string> process_names() const override {
    return {solvers::microphysics_process, solvers::bin_condensation_process,
            solvers::bin_coalescence_process};
  }
  std::vector<std::string> default_pictures() const override { return {"theta"}; }

  std::vector<Quantity> quantities(const std::vector<TimeSeries>& series,
                                   double from_s) const override {
    std::vector<Quantity> result;
    for (const char* name : {"weather.w_max_m_s", "weather.u_max_m_s", "weather.theta_max_k"})
      if (const TimeSeries* one = find_series(series, name))
        result.push_back({name, one->unit, most(*one, from_s, 1)});
    for (const char* name : {"weather.w_min_m_s", "weather.theta_min_k"})
      if (const TimeSeries* one = find_series(series, name))
        result.push_back({name, one->unit, most(*one, from_s, -1)});
    for (const char* name : {"weather.rain", "weather.cloud_water", "weather.rain_water"})
      if (const TimeSeries* one = find_series(series, name))
        result.push_back({name, one->unit, most(*one, from_s, 1)});
    return result;
  }

  double memory_bytes(const mesh::Grid& grid, std::size_t real_bytes) const override {
    // Arrays of the solver and of a state; over terrain those of the metric and the base by cell, which are there
    // in double precision, too.
    constexpr double dry = 33, mapped = 15, mapped_double = 13;
    const double water = params_.moisture == "bins" ? 10 + 5.0 * params_.bins.bins : 14;
    const double values = 1.0 * grid.extent(0) * grid.extent(1) * grid.extent(2);
    double count = dry + (params_.moisture == "none" ? 0 : water), doubles = 0;
    if (solvers::follows_terrain(params_)) {
      count += mapped;
      doubles = mapped_double;
    }
    return values * (double(real_bytes) * count + double(sizeof(double)) * doubles);
  }

  template <class Real>
  Simulation<Real> make(const SimulationSetup& setup) const {
    solvers::MoistBoxParams params = params_;
    params.initial.noise_seed = core::shifted_seed(params.initial.noise_seed, setup.seed - 1);
    const auto solver = std::make_shared<solvers::MoistBoxSolver<Real>>(
        params, mesh::as_box(setup.grid, "moist_box"), setup.directory);
    const auto state = std::make_shared<mesh::State<Real>>(setup.grid, solver->fields());
    solver->initialise(*state);
    return {solver, state};
  }

 private:
  // The largest value from `from_s` on, or the smallest.
  static double most(const TimeSeries& series, double from_s, int sign) {
    double value = -std::numeric_limits<double>::infinity();
    for (std::size_t n = 0; n < series.value.size(); ++n)
      if (series.time_s[n] >= from_s) value = std::max(value, sign * series.value[n]);
    return sign * value;
  }

  solvers::MoistBoxParams params_;
};

}  // namespace

std::shared_ptr<Physics> make_moist_box() { return std::make_shared<MoistBox>(); }

}  // namespace understudy::apps
