#include "apps/flow/flow.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/flow/flow_samplers.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/seeds.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/linear_solver/linear_solver.hpp"
#include "solvers/flow/flow_plan.hpp"
#include "solvers/flow/flow_solver.hpp"
#include "solvers/flow/spectral_flow.hpp"

namespace understudy::apps {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

surrogates::SideKind kind_of(const std::string& flow_kind) {
  if (flow_kind == "periodic") return surrogates::SideKind::periodic;
  if (flow_kind == "inflow") return surrogates::SideKind::inflow;
  if (flow_kind == "outflow") return surrogates::SideKind::open;
  return surrogates::SideKind::wall;  // wall, slip
}

class Flow : public PhysicsOf<Flow> {
 public:
  std::string name() const override { return "flow"; }
  std::string summary() const override {
    return "incompressible Navier-Stokes flow in 2-D and 3-D, with immersed bodies";
  }
  std::string document() const override { return "docs/numerics_flow.md"; }
  std::vector<CatalogSection> parts() const override;
  void describe(core::ParamVisitor& v) override { params_.describe(v); }

  std::array<bool, 3> periodic_axes() const override { return solvers::periodic_axes(params_); }
  surrogates::SideKinds boundary_kinds(int dimension) const override {
    surrogates::SideKinds kinds;
    for (int side = 0; side < 2 * dimension; ++side)
      kinds.push_back(kind_of(params_.boundaries.side[side].kind));
    return kinds;
  }

  std::vector<std::string> parameter_keys() const override {
    return {params_.reynolds > 0 ? "flow.reynolds" : "flow.viscosity_m2_s"};
  }
  std::vector<std::string> member_settings(long long n) const override {
    return {core::format("flow.initial.noise_seed={}",
                         core::shifted_seed(params_.initial.noise_seed, n))};
  }
  std::string realisation() const override {
    return params_.initial.random.spectrum == "none"
               ? ""
               : core::format("random start {}", params_.initial.noise_seed);
  }
  // A bound only: the step stays where the scheme's own limit is smaller (solvers/flow/time_step.hpp). The
  // spectral method is stable beyond 1. A direct pressure solver has no tolerance to loosen.
  std::vector<std::string> looser_settings() const override {
    constexpr double loosest_tolerance = 1e-2;
    const double largest_cfl = spectral() ? 1 : 0.8;
    std::vector<std::string> settings;
    if (params_.cfl < largest_cfl) settings.push_back(core::format("flow.cfl={}", largest_cfl));
    const auto& pressure = params_.pressure;
    const bool iterative = pressure.method == "multigrid" || pressure.method == "petsc";
    if (iterative && pressure.tolerance < loosest_tolerance)
      settings.push_back(core::format("flow.pressure.tolerance={:.6g}",
                                      std::min(loosest_tolerance, 100 * pressure.tolerance)));
    return settings;
  }
  std::vector<std::string> other_schemes() const override {
    if (spectral()) return {};
    return {params_.convection == "central" ? "flow.convection=upwind3"
                                            : "flow.convection=central"};
  }
  // Without what is of the finite volumes alone.
  std::vector<std::string> spectral_settings() const override {
    if (spectral() || !solvers::spectral_refusal(params_, grid_.dimension()).empty()) return {};
    std::vector<std::string> settings{"flow.discretisation=spectral"};
    if (params_.convection != "central") settings.emplace_back("flow.convection=central");
    if (params_.pressure.method != "auto") settings.emplace_back("flow.pressure.method=auto");
    if (params_.balance) settings.emplace_back("flow.balance=false");
    return settings;
  }
  std::vector<std::string> restart_keys() const override {
    return {"flow.probes",   "flow.lines",   "flow.cfl",    "flow.max_dt_s",
            "flow.pressure", "flow.surface", "flow.balance"};
  }
  std::vector<std::string> process_names() const override { return {solvers::reaction_process}; }
  std::vector<std::string> default_pictures() const override { return {"vorticity"}; }

