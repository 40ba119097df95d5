// The solver that makes the acoustic inversion's records: order, and d'Alembert's exact solution.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numbers>

#include "pinn/classical_methods/acoustic_waves.hpp"

namespace {

using namespace understudy::pinn;

// From a Gaussian of pressure at rest in a uniform medium: the integral over wave numbers,
// p = int a^2 k exp(-a^2 k^2 / 2) J0(k r) cos(c k t) dk, a being its radius.
double exact(double radius, double speed, double r, double t) {
  constexpr int nodes = 4000;
  const double most = 9 / radius, step = most / nodes;
  double sum = 0;
  for (int n = 1; n < nodes; ++n) {
    const double k = n * step;
    sum += radius * radius * k * std::exp(-radius * radius * k * k / 2) *
           std::cyl_bessel_j(0.0, k * r) * std::cos(speed * k * t) * step;
  }
  return sum;
}

double largest_error(double spacing) {
  AcousticShot shot{1000, 0.6, spacing, 2400, {150, 500}, 60};
  const Lattice waves = acoustic_waves(shot, [](double, double) { return 2000.0; });
  double error = 0;
  for (const auto& at : {std::array{400.0, 500.0, 0.15},
                         {1000.0, 500.0, 0.43},
                         {0.0, 0.0, 0.3},
                         {500.0, 1000.0, 0.6},
                         {150.0, 500.0, 0.6}})
    error = std::max(error, std::abs(waves.at(at[0], at[1], at[2]) -
                                     exact(60, 2000, std::hypot(at[0] - 150, at[1] - 500), at[2])));
  return error;
}

TEST(AcousticWaves, MeetTheExactWaveAndDoNotReflect) {
  // Fourth order in space, second in time, whose errors are of opposite sign: not a clean order.
  const double coarse = largest_error(40), fine = largest_error(10);
  std::printf("largest error %.2e Pa of 1 at 40 m, %.2e at 10 m\n", coarse, fine);
  EXPECT_GT(coarse / fine, 16);
  EXPECT_LT(fine, 5e-4);
}

TEST(AcousticWaves, AreFasterThroughAFasterMiddle) {
  AcousticShot shot{1000, 0.6, 20, 2800, {150, 500}, 60};
  const Lattice slow = acoustic_waves(shot, [](double, double) { return 2000.0; });
  const Lattice fast = acoustic_waves(shot, [](double x, double z) {
    return 2000 + 400 * std::exp(-(std::hypot(x - 520, z - 520) > 240 ? 99.0 : 0.0));
  });
  const auto peak = [](const Lattice& waves) {
    double best = 0, at = 0;
    for (double t = 0.3; t < 0.5; t += 0.001)
      if (waves.at(1000, 500, t) > best) {
        best = waves.at(1000, 500, t);
        at = t;
      }
    return at;
  };
  EXPECT_LT(peak(fast), peak(slow) - 0.02);
}

}  // namespace
