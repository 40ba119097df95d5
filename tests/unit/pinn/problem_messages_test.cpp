// Every way in which a problem can contradict itself has a message that names the problem, the part and what
// would be valid; so have files of weights and checkpoints that are another training's.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "core/error.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/torch_model.hpp"
#include "support/scratch.hpp"
#include "support/torch_pinn_training_case.hpp"
#include "surrogates/network/torch_archive.hpp"

namespace understudy::pinn {

namespace {

using namespace cases;

void expect_error(const std::function<void()>& action, const std::vector<std::string>& parts) {
  std::string text = "no error";
  try {
    action();
  } catch (const core::UserError& error) {
    text = error.what();
  }
  for (const auto& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

void refused(const std::function<void(Problem&)>& spoil, const std::vector<std::string>& parts) {
  const auto problem = unknown_decay();
  spoil(*problem);
  expect_error([&] { check_problem(*problem); }, parts);
}

// The residual of `unknown_decay` in place of its own.
std::function<void(Problem&)> with(const std::function<at::Tensor(const Fields&)>& residual) {
  return [residual](Problem& p) {
    p.terms[0].residuals = [residual](const Fields& f) -> Residuals { return {residual(f)}; };
  };
}

TEST(PinnProblemMessages, UnitsAreNamedByTheirPart) {
  refused([](Problem& p) { p.inputs[0].unit = "second"; },
          {"problem decay: input 't' has unit 'second'", "'second' is not a unit; there are"});
  refused([](Problem& p) { p.fields[0].unit = "kg/furlong"; },
          {"field 'u' has unit 'kg/furlong'", "'furlong' is not a unit"});
  refused([](Problem& p) { p.parameters[0].unit = ""; }, {"parameter 'k' has unit ''"});
  refused([](Problem& p) { p.terms[0].equations[0].unit = "x"; },
          {"residual 'rate.decay' has unit 'x'"});
}

TEST(PinnProblemMessages, ResidualsAskForWhatThereIs) {
  refused(with([](const Fields& f) { return f["w"].value(); }),
          {"problem decay: a residual asks for field 'w'; there are u"});
  refused(with([](const Fields& f) { return f.parameter("nu"); }),
          {"a residual asks for parameter 'nu'; there are k"});
  refused(with([](const Fields& f) { return f["u"].d(1); }), {"derivative", "inputs 0 to 0"});
  refused(
      with([](const Fields& f) { return f["u"].d(0, 0, 0, 0, 0); }),
      {"problem decay: term 'rate': derivative", "cannot be formed", "pure ones go up to order 4"});
  refused(with([](const Fields& f) { return f.data(0); }),
          {"a residual asks for column 0 of its samples", "there are 0"});
  refused(
      [](Problem& p) {
        p.terms[2].residuals = [](const Fields& f) -> Residuals { return {f.data(1)}; };
      },
      {"a residual asks for column 1 of its samples", "there are 1"});
  refused(
      [](Problem& p) {
        p.terms[2].residuals = [](const Fields& f) -> Residuals { return {f.data(-1)}; };
      },
      {"column -1"});
  refused([](Problem& p) { p.terms[0].equations.push_back({"more", "1"}); },
          {"term 'rate' names 2 equations and gives 1"});
  refused([](Problem& p) { p.terms[0].residuals = {}; }, {"term 'rate' has no residuals"});
}

TEST(PinnProblemMessages, EveryFieldComesFromOneNetwork) {
  refused([](Problem& p) { p.networks = {{{"u", "w"}, {"t"}}}; },
          {"problem decay: a network gives field 'w'; there are u"});
  refused([](Problem& p) { p.networks = {{{"u"}, {"x"}}}; },
          {"a network takes input 'x'; there are t"});
  refused([](Problem& p) { p.networks = {{{}, {"t"}}}; }, {"field 'u' comes from 0 networks"});
  refused([](Problem& p) { p.networks = {{{"u"}, {"t"}}, {{"u"}, {"t"}}}; },
          {"field 'u' comes from 2 networks; each must come from one"});
}

TEST(PinnProblemMessages, NumbersThatContradictThemselves) {
  refused([](Problem& p) { p.parameters[0].start = 9; },
          {"parameter 'k' starts at 9, outside of its bounds 0.5 to 5"});
  refused([](Problem& p) { p.inputs[0].upper = -1; },
          {"input 't' runs from 0 to -1; it must end above its start"});
  refused([](Problem& p) { p.judged = {"v"}; }, {"field 'v' is to be judged; there are u"});
  refused([](Problem& p) { p.inputs.clear(); }, {"it has no inputs"});
  refused([](Problem& p) { p.fields.clear(); }, {"it has no fields"});
  refused([](Problem& p) { p.terms.clear(); }, {"it has no terms"});
}

TEST(PinnProblemMessages, OtherConstantsMustHaveTheSameNetworks) {
  Model model(ModelSetup{decay(), quick().network, at::kDouble, at::kCPU, 1});
  expect_error([&] { model.adopt(unknown_decay()); },
               {"problem decay: with other constants it has other networks"});
}

TEST(PinnProblemMessages, WeightsOfAnotherProblem) {
  const tests::Scratch scratch(core::Comm::self());
  Settings s = quick();
  s.optimiser.steps = 1;
  train(task_of(decay(), s)).solution->save(scratch.path());
  auto other = decay();
  other->name = "growth";
  expect_error([&] { load_solution(other, s, scratch.path()); },
               {"trained for problem 'decay', not 'growth'"});
  surrogates::write_archive(scratch / "weights.safetensors", {{{"trained", at::zeros({3})}}, {}});
  expect_error([&] { load_solution(decay(), s, scratch.path()); },
               {"does not say what problem it is of"});
}

ProblemChoice choice_of(const ProblemEntry& entry, const std::string& constant, double value) {
  ProblemChoice choice;
  for (const auto& info : entry.constants) choice.constants[info.name] = info.value;
  choice.constants.at(constant) = value;
  return choice;
}

TEST(PinnProblemMessages, ConstantsThatMustBeWholeOrDivide) {
  const auto says = [](const ProblemEntry& entry, const std::string& constant, double value,
                       const std::vector<std::string>& parts) {
    expect_error([&] { entry.make(choice_of(entry, constant, value)); }, parts);
  };
  says(poisson(), "waves", 1.5, {"problem poisson: constant 'waves' is 1.5", "whole number"});
  says(helmholtz_1d(), "waves", 2.5, {"problem helmholtz_1d: constant 'waves' is 2.5"});
  says(helmholtz_2d(), "waves_y", 1.25, {"problem helmholtz_2d: constant 'waves_y' is 1.25"});
  says(burgers(), "exact_start", 0.7, {"constant 'exact_start' is 0.7; it must be 0 or 1"});
  for (const auto& entry : {acoustic_inversion(), eikonal_tomography(), earthquake_location()})
    says(entry, "spacing", 15, {"constant 'spacing' is 15; it must divide 1000"});
  says(burgers_inverse(), "true_viscosity", 0.02,
       {"'true_viscosity' is 0.02", "without problem.data", "0 is valid"});
}

// At an eigenvalue there are infinitely many solutions, near one errors mean little.
TEST(PinnProblemMessages, HelmholtzAtAnEigenvalueIsRefusedAndNearOneWarnedOf) {
  constexpr double pi = std::numbers::pi;
  const auto of = [](const ProblemEntry& entry, double wave_number) {
    auto choice = choice_of(entry, "wave_number", wave_number);
    return entry.make(choice);
  };
  for (const double at : {pi / 2, pi, 1.5 * pi})
    expect_error([&] { of(helmholtz_1d(), at); },
                 {"problem helmholtz_1d: constant wave_number", "infinitely many", "would do"});
  expect_error([&] { of(helmholtz_2d(), pi / std::numbers::sqrt2); }, {"problem helmholtz_2d"});
  EXPECT_EQ(describe(*of(helmholtz_1d(), 1)).cautions.size(), 0u);
  EXPECT_EQ(describe(*of(helmholtz_1d(), 0)).cautions.size(), 0u);
  EXPECT_EQ(describe(*of(helmholtz_2d(), 1)).cautions.size(), 0u);
  const auto near = describe(*of(helmholtz_1d(), 1.003 * pi / 2)).cautions;
  ASSERT_EQ(near.size(), 1u);
  EXPECT_NE(near[0].find("near the eigenvalue 1.5707963"), std::string::npos) << near[0];
}

TEST(PinnProblemMessages, ScalesOfResidualsAreAboveZero) {
  for (const double scale : {0.0, -1.0, std::nan("")})
    refused([&](Problem& p) { p.terms[0].equations[0].scale = scale; },
            {"problem decay: the residual 'rate.decay' is divided by", "above 0"});
}

}  // namespace

}  // namespace understudy::pinn