  std::vector<Quantity> quantities(const std::vector<TimeSeries>& series,
                                   double from_s) const override {
    std::vector<Quantity> result;
    if (!params_.bodies.empty()) {
      const TimeSeries* drag = find_series(series, "flow.drag_coefficient");
      const TimeSeries* lift = find_series(series, "flow.lift_coefficient");
      const double scale = params_.reference_length_m / params_.reference_speed_m_s;
      const double samples = lift ? samples_per_period(*lift, from_s) : unknown;
      const std::string note = samples < enough_samples
                                   ? core::format("from {:.1f} samples a period; {:.0f} are wanted",
                                                  samples, enough_samples)
                                   : "";
      result.push_back({"flow.strouhal", "1", scale * shedding_frequency_hz(series, from_s), note});
      result.push_back({"flow.drag_mean", "1", drag ? mean_of(*drag, from_s) : unknown});
      result.push_back({"flow.lift_mean",
                        "1",
                        lift ? mean_of(*lift, from_s) : unknown,
                        {},
                        lift ? deviation_of(*lift, from_s) : 0});
      result.push_back(
          {"flow.lift_amplitude", "1", lift ? amplitude_of(*lift, from_s) : unknown, note});
      add_force_quantities(series, from_s, result);
      if (std::isfinite(samples)) result.push_back({"flow.samples_per_period", "1", samples});
    }
    if (const TimeSeries* energy = find_series(series, "flow.kinetic_energy"))
      result.push_back({"flow.kinetic_energy", energy->unit, mean_of(*energy, from_s)});
    return result;
  }

  std::vector<Portrait> portraits() const override {
    if (params_.bodies.empty()) return {};
    return {{"flow.drag_coefficient", "flow.lift_coefficient", "lift against drag"}};
  }

  std::optional<Quantity> period(const std::vector<TimeSeries>& series,
                                 double from_s) const override {
    const double frequency = shedding_frequency_hz(series, from_s);
    if (!std::isfinite(frequency)) return {};
    return Quantity{"shedding periods", "s", 1 / frequency};
  }

  std::vector<UnknownKind> unknown_kinds() const override;
  std::vector<solvers::assimilation::UnknownNumber> numbers_of(
      const std::string& kind) const override;
  std::shared_ptr<Physics> with_numbers(const std::string& kind,
                                        std::span<const double> values) const override;
  std::vector<std::string> initial_fields() const override {
    return grid_.dimension() == 3 ? std::vector<std::string>{"u", "v", "w"}
                                  : std::vector<std::string>{"u", "v"};
  }
  std::shared_ptr<Physics> starting_from(const std::vector<std::string>& formulas) const override {
    const auto other = std::make_shared<Flow>(*this);
    other->params_.initial = {};
    other->params_.initial.velocity_m_s = formulas;
    return other;
  }

  double memory_bytes(const mesh::Grid& grid, std::size_t real_bytes) const override {
    return solvers::flow_bytes(params_, mesh::as_box(grid, "flow"), real_bytes);
  }
  double spectral_start_bytes(const mesh::Grid& finer, std::size_t real_bytes) const override {
    return solvers::spectral_start_bytes(mesh::as_box(finer, "flow"), real_bytes);
  }
  void check_course(const mesh::Grid& grid, double end_s) const override {
    solvers::check_flow_formulas(params_, mesh::as_box(grid, "flow"), end_s);
  }
  std::optional<SimulationPlan> plan(const SimulationSetup& setup, double end_s) const override {
    auto plan =
        solvers::plan_flow(params_, mesh::as_box(setup.grid, "flow"), setup.directory, end_s);
    return SimulationPlan{std::move(plan.quantities), std::move(plan.processes)};
  }

  template <class Real>
  Simulation<Real> make(const SimulationSetup& setup) const {
    solvers::FlowParams params = params_;
    params.initial.noise_seed = core::shifted_seed(params.initial.noise_seed, setup.seed - 1);
    const auto box = mesh::as_box(setup.grid, "flow");
    if (spectral())
      return started<Real>(setup, std::make_shared<solvers::SpectralFlow<Real>>(params, box));
    return started<Real>(setup,
                         std::make_shared<solvers::FlowSolver<Real>>(params, box, setup.directory));
  }

  std::vector<solvers::Observer<float>> samplers(float, const SamplerSetup& setup) const override {
    return flow_samplers<float>(params_, setup, probes_of(setup.before));
  }
  std::vector<solvers::Observer<double>> samplers(double,
                                                  const SamplerSetup& setup) const override {
    return flow_samplers<double>(params_, setup, probes_of(setup.before));
  }

 private:
  bool spectral() const { return params_.discretisation == "spectral"; }

  template <class Real, class Solver>
  static Simulation<Real> started(const SimulationSetup& setup,
                                  const std::shared_ptr<Solver>& solver) {
    const auto state = std::make_shared<mesh::State<Real>>(setup.grid, solver->fields());
    solver->initialise(*state);
    return {solver, state};
  }

  static std::vector<solvers::FlowProbeParams> probes_of(
      const std::shared_ptr<const Physics>& physics) {
    const auto flow = std::dynamic_pointer_cast<const Flow>(physics);
    return flow ? flow->params_.probes : std::vector<solvers::FlowProbeParams>();
  }

