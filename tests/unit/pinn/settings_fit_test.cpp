// Settings that a problem cannot be solved with are refused, naming the key and what would be valid.
#include <gtest/gtest.h>

#include <limits>

#include "core/error.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/settings_fit.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {
namespace {

std::shared_ptr<const Problem> poisson_problem(double dimension = 1) {
  ProblemChoice choice;
  choice.constants = {{"dimension", dimension}, {"waves", 1}};
  return poisson().make(choice);
}

std::shared_ptr<const Problem> burgers_problem() {
  ProblemChoice choice;
  choice.constants = {{"viscosity", 0.1}};
  return burgers().make(choice);
}

void expect_refused(const Problem& problem, const Settings& settings,
                    const std::vector<std::string>& parts) {
  std::string error = "no error";
  try {
    require_fit(problem, settings);
  } catch (const core::UserError& e) {
    error = e.what();
  }
  for (const auto& part : parts) EXPECT_NE(error.find(part), std::string::npos) << error;
}

TEST(PinnSettings, DefaultsFitEveryProblem) {
  EXPECT_NO_THROW(require_fit(*poisson_problem(), Settings{}));
  EXPECT_NO_THROW(require_fit(*burgers_problem(), Settings{}));
}

TEST(PinnSettings, TooFewPoints) {
  Settings s;
  s.sampling.boundary = 0;
  expect_refused(*poisson_problem(), s,
                 {"sampling.boundary is 0", "too few points", "x_lower", "one or more"});
  s = {};
  s.sampling.initial = 0;
  EXPECT_NO_THROW(require_fit(*poisson_problem(), s)) << "it has no initial condition";
  expect_refused(*burgers_problem(), s, {"sampling.initial is 0", "term 'initial'"});
  s = {};
  s.sampling.interior = 8;
  s.causal.chunks = 16;
  expect_refused(*burgers_problem(), s, {"sampling.interior is 8", "causal.chunks 16"});
}

TEST(PinnSettings, TimeThatIsNotThere) {
  Settings s;
  s.causal.chunks = 4;
  expect_refused(*poisson_problem(), s, {"causal.chunks is 4", "has no time"});
  s = {};
  s.curriculum.windows = 2;
  expect_refused(*poisson_problem(), s, {"curriculum.windows is 2", "has no time"});
  EXPECT_NO_THROW(require_fit(*burgers_problem(), s));
}

TEST(PinnSettings, PartsOfTheBoxCountTheInputs) {
  Settings s;
  s.parallel.mode = "domains";
  s.parallel.domains = {2};
  expect_refused(*poisson_problem(2), s, {"parallel.domains has 1 entries", "2 inputs (x, y)"});
  EXPECT_NO_THROW(require_fit(*poisson_problem(1), s));
}

TEST(PinnSettings, GaussNewtonTakesSumsOfSquaresInDoublePrecision) {
  Settings s;
  s.optimiser.kind = "gauss_newton";
  expect_refused(*poisson_problem(), s, {"precision is single", "gauss_newton", "double only"});
  s.precision = "double";
  EXPECT_NO_THROW(require_fit(*poisson_problem(), s));
  s.weighting.kind = "ntk";
  expect_refused(*poisson_problem(), s, {"weighting.kind is ntk", "fixed weights only"});
  s.weighting.kind = "fixed";
  s.optimiser.lbfgs_iterations = 7;
  expect_refused(*poisson_problem(), s, {"lbfgs_iterations is 7", "0 is valid"});
  s.optimiser.lbfgs_iterations = 0;
  s.parallel.mode = "domains";
  s.parallel.domains = {2};
  expect_refused(*poisson_problem(), s, {"parallel.mode is domains", "points only"});
  s.parallel = {};
  s.optimiser.gradient_clip = 0.5;
  expect_refused(*poisson_problem(), s, {"gradient_clip is 0.5", "0 is valid"});
  s.optimiser.gradient_clip = 0;
  s.optimiser.weight_decay = 0.1;
  expect_refused(*poisson_problem(), s, {"weight_decay is 0.1", "0 is valid"});
  s.optimiser.weight_decay = 0;
  s.causal.chunks = 8;
  expect_refused(*burgers_problem(), s, {"causal.chunks is 8", "0 turns them off"});
  s.causal = {};
  s.sampling.interior = 20000;
  s.network.width = 200;
  expect_refused(*burgers_problem(), s,
                 {"gauss_newton factors a dense matrix", "soap", "network.width"});
  s.sampling.interior = 4000;
  EXPECT_NO_THROW(require_fit(*burgers_problem(), s)) << "fewer points than the limit";
}

TEST(PinnSettings, WeightsGoToTheirTerms) {
  Settings s;
  s.weights = {{"x_upper.u", 7}};
  EXPECT_EQ(start_weights(*poisson_problem(), s), (std::vector<double>{1, 1, 7}));
  s.weights = {{"x_upper.v", 7}};
  expect_refused(*poisson_problem(), s,
                 {"no term 'x_upper.v'", "poisson.balance, x_lower.u, x_upper.u"});
}

}  // namespace
}  // namespace understudy::pinn
