#include "pinn/formulas/formula_problem.hpp"

namespace understudy::pinn {

void FormulaInput::describe(core::ParamVisitor& v) {
  v.text("name", name, "in formulas: x");
  v.text("unit", unit, "SI: m, s; 1: none");
  v.text("lower", lower, "end of the box: a number or a formula of constants");
  v.text("upper", upper, "the other end");
  v.flag("time", time, "it is the time");
  v.flag("periodic", periodic,
         "the networks, and all that is made of them, have the box as period");
}

void FormulaField::describe(core::ParamVisitor& v) {
  v.text("name", name, "in formulas: u");
  v.text("unit", unit, "SI: m/s; 1: none");
  v.text("help", help, "what it is");
  v.text("exact", exact,
         "conditions that hold exactly: the field from inputs and what the networks give, "
         "(1 - x^2)*u_network; empty: the network itself");
  v.text("reference", reference, "the truth as a formula of the inputs; empty: not known");
}

void FormulaParameter::describe(core::ParamVisitor& v) {
  v.text("name", name, "in formulas: k");
  v.text("unit", unit, "SI; 1: none");
  v.text("help", help, "what it is");
  v.text("start", start, "of the search: a number or a formula of constants");
  v.text("lower", lower, "the search stays above");
  v.text("upper", upper, "and below");
  v.text("truth", truth, "where it is known, to be judged by; empty: not known");
  v.real("tolerance", tolerance, {.at_least = 0}, "1", "relative error to reach; 0: not judged");
}

void FormulaEquation::describe(core::ParamVisitor& v) {
  v.text("name", name, "equation, or term.equation: equations of a term share their points");
  v.text("formula", formula,
         "what must vanish, u_t + u*u_x - nu*u_xx, or an equation: u = sin(pi*x)");
  v.text("at", at, "where: inputs that are held or limited, x = -1 or t = 0, x = 0 to 1");
  v.text("unit", unit, "of what must vanish");
  v.text("scale", scale, "it is divided by this: a number or a formula of constants");
}

void FormulaFit::describe(core::ParamVisitor& v) {
  v.text("name", name, "equation, or term.equation");
  v.text("formula", formula, "u = u_seen: fields, derivatives, parameters, columns");
  v.text("unit", unit, "of what must vanish");
  v.text("scale", scale, "it is divided by this: a number or a formula of constants");
}

void FormulaColumn::describe(core::ParamVisitor& v) {
  v.text("name", name, "in formulas: u_seen");
  v.text("column", column, "in the header of problem.data; empty: the same name");
  v.text("unit", unit, "SI, to which the file's is converted; 1: none");
  v.text("formula", formula,
         "of the inputs: without problem.data the samples are made with it at random points");
}

void FormulaSamples::describe(core::ParamVisitor& v) {
  v.list("columns", columns, "what was measured, beside the inputs");
  v.list("residuals", residuals, "that vanish at the samples");
}

void FormulaProblem::describe(core::ParamVisitor& v) {
  v.text("title", title, "of the report");
  v.text("source", source, "where it comes from: author, year, equation");
  v.list("inputs", inputs, "coordinates and time, at most three, and their box");
  v.list("fields", fields, "what networks give");
  v.list("parameters", parameters, "unknown numbers, found with the fields");
  v.list("residuals", residuals, "equations inside of the box");
  v.list("conditions", conditions, "on sides of the box and at its first instant");
  v.group("samples", samples, "measured at points, for inverse problems");
  v.text(
      "reference_file", reference_file,
      "table with the inputs and fields as columns, on a regular grid, from the deck's folder on");
  v.real("error_to_reach", error_to_reach, {.at_least = 0}, "1",
         "relative L2 of the fields with a reference; 0: not judged");
  v.integers("evaluation", evaluation, 0, {.at_least = 2, .at_most = 100000},
             "points along each input for errors and pictures; empty: 201, 101 each, or 41 each");
}

}  // namespace understudy::pinn
