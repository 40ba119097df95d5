// The gradient of the flow against what it is the gradient of: Taylor tests over four decades, first variations
// against finite differences, the same in little memory, refusals.
#include "support/solvers_flow_adjoint.hpp"

namespace {

using namespace flow_test;
using solvers::Controls;

constexpr double plenty_mb = 1000;

// Steps of one size, whatever is disturbed: what is frozen does not move.
AdjointCase of_fixed_steps(AdjointCase c) {
  c.params.max_dt_s = 0.004;
  c.params.pressure.method = "fft";
  return c;
}

AdjointCase case_of(const std::vector<AdjointCase>& cases, const std::string& name) {
  for (const AdjointCase& c : cases)
    if (c.name == name) return of_fixed_steps(c);
  throw std::out_of_range(name);
}

// Half the sum of squares of the state less `target`.
double misfit(const mesh::State<double>& state, const mesh::State<double>& target) {
  mesh::State<double> difference = state.clone();
  add(difference, -1.0, target);
  return 0.5 * dot(difference, difference);
}

// J(s + h d) - J(s) - h <g, d> falls as h^2 over four decades.
void expect_taylor(const AdjointCase& c, int steps) {
  SCOPED_TRACE(c.name + ", " + c.params.convection);
  Case<double> flow(c.params, c.box);
  auto& derivative = *flow.solver.differentiable();
  auto target = derivative.make_adjoint(), direction = derivative.make_adjoint();
  fill_random(target, 5, 0.3);
  fill_random(direction, 6, 1);
  const double window = c.params.max_dt_s * (steps - 2);
  const mesh::State<double> start = flow.state.clone();
  const auto tape = derivative.make_tape(plenty_mb);
  derivative.advance_recorded(flow.state, window, *tape);
  EXPECT_EQ(tape->steps(), steps);
  mesh::State<double> adjoint = derivative.make_adjoint();
  adjoint.copy_from(flow.state);
  add(adjoint, -1.0, target);
  Controls<double> gradient = derivative.make_controls();
  derivative.advance_adjoint(*tape, adjoint, gradient);
  // Along the gradient and across it: neither order would be hidden.
  add(direction, std::sqrt(dot(direction, direction) / dot(adjoint, adjoint)), adjoint);
  const double slope = dot(adjoint, direction), at = misfit(flow.state, target);
  std::vector<double> first, second;
  for (double h = 1e-1; h > 0.9e-5; h /= 10) {
    mesh::State<double> moved = start.clone();
    add(moved, h, direction);
    solvers::AdvanceReport report = flow.solver.advance(moved, window);
    EXPECT_EQ(report.steps, steps);
    const double change = misfit(moved, target) - at;
    first.push_back(std::abs(change));
    second.push_back(std::abs(change - h * slope));
  }
  for (std::size_t n = 1; n < first.size(); ++n) {
    if (n > 1) {
      EXPECT_NEAR(std::log10(first[n - 1] / first[n]), 1, 0.1) << n;
    }
    EXPECT_NEAR(std::log10(second[n - 1] / second[n]), 2, 0.1) << n;
  }
}

TEST(FlowAdjoint, TaylorTest) {
  for (const char* convection : {"central", "upwind3"}) {
    expect_taylor(case_of(open_cases(convection), "periodic"), 12);
    expect_taylor(case_of(open_cases(convection), "channel"), 12);
    expect_taylor(case_of(open_cases(convection), "periodic in 3-D"), 8);
  }
}

TEST(FlowAdjoint, TaylorTestOverAHundredSteps) {
  expect_taylor(case_of(open_cases("central"), "periodic"), 100);
  expect_taylor(case_of(open_cases("upwind3"), "channel"), 100);
}

TEST(FlowAdjoint, TaylorTestWithABody) {
  for (const char* convection : {"central", "upwind3"})
    expect_taylor(case_of(body_cases(convection), "cylinder"), 100);
}

// The state at the end of the case's window, controls changed by `by`, from a state of its own.
mesh::State<double> state_of(AdjointCase c, const std::string& control, double by, int steps) {
  const mesh::State<double> start = [&] {
    Case<double> undisturbed(c.params, c.box);
    return undisturbed.state.clone();
  }();
  if (control == "viscosity") c.params.viscosity_m2_s += by;
  if (control == "acceleration") {
    c.params.acceleration_m_s2.resize(2, 0);
    c.params.acceleration_m_s2[1] += by;
  }
  if (control == "boundary_scale")
    for (auto& formula : c.params.boundaries.side[mesh::x_lower].velocity_m_s)
      formula = "(1 + " + std::to_string(by) + ") * (" + formula + ")";
  if (control == "force") {
    c.params.force_m_s2.resize(2, "0");
    c.params.force_m_s2[0] =
        "(" + c.params.force_m_s2[0] + ") + (" + std::to_string(by) + ") * sin(3 * x) * y";
  }
  Case<double> flow(c.params, c.box);
  flow.state.copy_from(start);
  flow.solver.advance(flow.state, c.params.max_dt_s * (steps - 2));
  return flow.state.clone();
}

Controls<double> change_of(Case<double>& flow, const std::string& control) {
  Controls<double> change = flow.solver.differentiable()->make_controls({"force"});
  if (control == "viscosity") change.numbers["viscosity"][0] = 1;
  if (control == "acceleration") change.numbers["acceleration"][1] = 1;
  if (control == "boundary_scale") change.numbers["boundary_scale"][mesh::x_lower] = 1;
  if (control == "force") {
    const auto host = Kokkos::create_mirror_view(change.fields["force"]);
    const mesh::Range3 r = flow.grid->interior();
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const auto x = flow.grid->position(mesh::Location::face_x, 0, j, i);
        host(0, 0, j, i) = std::sin(3 * x[0]) * x[1];
      }
    Kokkos::deep_copy(change.fields["force"], host);
  }
  return change;
}

