// Signed distances of the analytic shapes against hand-computed points, areas and the property that
// every distance has (slope one); what each bad body is told.
#include <cmath>
#include <limits>
#include <random>

#include "mesh/box_grid.hpp"
#include "mesh/geometry/geometry.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

using tests::user_error;

std::unique_ptr<Body> make(const BodyParams& params, int dimension = 2) {
  return make_body(params, dimension, ".");
}

TEST(Shapes, CylinderIsACircleAlongZ) {
  const auto body = make({.shape = "cylinder", .center_m = {1, 2}, .diameter_m = 3}, 3);
  EXPECT_DOUBLE_EQ(body->distance({1, 2, 99}), -1.5);
  EXPECT_DOUBLE_EQ(body->distance({4, 6, -7}), 5 - 1.5);
  EXPECT_EQ(body->bounds()[0][0], -0.5);
  EXPECT_EQ(body->bounds()[1][1], 3.5);
  EXPECT_TRUE(std::isinf(body->bounds()[1][2]));
}

TEST(Shapes, Sphere) {
  const BodyParams params{.shape = "sphere", .center_m = {0, 0, 1}, .diameter_m = 2};
  EXPECT_DOUBLE_EQ(make(params, 3)->distance({2, 3, 7}), 6);
  EXPECT_DOUBLE_EQ(make(params, 3)->distance({0, 0, 1}), -1);
  EXPECT_DOUBLE_EQ(make(params, 2)->distance({3, 4, 7}), 4) << "a circle on a 2-D grid";
}

TEST(Shapes, BoxTurnsNoseUp) {
  const auto straight = make({.shape = "box", .center_m = {0, 0}, .size_m = {4, 2}});
  EXPECT_DOUBLE_EQ(straight->distance({0, 0, 0}), -1);
  EXPECT_DOUBLE_EQ(straight->distance({1.5, 0, 0}), -0.5);
  EXPECT_DOUBLE_EQ(straight->distance({2, 1, 0}), 0);
  EXPECT_DOUBLE_EQ(straight->distance({5, 5, 0}), 5);
  EXPECT_DOUBLE_EQ(straight->distance({0, -3, 0}), 2);
  // Turned by 30 degrees the middle of the lower-x side rises to (-2 cos 30, 2 sin 30).
  const auto turned = make({.shape = "box", .center_m = {0, 0}, .size_m = {4, 2}, .angle_deg = 30});
  const double c = std::sqrt(0.75), s = 0.5;
  EXPECT_NEAR(turned->distance({-2 * c, 2 * s, 0}), 0, 1e-15);
  EXPECT_NEAR(turned->distance({-3 * c, 3 * s, 0}), 1, 1e-15);
  EXPECT_NEAR(turned->bounds()[1][0], 2 * c + s, 1e-15);
  EXPECT_NEAR(turned->bounds()[1][1], 2 * s + c, 1e-15);
}

TEST(Shapes, BoxInThreeDimensions) {
  const auto block = make({.shape = "box", .center_m = {0, 0, 5}, .size_m = {2, 2, 2}}, 3);
  EXPECT_DOUBLE_EQ(block->distance({3, 3, 7}), 3);
  EXPECT_DOUBLE_EQ(block->distance({0, 0, 5.75}), -0.25);
  const auto prism = make({.shape = "box", .center_m = {0, 0}, .size_m = {2, 2}}, 3);
  EXPECT_DOUBLE_EQ(prism->distance({0, 0, 1e6}), -1);
}

// NACA's own integral of the half thickness: area / chord^2 = 10 t (0.2969 2/3 - 0.1260/2 -
// 0.3516/3 + 0.2843/4 - 0.1036/5).
double section_area(double thickness) {
  return 10 * thickness * (0.2969 * 2 / 3 - 0.1260 / 2 - 0.3516 / 3 + 0.2843 / 4 - 0.1036 / 5);
}

/// Area inside a body by counting cells of width h.
double counted_area(const Body& body, double h) {
  const auto [lower, upper] = body.bounds();
  long long inside = 0;
  for (double y = lower[1] + h / 2; y < upper[1]; y += h)
    for (double x = lower[0] + h / 2; x < upper[0]; x += h) inside += body.distance({x, y, 0}) < 0;
  return static_cast<double>(inside) * h * h;
}

