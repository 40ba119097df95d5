// The Gray-Scott solver against exact solutions: a uniform state is an ordinary differential equation, one
// wave without reaction decays at a known rate, and drops keep the fluxes balanced. The gate: its score where
// it can be worked out, and beside a prediction that lost its V.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>
#include <numbers>

#include "core/error.hpp"
#include "core/runtime.hpp"
#include "examples/gray_scott/balance_gate.hpp"
#include "examples/gray_scott/gray_scott.hpp"

namespace gray_scott {
namespace {

namespace mesh = us::mesh;

struct Case {
  std::shared_ptr<const mesh::BoxGrid> grid;
  std::shared_ptr<GrayScott<double>> solver;
  mesh::State<double> state;
};

Case make(const Params& params, int cells) {
  mesh::GridParams box;
  box.cells = {cells, cells};
  box.lower_m = {0, 0};
  box.upper_m = {1, 1};
  const auto grid =
      std::make_shared<mesh::BoxGrid>(box, std::array{true, true, true}, us::core::Comm::world());
  auto solver = std::make_shared<GrayScott<double>>(params, grid);
  mesh::State<double> state(grid, solver->fields());
  return {grid, std::move(solver), std::move(state)};
}

/// u and v as functions of x, in every interior cell.
template <class U, class V>
void fill(Case& c, const U& u, const V& v) {
  const auto host_u = Kokkos::create_mirror_view(c.state["u"].component());
  const auto host_v = Kokkos::create_mirror_view(c.state["v"].component());
  const auto r = c.grid->interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const double x = c.grid->coordinate(mesh::Location::cell, 0, i);
      host_u(0, j, i) = u(x);
      host_v(0, j, i) = v(x);
    }
  Kokkos::deep_copy(c.state["u"].component(), host_u);
  Kokkos::deep_copy(c.state["v"].component(), host_v);
  c.solver->constrain(c.state);
}

double first_value(const Case& c, const char* field) {
  const auto host =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state[field].component());
  const auto r = c.grid->interior();
  return host(0, r.begin[1], r.begin[0]);
}

TEST(GrayScottSolver, AUniformStateWithoutCatalystFillsAtTheFeedRate) {
  Params params;
  params.max_dt_s = 0.5;
  Case c = make(params, 8);
  fill(c, [](double) { return 0.2; }, [](double) { return 0.0; });
  c.solver->advance(c.state, 20);
  EXPECT_NEAR(first_value(c, "u"), 1 - 0.8 * std::exp(-params.feed_1_s * 20), 2e-5);
  EXPECT_EQ(first_value(c, "v"), 0);
}

/// Error of a decaying wave after 1 s on `cells`^2 cells.
double error_of_wave(int cells) {
  Params params;
  params.feed_1_s = params.kill_1_s = params.reaction_1_s = 0;
  params.diffusivity_u_m2_s = params.diffusivity_v_m2_s = 1e-2;
  Case c = make(params, cells);
  const double k = 2 * std::numbers::pi;
  fill(c, [&](double) { return 1.0; }, [&](double x) { return 1 + 0.5 * std::sin(k * x); });
  c.solver->advance(c.state, 1);
  const double x = 0.5 / cells;
  return std::abs(first_value(c, "v") - 1 -
                  0.5 * std::sin(k * x) * std::exp(-params.diffusivity_v_m2_s * k * k)) /
         std::sin(k * x);
}

TEST(GrayScottSolver, AWaveDecaysWithAnErrorOfSecondOrder) {
  const double coarse = error_of_wave(16), fine = error_of_wave(32);
  RecordProperty("order", std::to_string(std::log2(coarse / fine)));
  EXPECT_NEAR(std::log2(coarse / fine), 2, 0.1);
}

TEST(GrayScottSolver, OnePassOfTheReactionConvertsUIntoV) {
  Params params;
  params.feed_1_s = params.kill_1_s = 0;
  Case c = make(params, 32);
  c.solver->initialise(c.state);
  c.solver->constrain(c.state);
  const auto total = [&] {
    const auto d = c.solver->diagnostics(c.state);
    return d[0].value + d[1].value;
  };
  const double before = total(), v_before = c.solver->diagnostics(c.state)[1].value;
  c.solver->advance(c.state, 50);
  EXPECT_NEAR(total(), before, 1e-13);
  EXPECT_GT(c.solver->diagnostics(c.state)[1].value, v_before);
}

/// The gate of a run with `params` and windows of that length.
BalanceGate<double> balance_gate(const Case& c, const Params& params, double window_s) {
  us::surrogates::GateContext<double> context;
  for (const char* name : {"gray_scott.feed_1_s", "gray_scott.kill_1_s"}) {
    us::surrogates::ParameterCard parameter;
    parameter.name = name;
    context.card.parameters.push_back(parameter);
  }
  context.parameters = {params.feed_1_s, params.kill_1_s};
  context.window_s = window_s;
  context.truth = c.solver;
  return BalanceGate<double>(context);
}

TEST(BalanceGate, AStateThatStaysScoresWhatItIsFed) {
  const Params params;
  Case c = make(params, 8);
  auto gate = balance_gate(c, params, 10);
  const auto score = [&](double u, double v) {
    fill(c, [&](double) { return u; }, [&](double) { return v; });
    const auto before = c.state.clone();
    return gate.score({c.state, &before, {}});
  };
  EXPECT_NEAR(score(1, 0), 0, 1e-12) << "at rest";
  EXPECT_NEAR(score(0.2, 0), 10 * params.feed_1_s * 0.8, 1e-12);
  EXPECT_NEAR(score(1, 0.1), 10 * (params.feed_1_s + params.kill_1_s) * 0.1, 1e-12);
  EXPECT_EQ(gate.score({c.state, nullptr, {}}), 0) << "nothing was predicted";
  EXPECT_FALSE(gate.judges_input());
}

TEST(BalanceGate, TellsAWindowOfTheSolverFromAPredictionWithoutV) {
  const Params params;
  Case c = make(params, 32);
  c.solver->initialise(c.state);
  c.solver->constrain(c.state);
  auto gate = balance_gate(c, params, 1);
  const auto before = c.state.clone();
  c.solver->advance(c.state, 1);
  const double right = gate.score({c.state, &before, {}});
  Kokkos::deep_copy(c.state["v"].component(), 0.0);
  const double wrong = gate.score({c.state, &before, {}});
  EXPECT_LT(right, 0.01 * wrong);
  EXPECT_GT(wrong, 0.5 * c.solver->diagnostics(before)[1].value);
}

TEST(BalanceGate, WantsTheRatesOfTheRun) {
  us::surrogates::GateContext<double> context;
  EXPECT_THROW(BalanceGate<double>{context}, us::core::UserError);
}

}  // namespace
}  // namespace gray_scott

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const understudy::core::Runtime runtime(argc, argv, {});
  return RUN_ALL_TESTS();
}