TEST(FlowAdjoint, FirstVariationsAreThoseOfFiniteDifferences) {
  const int steps = 12;
  const std::vector<AdjointCase> cases{
      case_of(open_cases("central"), "channel"), case_of(open_cases("upwind3"), "periodic"),
      case_of(body_cases("upwind3"), "cylinder"), case_of(body_cases("central"), "on the wall")};
  for (const AdjointCase& c : cases)
    for (const std::string control : {"viscosity", "acceleration", "boundary_scale", "force"}) {
      if (control == "boundary_scale" && c.name == "periodic") continue;
      SCOPED_TRACE(c.name + ", " + control);
      Case<double> flow(c.params, c.box);
      auto& derivative = *flow.solver.differentiable();
      const auto tape = derivative.make_tape(plenty_mb);
      derivative.advance_recorded(flow.state, c.params.max_dt_s * (steps - 2), *tape);
      auto tangent = derivative.make_adjoint();
      derivative.advance_tangent(*tape, tangent, change_of(flow, control));
      const double h = control == "viscosity" ? 1e-5 : 1e-4;
      mesh::State<double> difference = state_of(c, control, h, steps);
      add(difference, -1.0, state_of(c, control, -h, steps));
      const double size = std::sqrt(dot(tangent, tangent));
      add(tangent, -0.5 / h, difference);
      EXPECT_GT(size, 0);
      EXPECT_LT(std::sqrt(dot(tangent, tangent)), 1e-6 * size);
    }
}

bool same(const mesh::State<double>& a, const mesh::State<double>& b) {
  bool equal = true;
  for (const auto& field : a.fields()) {
    std::vector<double> values;
    each_point<double>(a.grid(), field.info.location, field.data,
                       [&](double& value, std::uint64_t) { values.push_back(value); });
    std::size_t n = 0;
    each_point<double>(a.grid(), field.info.location, b[field.info.name].data,
                       [&](double& value, std::uint64_t) { equal &= values[n++] == value; });
  }
  return equal && a.time_s == b.time_s && a.step == b.step && a.scalars == b.scalars;
}

TEST(FlowAdjoint, ARecordedAdvanceIsAnAdvance) {
  for (const AdjointCase& c : body_cases("upwind3")) {
    Case<double> recorded(c.params, c.box), plain(c.params, c.box);
    auto& derivative = *recorded.solver.differentiable();
    const auto tape = derivative.make_tape(plenty_mb);
    for (int window = 0; window < 2; ++window) {
      const auto report = derivative.advance_recorded(recorded.state, 0.2, *tape);
      EXPECT_EQ(report.steps, plain.solver.advance(plain.state, 0.2).steps);
      EXPECT_EQ(report.steps, tape->steps());
      // Derivatives leave the solver as it was.
      auto adjoint = derivative.make_adjoint();
      auto gradient = derivative.make_controls();
      derivative.advance_adjoint(*tape, adjoint, gradient);
      EXPECT_TRUE(same(recorded.state, plain.state)) << c.name;
    }
  }
}

