// The derivative of the acoustic stepper: dot products of first variation and transpose, of every control by itself,
// and the inversion's gradient from it.
#include <gtest/gtest.h>

#include <cmath>

#include "support/solvers_seismic_derivative.hpp"

namespace understudy {
namespace {

using derivative_test::dot, derivative_test::each_point, derivative_test::fill_random,
    derivative_test::random_value;
using solvers::Controls;
using tests::SeismicCase, tests::WaveRun;
namespace seismic = solvers::seismic;

constexpr double plenty_mb = 4000;

// |<T d, y> - <d, T^T y>| relative to |T d| |y|.
void expect_equal(double forward, double backward, double size, double tolerance,
                  const std::string& what) {
  EXPECT_GT(size, 0) << what;
  EXPECT_LT(std::abs(forward - backward), tolerance * size)
      << what << ": " << forward << ", " << backward << ", of " << size;
}

template <class Real>
struct DotCase {
  WaveRun<Real> run;
  solvers::DifferentiableStepper<Real>& derivative;
  std::unique_ptr<solvers::AdvanceTape<Real>> tape;
  mesh::State<Real> weights, backward, change;
  Controls<Real> gradient;

  explicit DotCase(const SeismicCase& c)
      : run(c),
        derivative(run.derivative()),
        tape(derivative.make_tape(plenty_mb)),
        weights(derivative.make_adjoint()),
        backward(derivative.make_adjoint()),
        change(derivative.make_adjoint()),
        gradient(derivative.make_controls({"speed"})) {
    fill_random(weights, 3, 1);
    // What lies in ghosts is nobody's.
    for (auto& field : backward.fields()) Kokkos::deep_copy(field.data, Real(7));
    each_like(weights, backward);
  }
  static void each_like(const mesh::State<Real>& from, const mesh::State<Real>& to) {
    const auto values = tests::values_of(from);
    std::size_t n = 0;
    for (const auto& field : to.fields())
      each_point<Real>(to.grid(), field.info.location, field.data,
                       [&](Real& value, std::uint64_t) { value = values[n++]; });
  }
  double size() const { return std::sqrt(dot(weights, weights) * dot(change, change)); }
  template <class Forward>
  void compare_states(const Forward& forward, double tolerance) {
    for (auto& field : change.fields()) Kokkos::deep_copy(field.data, Real(-3));
    fill_random(change, 77, 0.5);
    const mesh::State<Real> initial = change.clone();
    forward(change, derivative.make_controls());
    expect_equal(dot(weights, change), dot(backward, initial), size(), tolerance, "initial state");
  }
  template <class Forward>
  void compare_controls(const Forward& forward, double tolerance) {
    for (const auto& info : derivative.controls()) {
      Controls<Real> only = derivative.make_controls({"speed"});
      if (info.numbers == 0)
        each_point<Real>(run.state.grid(), mesh::Location::cell, only.fields.at(info.name),
                         [](Real& value, std::uint64_t n) { value = Real(random_value(5, n)); });
      else
        only.numbers.at(info.name).at(0) = 0.7;
      for (auto& field : change.fields()) Kokkos::deep_copy(field.data, Real(0));
      forward(change, only);
      expect_equal(dot(weights, change), dot(run.state.grid(), gradient, only), size(), tolerance,
                   info.name);
    }
  }
};

template <class Real>
void expect_dot_products(const SeismicCase& c, double tolerance) {
  SCOPED_TRACE(testing::Message() << c.dimension << "-D, order " << c.order << ", density "
                                  << c.variable_density << ", free surface " << c.free_surface
                                  << ", layer " << c.layer << ", stretch " << c.stretch);
  DotCase<Real> d(c);
  d.run.advance(20);
  d.derivative.advance_recorded(d.run.state, 23 * c.dt_s(), *d.tape);
  EXPECT_EQ(d.tape->steps(), 23);
  d.derivative.advance_adjoint(*d.tape, d.backward, d.gradient);
  const auto forward = [&](auto& change, const auto& controls) {
    d.derivative.advance_tangent(*d.tape, change, controls);
  };
  d.compare_states(forward, tolerance);
  d.compare_controls(forward, tolerance);
}

TEST(SeismicStepperAdjoint, DotProductsInDoublePrecision) {
  for (const int order : {2, 4, 8})
    for (const bool density : {false, true})
      for (const bool surface : {false, true}) {
        SeismicCase c = tests::waves_on_four_ranks(density, surface);
        c.order = order;
        expect_dot_products<double>(c, 1e-12);
      }
}

TEST(SeismicStepperAdjoint, DotProductsWithAStretchedLayerAndWithNone) {
  for (const bool density : {false, true}) {
    SeismicCase stretched = tests::waves_on_four_ranks(density, density), closed = stretched;
    stretched.stretch = 4;
    closed.layer = 0;
    expect_dot_products<double>(stretched, 1e-12);
    expect_dot_products<double>(closed, 1e-12);
  }
}

TEST(SeismicStepperAdjoint, DotProductsInThreeDimensions) {
  for (const bool density : {false, true})
    expect_dot_products<double>(tests::waves_in_space(density), 1e-12);
}

TEST(SeismicStepperAdjoint, DotProductsInSinglePrecision) {
  for (const bool density : {false, true})
    expect_dot_products<float>(tests::waves_on_four_ranks(density, true), 1e-5);
}

// The adjoint goes from the later tape to the earlier one; the wavelet goes on over both, each with its own time.
void expect_dot_products_of_two(const SeismicCase& c, double tolerance) {
  SCOPED_TRACE(testing::Message() << c.dimension << "-D, density " << c.variable_density);
  DotCase<double> d(c);
  const auto second = d.derivative.make_tape(plenty_mb);
  d.run.advance(20);
  d.derivative.advance_recorded(d.run.state, 12 * c.dt_s(), *d.tape);
  d.derivative.advance_recorded(d.run.state, 17 * c.dt_s(), *second);
  EXPECT_EQ(d.tape->steps(), 12);
  EXPECT_EQ(second->steps(), 17);
  d.derivative.advance_adjoint(*second, d.backward, d.gradient);
  const double of_second = d.gradient.numbers.at("source_scale").at(0);
  d.derivative.advance_adjoint(*d.tape, d.backward, d.gradient);
  EXPECT_NE(of_second, 0);
  EXPECT_NE(d.gradient.numbers.at("source_scale").at(0), of_second) << "the first one adds its own";
  const auto forward = [&](auto& change, const auto& controls) {
    d.derivative.advance_tangent(*d.tape, change, controls);
    d.derivative.advance_tangent(*second, change, controls);
  };
  d.compare_states(forward, tolerance);
  d.compare_controls(forward, tolerance);
}

TEST(SeismicStepperAdjoint, DotProductsOfTwoAdvancesInARow) {
  for (const bool density : {false, true}) {
    expect_dot_products_of_two(tests::waves_on_four_ranks(density, true), 1e-12);
    expect_dot_products_of_two(tests::waves_in_space(density), 1e-12);
  }
}

TEST(SeismicStepperAdjoint, DotProductsOfConstrain) {
  for (const bool density : {false, true}) {
    DotCase<double> d(tests::waves_on_four_ranks(density, true));
    d.derivative.constrain_adjoint(0, d.backward, d.gradient);
    d.compare_states(
        [&](auto& change, const auto& controls) {
          d.derivative.constrain_tangent(0, change, controls);
        },
        1e-12);
    EXPECT_EQ(d.gradient.numbers.at("source_scale"), std::vector<double>{0});
  }
}

// Without a shot the waves of the state go on, and nothing is emitted.
TEST(SeismicStepperAdjoint, DotProductsWithoutAShot) {
  const SeismicCase c = tests::waves_on_four_ranks(false, true);
  seismic::AcousticSolver<double> solver(c.setup(), c.speed(), c.density(), core::Comm::world());
  auto& derivative = *solver.differentiable();
  const auto tape = derivative.make_tape(plenty_mb);
  auto state = derivative.make_adjoint(), weights = derivative.make_adjoint();
  fill_random(state, 11, 1);
  derivative.constrain_tangent(0, state, derivative.make_controls());
  fill_random(weights, 3, 1);
  derivative.advance_recorded(state, 20 * c.dt_s(), *tape);
  auto adjoint = weights.clone(), change = derivative.make_adjoint();
  auto gradient = derivative.make_controls({"speed"}), only = derivative.make_controls({"speed"});
  derivative.advance_adjoint(*tape, adjoint, gradient);
  each_point<double>(state.grid(), mesh::Location::cell, only.fields.at("speed"),
                     [](double& value, std::uint64_t n) { value = random_value(5, n); });
  only.numbers.at("source_scale") = {3};
  derivative.advance_tangent(*tape, change, only);
  expect_equal(dot(weights, change), dot(state.grid(), gradient, only),
               std::sqrt(dot(weights, weights) * dot(change, change)), 1e-12, "speed");
  EXPECT_EQ(gradient.numbers.at("source_scale"), std::vector<double>{0});
}

// The last sample of a receiver in the middle of a cell is that cell's pressure at the end.
TEST(SeismicStepperAdjoint, TheInversionsGradientIsThatOfTheStepper) {
  for (const bool density : {false, true}) {
    SeismicCase c = tests::waves_on_four_ranks(density, true);
    c.shots = 1;
    const double x = 20.5 * c.spacing_m, depth = 12.5 * c.spacing_m;
    auto shot = c.make_shots().front();
    shot.receivers = {{x, 0, depth}};
    std::shared_ptr<seismic::AcousticOperator<double>> op =
        seismic::make_acoustic_operator<double>(c.setup(), core::Comm::world());
    op->set_model(c.speed(), c.density());
    seismic::AcousticShots<double> survey(op, {shot});
    const auto expected = survey.gradient(
        [&](const auto&) {
          std::vector<seismic::Gather> last;
          last.emplace_back(c.samples, 1);
          last[0].values.back() = 1;
          return last;
        },
        1e6 * plenty_mb);

    WaveRun<double> run(c);
    auto& derivative = run.derivative();
    const auto tape = derivative.make_tape(plenty_mb);
    derivative.advance_recorded(run.state, survey.steps() * c.dt_s(), *tape);
    auto adjoint = derivative.make_adjoint();
    const auto& grid = run.solver.wave_grid();
    const auto host = Kokkos::create_mirror_view(adjoint["pressure"].data);
    tests::each_cell(grid, [&](std::size_t, int k, int j, int i) {
      const auto at = grid.padded->position(mesh::Location::cell, k, j, i);
      if (std::hypot(at[0] - x, at[1] + depth) < 0.1 * c.spacing_m) host(0, k, j, i) = 1;
    });
    Kokkos::deep_copy(adjoint["pressure"].data, host);
    auto gradient = derivative.make_controls({"speed"});
    derivative.advance_adjoint(*tape, adjoint, gradient);

    const auto speed = tests::fold_to_box(grid, gradient.fields.at("speed"), c.count());
    double largest = 0;
    for (const double slope : expected.speed) largest = std::max(largest, std::abs(slope));
    EXPECT_GT(largest, 0);
    for (std::size_t n = 0; n < speed.size(); ++n)
      ASSERT_NEAR(speed[n], expected.speed[n], 1e-12 * largest) << n;
    auto wavelet = shot.wavelet;
    wavelet.resize(expected.wavelet[0].size());
    const double size = std::sqrt(tests::dot(wavelet, wavelet) *
                                  tests::dot(expected.wavelet[0], expected.wavelet[0]));
    EXPECT_NEAR(gradient.numbers.at("source_scale")[0], tests::dot(wavelet, expected.wavelet[0]),
                1e-12 * size);
  }
}

}  // namespace
}  // namespace understudy
