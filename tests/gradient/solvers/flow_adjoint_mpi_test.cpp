// The discrete adjoint of the flow: dot products of first variation and transpose, of every control by itself.
#include "support/solvers_flow_adjoint.hpp"

namespace {

using namespace flow_test;
using solvers::Controls;

constexpr double plenty_mb = 1000;

// |<T d, y> - <d, T^T y>| relative to |T d| |y|.
void expect_equal(double forward, double backward, double size, double tolerance,
                  const char* what) {
  EXPECT_GT(size, 0) << what;
  EXPECT_LT(std::abs(forward - backward), tolerance * size)
      << what << ": " << forward << ", " << backward << ", of " << size;
}

template <class Real>
struct DotCase {
  Case<Real> flow;
  solvers::DifferentiableStepper<Real>& derivative;
  std::unique_ptr<solvers::AdvanceTape<Real>> tape;
  mesh::State<Real> weights, backward, change;
  Controls<Real> gradient;

  explicit DotCase(const AdjointCase& c)
      : flow(c.params, c.box),
        derivative(*flow.solver.differentiable()),
        tape(derivative.make_tape(plenty_mb)),
        weights(derivative.make_adjoint()),
        backward(derivative.make_adjoint()),
        change(derivative.make_adjoint()),
        gradient(derivative.make_controls({"force"})) {
    fill_random(weights, 3, 1);
    backward.copy_from(weights);
  }
  /// The change of the state after `forward` for one of the initial state alone, or of one control alone,
  /// against the derivatives that were found.
  template <class Forward>
  void compare(const Forward& forward, double tolerance) {
    const double size_y = std::sqrt(dot(weights, weights));
    const auto size = [&] { return size_y * std::sqrt(dot(change, change)); };
    fill_random(change, 77, 0.5);
    const mesh::State<Real> initial = change.clone();
    forward(change, derivative.make_controls({"force"}));
    expect_equal(dot(weights, change), dot(backward, initial), size(), tolerance, "initial state");
    for (const auto& info : derivative.controls()) {
      Controls<Real> only = derivative.make_controls({"force"});
      if (info.numbers == 0)
        each_point<Real>(*flow.grid, mesh::Location::cell, only.fields.at(info.name),
                         [](Real& value, std::uint64_t n) { value = Real(random_value(5, n)); });
      else
        for (int n = 0; n < info.numbers; ++n)
          only.numbers[info.name][n] = random_value(9, std::uint64_t(n));
      for (auto& field : change.fields()) Kokkos::deep_copy(field.data, Real(0));
      forward(change, only);
      if (dot(change, change) == 0) continue;  // no side gives a velocity
      expect_equal(dot(weights, change), dot(*flow.grid, gradient, only), size(), tolerance,
                   info.name.c_str());
    }
  }
};

template <class Real>
void expect_dot_products(const AdjointCase& c, double tolerance) {
  SCOPED_TRACE(c.name + ", " + c.params.convection + ", " + c.params.pressure.method);
  DotCase<Real> d(c);
  const double dt = d.flow.solver.stable_dt(d.flow.state);
  d.derivative.advance_recorded(d.flow.state, 5.3 * dt, *d.tape);
  EXPECT_GE(d.tape->steps(), 7);
  d.derivative.advance_adjoint(*d.tape, d.backward, d.gradient);
  d.compare([&](auto& change,
                const auto& controls) { d.derivative.advance_tangent(*d.tape, change, controls); },
            tolerance);
  // With the history of the steps before.
  d.derivative.advance_recorded(d.flow.state, 1.5 * dt, *d.tape);
  d.backward.copy_from(d.weights);
  d.gradient = d.derivative.make_controls({"force"});
  d.derivative.advance_adjoint(*d.tape, d.backward, d.gradient);
  d.compare([&](auto& change,
                const auto& controls) { d.derivative.advance_tangent(*d.tape, change, controls); },
            tolerance);
}

template <class Real>
void expect_dot_products_of_constrain(const AdjointCase& c, double tolerance) {
  SCOPED_TRACE(c.name);
  DotCase<Real> d(c);
  d.derivative.constrain_adjoint(0.3, d.backward, d.gradient);
  d.compare([&](auto& change,
                const auto& controls) { d.derivative.constrain_tangent(0.3, change, controls); },
            tolerance);
}

TEST(FlowAdjoint, DotProductsInDoublePrecision) {
  for (const char* convection : {"central", "upwind3"})
    for (const AdjointCase& c : open_cases(convection)) expect_dot_products<double>(c, 1e-12);
}

TEST(FlowAdjoint, DotProductsWithBodies) {
  for (const char* convection : {"central", "upwind3"})
    for (const AdjointCase& c : body_cases(convection)) expect_dot_products<double>(c, 1e-12);
}

TEST(FlowAdjoint, DotProductsInSinglePrecision) {
  for (const AdjointCase& c : open_cases("upwind3")) expect_dot_products<float>(c, 1e-5);
  for (const AdjointCase& c : body_cases("central")) expect_dot_products<float>(c, 1e-5);
}

TEST(FlowAdjoint, DotProductsWithAnIterativePressureSolver) {
  std::vector<AdjointCase> cases = open_cases("central");
  cases.push_back(body_cases("central")[0]);
  for (AdjointCase& c : cases) {
    c.params.pressure.method = "multigrid";
    c.params.pressure.tolerance = 1e-13;
    expect_dot_products<double>(c, 1e-12);
  }
}

TEST(FlowAdjoint, DotProductsOfConstrain) {
  for (const AdjointCase& c : open_cases("central"))
    expect_dot_products_of_constrain<double>(c, 1e-12);
  for (const AdjointCase& c : body_cases("central"))
    expect_dot_products_of_constrain<double>(c, 1e-12);
}

}  // namespace
