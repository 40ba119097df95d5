// A problem written in a deck: what its terms become, and a message for everything that does not fit.
#include "pinn/formulas/formula_problem.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>

#include "pinn/formulas/formula_plan.hpp"
#include "pinn/grid_reference.hpp"
#include "support/scratch.hpp"

namespace understudy::pinn {

namespace {

// Heat in a rod with an unknown diffusivity, from samples.
FormulaProblem rod() {
  FormulaProblem p;
  p.inputs = {{.name = "x", .unit = "m", .upper = "L"}, {.name = "t", .unit = "s", .time = true}};
  p.fields = {{.name = "u", .unit = "K", .reference = "sin(pi*x/L)"}};
  p.parameters = {
      {.name = "k", .unit = "m2/s", .start = "1", .lower = "0", .upper = "L", .truth = "1/L"}};
  p.residuals = {{.name = "heat", .formula = "u_t = k*u_xx", .unit = "K/s", .scale = "10"}};
  p.conditions = {{.name = "start", .formula = "u = sin(pi*x/L)", .at = "t = 0", .unit = "K"},
                  {.name = "left", .formula = "u", .at = "x = 0"},
                  {.name = "right.u", .formula = "u", .at = "x = L"},
                  {.name = "right.flux", .formula = "u_x", .at = "x = L"},
                  {.name = "patch", .formula = "u = 1", .at = "x = L/2, t = 0.25 to 1"}};
  p.samples.columns = {{.name = "seen", .unit = "K"}};
  p.samples.residuals = {{.name = "fit", .formula = "u = seen"}};
  return p;
}

const std::map<std::string, double> constants{{"L", 2}};

void refused(const std::function<void(FormulaProblem&)>& spoil,
             const std::vector<std::string>& parts,
             const std::map<std::string, double>& with = constants) {
  FormulaProblem problem = rod();
  spoil(problem);
  std::string text = "no error";
  try {
    plan(problem, with);
  } catch (const FormulaError& error) {
    text = error.what();
  }
  for (const auto& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(PinnFormulaProblem, TermsAreNamedAndPlaced) {
  const FormulaPlan p = plan(rod(), constants);
  using Kind = PlannedTerm::Kind;
  struct Wanted {
    const char* name;
    Kind kind;
    std::vector<std::string> equations;
    std::vector<double> lower, upper;
  };
  const std::vector<Wanted> all{{"interior", Kind::interior, {"heat"}, {0, 0}, {2, 1}},
                                {"initial", Kind::initial, {"start"}, {0, 0}, {2, 0}},
                                {"left", Kind::boundary, {"value"}, {0, 0}, {0, 1}},
                                {"right", Kind::boundary, {"u", "flux"}, {2, 0}, {2, 1}},
                                {"patch", Kind::boundary, {"value"}, {1, 0.25}, {1, 1}},
                                {"samples", Kind::data, {"fit"}, {}, {}}};
  ASSERT_EQ(p.terms.size(), all.size());
  for (std::size_t n = 0; n < all.size(); ++n) {
    EXPECT_EQ(p.terms[n].name, all[n].name);
    EXPECT_EQ(p.terms[n].kind, all[n].kind) << all[n].name;
    EXPECT_EQ(p.terms[n].equations, all[n].equations) << all[n].name;
    EXPECT_EQ(p.terms[n].lower, all[n].lower) << all[n].name;
    EXPECT_EQ(p.terms[n].upper, all[n].upper) << all[n].name;
    EXPECT_EQ(p.terms[n].formulas.roots().size(), all[n].equations.size());
  }
  EXPECT_EQ(p.terms[0].scales, std::vector<double>{10});
  EXPECT_EQ(p.parameters[0].truth, 0.5);
  EXPECT_EQ(p.evaluation, (std::vector<int>{101, 101}));
  EXPECT_TRUE(p.initial);
  EXPECT_FALSE(p.made);
}

TEST(PinnFormulaProblem, NamesThatCannotBe) {
  refused([](FormulaProblem& p) { p.fields[0].name = "2u"; },
          {"problem.fields: entry 0 (2u), name: '2u' is no name for formulas; a letter, then"});
  refused([](FormulaProblem& p) { p.inputs[0].name = "sin"; },
          {"problem.inputs", "'sin' has a meaning of its own"});
  refused([](FormulaProblem& p) { p.parameters[0].name = "u"; },
          {"problem.parameters", "'u' is the name of something else, too"});
  refused([](FormulaProblem& p) { p.parameters[0].name = "u_xx"; },
          {"'u_xx' reads as a derivative of the field 'u'; give another name"});
  refused([](FormulaProblem& p) { p.samples.columns[0].name = "u_network"; },
          {"problem.samples", "'u_network' is what the network of the field 'u' gives"});
  refused([](FormulaProblem&) {}, {"problem.constants: 'x': 'x' is the name of something else"},
          {{"L", 2}, {"x", 1}});
  refused([](FormulaProblem& p) { p.residuals[0].name = "a.b.c"; },
          {"entry 0 (a.b.c), name", "equation or term.equation"});
  refused([](FormulaProblem& p) { p.residuals[0].name = ""; }, {"'' is no name"});
}

TEST(PinnFormulaProblem, InputsAndFields) {
  refused(
      [](FormulaProblem& p) { p.inputs.clear(); },
      {"problem.inputs: there are 0; 1 to 3 are valid: inputs: [{name: x, lower: 0, upper: 1}]"});
  refused([](FormulaProblem& p) { p.inputs.resize(4); }, {"there are 4; 1 to 3"});
  refused([](FormulaProblem& p) { p.inputs[0].upper = "-1"; },
          {"entry 0 (x), upper: is -1; it must be above lower, 0"});
  refused([](FormulaProblem& p) { p.inputs[0].upper = "K"; },
          {"there is no 'K'", "constants L, pi"});
  refused([](FormulaProblem& p) { p.inputs[0].time = true; }, {"there is a time already"});
  refused([](FormulaProblem& p) { p.inputs[1].periodic = true; }, {"time cannot be periodic"});
  refused([](FormulaProblem& p) { p.inputs[0].unit = "ell"; },
          {"entry 0 (x), unit", "'ell' is not a unit"});
  refused([](FormulaProblem& p) { p.fields.clear(); }, {"problem.fields: there are none"});
  refused([](FormulaProblem& p) { p.fields[0].exact = "x*(1 - x)"; },
          {"fields: entry 0 (u), exact", "leaves nothing to be learnt", "u_network"});
  refused([](FormulaProblem& p) { p.fields[0].exact = "x*u"; },
          {"there is no 'u'", "networks u_network"});
  refused([](FormulaProblem& p) { p.reference_file = "truth.csv"; },
          {"reference: is given, and so is reference_file"});
  refused([](FormulaProblem& p) { p.evaluation = {5}; },
          {"problem.evaluation: has 1 numbers", "inputs x, t"});
}

TEST(PinnFormulaProblem, Parameters) {
  refused([](FormulaProblem& p) { p.parameters[0].start = ""; },
          {"parameters: entry 0 (k), start: is missing; a number or a formula of constants"});
  refused([](FormulaProblem& p) { p.parameters[0].start = "3"; },
          {"start: is 3, outside of its bounds 0 to 2"});
  refused([](FormulaProblem& p) { p.parameters[0].upper = "0"; },
          {"upper: is 0; it must be above lower, 0"});
}

TEST(PinnFormulaProblem, EquationsAndTheirPlaces) {
  refused(
      [](FormulaProblem& p) {
        p.residuals.clear();
        p.conditions.clear();
        p.samples = {};
      },
      {"problem.residuals: there are none; an equation is needed"});
  refused([](FormulaProblem& p) { p.residuals[0].formula = "x - 1"; },
          {"'x - 1' has neither a field nor a parameter in it", "fields are u"});
  refused([](FormulaProblem& p) { p.residuals[0].formula = "u = seen"; },
          {"there is no 'seen'"});  // samples' columns are at samples alone
  refused([](FormulaProblem& p) { p.residuals[0].scale = "0"; },
          {"scale: is 0; it must be above 0"});
  refused([](FormulaProblem& p) { p.conditions[1].at = ""; },
          {"conditions: entry 1 (left), at: holds no input at a place", "x = -1"});
  refused([](FormulaProblem& p) { p.conditions[1].at = "y = 0"; },
          {"'y' is no input; did you mean 'x'? There are x, t"});
  refused([](FormulaProblem& p) { p.conditions[1].at = "x"; },
          {"'x' is no place; x = 0 and x = 0 to 1 are valid"});
  refused([](FormulaProblem& p) { p.conditions[1].at = "x = 3"; },
          {"'x = 3' lies outside of the box: x runs from 0 to 2"});
  refused([](FormulaProblem& p) { p.conditions[1].at = "x = 0, x = 1"; }, {"'x' is given twice"});
  refused([](FormulaProblem& p) { p.conditions[4].at = "x = 0, t = 1 to 0"; },
          {"'t = 1 to 0' ends where it begins or below"});
  refused([](FormulaProblem& p) { p.conditions[3].at = "x = 0"; },
          {"the term 'right' holds elsewhere in another entry", "name: other.flux"});
  refused([](FormulaProblem& p) { p.conditions[3].name = "right.u"; },
          {"the term 'right' has an equation 'u' already"});
}

TEST(PinnFormulaProblem, SamplesNeedColumnsAndResiduals) {
  refused([](FormulaProblem& p) { p.samples.residuals.clear(); },
          {"problem.samples: has columns and no residuals", "formula: \"u = seen\""});
  refused([](FormulaProblem& p) { p.samples.columns.clear(); },
          {"problem.samples: has residuals and no columns"});
}

TEST(PinnFormulaProblem, ReferencesThatAreNoGrid) {
  const tests::Scratch scratch(core::Comm::self());
  const std::vector<InputInfo> inputs{{"x", "m", 0, 1}, {"t", "s", 0, 1, true}};
  const std::vector<UnknownInfo> fields{{"u", "1", ""}};
  const auto error = [&](const std::filesystem::path& path) -> std::string {
    try {
      GridReference(path, inputs, fields);
    } catch (const core::UserError& e) {
      return e.what();
    }
    return "no error";
  };
  std::ofstream(scratch / "holes.csv") << "x,t,u\n0,0,1\n1,0,2\n0,1,3\n";
  EXPECT_NE(
      error(scratch / "holes.csv")
          .find("its 3 rows are no grid: the different places are 2 of x, 2 of t, which make 4"),
      std::string::npos)
      << error(scratch / "holes.csv");
  std::ofstream(scratch / "twice.csv") << "x,t,u\n0,0,1\n1,0,2\n0,1,3\n0,1,3\n";
  EXPECT_NE(error(scratch / "twice.csv").find("are no grid"), std::string::npos);
  EXPECT_NE(error(scratch.path()).find("is a folder; a reference is read from a table"),
            std::string::npos);
  std::ofstream(scratch / "whole.csv") << "t,x,u\n0,0,0\n0,1,2\n1,1,5\n1,0,3\n";
  const auto values = GridReference(scratch / "whole.csv", inputs, fields).at({{0.5, 0.5}, {1, 1}});
  EXPECT_NEAR(values[0][0], 2.5, 1e-14);  // 2 x + 3 t
  EXPECT_NEAR(values[0][1], 5, 1e-14);
}

}  // namespace
}  // namespace understudy::pinn
