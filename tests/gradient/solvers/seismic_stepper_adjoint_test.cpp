// The gradient of the acoustic stepper against what it is the gradient of: Taylor tests over four decades, first
// variations against finite differences, the same in little memory, refusals.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <stdexcept>
#include <tuple>

#include "core/error.hpp"
#include "support/solvers_seismic_derivative.hpp"

namespace understudy {
namespace {

using derivative_test::add, derivative_test::dot, derivative_test::fill_random;
using solvers::Controls;
using tests::SeismicCase, tests::WaveRun;

constexpr double plenty_mb = 4000;
constexpr int before = 30;  // steps until the waves are in the box

SeismicCase small_waves(bool density, bool surface) {
  SeismicCase c;
  c.variable_density = density;
  c.free_surface = surface;
  return c;
}

// Half the sum of squares of the state less `target`.
double misfit(const mesh::State<double>& state, const mesh::State<double>& target) {
  mesh::State<double> difference = state.clone();
  add(difference, -1.0, target);
  return 0.5 * dot(difference, difference);
}

// Changes of everything at once, for h = 1: the speed by about 1 m/s, the rest by a thousandth.
struct Direction {
  std::vector<double> speed;
  double scale = 1e-3;
  mesh::State<double> state;
};

// Along the speed's gradient and across it: neither order would be hidden. The state's pressures alone: its layers
// are 0 outside of the layers.
Direction direction_of(WaveRun<double>& run, const mesh::State<double>& start,
                       const std::vector<double>& slopes) {
  auto& derivative = run.derivative();
  Direction d{run.c.bumps(0.5, 0.5, 2), 1e-3, derivative.make_adjoint()};
  double largest = 0;
  for (const double slope : slopes) largest = std::max(largest, std::abs(slope));
  d.speed = tests::moved(d.speed, 1 / largest, slopes);
  fill_random(d.state, 6, 1);
  derivative.constrain_tangent(0, d.state, derivative.make_controls());
  const double size = std::sqrt(dot(start, start) / dot(d.state, d.state));
  const auto random = d.state.clone();
  add(d.state, 1e-3 * size - 1, random);
  return d;
}

// J(s + h d) - J(s) - h <g, d> falls as h^2 over four decades, s the state before, speed and source.
void expect_taylor(const SeismicCase& c, int steps) {
  SCOPED_TRACE(testing::Message() << c.dimension << "-D, density " << c.variable_density << ", "
                                  << steps << " steps");
  WaveRun<double> run(c);
  auto& derivative = run.derivative();
  run.advance(before);
  const mesh::State<double> start = run.state.clone();
  const auto tape = derivative.make_tape(plenty_mb);
  derivative.advance_recorded(run.state, steps * c.dt_s(), *tape);
  EXPECT_EQ(tape->steps(), steps);
  mesh::State<double> adjoint = run.state.clone();
  add(adjoint, -1.0, start);
  Controls<double> gradient = derivative.make_controls({"speed"});
  derivative.advance_adjoint(*tape, adjoint, gradient);
  const auto slopes =
      tests::fold_to_box(run.solver.wave_grid(), gradient.fields.at("speed"), c.count());
  const Direction d = direction_of(run, start, slopes);
  const double slope = tests::dot(slopes, d.speed) + dot(adjoint, d.state) +
                       d.scale * gradient.numbers.at("source_scale")[0];
  const double at = misfit(run.state, start);
  std::vector<double> first, second;
  for (double h = 10; h > 0.9e-3; h /= 10) {
    WaveRun<double> moved(c, 1 + h * d.scale, h, d.speed);
    moved.state.copy_from(start);
    add(moved.state, h, d.state);
    moved.advance(steps);
    const double change = misfit(moved.state, start) - at;
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

TEST(SeismicStepperAdjoint, TaylorTest) {
  for (const bool density : {false, true}) {
    expect_taylor(small_waves(density, density), 24);
    expect_taylor(tests::waves_in_space(density), 12);
  }
}

TEST(SeismicStepperAdjoint, TaylorTestOverAHundredSteps) {
  for (const bool density : {false, true}) expect_taylor(small_waves(density, !density), 100);
}

// The state after `steps`, speed and source changed.
mesh::State<double> state_of(const SeismicCase& c, const mesh::State<double>& start, int steps,
                             double scale, double factor, const std::vector<double>& dc) {
  WaveRun<double> run(c, scale, factor, dc);
  run.state.copy_from(start);
  run.advance(steps);
  return run.state.clone();
}

// |tangent - (up - down) / (2 h)| relative to |tangent|.
double difference(const mesh::State<double>& tangent, const mesh::State<double>& up,
                  const mesh::State<double>& down, double h) {
  mesh::State<double> rest = tangent.clone();
  add(rest, -0.5 / h, up);
  add(rest, 0.5 / h, down);
  EXPECT_GT(dot(tangent, tangent), 0);
  return std::sqrt(dot(rest, rest) / dot(tangent, tangent));
}

TEST(SeismicStepperAdjoint, FirstVariationsAreThoseOfFiniteDifferences) {
  const int steps = 24;
  for (const bool density : {false, true}) {
    const SeismicCase c = small_waves(density, density);
    WaveRun<double> run(c);
    auto& derivative = run.derivative();
    run.advance(before);
    const mesh::State<double> start = run.state.clone();
    const auto tape = derivative.make_tape(plenty_mb);
    derivative.advance_recorded(run.state, steps * c.dt_s(), *tape);
    const auto dc = c.bumps(0.5, 0.5, 2);
    Controls<double> change = derivative.make_controls({"speed"});
    tests::continue_from_box(run.solver.wave_grid(), dc, change.fields.at("speed"));
    auto of_speed = derivative.make_adjoint(), of_source = derivative.make_adjoint();
    derivative.advance_tangent(*tape, of_speed, change);
    // A change of 0.02 in 1800 m/s: the third order is below 1e-8.
    EXPECT_LT(difference(of_speed, state_of(c, start, steps, 1, 0.02, dc),
                         state_of(c, start, steps, 1, -0.02, dc), 0.02),
              1e-6);
    change = derivative.make_controls();
    change.numbers.at("source_scale") = {1};
    derivative.advance_tangent(*tape, of_source, change);
    // Linear: only rounding.
    EXPECT_LT(difference(of_source, state_of(c, start, steps, 1.5, 0, {}),
                         state_of(c, start, steps, 0.5, 0, {}), 0.5),
              1e-10);
  }
}

TEST(SeismicStepperAdjoint, ARecordedAdvanceIsAnAdvance) {
  for (const bool density : {false, true}) {
    const SeismicCase c = small_waves(density, true);
    WaveRun<double> recorded(c), plain(c);
    auto& derivative = recorded.derivative();
    // Room for all steps, and for few of them.
    const auto whole = derivative.make_tape(plenty_mb), part = derivative.make_tape(1.5);
    for (const int steps : {31, 60}) {
      auto& tape = steps == 31 ? *whole : *part;
      const auto report = derivative.advance_recorded(recorded.state, steps * c.dt_s(), tape);
      plain.advance(steps);
      EXPECT_EQ(report.steps, steps);
      EXPECT_EQ(tape.steps(), steps);
      // Derivatives leave the solver as it was.
      auto adjoint = derivative.make_adjoint();
      auto gradient = derivative.make_controls({"speed"});
      derivative.advance_adjoint(tape, adjoint, gradient);
      EXPECT_EQ(tests::values_of(recorded.state), tests::values_of(plain.state));
      EXPECT_EQ(recorded.state.time_s, plain.state.time_s);
      EXPECT_EQ(recorded.state.step, plain.state.step);
      EXPECT_EQ(recorded.solver.traces()[0].gather.values, plain.solver.traces()[0].gather.values);
    }
    EXPECT_EQ(whole->recomputed(), 0);
    EXPECT_GE(part->recomputed(), 60);
  }
}

std::string user_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(SeismicStepperAdjoint, TheSameGradientInLittleMemory) {
  const SeismicCase c = small_waves(true, true);
  const int steps = 60;
  WaveRun<double> run(c);
  auto& derivative = run.derivative();
  run.advance(before);
  const mesh::State<double> start = run.state.clone();
  auto weights = derivative.make_adjoint();
  fill_random(weights, 4, 1);
  const auto derive = [&](double limit_mb, long long& recomputed) {
    run.state.copy_from(start);
    const auto tape = derivative.make_tape(limit_mb);
    derivative.advance_recorded(run.state, steps * c.dt_s(), *tape);
    mesh::State<double> adjoint = weights.clone(), tangent = weights.clone();
    auto gradient = derivative.make_controls({"speed"});
    derivative.advance_adjoint(*tape, adjoint, gradient);
    recomputed = tape->recomputed();
    EXPECT_LE(tape->bytes(), 1e6 * limit_mb);
    auto change = derivative.make_controls({"speed"});
    Kokkos::deep_copy(change.fields.at("speed"), 1.0);
    derivative.advance_tangent(*tape, tangent, change);
    EXPECT_LE(tape->bytes(), 1e6 * limit_mb);
    const auto speed =
        tests::fold_to_box(run.solver.wave_grid(), gradient.fields.at("speed"), c.count());
    return std::tuple(tests::values_of(adjoint), speed, gradient.numbers,
                      tests::values_of(tangent));
  };
  long long recomputed = -1;
  const auto expected = derive(plenty_mb, recomputed);
  EXPECT_EQ(recomputed, 0);
  const std::string refusal = user_error([&] { derivative.make_tape(0.01, "invert.memory_mb"); });
  const std::string words = "invert.memory_mb leaves no room to keep one time step: at least ";
  ASSERT_EQ(refusal.rfind(words, 0), 0U) << refusal;
  const double least_mb = std::stod(refusal.substr(words.size()));
  for (const double factor : {1.0, 1.3, 1.7}) {
    EXPECT_TRUE(expected == derive(factor * least_mb, recomputed)) << factor;
    EXPECT_GE(recomputed, steps) << factor;
  }
  EXPECT_NE(user_error([&] { derivative.make_tape(least_mb - 0.02); }), "");
}

// A state's derivatives alone need no step kept, for waves are linear.
TEST(SeismicStepperAdjoint, TheStatesGradientComputesNothingAgain) {
  const SeismicCase c = small_waves(false, false);
  WaveRun<double> run(c);
  auto& derivative = run.derivative();
  const auto whole = derivative.make_tape(plenty_mb), part = derivative.make_tape(1.5);
  const mesh::State<double> start = run.state.clone();
  derivative.advance_recorded(run.state, 60 * c.dt_s(), *whole);
  run.state.copy_from(start);
  derivative.advance_recorded(run.state, 60 * c.dt_s(), *part);
  auto one = derivative.make_adjoint();
  fill_random(one, 4, 1);
  auto other = one.clone();
  auto with_speed = derivative.make_controls({"speed"}), without = derivative.make_controls();
  derivative.advance_adjoint(*whole, one, with_speed);
  derivative.advance_adjoint(*part, other, without);
  EXPECT_EQ(tests::values_of(one), tests::values_of(other));
  EXPECT_EQ(with_speed.numbers, without.numbers);
  EXPECT_EQ(part->recomputed(), 0);
}

std::string run_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const core::RunError& error) {
    return error.what();
  }
  return "";
}

TEST(SeismicStepperAdjoint, RefusesWhatItDoesNotKnowAndNamesWhatIsNotFinite) {
  const SeismicCase c = small_waves(false, false);
  WaveRun<double> run(c);
  auto& derivative = run.derivative();
  EXPECT_EQ(solvers::differentiable<double>(run.solver), &derivative);
  EXPECT_THROW(derivative.make_controls({"density"}), std::out_of_range);
  const auto tape = derivative.make_tape(plenty_mb);
  derivative.advance_recorded(run.state, 30 * c.dt_s(), *tape);
  auto gradient = derivative.make_controls();
  auto adjoint = derivative.make_adjoint();
  Kokkos::deep_copy(adjoint["layer_first_x"].data, std::nan(""));
  EXPECT_EQ(run_error([&] { derivative.advance_adjoint(*tape, adjoint, gradient); }),
            "the derivative with respect to layer_first_x is not finite, as it was given");
  EXPECT_EQ(run_error([&] { derivative.constrain_adjoint(0, adjoint, gradient); }),
            "the derivative with respect to layer_first_x is not finite, as it was given");
  // So large that it overflows on its way back, seen at the first look.
  fill_random(adjoint, 3, 1e308);
  const std::string text = run_error([&] { derivative.advance_adjoint(*tape, adjoint, gradient); });
  EXPECT_NE(
      text.find("the derivative with respect to pressure is not finite at step 25, time 0.05 s"),
      std::string::npos)
      << text;
}

}  // namespace
}  // namespace understudy
