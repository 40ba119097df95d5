// A deck's problem (formula_problem.hpp) understood: names checked, numbers known, formulas read, equations
// gathered in terms. Without LibTorch; pinn/problems/from_deck.cpp makes a Problem of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pinn/formulas/formula.hpp"
#include "pinn/formulas/formula_problem.hpp"
#include "pinn/problem_info.hpp"

namespace understudy::pinn {

struct PlannedTerm {
  enum class Kind { interior, boundary, initial, data } kind = Kind::interior;
  std::string name;
  std::vector<std::string> equations, units;
  std::vector<double> scales;
  std::vector<double> lower, upper;  ///< [input]; empty: at the samples
  Formulas formulas{{}};             ///< [equation]
};

struct FormulaPlan {
  std::vector<InputInfo> inputs;
  std::vector<bool> periodic;
  std::vector<UnknownInfo> fields;
  std::vector<ParameterInfo> parameters;
  std::vector<PlannedTerm> terms;
  std::optional<Formulas> exact;    ///< [field]; none: there is no transform
  std::optional<Formulas> initial;  ///< [field] of the values at first; none: some are not given
  std::vector<Formulas> reference;  ///< [field], each one formula or none
  std::vector<int> evaluation;
  std::vector<std::string> columns, file_columns, column_units;
  std::optional<Formulas>
      made;  ///< [column] of samples that are not read; none: some have no formula
};

/// FormulaError for whatever does not fit, naming key, text, and what would be valid.
FormulaPlan plan(const FormulaProblem& problem, const std::map<std::string, double>& constants);

}  // namespace understudy::pinn
