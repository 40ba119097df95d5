// Errors that the flow solver meets on its way: solvers that do not converge, values that are not finite, formulas
// beyond their domain; and what a plan knows without making the solver.
#include <algorithm>
#include <limits>

#include "solvers/flow/boundary_values.hpp"
#include "solvers/flow/flow_plan.hpp"
#include "solvers/run_loop.hpp"
#include "support/solvers_flow_errors.hpp"

namespace {

using namespace flow_test;

std::string run_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const core::RunError& error) {
    return error.what();
  }
  return "";
}

// Round-off is an excuse for a residual that falls no further, not for one that was cut short.
TEST(FlowRunErrors, SinglePrecisionToo) {
  FlowParams params = channel();
  params.pressure.method = "multigrid";
  params.initial.noise_m_s = 1;
  params.pressure.tolerance = 1e-9;  // below what single precision reaches
  const auto make = [&] {
    Case<float> c(params, plane);
    c.solver.advance(c.state, 0.2);
  };
  EXPECT_EQ(run_error(make), "");
  for (const int iterations : {1, 2, 3}) {
    params.pressure.max_iterations = iterations;
    expect_text(run_error(make), "pressure solver 'multigrid' did not converge: relative residual");
  }
}

// What is not finite is named by field, cell and step, whichever solver meets it first.
template <class Real>
void expect_named(const std::string& method) {
  FlowParams params = channel();
  params.pressure.method = method;
  Case<Real> c(params, plane);
  solvers::RunLoop<Real> loop{.stepper = c.solver, .time = {.end_s = 0.2, .window_s = 0.1}};
  loop.time.max_abs_value = 1e4;
  loop.progress_title = "";
  loop.run(c.state);
  const auto rate =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state["u_rate"].component());
  rate(0, 12, 20) = std::numeric_limits<Real>::quiet_NaN();
  Kokkos::deep_copy(c.state["u_rate"].component(), rate);
  loop.time.end_s = 0.3;
  const std::string text = run_error([&] { loop.run(c.state); });
  expect_text(text, "field u is ");
  expect_text(text, "nan at cell (");
  expect_text(text, "step " + std::to_string(c.state.step));
  if (method != "fft" && method != "auto") expect_text(text, "at cell (18, 10, 0)");
}

TEST(FlowRunErrors, NonFiniteStateIsNamed) {
  const auto methods = mesh::linear_solver_methods();
  for (const std::string method : {"auto", "fft", "multigrid", "petsc"}) {
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) continue;
    SCOPED_TRACE(method);
    expect_named<double>(method);
    if (method != "petsc") expect_named<float>(method);
  }
}

TEST(FlowRunErrors, RunErrors) {
  FlowParams params = channel();
  params.pressure.method = "multigrid";
  params.pressure.max_iterations = 1;
  params.pressure.tolerance = 1e-14;
  params.initial.noise_m_s = 1;
  try {
    Case<double> c(params, plane);
    FAIL() << "converged";
  } catch (const core::RunError& error) {
    expect_text(std::string(error.what()), "pressure solver 'multigrid' did not converge");
  }
  Case<double> c(closed(), plane);
  Kokkos::deep_copy(c.state["u"].data, 1e12);
  try {
    c.solver.advance(c.state, 1.0);
    FAIL() << "advanced";
  } catch (const core::RunError& error) {
    expect_text(std::string(error.what()), "the stable time step fell to");
  }
}

// A formula that is not a number where it is used is the deck's mistake and no instability.
TEST(FlowRunErrors, FormulasAreFiniteWhereTheyAreUsed) {
  FlowParams params = channel();
  params.initial.velocity_m_s = {"sqrt(0.2 - y)", "0"};
  const std::string start = error_of(params);
  expect_text(start, "flow.initial.velocity_m_s: component 0, 'sqrt(0.2 - y)', is ");
  expect_text(start, "no number (nan) at (");
  expect_text(start, "t = 0 s");
  params = channel();
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"log(y - 1)", "0"};
  expect_text(error_of(params), "flow.boundaries.x_lower.velocity_m_s: component 0, 'log(y - 1)'");
  params = channel();
  params.scalar.enabled = true;
  params.initial.scalar = "1 / (x - x)";
  expect_text(error_of(params), "flow.initial.scalar: '1 / (x - x)', is ");
  params.initial.scalar = "x +";
  expect_text(error_of(params), "flow.initial.scalar: the formula 'x +' cannot be read");
}

// Without making the solver, and up to the end of the run.
TEST(FlowRunErrors, FormulasAreLookedAtUpToTheEnd) {
  const auto grid = std::make_shared<const mesh::BoxGrid>(plane, std::array{false, false, false},
                                                          core::Comm::world());
  FlowParams params = channel();
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"sqrt(1 - t)", "0"};
  EXPECT_NO_THROW(solvers::plan_flow(params, grid, ".", 1));
  const std::string late = user_error([&] { solvers::plan_flow(params, grid, ".", 4); });
  expect_text(late, "flow.boundaries.x_lower.velocity_m_s: component 0, 'sqrt(1 - t)', is ");
  params = channel();
  params.force_m_s2 = {"0", "1 / (t - 2)"};
  expect_text(user_error([&] { solvers::plan_flow(params, grid, ".", 4); }),
              "flow.force_m_s2: component 1");
  params = channel();
  params.initial.velocity_m_s = {"sqrt(1.9 - y)", "0"};
  expect_text(user_error([&] { solvers::plan_flow(params, grid, ".", 1); }),
              "flow.initial.velocity_m_s");
  // A formula need not mean anything beyond the sides.
  params = channel();
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"sqrt(y * (2 - y))", "0"};
  EXPECT_NO_THROW(solvers::plan_flow(params, grid, ".", 1));
}

TEST(FlowRunErrors, APlanKnowsWhatTheSolverWillHave) {
  const auto grid = std::make_shared<const mesh::BoxGrid>(plane, std::array{false, false, false},
                                                          core::Comm::world());
  FlowParams params = channel();
  params.scalar.enabled = true;
  solvers::FlowSolver<double> solver(params, grid, ".");
  std::vector<std::string> there;
  for (const auto& field : solver.fields())
    if (field.role != mesh::Role::history) there.push_back(field.name);
  for (const auto& name : solver.derived_names()) there.push_back(name);
  EXPECT_EQ(solvers::plan_flow(params, grid, ".", 1).quantities, there);
  const double cells = 64.0 * 32.0;
  EXPECT_GT(solvers::flow_bytes(params, *grid, sizeof(double)), 10 * sizeof(double) * cells);
  EXPECT_LT(solvers::flow_bytes(params, *grid, sizeof(double)), 40 * sizeof(double) * cells);
}

}  // namespace
