// Equations as texts, "u_t + u*u_x - nu*u_xx": parsed into a list of operations in which equal parts stand
// once. No LibTorch: torch_formula.hpp evaluates them with fields, formula_values.hpp with numbers.
//
//   precedence, loosest first   ?:   ||   &&   < <= > >= == !=   + -   * /   unary + -   ^ (from the right)
//   functions                   formula_functions()
//   derivatives of a field u    u_t, u_xx, u_xyy: letters that are inputs; d(u, time, x) for longer names
//
// What is constant is folded once, x^2 becomes x*x. Nesting: at most most_nested.
#pragma once

#include <array>
#include <compare>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "pinn/engine/jet_spec.hpp"

namespace understudy::pinn {

/// What the names of a formula mean; pi is a constant everywhere.
struct FormulaNames {
  std::vector<std::string> inputs;
  std::map<std::string, double> constants;
  std::vector<std::string> fields;      ///< with their derivatives by the inputs
  std::vector<std::string> parameters;  ///< unknown numbers
  std::vector<std::string> columns;     ///< of samples
  std::vector<std::string> networks;    ///< what networks give, "u_network"
};

enum class FormulaOp {
  number,
  input,
  field,
  parameter,
  column,
  network,
  negate,
  add,
  subtract,
  multiply,
  divide,
  power,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  unequal,
  both,
  either,
  choose,  ///< of[0] is not 0: of[1], else of[2]
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  exp,
  log,
  log2,
  log10,
  sqrt,
  abs,
  sign,
  rint,
  erf,
  atan2,
  min,
  max
};

struct FormulaNode {
  FormulaOp op = FormulaOp::number;
  double number = 0;
  int index = 0;               ///< of the input, field, parameter, column or network
  Derivative derivative = {};  ///< of the field
  std::array<int, 3> of{-1, -1, -1};
  auto operator<=>(const FormulaNode&) const = default;
};

/// A user's mistake in a deck's equations. `key`: of the list or text below `problem`, "residuals".
class FormulaError : public core::UserError {
 public:
  FormulaError(std::string of_key, std::string of_text);
  const std::string key, text;
};

/// Where a text comes from, for messages.
struct FormulaPlace {
  std::string key;     ///< "residuals"
  std::string within;  ///< "entry 0 (momentum), formula"
  [[noreturn]] void refuse(const std::string& what) const;
};

class Formulas {
 public:
  static constexpr int most_nested = 100;

  explicit Formulas(FormulaNames names) : names_(std::move(names)) {}

  /// One more formula; "a = b" stands for a - (b). FormulaError naming text, character and what is valid.
  void add(const std::string& text, const FormulaPlace& place);
  /// One more that is a value of its own: a field's network.
  void add_leaf(FormulaOp op, int index);
  /// One more that is a part of another formula; the names are the same.
  void add_part(const Formulas& other, int node);

  const FormulaNames& names() const { return names_; }
  /// Each after those that it is made of.
  const std::vector<FormulaNode>& nodes() const { return nodes_; }
  /// Node of each formula, in the order of add().
  const std::vector<int>& roots() const { return roots_; }
  /// Of "u = g", g being of inputs alone: the field and g's node; -1: g is 0.
  std::optional<std::pair<int, int>> given(int node) const;
  /// Is one of `ops` in the formula of that node?
  bool has(int node, const std::vector<FormulaOp>& ops) const;

 private:
  friend class FormulaParser;
  /// The node's place; an equal one is not added again, one of numbers is their result.
  int place(FormulaNode node);
  /// The nodes that a node is made of, and itself.
  std::vector<bool> reached_from(int node) const;

  FormulaNames names_;
  std::vector<FormulaNode> nodes_;
  std::map<FormulaNode, int> places_;
  std::vector<int> roots_;
};

struct FormulaFunction {
  const char* name;
  FormulaOp op;
  int least, most;  ///< values that it takes; most 0: any number
};
/// Those of the other formulas of decks (core/expression.hpp), and erf. sum and avg are made of + and /.
const std::vector<FormulaFunction>& formula_functions();
/// Names that nothing else may have: functions, pi, d.
bool is_reserved(const std::string& name);
/// A letter or _, then letters, digits and _.
bool is_formula_name(const std::string& name);
/// The field's derivative that `name` would be read as: u_xx. Empty: none, or no such inputs.
Derivative derivative_of(const std::string& name, const std::string& field,
                         const std::vector<std::string>& inputs);

}  // namespace understudy::pinn
