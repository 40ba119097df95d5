// Assimilation of small flows: twin experiments, bounds and background, an interrupted minimisation, mistakes.
#include <gtest/gtest.h>

#include <limits>

#include "solvers/assimilation/assimilation.hpp"
#include "support/solvers_assimilation.hpp"

namespace {

using namespace flow_test;
using assimilation::AssimilationObjective;
using assimilation::AssimilationProblem;
using assimilation::AssimilationState;

constexpr double pi = 3.14159265358979323846;

AdjointCase vortices(int cells, double viscosity) {
  AdjointCase c{"Taylor-Green", {}, {{0, 0}, {2 * pi, 2 * pi}, {cells, cells}, {}}};
  set_sides(c.params, std::vector<std::string>(4, "periodic"));
  c.params.viscosity_m2_s = viscosity;
  c.params.initial.velocity_m_s = {"-cos(x) * sin(y)", "sin(x) * cos(y)"};
  return c;
}

// A problem of that flow, whose samples are of the flow itself.
AssimilationProblem<double> twin(const AdjointCase& truth, const TimeIntervals& time, int samples) {
  Case<double> flow(truth.params, truth.box);
  const auto grid = flow.grid;
  AssimilationProblem<double> problem{
      .make_stepper =
          [params = truth.params, grid](std::span<const double> values) {
            FlowParams changed = params;
            if (!values.empty()) changed.viscosity_m2_s = values[0];
            return std::make_shared<solvers::FlowSolver<double>>(changed, grid, ".");
          },
      .numbers = {},
      .initial = {},
      .background = flow.state,
      .course = {time, random_samples(*grid, {"u", "v"}, time, samples)}};
  assimilation::ObservedTrajectory<double> course(problem.course, flow.state);
  const auto values = course.predict(flow.solver, flow.state);
  for (std::size_t n = 0; n < values.size(); ++n)
    problem.course.observations.samples[n].value = values[n];
  return problem;
}

AssimilationProblem<double> unknown_viscosity(double start, double upper) {
  auto problem = twin(vortices(16, 0.02), {0.05, 40}, 50);
  problem.numbers = {{.name = "viscosity",
                      .unit = "m2/s",
                      .control = "viscosity",
                      .background = start,
                      .lower = 1e-4,
                      .upper = upper}};
  return problem;
}

TEST(Assimilation, FindsTheViscosityFromCleanSamples) {
  AssimilationObjective<double> objective(unknown_viscosity(0.05, 0.2));
  const AssimilationState found =
      assimilation::assimilate(objective, {.iterations = 30, .gradient_tolerance = 1e-10}, {});
  EXPECT_NEAR(found.history.back().numbers[0], 0.02, 1e-3 * 0.02) << found.reason;
  EXPECT_LT(found.history.back().misfit, 1e-6 * found.history.front().misfit);
  EXPECT_EQ(found.shortened, 0);
  EXPECT_EQ(found.history.back().numbers[0], found.x[0]);
}

// The lid's flow: walls on all sides, one that moves.
TEST(Assimilation, FindsTheViscosityOfACavity) {
  AdjointCase c{"cavity", {}, {{0, 0}, {1, 1}, {16, 16}, {}}};
  set_sides(c.params, std::vector<std::string>(4, "wall"));
  c.params.boundaries.side[mesh::y_upper].velocity_m_s = {"1", "0"};
  c.params.viscosity_m2_s = 0.01;
  auto problem = twin(c, {0.02, 50}, 60);
  problem.numbers = {{.name = "viscosity",
                      .unit = "m2/s",
                      .control = "viscosity",
                      .background = 0.02,
                      .lower = 1e-4,
                      .upper = 0.04}};
  AssimilationObjective<double> objective(std::move(problem));
  const AssimilationState found =
      assimilation::assimilate(objective, {.iterations = 30, .gradient_tolerance = 1e-10}, {});
  EXPECT_NEAR(found.history.back().numbers[0], 0.01, 1e-3 * 0.01) << found.reason;
}

TEST(Assimilation, StaysWithinBounds) {
  auto problem = unknown_viscosity(0.05, 0.2);
  problem.numbers[0].lower = 0.03;
  AssimilationObjective<double> bounded(std::move(problem));
  const auto found = assimilation::assimilate(bounded, {.iterations = 20}, {});
  EXPECT_DOUBLE_EQ(found.history.back().numbers[0], 0.03) << found.reason;
}

// Samples that say little against a background that is sure of itself, and the other way round.
TEST(Assimilation, WeighsTheBackground) {
  for (const bool sure : {true, false}) {
    auto problem = unknown_viscosity(0.05, 0.2);
    problem.numbers[0].deviation = sure ? 1e-6 : 1;
    AssimilationObjective<double> objective(std::move(problem));
    const auto found =
        assimilation::assimilate(objective, {.iterations = 30, .gradient_tolerance = 1e-10}, {});
    EXPECT_NEAR(found.history.back().numbers[0], sure ? 0.05 : 0.02, 1e-3 * 0.02) << found.reason;
    EXPECT_GT(found.history.back().background, 0);
  }
}

// rms of the difference of the velocities, relative to the truth's.
double velocity_error(const mesh::State<double>& state, const mesh::State<double>& truth) {
  double off = 0, size = 0;
  for (const char* name : {"u", "v"}) {
    std::vector<double> values;
    each_point<double>(truth.grid(), truth[name].info.location, truth[name].data,
                       [&](double& value, std::uint64_t) { values.push_back(value); });
    std::size_t n = 0;
    each_point<double>(state.grid(), state[name].info.location, state[name].data,
                       [&](double& value, std::uint64_t) {
                         off += (value - values[n]) * (value - values[n]);
                         size += values[n] * values[n];
                         ++n;
                       });
  }
  return std::sqrt(off / size);
}

AssimilationProblem<double> unknown_start() {
  auto problem = twin(vortices(16, 0.02), {0.05, 20}, 1500);
  problem.initial.names = {"u", "v"};
  for (const char* name : {"u", "v"}) Kokkos::deep_copy(problem.background[name].data, 0.0);
  return problem;
}

TEST(Assimilation, FindsTheInitialStateOfATaylorGreenVortex) {
  AssimilationObjective<double> objective(unknown_start());
  const auto found =
      assimilation::assimilate(objective, {.iterations = 100, .gradient_tolerance = 1e-7}, {});
  Case<double> truth(vortices(16, 0.02).params, vortices(16, 0.02).box);
  const auto state = objective.initial_state(truth.solver, found.x);
  EXPECT_LT(velocity_error(state, truth.state), 1e-3)
      << found.reason << " after " << found.history.back().iteration;
}

// A background of some length carries what few samples say to the points between them.
TEST(Assimilation, ACorrelatedBackgroundNeedsFewerSamples) {
  double error[2];
  for (const bool correlated : {false, true}) {
    auto problem = twin(vortices(16, 0.02), {0.05, 10}, 60);
    for (const char* name : {"u", "v"}) Kokkos::deep_copy(problem.background[name].data, 0.0);
    for (auto& sample : problem.course.observations.samples) sample.deviation = 0.01;
    problem.initial = {.names = {"u", "v"}, .deviation = 0.5, .length_m = correlated ? 1.2 : 0};
    AssimilationObjective<double> objective(std::move(problem));
    const auto found =
        assimilation::assimilate(objective, {.iterations = 60, .gradient_tolerance = 1e-6}, {});
    Case<double> truth(vortices(16, 0.02).params, vortices(16, 0.02).box);
    error[correlated] = velocity_error(objective.initial_state(truth.solver, found.x), truth.state);
  }
  EXPECT_LT(error[true], 0.1);
  EXPECT_GT(error[false], 4 * error[true]);
}

// Stopped and gone on with, the minimisation ends where the other one does.
TEST(Assimilation, GoesOnFromWhereItStood) {
  AssimilationObjective<double> objective(unknown_start());
  const assimilation::AssimilationSettings settings{.iterations = 60, .gradient_tolerance = 1e-6};
  AssimilationState stopped = assimilation::assimilate(
      objective, settings, [](const AssimilationState& s) { return s.history.size() < 6; });
  EXPECT_EQ(stopped.reason, "asked to stop");
  EXPECT_EQ(stopped.history.size(), 6U);
  const auto found = assimilation::assimilate(objective, settings, {}, &stopped);
  EXPECT_GT(found.history.size(), 6U);
  for (std::size_t n = 0; n < found.history.size(); ++n)
    EXPECT_EQ(found.history[n].iteration, static_cast<int>(n));
  EXPECT_LT(found.history.back().misfit, 1e-6 * found.history.front().misfit);
  const auto spent = assimilation::assimilate(
      objective, {.iterations = found.history.back().iteration}, {}, &found);
  EXPECT_EQ(spent.reason, "iterations are spent");
  EXPECT_EQ(spent.x, found.x);
}

// Mistakes.

using Change = std::function<void(assimilation::Sample&)>;

std::string refusal(const Change& change) {
  return user_error([&] {
    auto problem = unknown_viscosity(0.05, 0.2);
    auto& sample = problem.course.observations.samples[6];
    sample.where = "samples.csv, line 8";
    change(sample);
    AssimilationObjective<double> objective(std::move(problem));
  });
}

TEST(Assimilation, NamesTheSampleThatDoesNotFit) {
  EXPECT_EQ(refusal([](auto& s) { s.point_m[1] = 7; }),
            "samples.csv, line 8: y = 7 m lies outside the box, 0 to 6.283185307 m (grid)");
  EXPECT_EQ(refusal([](auto& s) { s.time_s = 2.5; }),
            "samples.csv, line 8: t = 2.5 s lies outside the time span, 0 to 2 s (time.end_s)");
  EXPECT_EQ(refusal([](auto& s) { s.time_s = -0.1; }),
            "samples.csv, line 8: t = -0.1 s lies outside the time span, 0 to 2 s (time.end_s)");
  EXPECT_EQ(refusal([](auto& s) { s.value = std::nan(""); }),
            "samples.csv, line 8: u = nan is not finite");
  EXPECT_EQ(refusal([](auto& s) { s.deviation = 0; }),
            "samples.csv, line 8: the standard deviation of u is 0; it must be above 0");
}

TEST(Assimilation, NamesTheSampleInsideABody) {
  AdjointCase c = body_cases("central")[0];
  EXPECT_EQ(user_error([&] {
              auto problem = flow_problem<double>(c, {0.004, 4}, 3);
              problem.course.observations.samples[2].point_m = {0.83, 0.77, 0};
              AssimilationObjective<double> objective(std::move(problem));
            }),
            "sample 3: the point (0.83, 0.77, 0) m lies inside a body");
}

TEST(Assimilation, RefusesWhatIsNotAProblem) {
  const auto with = [](const std::function<void(AssimilationProblem<double>&)>& change) {
    return user_error([&] {
      auto problem = unknown_viscosity(0.05, 0.2);
      change(problem);
      AssimilationObjective<double> objective(std::move(problem));
    });
  };
  EXPECT_EQ(with([](auto& p) { p.course.observations.samples.clear(); }),
            "assimilation: there are no samples to fit");
  EXPECT_EQ(with([](auto& p) { p.numbers.clear(); }), "assimilation: nothing is unknown");
  EXPECT_EQ(with([](auto& p) { p.numbers[0].upper = 0.04; }),
            "assimilation: viscosity starts at 0.05 m2/s, outside its bounds, 0.0001 to 0.04");
  EXPECT_EQ(with([](auto& p) {
              p.numbers[0].factor = true;
              p.numbers[0].lower = 0;
            }),
            "assimilation: the lower bound of viscosity is 0; a factor's must be above 0");
  EXPECT_EQ(with([](auto& p) {
              p.initial.names = {"u"};
              p.initial.length_m = 1;
            }),
            "assimilation: a background of correlated errors needs their standard deviation");
  EXPECT_EQ(
      with(
          [](auto& p) { p.initial = {.names = {"u"}, .deviation = 1, .length_m = 1, .upper = 3}; }),
      "assimilation: an initial state whose background's errors are correlated cannot have bounds");
  EXPECT_NE(with([](auto& p) {
              p.initial.names = {"u"};
              p.initial.upper = -2;
            }).find("assimilation: the initial state starts with "),
            std::string::npos);
}

TEST(Assimilation, SaysHowMuchMemoryIsTheLeast) {
  auto problem = unknown_viscosity(0.05, 0.2);
  problem.course.memory_limit_mb = 0.001;
  problem.course.key = "assimilation.memory_limit_mb";
  AssimilationObjective<double> objective(std::move(problem));
  std::vector<double> gradient(objective.size());
  const std::string text =
      user_error([&] { objective.evaluate(objective.background(), gradient); });
  const std::string begin =
      "assimilation.memory_limit_mb leaves no room to keep one time step: at least ";
  ASSERT_EQ(text.rfind(begin, 0), 0U) << text;
  // What it names is enough.
  auto enough = unknown_viscosity(0.05, 0.2);
  enough.course.memory_limit_mb = std::stod(text.substr(begin.size()));
  AssimilationObjective<double> possible(std::move(enough));
  EXPECT_GT(possible.evaluate(possible.background(), gradient).misfit, 0);
}

std::string run_error(AssimilationProblem<double> problem) {
  try {
    AssimilationObjective<double> objective(std::move(problem));
    assimilation::assimilate(objective, {.iterations = 3}, {});
  } catch (const core::RunError& error) {
    return error.what();
  }
  return "";
}

TEST(Assimilation, NamesWhatIsNotFinite) {
  auto huge = unknown_viscosity(0.05, 0.2);
  huge.course.observations.samples[4].value = 1e200;
  EXPECT_EQ(run_error(std::move(huge))
                .rfind("assimilation: the misfit is not finite at sample 5: u is ", 0),
            0U);
  // Misfits that are finite with derivatives so large that they overflow on their way back, or in their sum.
  const auto steep = [](double deviation) {
    auto problem = unknown_viscosity(0.02, 0.2);
    for (auto& sample : problem.course.observations.samples) {
      sample.value -= 1e-2;
      sample.deviation = deviation;
    }
    return run_error(std::move(problem));
  };
  const std::string text = steep(1e-155);
  EXPECT_NE(text.find("the derivative with respect to "), std::string::npos) << text;
  EXPECT_NE(text.find(" is not finite at step "), std::string::npos) << text;
  EXPECT_NE(
      steep(1.5e-154).find("with respect to viscosity, summed over the 40 steps, is not finite"),
      std::string::npos)
      << steep(1.5e-154);
}

TEST(Assimilation, SaysWhereSamplesDoNotDependOnTheUnknowns) {
  auto problem = unknown_viscosity(0.05, 0.2);
  for (auto& sample : problem.course.observations.samples) {
    sample.time_s = 0;
    sample.value += 1;
  }
  EXPECT_NE(run_error(std::move(problem)).find("the samples do not depend on what is unknown"),
            std::string::npos);
}

}  // namespace
