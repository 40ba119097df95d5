// The observation operator against its transpose, and the gradient of what assimilation minimises against
// differences of it, on any number of ranks.
#include "support/solvers_assimilation.hpp"

namespace {

using namespace flow_test;

AdjointCase named(const std::vector<AdjointCase>& cases, const std::string& name) {
  for (const AdjointCase& c : cases)
    if (c.name == name) return c;
  throw std::out_of_range(name);
}

// <H s, y> = sum over the nodes of <s_node, H^T y at that node>.
TEST(Assimilation, DotProductsOfTheObservationOperator) {
  const TimeIntervals time{0.1, 3};
  for (const AdjointCase& c : open_cases("central")) {
    SCOPED_TRACE(c.name);
    Case<double> flow(c.params, c.box);
    const Observations observations = random_samples(*flow.grid, {"u", "v", "p"}, time, 60);
    assimilation::ObservationOperator<double> samples(flow.grid, flow.state, observations, time);
    auto& derivative = *flow.solver.differentiable();
    std::vector<double> y;
    for (std::size_t n = 0; n < samples.count(); ++n) y.push_back(random_value(3, n));
    samples.set_slopes(y);
    samples.clear();
    double backward = 0, size_s = 0;
    for (int node = 0; node <= time.count; ++node) {
      auto state = derivative.make_adjoint(), adjoint = derivative.make_adjoint();
      fill_random(state, 100 + 10 * node, 1);
      samples.observe(node, state);
      samples.add_transposed(node, adjoint);
      backward += dot(adjoint, state);
      size_s += dot(adjoint, adjoint);
    }
    const auto values = samples.values();
    double forward = 0, size_y = 0;
    for (std::size_t n = 0; n < y.size(); ++n) {
      forward += values[n] * y[n];
      size_y += values[n] * values[n];
    }
    EXPECT_GT(std::abs(forward), 1e-3);
    EXPECT_NEAR(forward, backward, 1e-12 * std::sqrt(size_s * size_y));
  }
}

// Values of a function that is linear along every axis and in time are exact, up to the sides of a box that ends.
TEST(Assimilation, InterpolatesLinearFunctionsExactly) {
  const TimeIntervals time{0.25, 2};
  const AdjointCase c = named(open_cases("central"), "channel");
  Case<double> flow(c.params, c.box);
  const auto exact = [](double x, double y, double t) { return (1 + 2 * x - y) * (1 + 3 * t); };
  const Observations observations = random_samples(*flow.grid, {"v", "u"}, time, 80);
  assimilation::ObservationOperator<double> samples(flow.grid, flow.state, observations, time);
  samples.clear();
  for (int node = 0; node <= time.count; ++node) {
    for (const char* name : {"u", "v"}) {
      const auto& field = flow.state[name];
      const auto host = Kokkos::create_mirror_view(field.data);
      Kokkos::deep_copy(host, std::nan(""));  // of ghosts
      const mesh::Range3 r = flow.grid->points(field.info.location);
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          const auto x = flow.grid->position(field.info.location, 0, j, i);
          host(0, 0, j, i) = exact(x[0], x[1], node * time.step_s);
        }
      Kokkos::deep_copy(field.data, host);
    }
    samples.observe(node, flow.state);
  }
  const auto values = samples.values();
  for (std::size_t n = 0; n < values.size(); ++n) {
    const auto& s = observations.samples[n];
    EXPECT_NEAR(values[n], exact(s.point_m[0], s.point_m[1], s.time_s), 1e-12) << n;
  }
}

// The root of a background's correlation: symmetric, and of variance 1 away from sides.
TEST(Assimilation, TheRootOfACorrelationIsSymmetric) {
  for (const AdjointCase& c : open_cases("central")) {
    SCOPED_TRACE(c.name);
    Case<double> flow(c.params, c.box);
    auto& derivative = *flow.solver.differentiable();
    assimilation::CorrelationRoot<double> root(flow.grid, 0.25);
    auto a = derivative.make_adjoint(), b = derivative.make_adjoint();
    fill_random(a, 5, 1);
    fill_random(b, 6, 1);
    const auto smooth = [&](const mesh::State<double>& state) {
      mesh::State<double> smoothed = state.clone();
      for (const auto& field : smoothed.fields()) root.apply(field);
      return smoothed;
    };
    const double ab = dot(a, smooth(b)), ba = dot(smooth(a), b);
    EXPECT_NEAR(ab, ba, 1e-13 * std::sqrt(dot(a, a) * dot(b, b)));
    EXPECT_GT(root.passes(0), 1);
  }
}

