#include "apps/weather/rain_column.hpp"

#include <algorithm>
#include <cmath>

#include "core/format.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/weather/rain_column/rain_column.hpp"

namespace understudy::apps {

namespace {

class RainColumns : public PhysicsOf<RainColumns> {
 public:
  RainColumns() {
    grid_.lower_m = {0, 0};
    grid_.upper_m = {3000, 3000};
    grid_.cells = {4, 120};
  }
  std::string name() const override { return "rain_column"; }
  std::string summary() const override {
    return "warm rain in columns of air that are lifted, by Kessler's scheme or by bins";
  }
  std::string document() const override { return "docs/numerics_weather_processes.md"; }
  void describe(core::ParamVisitor& v) override { params_.describe(v); }

  /// Columns lie side by side and know nothing of each other.
  surrogates::SideKinds boundary_kinds(int dimension) const override {
    surrogates::SideKinds kinds(2 * dimension, surrogates::SideKind::periodic);
    if (dimension > 1) {
      kinds[2] = surrogates::SideKind::inflow;
      kinds[3] = surrogates::SideKind::open;
    }
    return kinds;
  }
  std::shared_ptr<const mesh::Grid> make_grid(const core::Comm& comm) const override {
    mesh::GridParams grid = grid_;
    if (grid.ranks.empty() && grid.dimension() == 2) grid.ranks = {comm.size(), 1};
    return std::make_shared<const mesh::BoxGrid>(grid, periodic_axes(), comm);
  }

  std::vector<std::string> parameter_keys() const override {
    return {"rain_column.updraught_m_s", "rain_column.humidity"};
  }
  std::vector<std::string> member_settings(long long n) const override {
    // Updraughts from half of the deck's to one and a half times it, all different.
    const double part = std::fmod(0.6180339887498949 * double(n + 1), 1.0);
    return {core::format("rain_column.updraught_m_s={}", params_.updraught_m_s * (0.5 + part))};
  }
  std::vector<std::string> restart_keys() const override { return {"rain_column.max_dt_s"}; }
  std::vector<std::string> process_names() const override {
    return {solvers::microphysics_process, solvers::bin_condensation_process,
            solvers::bin_coalescence_process};
  }
  std::vector<std::string> default_pictures() const override { return {"qv"}; }

  std::vector<Quantity> quantities(const std::vector<TimeSeries>& series, double) const override {
    std::vector<Quantity> result;
    if (const TimeSeries* fallen = find_series(series, "rain_column.rain_fallen"))
      result.push_back({"rain_column.rain_fallen", "kg/m2", fallen->value.back()});
    for (const char* name : {"rain_column.cloud_path", "rain_column.rain_path"}) {
      const TimeSeries* path = find_series(series, name);
      if (path == nullptr || path->value.empty()) continue;
      result.push_back({std::string(name) + ".largest", "kg/m2",
                        *std::max_element(path->value.begin(), path->value.end())});
    }
    return result;
  }

  template <class Real>
  Simulation<Real> make(const SimulationSetup& setup) const {
    const auto solver = std::make_shared<solvers::RainColumn<Real>>(
        params_, mesh::as_box(setup.grid, "rain_column"));
    const auto state = std::make_shared<mesh::State<Real>>(setup.grid, solver->fields());
    solver->initialise(*state);
    solver->constrain(*state);
    return {solver, state};
  }

 private:
  solvers::RainColumnParams params_;
};

}  // namespace

std::shared_ptr<Physics> make_rain_column() { return std::make_shared<RainColumns>(); }

}  // namespace understudy::apps