TEST(Naca, SymmetricSection) {
  const auto body = make({.shape = "naca", .center_m = {0, 0}, .digits = "0012", .chord_m = 2});
  EXPECT_NEAR(body->bounds()[0][0], -1, 1e-14);
  EXPECT_NEAR(body->bounds()[1][0], 1, 1e-14);
  // The largest thickness, 12% of the chord, lies at 30% of it.
  EXPECT_NEAR(body->bounds()[1][1], 0.12, 1e-4);
  EXPECT_NEAR(body->distance({-0.4, 0.12, 0}), 0, 1e-4);
  EXPECT_NEAR(body->distance({-1, 0, 0}), 0, 1e-14) << "leading edge";
  EXPECT_NEAR(body->distance({1, 0, 0}), 0, 1e-14) << "closed trailing edge";
  EXPECT_NEAR(body->distance({2, 0, 0}), 1, 1e-14);
  EXPECT_LT(body->distance({0.99, 0, 0}), 0);
  std::mt19937 random(7);
  std::uniform_real_distribution<double> place(-1.5, 1.5);
  for (int n = 0; n < 1000; ++n) {
    const double x = place(random), y = place(random);
    ASSERT_NEAR(body->distance({x, y, 0}), body->distance({x, -y, 0}), 1e-14);
  }
  EXPECT_NEAR(counted_area(*body, 1e-3), 4 * section_area(0.12), 0.002 * 4 * section_area(0.12));
}

TEST(Naca, CamberedSection) {
  const auto body = make({.shape = "naca", .center_m = {0.5, 0}, .digits = "4412"});
  // At 40% of the chord the camber line is level and 4% high; thickness there by the formula.
  const double x = 0.4;
  const double half = 5 * 0.12 *
                      (0.2969 * std::sqrt(x) - 0.1260 * x - 0.3516 * x * x + 0.2843 * x * x * x -
                       0.1036 * x * x * x * x);
  EXPECT_NEAR(body->distance({x, 0.04 + half, 0}), 0, 2e-5);
  EXPECT_NEAR(body->distance({x, 0.04 - half, 0}), 0, 2e-5);
  EXPECT_NEAR(body->distance({x, 0.04, 0}), -half, 1e-3);
  // Thickness is laid off along the camber line's normal: the area is that of the symmetric section
  // to second order in the camber.
  EXPECT_NEAR(counted_area(*body, 5e-4), section_area(0.12), 0.01 * section_area(0.12));
}

TEST(Naca, TurnsNoseUpAboutMidChord) {
  const auto body = make({.shape = "naca", .center_m = {3, 1}, .angle_deg = 10, .digits = "0012"});
  const double angle = 10 * std::acos(-1.0) / 180;
  EXPECT_NEAR(body->distance({3 - 0.5 * std::cos(angle), 1 + 0.5 * std::sin(angle), 0}), 0, 1e-14);
  EXPECT_NEAR(body->distance({3 + 0.5 * std::cos(angle), 1 - 0.5 * std::sin(angle), 5}), 0, 1e-14);
}

/// Largest deviation of the distance's slope from one near random points off the edges and creases
/// where it has none: the fraction of such points is allowed, not a larger deviation.
double fraction_without_unit_slope(const Body& body, int dimension) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> place(-1, 1);
  constexpr double h = 1e-5;
  int off = 0;
  constexpr int tries = 2000;
  for (int n = 0; n < tries; ++n) {
    const Point x{place(random), place(random), dimension == 3 ? place(random) : 0};
    double squared = 0;
    for (int axis = 0; axis < dimension; ++axis) {
      Point a = x, b = x;
      a[axis] -= h;
      b[axis] += h;
      const double slope = (body.distance(b) - body.distance(a)) / (2 * h);
      squared += slope * slope;
    }
    off += std::abs(std::sqrt(squared) - 1) > 1e-3;
  }
  return static_cast<double>(off) / tries;
}

