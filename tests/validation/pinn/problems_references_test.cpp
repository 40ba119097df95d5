// The problems' references satisfy the problems' own equations and conditions (so that both are of one
// mind), agree with what is known otherwise, and do not move when their solver is refined.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pinn/classical_methods/periodic_spectral.hpp"
#include "pinn/problems/problems.hpp"
#include "support/torch_pinn_problem_probe.hpp"

namespace {

using namespace understudy::pinn;
constexpr double pi = std::numbers::pi;

struct Case {
  const char* name;
  ProblemEntry (*entry)();
  double step;      ///< of the differences
  double residual;  ///< largest, beside what the equation's parts are of size
};

// Points inside, far enough from the ends of the box for central differences.
at::Tensor inner_points(const Problem& problem, int count) {
  at::manual_seed(7);
  at::Tensor points = at::rand({count, std::int64_t(problem.inputs.size())}, at::kDouble);
  for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
    const auto& info = problem.inputs[i];
    const double margin = 0.02 * (info.upper - info.lower);
    points.select(1, std::int64_t(i))
        .mul_(info.upper - info.lower - 2 * margin)
        .add_(info.lower + margin);
  }
  return points;
}

// Solved once for all tests; where a problem may have its initial values exactly or as a term, as chosen.
std::shared_ptr<const Problem> problem_of(const ProblemEntry& entry, int exactly = 0) {
  static std::map<std::pair<std::string, int>, std::shared_ptr<const Problem>> known;
  auto& problem = known[{entry.name, exactly}];
  const bool chooses = std::any_of(entry.constants.begin(), entry.constants.end(),
                                   [](const auto& info) { return info.name == "exact_start"; });
  std::map<std::string, double> changed;
  if (chooses) changed["exact_start"] = exactly;
  if (!problem) problem = probe::made(entry, changed);
  return problem;
}

class References : public testing::TestWithParam<Case> {};

TEST_P(References, SatisfyTheEquation) {
  const auto problem = problem_of(GetParam().entry());
  for (const Term& term : problem->terms) {
    if (term.kind != Term::Kind::interior) continue;
    const auto points = inner_points(*problem, 200);
    const double fine = probe::reference_residual(*problem, term, points, GetParam().step);
    const double coarse = probe::reference_residual(*problem, term, points, 2 * GetParam().step);
    std::printf("%-30s residual %.2e (twice the step: %.2e)\n", GetParam().name, fine, coarse);
    EXPECT_LT(fine, GetParam().residual);
    constexpr double rounding = 1e-9;
    // What is left is the differences' own error.
    EXPECT_LT(fine, std::max(0.2 * coarse, rounding));
  }
}

TEST_P(References, SatisfyTheConditions) {
  const auto problem = problem_of(GetParam().entry());
  for (const Term& term : problem->terms) {
    if (term.kind == Term::Kind::interior) continue;
    at::Tensor points = inner_points(*problem, 100);
    for (std::size_t i = 0; i < problem->inputs.size(); ++i)
      if (term.region.lower[i] == term.region.upper[i])
        points.select(1, std::int64_t(i)).fill_(term.region.lower[i]);
    EXPECT_LT(probe::reference_residual(*problem, term, points, 1e-3), 1e-6) << term.name;
  }
}

