// Fast sweeping of the eikonal equation against exact arrival times, and its rays.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/error.hpp"
#include "pinn/classical_methods/travel_times.hpp"

namespace {

using namespace understudy::pinn;

// v = v0 + g z: acosh(1 + g^2 r^2 / (2 v_source v)) / g (Slotnick 1936).
double exact_time(const VelocityModel& model, std::array<double, 2> source, double x, double z) {
  const double r2 = std::pow(x - source[0], 2) + std::pow(z - source[1], 2), g = model.gradient_1_s;
  return std::acosh(1 + g * g * r2 / (2 * model(source[0], source[1]) * model(x, z))) / g;
}

double largest_error(const VelocityModel& model, const Section& section,
                     std::array<double, 2> source) {
  const ArrivalTimes times(section, model, source);
  double error = 0;
  for (double x = 0; x <= section.width_m; x += section.width_m / 20)
    for (double z = 0; z <= section.depth_m; z += section.depth_m / 20)
      error = std::max(error, std::abs(times.time(x, z) - exact_time(model, source, x, z)));
  return error;
}

TEST(TravelTimes, AreExactInAUniformVelocity) {
  const VelocityModel model{2000, 0};
  const ArrivalTimes times({1000, 800, 20}, model, {313, 127});
  for (double x = 0; x <= 1000; x += 55)
    for (double z = 0; z <= 800; z += 44)
      EXPECT_NEAR(times.time(x, z), std::hypot(x - 313, z - 127) / 2000, 1e-10);
}

TEST(TravelTimes, FirstOrderInAGradientOfVelocity) {
  const VelocityModel model{2000, 0.6};
  double before = 0;
  for (const double spacing : {40.0, 20.0, 10.0, 5.0}) {
    const double error = largest_error(model, {3000, 2000, spacing}, {600, 400});
    std::printf("spacing %4.0f m: largest error %.3e s, ratio %.2f\n", spacing, error,
                before / error);
    if (before > 0) {
      EXPECT_GT(before / error, 1.7);
    }
    before = error;
  }
  // Of arrivals up to 1 s: a hundredth of the noise that is picked.
  EXPECT_LT(before, 5e-4);
}

TEST(TravelTimes, ReciprocityThroughAnAnomaly) {
  const VelocityModel model{2000, 0.6, 500, 1500, 900, 300};
  const std::array<double, 2> a{0, 500}, b{3000, 1300};
  const ArrivalTimes from_a({3000, 2000, 10}, model, a), from_b({3000, 2000, 10}, model, b);
  EXPECT_NEAR(from_a.time(b[0], b[1]), from_b.time(a[0], a[1]), 5e-4);
  // The anomaly is faster.
  EXPECT_LT(from_a.time(b[0], b[1]), exact_time({2000, 0.6}, a, b[0], b[1]) - 0.02);
}

TEST(TravelTimes, RaysAreArcsInAGradientOfVelocity) {
  const VelocityModel model{2000, 0.6};
  const std::array<double, 2> source{500, 100}, end{2500, 100};
  const ArrivalTimes times({3000, 2000, 10}, model, source);
  const auto ray = times.ray(end[0], end[1]);
  EXPECT_EQ(ray.back(), source);
  // The circle's centre lies where the velocity would be 0; places at equal depth make its middle symmetric.
  const double centre_z = -2000 / 0.6;
  const double radius = std::hypot(1000, 100 - centre_z);
  double deepest = 0, time = 0;
  for (std::size_t n = 0; n < ray.size(); ++n) {
    deepest = std::max(deepest, ray[n][1]);
    if (n > 0)
      time += std::hypot(ray[n][0] - ray[n - 1][0], ray[n][1] - ray[n - 1][1]) /
              model((ray[n][0] + ray[n - 1][0]) / 2, (ray[n][1] + ray[n - 1][1]) / 2);
  }
  EXPECT_NEAR(deepest, centre_z + radius, 15);
  EXPECT_NEAR(time, exact_time(model, source, end[0], end[1]), 2e-3);
}

TEST(TravelTimes, ASourceOutsideIsRefused) {
  EXPECT_THROW(ArrivalTimes({100, 100, 10}, VelocityModel{}, {101, 5}),
               understudy::core::UserError);
}

}  // namespace