  // The scatter of drag and lift, and the means of what the solver says of their parts.
  static void add_force_quantities(const std::vector<TimeSeries>& series, double from_s,
                                   std::vector<Quantity>& result) {
    for (const char* force : {"drag", "lift"})
      if (const TimeSeries* s = find_series(series, core::format("flow.{}_coefficient", force)))
        result.push_back({core::format("flow.{}_rms", force), "1", deviation_of(*s, from_s)});
    for (const char* part : {"drag_pressure", "drag_friction", "lift_pressure", "lift_friction",
                             "moment", "moment_x", "moment_y", "moment_z"})
      if (const TimeSeries* s = find_series(series, core::format("flow.{}_coefficient", part)))
        result.push_back({core::format("flow.{}_mean", part),
                          "1",
                          mean_of(*s, from_s),
                          {},
                          deviation_of(*s, from_s)});
  }

  double shedding_frequency_hz(const std::vector<TimeSeries>& series, double from_s) const {
    const TimeSeries* lift = find_series(series, "flow.lift_coefficient");
    return lift && !params_.bodies.empty() ? frequency_of(*lift, from_s) : unknown;
  }

  solvers::FlowParams params_;
};

std::vector<CatalogSection> Flow::parts() const {
  CatalogSection section{"Linear solvers (flow.pressure.method:)", {}};
  for (const auto& name : mesh::linear_solver_methods())
    section.entries.push_back({name, name == "fft"         ? "fast direct solver by FFTW"
                                     : name == "multigrid" ? "geometric multigrid in Kokkos"
                                     : name == "petsc"     ? "PETSc KSP"
                                                           : "the fastest that fits"});
  return {section};
}

std::vector<UnknownKind> Flow::unknown_kinds() const {
  using Form = UnknownKind::Form;
  return {{"viscosity", "m2/s", "_m2_s", "the kinematic viscosity", Form::number},
          {"inflow", "1", "", "a factor on the velocity given at each inflow side", Form::number,
           0.01, 100},
          {"body_force", "m/s2", "_m_s2", "the uniform body force per mass", Form::numbers},
          {"initial", "m/s", "_velocity_m_s", "the velocity at time 0", Form::state}};
}

std::vector<solvers::assimilation::UnknownNumber> Flow::numbers_of(const std::string& kind) const {
  std::vector<solvers::assimilation::UnknownNumber> numbers;
  if (kind == "viscosity")
    numbers.push_back({.name = "viscosity",
                       .unit = "m2/s",
                       .control = "viscosity",
                       .background = params_.viscosity()});
  if (kind == "body_force")
    for (int axis = 0; axis < grid_.dimension(); ++axis) {
      const auto& given = params_.acceleration_m_s2;
      numbers.push_back({.name = core::format("body_force_{}", "xyz"[axis]),
                         .unit = "m/s2",
                         .control = "acceleration",
                         .index = axis,
                         .background = axis < int(given.size()) ? given[axis] : 0});
    }
  if (kind == "inflow") {
    for (int side = 0; side < 2 * grid_.dimension(); ++side) {
      const auto& given = params_.boundaries.side[side];
      if (given.kind != "inflow") continue;
      if (given.profile == "file")
        throw core::UserError(core::format(
            "assimilation.unknowns: inflow is a factor on formulas; flow.boundaries.{} has a profile from a "
            "file",
            mesh::side_name(side)));
      numbers.push_back({.name = core::format("inflow_{}", mesh::side_name(side)),
                         .unit = "1",
                         .control = "boundary_scale",
                         .index = side,
                         .factor = true,
                         .background = 1});
    }
    if (numbers.empty())
      throw core::UserError(
          "assimilation.unknowns: names inflow, and no side of flow.boundaries is of kind inflow");
  }
  return numbers;
}

std::shared_ptr<Physics> Flow::with_numbers(const std::string& kind,
                                            std::span<const double> values) const {
  const auto other = std::make_shared<Flow>(*this);
  solvers::FlowParams& changed = other->params_;
  if (kind == "viscosity") {
    changed.reynolds = 0;
    changed.viscosity_m2_s = values[0];
  }
  if (kind == "body_force") changed.acceleration_m_s2.assign(values.begin(), values.end());
  if (kind == "inflow") {
    const auto numbers = numbers_of(kind);
    for (std::size_t n = 0; n < numbers.size(); ++n)
      for (auto& formula : changed.boundaries.side[numbers[n].index].velocity_m_s)
        formula = core::format("({}) * ({})", values[n], formula);
  }
  return other;
}

}  // namespace

std::shared_ptr<Physics> make_flow() { return std::make_shared<Flow>(); }

}  // namespace understudy::apps
