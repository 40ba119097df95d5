// Points of regions: where they lie, how evenly, and that parts of them are the same points.
#include "pinn/sampling.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "mesh/geometry/geometry.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

std::shared_ptr<const mesh::Body> cylinder(double x, double y, double diameter) {
  mesh::BodyParams params;
  params.center_m = {x, y};
  params.diameter_m = diameter;
  return mesh::make_body(params, 2, ".");
}

std::vector<double> drawn(const Region& region, RegionSample sample) {
  if (sample.count == 0) sample.count = sample.points;
  sample.what = "problem p: term 'a'";
  std::vector<double> points(std::size_t(sample.count) * region.lower.size());
  sample_region(region, sample, points);
  return points;
}

// Largest difference of the share of points below x from what an even density gives.
double unevenness(std::vector<double> x, double lower, double upper) {
  std::sort(x.begin(), x.end());
  double worst = 0;
  for (std::size_t n = 0; n < x.size(); ++n)
    worst = std::max(
        worst, std::abs((x[n] - lower) / (upper - lower) - (double(n) + 0.5) / double(x.size())));
  return worst;
}

std::vector<double> column(const std::vector<double>& points, std::size_t inputs, std::size_t i) {
  std::vector<double> x;
  for (std::size_t n = i; n < points.size(); n += inputs) x.push_back(points[n]);
  return x;
}

const std::vector<std::string> methods{"uniform", "latin_hypercube", "sobol", "halton"};

}  // namespace

TEST(PinnSampling, FillsABoxEvenlyAndHoldsFixedCoordinates) {
  Region box;
  box.lower = {-1, 3, 0};
  box.upper = {1, 3, 0.5};
  for (const auto& method : methods) {
    const auto points = drawn(box, {.method = method, .points = 2048});
    const double bound = method == "uniform" ? 0.05 : 0.002;  // 1.95 / sqrt(2048) at 1e-3
    EXPECT_LT(unevenness(column(points, 3, 0), -1, 1), bound) << method;
    EXPECT_LT(unevenness(column(points, 3, 2), 0, 0.5), bound) << method;
    for (const double y : column(points, 3, 1)) EXPECT_EQ(y, 3);
  }
}

TEST(PinnSampling, PartsAreTheSamePoints) {
  Region holed;
  holed.lower = {0, 0};
  holed.upper = {1, 1};
  for (const bool with_body : {false, true}) {
    if (with_body) holed.without = {cylinder(0.5, 0.5, 0.6)};
    for (const auto& method : methods) {
      const auto whole = drawn(holed, {.method = method, .points = 101, .seed = 5});
      std::vector<double> together;
      for (int rank = 0; rank < 4; ++rank) {
        const Part part = part_of(101, rank, 4);
        const auto mine = drawn(
            holed,
            {.method = method, .points = 101, .first = part.first, .count = part.count, .seed = 5});
        together.insert(together.end(), mine.begin(), mine.end());
      }
      EXPECT_EQ(whole, together) << method;
      EXPECT_NE(whole, drawn(holed, {.method = method, .points = 101, .seed = 6})) << method;
    }
  }
}

// Of a unit square less a disc: none inside the disc, and the rest even (share within r of the centre).
TEST(PinnSampling, LeavesBodiesOut) {
  Region holed;
  holed.lower = {0, 0, 2};
  holed.upper = {1, 1, 3};
  holed.without = {cylinder(0.5, 0.5, 0.4)};
  for (const auto& method : methods) {
    const auto points = drawn(holed, {.method = method, .points = 4000});
    int near = 0;
    for (std::size_t n = 0; n < 4000; ++n) {
      const double r = std::hypot(points[3 * n] - 0.5, points[3 * n + 1] - 0.5);
      EXPECT_GE(r, 0.2);
      near += r < 0.5;
    }
    const double expected = std::numbers::pi * (0.25 - 0.04) / (1 - std::numbers::pi * 0.04);
    EXPECT_NEAR(near / 4000., expected, 0.025) << method;  // 3.3 sigma of independent points
  }
}

TEST(PinnSampling, IsEvenInAreaOnTheSphere) {
  Region sphere;
  const double pi = std::numbers::pi;
  sphere.lower = {-pi, -pi / 2, 0};
  sphere.upper = {pi, pi / 2, 1};
  sphere.sphere_axis = 0;
  const auto points = drawn(sphere, {.method = "sobol", .points = 4096});
  std::vector<double> z;
  for (const double latitude : column(points, 3, 1)) z.push_back(std::sin(latitude));
  EXPECT_LT(unevenness(z, -1, 1), 0.001);
  EXPECT_LT(unevenness(column(points, 3, 0), -pi, pi), 0.001);
}

TEST(PinnSampling, LiesEvenlyOnSurfaces) {
  Region surface;
  surface.lower = {0, 0, 0};
  surface.upper = {2, 2, 5};
  surface.without = {cylinder(1.2, 0.8, 0.5)};
  surface.on_body = 0;
  const auto points = drawn(surface, {.points = 2000});
  std::vector<double> angle;
  for (std::size_t n = 0; n < 2000; ++n) {
    const double x = points[3 * n] - 1.2, y = points[3 * n + 1] - 0.8;
    EXPECT_NEAR(std::hypot(x, y), 0.25, 1e-8);
    angle.push_back(std::atan2(y, x));
  }
  EXPECT_LT(unevenness(angle, -std::numbers::pi, std::numbers::pi), 0.044);  // 1.95 / sqrt(2000)
  EXPECT_LT(unevenness(column(points, 3, 2), 0, 5), 0.044);
}

TEST(PinnSampling, SaysWhereNothingIsLeft) {
  Region full;
  full.lower = {0, 0};
  full.upper = {1, 1};
  full.without = {cylinder(0.5, 0.5, 1.414)};
  try {
    drawn(full, {.points = 50});
    FAIL();
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("term 'a': its bodies leave less than"), std::string::npos)
        << e.what();
  }
  full.without = {cylinder(5, 5, 1)};
  full.on_body = 0;
  try {
    drawn(full, {.points = 50});
    FAIL();
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("outside of the region"), std::string::npos) << e.what();
  }
}

}  // namespace understudy::pinn