TEST(Shapes, DistancesHaveSlopeOne) {
  const BodyParams box{
      .shape = "box", .center_m = {0, 0, 0}, .size_m = {1, 0.5, 0.3}, .angle_deg = 20};
  EXPECT_LT(fraction_without_unit_slope(*make(box, 3), 3), 0.005);
  const BodyParams naca{.shape = "naca", .center_m = {0, 0}, .digits = "2412"};
  EXPECT_LT(fraction_without_unit_slope(*make(naca, 2), 2), 0.005);
}

BoxGrid make_grid(int dimension, const std::array<bool, 3>& periodic = {}) {
  GridParams params;
  params.lower_m = {-4, -2, -1};
  params.upper_m = {8, 2, 1};
  params.cells = {24, 16, 8};
  params.lower_m.resize(dimension);
  params.upper_m.resize(dimension);
  params.cells.resize(dimension);
  return BoxGrid(params, periodic, core::Comm::self());
}

TEST(RequireInside, NamesBodyAndBox) {
  const auto inside = make({.center_m = {0, 0}, .diameter_m = 1});
  EXPECT_NO_THROW(require_inside(*inside, "bodies[0]", make_grid(2), 0.5));
  EXPECT_NO_THROW(require_inside(*inside, "bodies[0]", make_grid(3), 0.5)) << "infinite along z";
  const auto high = make({.center_m = {0, 1.25}, .diameter_m = 1});
  EXPECT_EQ(
      user_error([&] { require_inside(*high, "bodies[0] (cylinder)", make_grid(2), 0.5); }),
      "bodies[0] (cylinder) reaches from (-0.5, 0.75) to (0.5, 1.75) m; it must lie at least 0.5 m "
      "inside the grid's box from (-4, -2) to (8, 2) m. Move or shrink the body, or widen the "
      "grid.");
  EXPECT_NO_THROW(require_inside(*high, "b", make_grid(2, {false, true, false}), 0.5));
  const auto ball = make({.shape = "sphere", .center_m = {0, 0, 0.75}, .diameter_m = 1}, 3);
  EXPECT_EQ(
      user_error([&] { require_inside(*ball, "bodies[1] (sphere)", make_grid(3), 0.1); }),
      "bodies[1] (sphere) reaches from (-0.5, -0.5, 0.25) to (0.5, 0.5, 1.25) m; it must lie at "
      "least 0.1 m inside the grid's box from (-4, -2, -1) to (8, 2, 1) m. Move or shrink the "
      "body, or widen the grid.");
}

TEST(BadBodies, AreTold) {
  const auto error = [](const BodyParams& params, int dimension) {
    return user_error([&] { make(params, dimension); });
  };
  EXPECT_EQ(error({.shape = "naca", .digits = "24x2"}, 2),
            "'24x2' is not a NACA four-digit code such as \"2412\"");
  EXPECT_EQ(error({.shape = "naca", .digits = "23012"}, 2),
            "'23012' is not a NACA four-digit code such as \"2412\"");
  EXPECT_EQ(
      error({.shape = "naca", .digits = "2400"}, 2),
      "NACA 2400 has no thickness: the last two digits are its percentage of the chord (01 to 99)");
  EXPECT_EQ(
      error({.shape = "naca", .digits = "2012"}, 2),
      "NACA 2012: the first digit is the camber and the second its place; both are 0 (symmetric) "
      "or neither is");
  EXPECT_EQ(error({.shape = "sphere", .center_m = {0, 0}}, 3),
            "center_m of a sphere has 2 values; it needs three (x, y, z) on a 3-D grid");
  EXPECT_EQ(error({.shape = "cylinder", .center_m = {0}}, 2),
            "center_m of a cylinder has 1 values; it needs two or three");
  EXPECT_EQ(error({.shape = "box", .size_m = {1, 2, 3, 4}}, 2),
            "size_m of a box has 4 values; it needs two or three");
  EXPECT_EQ(error({.shape = "cone"}, 2),
            "shape 'cone' is unknown; there are cylinder, box, sphere, naca, stl");
  EXPECT_EQ(error({.shape = "stl", .file = "a.stl"}, 2),
            "a.stl: an STL body needs a 3-D grid; this one is 2-D");
}

}  // namespace
}  // namespace understudy::mesh
