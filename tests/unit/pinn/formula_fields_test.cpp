// Formulas evaluated: residuals are those of the problem in C++ on the same networks, transforms carry the
// derivatives that automatic differentiation gives, and a problem from a deck trains as the one in C++ does.
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <fstream>
#include <numbers>

#include "pinn/engine/torch_jet_functions.hpp"
#include "pinn/formulas/formula_problem.hpp"
#include "pinn/formulas/torch_formula.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/solver.hpp"
#include "pinn/torch_model.hpp"
#include "support/scratch.hpp"
#include "support/torch_pinn_problem_probe.hpp"
#include "support/torch_pinn_training_case.hpp"

namespace understudy::pinn {

namespace {

constexpr double nu = 0.01 / std::numbers::pi;

FormulaProblem burgers_of_deck(bool exactly) {
  FormulaProblem p;
  p.inputs = {{.name = "x", .lower = "-1"}, {.name = "t", .time = true}};
  p.fields = {{.name = "u"}};
  p.residuals = {{.name = "momentum", .formula = "u_t + u*u_x - nu*u_xx"}};
  p.evaluation = {256, 101};
  if (exactly)
    p.fields[0].exact = "exp(-5*t)*(-sin(pi*x)) + (1 - exp(-5*t))*((1 - x^2)*u_network)";
  else
    p.conditions = {{.name = "u", .formula = "u = -sin(pi*x)", .at = "t = 0"},
                    {.name = "left.u", .formula = "u", .at = "x = -1"},
                    {.name = "right.u", .formula = "u", .at = "x = 1"}};
  return p;
}

std::shared_ptr<const Problem> made(const FormulaProblem& formulas,
                                    const std::map<std::string, double>& constants = {}) {
  ProblemChoice choice;
  choice.constants = constants;
  choice.formulas = std::make_shared<const FormulaProblem>(formulas);
  return from_deck().make(choice);
}

at::Tensor random_points(const Problem& p, std::int64_t count) {
  at::Tensor points = at::rand({count, std::int64_t(p.inputs.size())}, at::kDouble);
  for (std::size_t i = 0; i < p.inputs.size(); ++i)
    points.select(1, std::int64_t(i))
        .mul_(p.inputs[i].upper - p.inputs[i].lower)
        .add_(p.inputs[i].lower);
  return points;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(PinnFormulaFields, ResidualsAreThoseOfBurgersInC) {
  at::manual_seed(4);
  for (const bool exactly : {false, true}) {
    const auto own = probe::made(burgers(), {{"exact_start", exactly ? 1 : 0}});
    const auto deck = made(burgers_of_deck(exactly), {{"nu", nu}});
    ASSERT_EQ(deck->terms.size(), own->terms.size());
    for (const unsigned long long seed : {1u, 2u, 3u}) {
      Model a(ModelSetup{own, cases::quick().network, at::kDouble, at::kCPU, seed});
      Model b(ModelSetup{deck, cases::quick().network, at::kDouble, at::kCPU, seed});
      ASSERT_TRUE(at::equal(a.trained(), b.trained()));
      for (const Term& term : own->terms) {
        const auto same = std::ranges::find(deck->terms, term.name, &Term::name);
        ASSERT_NE(same, deck->terms.end()) << term.name;
        EXPECT_EQ(same->region.lower, term.region.lower);
        EXPECT_EQ(same->region.upper, term.region.upper);
        EXPECT_EQ(same->kind, term.kind);
        const at::Tensor points = random_points(*own, 200);
        const auto wanted = a.residuals(term, points, {}), found = b.residuals(*same, points, {});
        ASSERT_EQ(found.size(), wanted.size());
        const double scale = 1 + wanted[0].abs().max().item<double>();
        EXPECT_LT(largest_difference(found[0], wanted[0]), 1e-14 * scale) << term.name;
      }
    }
  }
}

TEST(PinnFormulaFields, TrainsAsTheProblemInC) {
  Settings s = cases::quick();
  s.sampling = {.method = "sobol", .interior = 200, .initial = 40};
  s.optimiser.kind = "gauss_newton";
  s.optimiser.steps = 8;
  const auto own = train(cases::task_of(probe::made(burgers(), {{"exact_start", 1}}), s));
  const auto deck = train(cases::task_of(made(burgers_of_deck(true), {{"nu", nu}}), s));
  ASSERT_EQ(own.history.size(), deck.history.size());
  EXPECT_LT(own.history.back().loss, 0.5 * own.history.front().loss);
  EXPECT_NEAR(deck.history.back().loss / own.history.back().loss, 1, 1e-8);
}

TEST(PinnFormulaFields, WindowsOfTimeBeginWithTheGivenValues) {
  const auto own = probe::made(burgers()), deck = made(burgers_of_deck(false), {{"nu", nu}});
  ASSERT_TRUE(deck->initial);
  const at::Tensor points = random_points(*own, 20);
  EXPECT_LT(largest_difference(deck->initial(points)[0], own->initial(points)[0]), 1e-15);
  FormulaProblem velocity = burgers_of_deck(false);
  velocity.conditions.push_back({.name = "v", .formula = "u_t = 0", .at = "t = 0"});
  EXPECT_FALSE(made(velocity, {{"nu", nu}})->initial);
  EXPECT_FALSE(made(burgers_of_deck(true), {{"nu", nu}})->initial);
}

// All functions, by jets: against automatic differentiation of the same formula as tensors.
TEST(PinnFormulaFields, TransformsCarryTheirDerivatives) {
  const std::vector<std::string> texts{
      "sin(a)*cos(b) + tan(a*b)",
      "asin(a*b) + acos(b/2) + atan(a)",
      "sinh(a) - cosh(b) + tanh(a + b)",
      "asinh(a) + acosh(1.5 + b) + atanh(a*b)",
      "exp(-a) + ln(b) + log2(a) + log10(b)",
      "sqrt(a)/b + 1/(1 + a^2) + erf(b)",
      "a^3 + b^-2 + a^b + 2^a + a^2.5",
      "abs(a - b) + sign(a) + rint(b) + min(a, b) + max(a, 0.5) - (3 - a)",
      "atan2(a, b)",
      "a < b ? a*a : b*a"};
  FormulaNames names;
  names.inputs = {"a", "b"};
  at::manual_seed(5);
  const at::Tensor start = 0.1 + 0.8 * at::rand({30, 2}, at::kDouble);
  const auto spec =
      std::make_shared<const JetSpec>(2, std::vector<Derivative>{{0, 0, 0}, {1, 1}, {0, 1}});
  const std::vector<Jet> inputs{coordinate(spec, start, 0), coordinate(spec, start, 1)};
  for (const auto& text : texts) {
    Formulas formula(names);
    formula.add(text, {"fields", ""});
    const Jet jet = evaluate(formula, inputs, {})[0];
    const at::Tensor points = start.clone().requires_grad_();
    const at::Tensor value = evaluate(formula, points)[0];
    const auto slope = [&](const at::Tensor& of, int input) {
      if (!of.requires_grad()) return at::zeros_like(of);
      return torch::autograd::grad({of.sum()}, {points}, {}, true, true)[0].select(1, input);
    };
    const at::Tensor x = slope(value, 0), y = slope(value, 1), xx = slope(x, 0), xy = slope(x, 1),
                     yy = slope(y, 1), xxx = slope(xx, 0);
    const auto expect_same = [&](const at::Tensor& a, const at::Tensor& b, const char* what) {
      EXPECT_LT(largest_difference(a, b), 1e-10 * (1 + b.abs().max().item<double>()))
          << text << " " << what;
    };
    expect_same(jet.value(), value, "value");
    expect_same(jet.d({0}), x, "x");
    expect_same(jet.d({1}), y, "y");
    expect_same(jet.d({0, 0}), xx, "xx");
    expect_same(jet.d({1, 1}), yy, "yy");
    expect_same(jet.d({0, 1}), xy, "xy");
    expect_same(jet.d({0, 0, 0}), xxx, "xxx");
  }
}

TEST(PinnFormulaFields, ConstantsAreTheSameAtEveryPoint) {
  FormulaNames names;
  names.inputs = {"x"};
  Formulas formula(names);
  formula.add("3", {"fields", ""});
  formula.add("x >= 0.5 && x != 0.75", {"fields", ""});
  const at::Tensor points = at::tensor({0.25, 0.5, 0.75, 1.0}, at::kDouble).unsqueeze(1);
  const auto values = evaluate(formula, points);
  EXPECT_TRUE(at::equal(values[0], at::full({4}, 3, at::kDouble)));
  EXPECT_TRUE(at::equal(values[1], at::tensor({0.0, 1.0, 0.0, 1.0}, at::kDouble)));
}

TEST(PinnFormulaFields, PeriodicInputs) {
  FormulaProblem p = burgers_of_deck(true);
  p.fields[0].exact.clear();
  p.inputs[0].periodic = true;
  Model model(ModelSetup{made(p, {{"nu", nu}}), cases::quick().network, at::kDouble, at::kCPU, 1});
  const auto spec = std::make_shared<const JetSpec>(2, std::vector<Derivative>{{0, 0}});
  const at::Tensor ends = at::tensor({-1.0, 0.3, 1.0, 0.3}, at::kDouble).view({2, 2});
  const Jet u = model.fields(spec, ends)[0];
  for (const Derivative& d : {Derivative{0}, Derivative{0, 0}})
    EXPECT_NEAR(u.d(d)[0].item<double>(), u.d(d)[1].item<double>(), 1e-12);
  EXPECT_NEAR(u.value()[0].item<double>(), u.value()[1].item<double>(), 1e-12);
}

// u' = -k u with k = 2 from samples made by a formula, and from a table.
FormulaProblem unknown_rate() {
  FormulaProblem p;
  p.inputs = {{.name = "time", .time = true}};
  p.fields = {{.name = "u", .reference = "exp(-2*time)"}};
  p.parameters = {
      {.name = "k", .start = "1", .lower = "0.5", .upper = "5", .truth = "2", .tolerance = 0.01}};
  p.residuals = {{.name = "decay", .formula = "d(u, time) = -k*u"}};
  p.samples.columns = {{.name = "seen", .column = "u", .formula = "exp(-2*time)"}};
  p.samples.residuals = {{.name = "fit", .formula = "u = seen"}};
  return p;
}

TEST(PinnFormulaFields, ParametersAreFoundFromSamples) {
  Settings s = cases::quick();
  s.sampling.interior = 60;
  s.optimiser.kind = "gauss_newton";
  s.optimiser.steps = 25;
  const auto problem = made(unknown_rate());
  EXPECT_TRUE(problem->is_inverse());
  EXPECT_EQ(problem->terms.back().name, "samples");
  const auto result = train(cases::task_of(problem, s));
  EXPECT_NEAR(result.solution->parameters()[0].value, 2, 1e-4);
  EXPECT_LT(result.errors[0], 1e-4);
}

TEST(PinnFormulaFields, SamplesComeFromATable) {
  const tests::Scratch scratch(core::Comm::self());
  const auto file = scratch / "seen.csv";
  std::string table = "u [mm],time\n";
  for (int n = 0; n <= 10; ++n)
    table += std::to_string(1000 * std::exp(-0.2 * n)) + "," + std::to_string(0.1 * n) + "\n";
  std::ofstream(file) << table;
  FormulaProblem p = unknown_rate();
  p.samples.columns[0].unit = "m";
  ProblemChoice choice;
  choice.data = file.string();
  choice.formulas = std::make_shared<const FormulaProblem>(p);
  const auto problem = from_deck().make(choice);
  const Region& at = problem->terms.back().region;
  ASSERT_EQ(at.points.size(0), 11);
  EXPECT_LT(largest_difference(at.data, (-2 * at.points).exp()), 1e-8);
  p.samples.columns[0].formula.clear();
  try {
    made(p);
    FAIL();
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("problem.data: names no file"), std::string::npos);
  }
}

TEST(PinnFormulaFields, ReferenceFromATable) {
  const tests::Scratch scratch(core::Comm::self());
  const auto file = scratch / "truth.csv";
  std::string table = "time,u\n";
  for (int n = 20; n >= 0; --n)
    table += std::to_string(0.05 * n) + "," + std::to_string(std::pow(0.05 * n, 3)) + "\n";
  std::ofstream(file) << table;
  FormulaProblem p = unknown_rate();
  p.fields[0].reference.clear();
  p.reference_file = file.string();
  const auto values = made(p)->reference({{0.123}, {1}, {1.5}});
  EXPECT_NEAR(values[0][0], std::pow(0.123, 3), 1e-9);  // cubic, but for the table's digits
  EXPECT_NEAR(values[0][1], 1, 1e-12);
  EXPECT_TRUE(std::isnan(values[0][2]));
}

TEST(PinnFormulaFields, WithoutADeckThereAreNoEquations) {
  try {
    from_deck().make({});
    FAIL();
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("its equations are those of the deck's section 'problem'"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace understudy::pinn
