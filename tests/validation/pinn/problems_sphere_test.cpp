// Flows on the sphere: the problems' equations are those of Williamson et al. 1992 in longitude and latitude,
// metric terms and all; the references solve them; the classical method converges with its order.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "pinn/problems/problems.hpp"
#include "pinn/problems/torch_sphere.hpp"
#include "pinn/torch_problem.hpp"

namespace {

using namespace understudy::pinn;
using at::Tensor;

std::shared_ptr<const Problem> make(const ProblemEntry& entry,
                                    const std::map<std::string, double>& changed = {}) {
  ProblemChoice choice;
  for (const auto& constant : entry.constants) choice.constants[constant.name] = constant.value;
  for (const auto& [name, value] : changed) choice.constants.at(name) = value;
  return entry.make(choice);
}

// Longitude, latitude, time; a little off the poles.
Tensor places(double end_s, std::int64_t count) {
  at::manual_seed(1);
  Tensor points = at::rand({count, 3}, at::kDouble);
  points.select(1, 0).mul_(2 * M_PI).sub_(M_PI);
  points.select(1, 1).mul_(3).sub_(1.5);
  points.select(1, 2).mul_(end_s);
  return points;
}

Residuals residuals_of(const Problem& problem, const Term& term, const Tensor& points,
                       const std::vector<Jet>& fields) {
  Fields::Source source;
  source.problem = &problem;
  source.points = points;
  source.jets = fields;
  return term.residuals(Fields(std::move(source)));
}

std::vector<Jet> inputs_of(const Problem& problem, const Term& term, const Tensor& points) {
  const auto spec = std::make_shared<JetSpec>(3, derivatives_of(problem, term));
  return {coordinate(spec, points, 0), coordinate(spec, points, 1), coordinate(spec, points, 2)};
}

double largest(const Tensor& values) { return values.abs().max().item<double>(); }

// Any smooth h, u (to the east), v (to the north) with derivatives by longitude, latitude and time.
struct Winds {
  Jet h, u, v;
};
Winds winds(const std::vector<Jet>& in) {
  const Jet &lon = in[0], &lat = in[1], t = in[2] * 1e-5;
  return {3000 + 200 * (sin(2 * lon + t) * cos(lat)), 20 * (cos(lat) * sin(lon - t)) + 5 * cos(lat),
          15 * (sin(lat) * cos(lon + t))};
}

TEST(ShallowWaterSphere, IsWilliamsonsEquationsInLongitudeAndLatitude) {
  constexpr double angle = 0.6, a = sphere::radius_m;
  const auto problem = make(shallow_water_sphere(), {{"angle", angle}});
  const Term& interior = problem->terms.front();
  const Tensor points = places(4e5, 300);
  const auto in = inputs_of(*problem, interior, points);
  const auto [h, u, v] = winds(in);
  const Jet &lon = in[0], &lat = in[1];
  const auto r = residuals_of(*problem, interior, points,
                              {h, -(u * sin(lon)) - v * (sin(lat) * cos(lon)),
                               u * cos(lon) - v * (sin(lat) * sin(lon)), v * cos(lat)});

  const auto d = [](const Jet& f, int axis) { return f.d({axis}); };
  const Tensor c = lat.value().cos(), tan = lat.value().tan();
  const Tensor f = 2 * sphere::rotation_per_s *
                   (lat.value().sin() * std::cos(angle) - lon.value().cos() * c * std::sin(angle));
  const auto carried = [&](const Jet& field) {
    return d(field, 2) + u.value() / (a * c) * d(field, 0) + v.value() / a * d(field, 1);
  };
  const Tensor turn = f + u.value() * tan / a;
  const Tensor east = carried(u) - turn * v.value() + sphere::gravity_m_s2 / (a * c) * d(h, 0);
  const Tensor north = carried(v) + turn * u.value() + sphere::gravity_m_s2 / a * d(h, 1);
  const Tensor mass = carried(h) + h.value() / (a * c) * (d(u, 0) + d(v * cos(lat), 1));
  EXPECT_LT(largest(r[0] - east), 1e-10 * largest(east));
  EXPECT_LT(largest(r[1] - north), 1e-10 * largest(north));
  EXPECT_LT(largest(r[2] - mass), 1e-10 * largest(mass));
}

TEST(ShallowWaterSphere, TheBalancedFlowSolvesThem) {
  for (const double angle : {0.0, 0.6, M_PI / 2 - 0.05}) {
    const auto problem = make(shallow_water_sphere(), {{"angle", angle}});
    const Term& interior = problem->terms.front();
    const Tensor points = places(4e5, 300);
    const auto in = inputs_of(*problem, interior, points);
    const auto x = sphere::place(in);
    const double ns = -std::sin(angle), nc = std::cos(angle), u0 = sphere::speed_m_s;
    // Williamson et al. 1992, eq. 90-95
    const Jet up = ns * x[0] + nc * x[2];
    const double relief =
        (sphere::radius_m * sphere::rotation_per_s * u0 + u0 * u0 / 2) / sphere::gravity_m_s2;
    const std::vector<Jet> flow{2.94e4 / sphere::gravity_m_s2 - relief * (up * up),
                                (-u0 * nc) * x[1], u0 * (nc * x[0] - ns * x[2]), (u0 * ns) * x[1]};
    const auto r = residuals_of(*problem, interior, points, flow);
    for (std::size_t e = 0; e < r.size(); ++e)
      EXPECT_LT(largest(r[e]), 1e-12 * interior.equations[e].scale) << angle;
    for (const auto& zero : residuals_of(*problem, problem->terms[1], points, flow))
      EXPECT_LT(largest(zero), 1e-9);
    // The reference is that flow.
    const auto columns = problem->reference({{0.3, -0.8, 1e5}});
    const Tensor at = at::tensor({0.3, -0.8, 1e5}, at::kDouble).unsqueeze(0);
    const auto there = sphere::place(
        {coordinate(in[0].shared_spec(), at, 0), coordinate(in[0].shared_spec(), at, 1)});
    EXPECT_NEAR(columns[1][0], -u0 * nc * there[1].value().item<double>(), 1e-10);
  }
}

// The network's transform gives tangent velocities, whatever it says.
TEST(ShallowWaterSphere, VelocitiesAreTangent) {
  const auto problem = make(shallow_water_sphere());
  const Tensor points = places(4e5, 50);
  const auto in = inputs_of(*problem, problem->terms.front(), points);
  std::vector<Jet> outputs;
  for (int n = 0; n < 4; ++n) outputs.push_back(sin((n + 1.0) * in[0]) + in[1] * double(n));
  const auto f = problem->transform(in, outputs);
  const auto x = sphere::place(in);
  const Jet outwards = x[0] * f[1] + x[1] * f[2] + x[2] * f[3];
  EXPECT_LT(largest(outwards.value()), 1e-12);
  EXPECT_LT(largest(outwards.d({0})), 1e-12);
}

TEST(SphereAdvection, TheTurnedBellSolvesTheEquation) {
  const auto problem = make(sphere_advection(), {{"angle", 0.6}});
  // The reference against its own differences: h_t + v . grad h by the chain rule along the flow.
  const Term& interior = problem->terms.front();
  const Tensor points = places(1e6, 4000);
  const auto spec = std::make_shared<JetSpec>(3, derivatives_of(*problem, interior));
  const auto value = [&](int axis, double by) {
    std::vector<std::vector<double>> at;
    for (std::int64_t n = 0; n < points.size(0); ++n) {
      at.push_back(
          {points[n][0].item<double>(), points[n][1].item<double>(), points[n][2].item<double>()});
      at.back()[std::size_t(axis)] += by;
    }
    return at::tensor(problem->reference(at)[0], at::kDouble);
  };
  const auto slope = [&](int axis, double step) {
    return (value(axis, step) - value(axis, -step)) / (2 * step);
  };
  const Tensor by_lon = slope(0, 1e-5), by_lat = slope(1, 1e-5), by_t = slope(2, 10);
  std::vector<Tensor> channels(std::size_t(spec->channels()));
  channels[0] = value(0, 0);
  for (const auto& [axis, derivative] : {std::pair{0, by_lon}, {1, by_lat}, {2, by_t}})
    channels[std::size_t(spec->combination({axis})[0].first)] = derivative;
  const auto r = residuals_of(*problem, interior, points, {Jet(spec, channels)});
  EXPECT_GT(largest(channels[0]), 500);  // the bell was met
  EXPECT_LT(largest(r[0]), 1e-4 * largest(by_t));
}

TEST(SphereAdvection, TheBellIsBackAfterTwelveDays) {
  const auto problem = make(sphere_advection());
  const double end = 12 * sphere::day_s;
  const auto h = problem->reference({{-M_PI / 2, 0, 0},
                                     {-M_PI / 2, 0, end},
                                     {-M_PI / 2, 0.2, end},
                                     {M_PI / 2, 0, end / 2},
                                     {-M_PI / 2, 0, end / 2}});
  EXPECT_NEAR(h[0][0], 1000, 1e-9);
  EXPECT_NEAR(h[0][1], 1000, 1e-6);
  EXPECT_NEAR(h[0][2], 500 * (1 + std::cos(M_PI * 0.6)), 1e-6);
  EXPECT_NEAR(h[0][3], 1000, 1e-6);
  EXPECT_EQ(h[0][4], 0);
}

double error_of(const Problem& problem, int resolution, std::size_t field) {
  std::vector<std::vector<double>> points;
  for (int i = 0; i < 40; ++i)
    for (int j = 0; j < 20; ++j)
      points.push_back({-M_PI + 0.157 * i, -1.5 + 0.157 * j, problem.inputs[2].upper});
  const auto mine = problem.classical.solve(resolution)(points)[field];
  const auto truth = problem.reference(points)[field];
  double error = 0, norm = 0;
  for (std::size_t n = 0; n < points.size(); ++n) {
    error += std::pow(mine[n] - truth[n], 2);
    norm += truth[n] * truth[n];
  }
  return std::sqrt(error / norm);
}

TEST(ShallowWaterSphere, DifferencesConvergeWithFourthOrder) {
  const auto problem = make(shallow_water_sphere(), {{"days", 1}});
  const double coarse = error_of(*problem, 16, 0), fine = error_of(*problem, 32, 0);
  std::printf("h: 16 longitudes %.2e, 32 %.2e, order %.2f\n", coarse, fine,
              std::log2(coarse / fine));
  EXPECT_GT(std::log2(coarse / fine), 3.5);
  EXPECT_LT(fine, 3e-4);
}

// The bell's second derivative jumps: between second and third order.
TEST(SphereAdvection, DifferencesConverge) {
  const auto problem = make(sphere_advection(), {{"days", 2}});
  const double coarse = error_of(*problem, 32, 0), fine = error_of(*problem, 64, 0);
  std::printf("h: 32 longitudes %.2e, 64 %.2e, order %.2f\n", coarse, fine,
              std::log2(coarse / fine));
  EXPECT_GT(std::log2(coarse / fine), 1.5);
}

}  // namespace
