// The parser of formulas: precedence and functions as the decks' other formulas have them (muParser), derivatives
// by suffix and by d(), one node for equal parts, constants folded, and a message for every mistake.
#include "pinn/formulas/formula.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/expression.hpp"
#include "core/sampling.hpp"
#include "pinn/formulas/formula_values.hpp"

namespace understudy::pinn {

namespace {

const FormulaPlace place{"residuals", "entry 0 (r), formula"};

FormulaNames names() {
  return {{"x", "y", "t"}, {{"nu", 0.5}, {"zero", 0}}, {"u", "v"}, {"k"}, {"u_seen"}, {}};
}

Formulas read(const std::string& text, const FormulaNames& of = names()) {
  Formulas formulas(of);
  formulas.add(text, place);
  return formulas;
}

std::string message(const std::string& text, const FormulaNames& of = names()) {
  try {
    read(text, of);
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "no error";
}

void expect_error(const std::string& text, const std::vector<std::string>& parts) {
  const std::string error = message(text);
  for (const auto& part : parts) EXPECT_NE(error.find(part), std::string::npos) << error;
}

TEST(PinnFormula, AgreesWithTheOtherFormulasOfDecks) {
  const std::vector<std::string> texts{"x - y - z",
                                       "x/y/z",
                                       "x - y*z^2",
                                       "-x^2",
                                       "2^-x",
                                       "x*-y",
                                       "2^x^y",
                                       "(x + y)*(x - y)/(1 + t^2)",
                                       "-x*y + +z",
                                       "1.5e-1*x + .5 - 2.*y",
                                       "x < y",
                                       "x <= y && y <= z || t > 0.3",
                                       "x == x && y != z",
                                       "x < y ? x : y < z ? 2*y : z",
                                       "1 + x > y*2",
                                       "min(x, y, z) + max(x, 0.1) - sum(x, y, z)*avg(x, y, z, t)",
                                       "sin(x) + cos(2*pi*y) + tan(z)",
                                       "asin(x/2) + acos(y/2) + atan(z) + atan2(x, y)",
                                       "sinh(x)*cosh(y)/tanh(z)",
                                       "asinh(x) + acosh(1 + y) + atanh(z/2)",
                                       "exp(x) + ln(y) + log(z) + log2(t) + log10(x)",
                                       "sqrt(x) + abs(x - y) + sign(y - z) + rint(3*t)"};
  FormulaNames of;
  of.inputs = {"x", "y", "z", "t"};
  core::SplitMix random(3);
  for (const auto& text : texts) {
    const Formulas ours = read(text, of);
    const core::Expression theirs(text);
    for (int n = 0; n < 50; ++n) {
      std::vector<double> at;
      for (int i = 0; i < 4; ++i) at.push_back(0.05 + 0.9 * random.uniform());
      const double wanted = theirs(at[0], at[1], at[2], at[3]);
      EXPECT_NEAR(values_at(ours, at)[0], wanted, 1e-13 * (1 + std::abs(wanted))) << text;
    }
  }
}

TEST(PinnFormula, NamesStandForWhatTheyAre) {
  const auto root = [](const std::string& text) {
    const Formulas f = read(text);
    return f.nodes()[std::size_t(f.roots()[0])];
  };
  EXPECT_EQ(root("u").op, FormulaOp::field);
  EXPECT_EQ(root("v").index, 1);
  EXPECT_EQ(root("t").op, FormulaOp::input);
  EXPECT_EQ(root("t").index, 2);
  EXPECT_EQ(root("k").op, FormulaOp::parameter);
  EXPECT_EQ(root("u_seen").op, FormulaOp::column);
  EXPECT_EQ(root("nu").number, 0.5);
  EXPECT_EQ(root("pi").number, std::numbers::pi);
  EXPECT_EQ(root("v_xxt").derivative, (Derivative{0, 0, 2}));
  EXPECT_EQ(root("v_xxt").index, 1);
  EXPECT_EQ(root("u_tx").derivative, root("u_xt").derivative);
  EXPECT_EQ(root("d(u, t, x)").derivative, (Derivative{0, 2}));
  FormulaNames of;
  of.inputs = {"depth", "time"};
  of.fields = {"p"};
  const Formulas f = read("d(p, time, time) - d(p, depth)", of);
  EXPECT_EQ(f.nodes()[0].derivative, (Derivative{1, 1}));
}

TEST(PinnFormula, EqualPartsStandOnceAndConstantsAreNumbers) {
  EXPECT_EQ(read("u_t + u*u_x - nu*u_xx").nodes().size(), 9u);
  EXPECT_EQ(read("sin(x)*u + sin(x)*v").nodes().size(), 7u);
  const Formulas constant = read("2*pi*nu - sqrt(4)");
  EXPECT_NEAR(values_at(constant, {})[0], std::numbers::pi - 2, 1e-15);
  EXPECT_EQ(constant.nodes().back().op, FormulaOp::number);
  const Formulas square = read("u^2");
  EXPECT_EQ(square.nodes().back().op, FormulaOp::multiply);
  EXPECT_EQ(read("u = 0").nodes().back().op, FormulaOp::number);
  EXPECT_EQ(read("u = 0").roots()[0], 0);  // nothing is taken off
  Formulas two(names());
  two.add("u_x + v_y", place);
  const std::size_t before = two.nodes().size();
  two.add("v_y + u_x*nu", place);
  EXPECT_EQ(two.nodes().size(), before + 3);
}

TEST(PinnFormula, WhatIsGivenAtFirstIsKnown) {
  const auto given = [](const std::string& text) {
    const Formulas f = read(text);
    return f.given(f.roots()[0]);
  };
  ASSERT_TRUE(given("v = sin(pi*x)"));
  EXPECT_EQ(given("v = sin(pi*x)")->first, 1);
  EXPECT_EQ(given("u"), (std::pair{0, -1}));
  EXPECT_TRUE(given("u - 1"));
  for (const char* text : {"u_t = 0", "u = v", "u = k*x", "u + sin(x)", "2*u = 1"})
    EXPECT_FALSE(given(text)) << text;
}

TEST(PinnFormula, UnknownNames) {
  expect_error("u_t + u*u_q",
               {"problem.residuals: entry 0 (r), formula: 'u_t + u*u_q'",
                "at character 9: there is no 'u_q'", "did you mean 'u_",
                "fields u, v and their derivatives (u_x or d(u, x))", "inputs x, y, t",
                "parameters k", "columns of samples u_seen", "constants nu, zero, pi"});
  expect_error("u_t - mu*u_xx", {"there is no 'mu'; did you mean 'nu'?"});
  expect_error("sinn(x)",
               {"character 1: there is no function 'sinn'; did you mean 'sin'?", "tanh"});
  expect_error("u(x)", {"there is no function 'u'"});
  expect_error("d(w, x)", {"character 3", "d() takes a field", "not 'w'", "fields here: u, v"});
  expect_error("d(u*u, x)", {"')' is expected"});
  expect_error("d(u, z)", {"'z' is no input; there are x, y, t"});
  expect_error("d(u)", {"d() takes a field and one input or more"});
}

TEST(PinnFormula, DerivativesBeyondTheJets) {
  expect_error("u + u_xxxxx", {"character 5", "the derivative 'u_xxxxx' cannot be formed",
                               "pure ones go up to order 4", "u_xxyy"});
  expect_error("u_xyt", {"'u_xyt' cannot be formed", "mixed ones are of two inputs"});
  expect_error("d(u, x, x, x, y)", {"'d(u, x, x, x, y)' cannot be formed"});
}

TEST(PinnFormula, WhatCannotBeRead) {
  expect_error("", {"is empty; a formula is expected"});
  expect_error("u +", {"character 4: it ends where a value is expected"});
  expect_error("u u_x", {"character 3: an operator is expected before it", "with *"});
  expect_error("2u", {"character 2: an operator is expected behind a number", "2*x"});
  expect_error("(u + 1", {"')' is expected to close what is open"});
  expect_error("u + 1)", {"character 6: this ')' closes nothing"});
  expect_error("u**2", {"a power is written ^"});
  expect_error("1,5*u", {"a decimal comma? Numbers have a point"});
  expect_error("u = v = 1", {"an equation has one '='; to compare write =="});
  expect_error("u # 1", {"'#' is no operator; there are + - * / ^"});
  expect_error("u + $", {"a value is expected, not '$'"});
  expect_error("u > 0 ? 1", {"':' is expected between"});
  expect_error("sin(x, y)", {"sin takes 1 value, given 2"});
  expect_error("atan2(x)", {"atan2 takes 2 values, given 1"});
  expect_error("min()", {"min takes at least 1 value, given 0"});
  expect_error("u/zero + 1/zero", {"this part is inf, not a finite number"});
  expect_error("1e999*u", {"too large or small"});
  expect_error(".", {"this is no number"});
  expect_error(std::string(5000, '(') + "u", {"more than 100 parts inside one another"});
  expect_error(std::string(5000, '-') + "u", {"more than 100 parts inside one another"});
}

TEST(PinnFormula, NumbersOfTheDeck) {
  const std::map<std::string, double> constants{{"nu", 0.5}};
  EXPECT_EQ(number_of("2*nu + 1", constants, place), 2);
  EXPECT_EQ(number_of("1e-3", {}, place), 1e-3);
  const auto refused = [&](const std::string& text) {
    try {
      number_of(text, constants, place);
    } catch (const core::UserError& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_NE(refused("").find("is missing; a number or a formula of constants"), std::string::npos);
  EXPECT_NE(refused("2*mu").find("did you mean 'nu'? There are constants nu, pi"),
            std::string::npos);
}

}  // namespace
}  // namespace understudy::pinn
