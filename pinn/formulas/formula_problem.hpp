// A problem as a deck writes it (problem.name: from_deck): inputs, fields, equations, conditions, samples and a
// reference, all by formulas (pinn/formulas/formula.hpp). docs/pinn.md, "Your equation in the deck".
//
// Texts that say numbers (bounds, scales, starts) may be formulas of the deck's constants.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::pinn {

struct FormulaInput {
  std::string name = {}, unit = "1", lower = "0", upper = "1";
  bool time = false, periodic = false;
  void describe(core::ParamVisitor& v);
};

struct FormulaField {
  std::string name = {}, unit = "1", help = {};
  std::string exact = {};      ///< of inputs and NAME_network; empty: the network itself
  std::string reference = {};  ///< of inputs; empty: not known
  void describe(core::ParamVisitor& v);
};

struct FormulaParameter {
  std::string name = {}, unit = "1", help = {}, start = {}, lower = {}, upper = {};
  std::string truth = {};  ///< empty: not known
  double tolerance = 0;    ///< relative error to reach; 0: not judged
  void describe(core::ParamVisitor& v);
};

/// A residual, "a" or "a = b". Where: the whole box, or as `at` says.
struct FormulaEquation {
  std::string name = {};  ///< "equation", or "term.equation"
  std::string formula = {};
  std::string at = {};  ///< "x = -1", "t = 0, x = 0 to 1"
  std::string unit = "1", scale = "1";
  void describe(core::ParamVisitor& v);
};

/// A residual on the samples, whose points they have.
struct FormulaFit {
  std::string name = {}, formula = {}, unit = "1", scale = "1";
  void describe(core::ParamVisitor& v);
};

struct FormulaColumn {
  std::string name = {};    ///< in formulas
  std::string column = {};  ///< in the file; empty: the same
  std::string unit = "1";
  std::string formula = {};  ///< of inputs: what samples are made with where no file is given
  void describe(core::ParamVisitor& v);
};

struct FormulaSamples {
  std::vector<FormulaColumn> columns;
  std::vector<FormulaFit> residuals;
  void describe(core::ParamVisitor& v);
};

struct FormulaProblem {
  std::string title, source;
  std::vector<FormulaInput> inputs;
  std::vector<FormulaField> fields;
  std::vector<FormulaParameter> parameters;
  std::vector<FormulaEquation> residuals, conditions;
  FormulaSamples samples;
  std::string
      reference_file;         ///< a table of inputs and fields on a grid; from the deck's folder on
  double error_to_reach = 0;  ///< relative L2 of each field with a reference; 0: not judged
  std::vector<long long> evaluation;  ///< points along each input; empty: by their number
  void describe(core::ParamVisitor& v);
};

}  // namespace understudy::pinn