// Conditions that a transform carries hold for whatever a network says.
TEST_P(References, ShareTheirSidesWithEveryTransform) {
  const auto problem = problem_of(GetParam().entry(), 1);
  EXPECT_EQ(problem->terms.size(), 1u) << "the equation alone";
  const auto spec = std::make_shared<const JetSpec>(int(problem->inputs.size()));
  for (std::size_t axis = 0; axis < problem->inputs.size(); ++axis)
    for (const double side : {problem->inputs[axis].lower, problem->inputs[axis].upper}) {
      const bool last_time = problem->inputs[axis].is_time && side > problem->inputs[axis].lower;
      const bool joined = problem->features && !problem->inputs[axis].is_time;  // a period
      if (last_time || joined) continue;
      at::Tensor points = inner_points(*problem, 50);
      points.select(1, std::int64_t(axis)).fill_(side);
      std::vector<Jet> in;
      for (std::size_t i = 0; i < problem->inputs.size(); ++i)
        in.push_back(coordinate(spec, points, int(i)));
      const Jet any(spec, {at::randn({50}, at::kDouble)});
      const auto u = problem->transform(in, {any})[0].value();
      const auto truth = probe::reference_jet(*problem, spec, points, 1).value();
      // A series of waves rounds off the corner that Allen-Cahn's initial values have.
      const double bound = problem->name == "allen_cahn" ? 1e-5 : 1e-12;
      EXPECT_LT((u - truth).abs().max().item<double>(), bound) << problem->inputs[axis].name;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Problems, References,
    testing::Values(Case{"advection", advection, 1e-3, 1e-8},
                    Case{"allen_cahn", allen_cahn, 1e-3, 1e-5},
                    Case{"burgers", burgers, 2e-4, 1e-4},
                    Case{"helmholtz_1d", helmholtz_1d, 2e-3, 1e-8},
                    Case{"helmholtz_2d", helmholtz_2d, 2e-3, 1e-8},
                    Case{"korteweg_de_vries", korteweg_de_vries, 1e-3, 1e-4},
                    Case{"kuramoto_sivashinsky", kuramoto_sivashinsky, 2e-3, 1e-3},
                    Case{"kuramoto_sivashinsky_chaotic", kuramoto_sivashinsky_chaotic, 4e-3, 1e-2},
                    Case{"wave_1d", wave_1d, 1e-3, 1e-7}, Case{"wave_2d", wave_2d, 2e-3, 1e-7}),
    [](const auto& row) { return std::string(row.param.name); });

// Table 1 of Basdevant et al. 1986: the largest slope at x = 0 is 152.00516 at pi t = 1.6037.
TEST(BurgersReference, HasThePublishedSlopeOfTheFront) {
  const auto problem = problem_of(burgers());
  const double h = 1e-5, at = 1.6037 / pi;
  const auto u = problem->reference({{-h, at}, {h, at}})[0];
  EXPECT_NEAR(std::abs(u[1] - u[0]) / (2 * h), 152.00516, 0.05);
}

// Two quite different ways to the same solution.
TEST(BurgersReference, AgreesWithFourierModes) {
  const auto problem = problem_of(burgers());
  std::vector<std::vector<double>> points;
  for (int n = 0; n <= 100; ++n)
    for (const double t : {0.25, 0.5, 1.0}) points.push_back({-1 + 0.02 * n, t});
  const double error =
      probe::distance(problem->classical.solve(1024)(points), problem->reference(points));
  EXPECT_LT(error, 1e-6);
}

// A soliton keeps its shape: u = 3 c sech^2(sqrt(c) (x - c t) / (2 mu)) for eta = 1, far from its images.
TEST(PeriodicSpectral, CarriesASolitonAtItsSpeed) {
  const double mu = 0.022, c = 0.5;
  const auto soliton = [&](double x) {
    return 3 * c / std::pow(std::cosh(std::sqrt(c) / (2 * mu) * x), 2);
  };
  PeriodicEquation equation{-1, 1};
  equation.linear = [mu](double k) { return std::complex<double>(0, mu * mu * k * k * k); };
  equation.flux = [](double u) { return 0.5 * u * u; };
  equation.initial = soliton;
  double before = 0;
  for (const int steps : {500, 1000, 2000}) {
    const PeriodicHistory history(equation, {.points = 256, .steps = steps, .end = 1});
    std::vector<std::vector<double>> points;
    std::vector<double> truth;
    for (int n = 0; n <= 60; ++n) {
      const double x = 0.01 * n + 0.2, t = 0.8137;  // between the instants kept
      points.push_back({x, t});
      truth.push_back(soliton(x - c * t));
    }
    const double error = probe::distance({history.at(points)}, {truth});
    std::printf("soliton: %4d steps, error %.2e, ratio %.1f\n", steps, error, before / error);
    if (steps > 500) {
      EXPECT_GT(before / error, 12) << "fourth order";
    }
    before = error;
  }
  EXPECT_LT(before, 1e-5);
}

// Refined in space and time together, a reference moves by far less than any network's error.
TEST(PeriodicSpectral, ReferencesAreConverged) {
  std::vector<std::vector<double>> points;
  for (int n = 0; n < 200; ++n)
    for (const double part : {0.1, 0.5, 1.0}) points.push_back({n / 200.0, part});
  const std::vector<std::tuple<ProblemEntry, int, double>> cases = {
      {allen_cahn(), 1024, 1e-5},
      {korteweg_de_vries(), 512, 1e-6},
      {kuramoto_sivashinsky(), 256, 1e-5},
      {kuramoto_sivashinsky_chaotic(), 256, 1e-2}};
  for (const auto& [entry, resolution, bound] : cases) {
    const auto problem = problem_of(entry);
    auto scaled = points;
    for (auto& point : scaled) {
      const auto& x = problem->inputs[0];
      point[0] = x.lower + (x.upper - x.lower) * point[0];
    }
    const auto truth = problem->reference(scaled);
    const double error = probe::distance(problem->classical.solve(resolution)(scaled), truth);
    std::printf("%-30s %.2e\n", entry.name.c_str(), error);
    EXPECT_LT(error, bound) << entry.name;
  }
}

}  // namespace
