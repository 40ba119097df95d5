// Formulas of numbers (pinn/formulas/formula.hpp).
#pragma once

#include <span>

#include "pinn/formulas/formula.hpp"

namespace understudy::pinn {

/// The operation's result; `of` as many as it takes. True is 1, false 0.
double value_of(FormulaOp op, const std::array<double, 3>& of);

/// The values of all formulas at a point [input], [root]. They are of inputs and constants alone.
std::vector<double> values_at(const Formulas& formulas, std::span<const double> inputs);

/// A number of the deck, written as a formula of its constants: "0.01/pi". FormulaError; it is finite.
double number_of(const std::string& text, const std::map<std::string, double>& constants,
                 const FormulaPlace& place);

}  // namespace understudy::pinn