TEST(FlowAdjoint, TheSameGradientInLittleMemory) {
  for (const char* method : {"fft", "multigrid"}) {
    AdjointCase c = case_of(body_cases("upwind3"), "cylinder");
    c.params.pressure.method = method;
    Case<double> flow(c.params, c.box);
    auto& derivative = *flow.solver.differentiable();
    auto weights = derivative.make_adjoint();
    fill_random(weights, 4, 1);
    const auto derive = [&](double limit_mb, long long& recomputed) {
      flow.solver.initialise(flow.state);
      flow.solver.advance(flow.state, 0.03);
      const auto tape = derivative.make_tape(limit_mb);
      derivative.advance_recorded(flow.state, 0.16, *tape);
      EXPECT_EQ(tape->steps(), 40);
      EXPECT_LT(tape->bytes(), 1e6 * limit_mb);
      mesh::State<double> adjoint = weights.clone();
      auto gradient = derivative.make_controls();
      derivative.advance_adjoint(*tape, adjoint, gradient);
      recomputed = tape->recomputed();
      mesh::State<double> tangent = weights.clone();
      derivative.advance_tangent(*tape, tangent, derivative.make_controls());
      EXPECT_LT(tape->bytes(), 1e6 * limit_mb);
      return std::tuple(adjoint, gradient.numbers, tangent);
    };
    long long recomputed = -1;
    const auto [adjoint, numbers, tangent] = derive(plenty_mb, recomputed);
    EXPECT_EQ(recomputed, 0);
    double least_mb = 0;
    const std::string refusal = user_error([&] { derivative.make_tape(0.01, "invert.memory_mb"); });
    const std::string before = "invert.memory_mb leaves no room to keep one time step: at least ";
    ASSERT_EQ(refusal.rfind(before, 0), 0U) << refusal;
    least_mb = std::stod(refusal.substr(before.size()));
    for (const double factor : {1.0, 1.3, 1.7}) {
      const auto [again, numbers_again, tangent_again] = derive(factor * least_mb, recomputed);
      EXPECT_GE(recomputed, 40) << factor;
      EXPECT_TRUE(same(adjoint, again)) << factor;
      EXPECT_TRUE(same(tangent, tangent_again)) << factor;
      EXPECT_EQ(numbers, numbers_again);
    }
  }
}

TEST(FlowAdjoint, RefusesWhatItCannotDifferentiate) {
  FlowParams params;
  params.reynolds = 100;
  set_sides(params, std::vector<std::string>(4, "periodic"));
  FlowParams scalar = params, les = params;
  scalar.scalar.enabled = true;
  les.les.model = "wale";
  set_sides(les, std::vector<std::string>(6, "periodic"));
  Case<double> with_scalar(scalar, {{0, 0}, {1, 1}, {8, 8}, {}});
  EXPECT_NE(user_error([&] { with_scalar.solver.differentiable(); }).find("flow.scalar.enabled: "),
            std::string::npos);
  Case<double> with_les(les, {{0, 0, 0}, {1, 1, 1}, {8, 8, 8}, {}});
  EXPECT_NE(user_error([&] { with_les.solver.differentiable(); }).find("flow.les.model: "),
            std::string::npos);
  Case<double> flow(params, {{0, 0}, {1, 1}, {8, 8}, {}});
  EXPECT_THROW(flow.solver.differentiable()->make_controls({"viscosity"}), std::out_of_range);
}

std::string run_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const core::RunError& error) {
    return error.what();
  }
  return "";
}

TEST(FlowAdjoint, NamesWhatIsNotFinite) {
  const AdjointCase c = case_of(open_cases("central"), "periodic");
  Case<double> flow(c.params, c.box);
  auto& derivative = *flow.solver.differentiable();
  const auto tape = derivative.make_tape(plenty_mb);
  derivative.advance_recorded(flow.state, 0.1, *tape);
  auto gradient = derivative.make_controls();
  auto adjoint = derivative.make_adjoint();
  Kokkos::deep_copy(adjoint["p"].data, std::nan(""));
  EXPECT_EQ(run_error([&] { derivative.advance_adjoint(*tape, adjoint, gradient); }),
            "the derivative with respect to p is not finite, as it was given");
  // So large that it overflows on its way back, at the first of the steps that it meets.
  fill_random(adjoint, 3, 1e308);
  const std::string text = run_error([&] { derivative.advance_adjoint(*tape, adjoint, gradient); });
  EXPECT_NE(text.find("the derivative with respect to u is not finite at step 26, time 0.096 s"),
            std::string::npos)
      << text;
}

TEST(FlowAdjoint, SaysThatThePressureSolverDidNotConverge) {
  AdjointCase c = case_of(open_cases("central"), "channel");
  c.params.pressure.method = "multigrid";
  c.params.pressure.tolerance = 0.9;
  c.params.pressure.max_iterations = 1;
  Case<double> flow(c.params, c.box);
  auto& derivative = *flow.solver.differentiable();
  auto adjoint = derivative.make_adjoint();
  auto gradient = derivative.make_controls();
  fill_random(adjoint, 3, 1);
  const std::string text = run_error([&] { derivative.constrain_adjoint(0, adjoint, gradient); });
  EXPECT_NE(text.find("pressure solver 'multigrid' did not converge for the derivative"),
            std::string::npos)
      << text;
}

}  // namespace
