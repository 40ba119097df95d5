// What connects the solver, gray_scott.{hpp,cpp}, to the verbs; its gate is balance_gate.hpp.
#include "examples/gray_scott/app.hpp"

#include "apps/simulation/simulation_study.hpp"
#include "core/format.hpp"
#include "examples/gray_scott/balance_gate.hpp"
#include "examples/gray_scott/gray_scott.hpp"

namespace gray_scott {

namespace apps = us::apps;

/// What the verbs need to know of a simulation.
class Model : public apps::PhysicsOf<Model> {
 public:
  std::string name() const override { return "gray_scott"; }
  std::string summary() const override { return "patterns of two reacting, diffusing substances"; }
  void describe(us::core::ParamVisitor& v) override { params_.describe(v); }

  us::surrogates::SideKinds boundary_kinds(int dimension) const override {
    return us::surrogates::SideKinds(2 * dimension, us::surrogates::SideKind::periodic);
  }
  /// The numbers that a network is told, for a pattern depends on them.
  std::vector<std::string> parameter_keys() const override {
    return {"gray_scott.feed_1_s", "gray_scott.kill_1_s"};
  }
  /// Members of an ensemble start from other drops.
  std::vector<std::string> member_settings(long long n) const override {
    return {us::core::format("gray_scott.seed={}", params_.seed + n)};
  }
  std::string realisation() const override { return us::core::format("drops {}", params_.seed); }
  /// Beside those that every simulation has: what the model alone knows of a right window.
  std::vector<us::surrogates::GateEntry> own_gates() const override {
    return {us::surrogates::gate_entry<BalanceGate>(
        "balance", "the change of mean U + V beside what is fed and removed")};
  }
  std::vector<std::string> default_pictures() const override { return {"v"}; }
  std::vector<apps::Quantity> quantities(const std::vector<apps::TimeSeries>& series,
                                         double from_s) const override {
    const auto* covered = find_series(series, "gray_scott.covered_fraction");
    if (covered == nullptr) return {};
    return {{"gray_scott.covered_fraction", "1", mean_of(*covered, from_s)}};
  }

  template <class Real>
  apps::Simulation<Real> make(const apps::SimulationSetup& setup) const {
    Params params = params_;
    params.seed += setup.seed - 1;
    const auto solver =
        std::make_shared<GrayScott<Real>>(params, us::mesh::as_box(setup.grid, "gray_scott"));
    const auto state = std::make_shared<us::mesh::State<Real>>(setup.grid, solver->fields());
    solver->initialise(*state);
    solver->constrain(*state);
    return {solver, state};
  }

 private:
  Params params_;
};

us::apps::App app() {
  return us::apps::simulation_app([] { return std::make_shared<Model>(); });
}

}  // namespace gray_scott