TEST(Assimilation, ACorrelationIsNearlyGaussian) {
  AdjointCase c = named(open_cases("central"), "periodic");
  c.box = {{0, 0}, {4, 4}, {40, 40}, {}};
  Case<double> flow(c.params, c.box);
  constexpr double length = 0.3;
  assimilation::CorrelationRoot<double> root(flow.grid, length);
  const auto point = [&](int i, int j) {
    auto state = flow.solver.differentiable()->make_adjoint();
    each_point<double>(*flow.grid, mesh::Location::cell, state["p"].data,
                       [&](double& value, std::uint64_t n) {
                         value = n == std::uint64_t(j) * 41 + std::uint64_t(i) ? 1 : 0;
                       });
    root.apply(state["p"]);
    return state;
  };
  const auto here = point(20, 20);
  EXPECT_NEAR(dot(here, here), 1, 1e-12);
  for (const int cells : {2, 4}) {
    const double r = 0.1 * cells;
    EXPECT_NEAR(dot(here, point(20 + cells, 20)), std::exp(-r * r / (2 * length * length)), 0.02);
  }
}

// J(m + h d) - J(m) - h <g, d> falls as h^2.
void expect_taylor(const AdjointCase& c, double length_m = 0) {
  SCOPED_TRACE(c.name);
  auto problem = flow_problem<double>(c, {0.004, 12}, 40);
  problem.initial.length_m = length_m;
  assimilation::AssimilationObjective<double> objective(std::move(problem));
  const core::Comm comm = core::Comm::world();
  const std::vector<double> x = objective.background(), scale = objective.scales();
  std::vector<double> gradient(x.size()), direction(x.size()), unused(x.size());
  // A state unlike the background, so that its term counts.
  std::vector<double> at = x;
  for (std::size_t n = 0; n < x.size(); ++n) {
    at[n] += 0.05 * scale[n] * random_value(21 + comm.rank(), n);
    direction[n] = scale[n] * random_value(22 + comm.rank(), n);
  }
  const double start = objective.evaluate(at, gradient).sum();
  double slope = 0, size = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    // along the gradient, too
    direction[n] += scale[n] * (gradient[n] * scale[n] > 0 ? 1 : -1);
    slope += gradient[n] * direction[n];
    size += std::abs(gradient[n] * direction[n]);
  }
  slope = comm.sum(slope);
  size = comm.sum(size);
  EXPECT_GT(slope, 0.1 * size);
  std::vector<double> second;
  for (double h = 1e-2; h > 0.9e-5; h /= 10) {
    std::vector<double> moved = at;
    for (std::size_t n = 0; n < moved.size(); ++n) moved[n] += h * direction[n];
    second.push_back(std::abs(objective.evaluate(moved, unused).sum() - start - h * slope));
    EXPECT_EQ(objective.cost().shortened, 0);
  }
  for (std::size_t n = 1; n < second.size(); ++n)
    EXPECT_NEAR(std::log10(second[n - 1] / second[n]), 2, 0.1) << n;
}

TEST(Assimilation, TaylorTestOfEverythingUnknown) {
  for (const std::string name : {"periodic", "channel"})
    expect_taylor(named(open_cases("central"), name));
  expect_taylor(named(open_cases("central"), "channel"), 0.2);
  expect_taylor(named(body_cases("upwind3"), "cylinder"));
}

// Each number by itself against a central difference.
TEST(Assimilation, SlopesOfNumbersAreThoseOfDifferences) {
  const AdjointCase c = named(open_cases("upwind3"), "channel");
  assimilation::AssimilationObjective<double> objective(flow_problem<double>(c, {0.004, 10}, 30));
  const bool root = core::Comm::world().is_root();
  const std::vector<double> x = objective.background();
  std::vector<double> gradient(x.size()), unused(x.size());
  objective.evaluate(x, gradient);
  for (std::size_t n = 0; n < objective.problem().numbers.size(); ++n) {
    const double h = 1e-4 * objective.problem().numbers[n].background;
    double ends[2];
    for (const int side : {0, 1}) {
      std::vector<double> moved = x;
      if (root) moved[n] += side ? h : -h;
      ends[side] = objective.evaluate(moved, unused).sum();
    }
    if (root) {
      EXPECT_NEAR(gradient[n], (ends[1] - ends[0]) / (2 * h), 1e-5 * std::abs(gradient[n]))
          << objective.problem().numbers[n].name;
    }
  }
}

TEST(Assimilation, TheSameGradientInLittleMemory) {
  const AdjointCase c = named(body_cases("central"), "cylinder");
  std::vector<double> first;
  double misfit = 0;
  for (const double memory_mb : {100.0, 0.7, 0.45}) {
    auto problem = flow_problem<double>(c, {0.004, 20}, 40);
    problem.course.memory_limit_mb = memory_mb;
    assimilation::AssimilationObjective<double> objective(std::move(problem));
    std::vector<double> gradient(objective.size());
    const double value = objective.evaluate(objective.background(), gradient).sum();
    if (first.empty()) {
      first = gradient;
      misfit = value;
      EXPECT_EQ(objective.cost().recomputed, 0);
    } else {
      EXPECT_EQ(value, misfit) << memory_mb;
      EXPECT_EQ(gradient, first) << memory_mb;
      if (core::Comm::world().size() == 1) {
        EXPECT_GT(objective.cost().recomputed, 10) << memory_mb;
      }
    }
  }
}

}  // namespace
