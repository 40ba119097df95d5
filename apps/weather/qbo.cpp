#include "apps/weather/qbo.hpp"

#include <cmath>

#include "core/format.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/weather/qbo/qbo_solver.hpp"

namespace understudy::apps {

namespace {

constexpr double month_s = 30 * 86400.0;

class Qbo : public PhysicsOf<Qbo> {
 public:
  Qbo() {
    grid_.lower_m = {0, 17e3};
    grid_.upper_m = {18e3, 35e3};
    grid_.cells = {4, 72};
  }
  std::string name() const override { return "qbo"; }
  std::string summary() const override {
    return "the quasi-biennial oscillation of the wind in columns, driven by gravity waves";
  }
  std::string document() const override { return "docs/numerics_weather_processes.md"; }
  void describe(core::ParamVisitor& v) override { params_.describe(v); }

  /// Columns lie side by side and know nothing of each other; the wind is 0 at foot and top.
  surrogates::SideKinds boundary_kinds(int dimension) const override {
    surrogates::SideKinds kinds(2 * dimension, surrogates::SideKind::wall);
    kinds[0] = kinds[1] = surrogates::SideKind::periodic;
    return kinds;
  }
  std::shared_ptr<const mesh::Grid> make_grid(const core::Comm& comm) const override {
    mesh::GridParams grid = grid_;
    if (grid.ranks.empty() && grid.dimension() == 2) grid.ranks = {comm.size(), 1};
    return std::make_shared<const mesh::BoxGrid>(grid, periodic_axes(), comm);
  }

  std::vector<std::string> parameter_keys() const override {
    return {"qbo.waves.source_flux_Pa", "qbo.upwelling_m_s"};
  }
  std::vector<std::string> member_settings(long long n) const override {
    // Starts from -1 to 1 times the deck's, all different.
    const double part = std::fmod(0.6180339887498949 * double(n + 1), 1.0);
    return {core::format("qbo.initial_wind_m_s={}", params_.initial_wind_m_s * (2 * part - 1))};
  }
  std::vector<std::string> restart_keys() const override {
    return {"qbo.heights_m", "qbo.max_dt_s"};
  }
  std::vector<std::string> process_names() const override {
    return {solvers::gravity_wave_process};
  }
  std::vector<std::string> default_pictures() const override { return {"u"}; }

  std::vector<Quantity> quantities(const std::vector<TimeSeries>& series,
                                   double from_s) const override {
    std::vector<Quantity> result;
    for (const double z : params_.heights_m) {
      const std::string name = solvers::wind_name(z);
      const TimeSeries* wind = find_series(series, name);
      if (wind == nullptr) continue;
      const double frequency = frequency_of(*wind, from_s);
      result.push_back({name + ".period_months", "30 d", 1 / frequency / month_s});
      result.push_back({name + ".amplitude", "m/s", amplitude_of(*wind, from_s)});
      result.push_back(
          {name + ".mean", "m/s", mean_of(*wind, from_s), {}, deviation_of(*wind, from_s)});
    }
    return result;
  }
  std::vector<Portrait> portraits() const override {
    if (params_.heights_m.size() < 2) return {};
    const std::string low = solvers::wind_name(params_.heights_m.front());
    const std::string high = solvers::wind_name(params_.heights_m.back());
    return {{low, high, "wind above against wind below"}};
  }
  std::optional<Quantity> period(const std::vector<TimeSeries>& series,
                                 double from_s) const override {
    if (params_.heights_m.empty()) return {};
    const TimeSeries* wind = find_series(series, solvers::wind_name(params_.heights_m.back()));
    const double frequency = wind ? frequency_of(*wind, from_s) : std::nan("");
    if (!std::isfinite(frequency)) return {};
    return Quantity{"oscillations", "s", 1 / frequency};
  }

  template <class Real>
  Simulation<Real> make(const SimulationSetup& setup) const {
    const auto solver =
        std::make_shared<solvers::QboSolver<Real>>(params_, mesh::as_box(setup.grid, "qbo"));
    const auto state = std::make_shared<mesh::State<Real>>(setup.grid, solver->fields());
    solver->initialise(*state);
    solver->constrain(*state);
    return {solver, state};
  }

 private:
  solvers::QboParams params_;
};

}  // namespace

std::shared_ptr<Physics> make_qbo() { return std::make_shared<Qbo>(); }

}  // namespace understudy::apps
