#include "pinn/formulas/formula_values.hpp"

#include <algorithm>
#include <cmath>

#include "core/format.hpp"

namespace understudy::pinn {

namespace {

// Functions of one number, in the order of their operations from sin to erf.
using Function = double (*)(double);
double sign(double x) { return double(x > 0) - double(x < 0); }
const std::vector<Function>& functions() {
  static const std::vector<Function> all{
      std::sin,  std::cos,   std::tan,   std::asin,  std::acos,  std::atan, std::sinh,
      std::cosh, std::tanh,  std::asinh, std::acosh, std::atanh, std::exp,  std::log,
      std::log2, std::log10, std::sqrt,  std::fabs,  sign,       std::rint, std::erf};
  return all;
}

}  // namespace

double value_of(FormulaOp op, const std::array<double, 3>& of) {
  const double a = of[0], b = of[1];
  if (op >= FormulaOp::sin && op <= FormulaOp::erf)
    return functions()[std::size_t(op) - std::size_t(FormulaOp::sin)](a);
  switch (op) {
    case FormulaOp::negate:
      return -a;
    case FormulaOp::add:
      return a + b;
    case FormulaOp::subtract:
      return a - b;
    case FormulaOp::multiply:
      return a * b;
    case FormulaOp::divide:
      return a / b;
    case FormulaOp::power:
      return std::pow(a, b);
    case FormulaOp::less:
      return a < b;
    case FormulaOp::less_equal:
      return a <= b;
    case FormulaOp::greater:
      return a > b;
    case FormulaOp::greater_equal:
      return a >= b;
    case FormulaOp::equal:
      return a == b;
    case FormulaOp::unequal:
      return a != b;
    case FormulaOp::both:
      return a != 0 && b != 0;
    case FormulaOp::either:
      return a != 0 || b != 0;
    case FormulaOp::choose:
      return a != 0 ? b : of[2];
    case FormulaOp::atan2:
      return std::atan2(a, b);
    case FormulaOp::min:
      return std::min(a, b);
    case FormulaOp::max:
      return std::max(a, b);
    default:
      throw std::logic_error("a leaf of a formula has no operation");
  }
}

std::vector<double> values_at(const Formulas& formulas, std::span<const double> inputs) {
  std::vector<double> values;
  for (const FormulaNode& node : formulas.nodes()) {
    if (node.op == FormulaOp::number) {
      values.push_back(node.number);
    } else if (node.op == FormulaOp::input) {
      values.push_back(inputs[std::size_t(node.index)]);
    } else {
      std::array<double, 3> of{};
      for (std::size_t n = 0; n < of.size(); ++n)
        if (node.of[n] >= 0) of[n] = values[std::size_t(node.of[n])];
      values.push_back(value_of(node.op, of));
    }
  }
  std::vector<double> results;
  for (const int root : formulas.roots()) results.push_back(values[std::size_t(root)]);
  return results;
}

double number_of(const std::string& text, const std::map<std::string, double>& constants,
                 const FormulaPlace& place) {
  if (text.empty()) place.refuse("is missing; a number or a formula of constants is valid");
  FormulaNames names;
  names.constants = constants;
  Formulas formula(names);
  formula.add(text, place);
  const double value = values_at(formula, {}).front();
  if (!std::isfinite(value)) place.refuse(core::format("'{}' is {}, not finite", text, value));
  return value;
}

}  // namespace understudy::pinn
