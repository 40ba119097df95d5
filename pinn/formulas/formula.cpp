#include "pinn/formulas/formula.hpp"

#include <algorithm>

#include "core/format.hpp"
#include "pinn/formulas/formula_parser.hpp"
#include "pinn/formulas/formula_values.hpp"

namespace understudy::pinn {

FormulaError::FormulaError(std::string of_key, std::string of_text)
    : core::UserError(core::format("problem.{}: {}", of_key, of_text)),
      key(std::move(of_key)),
      text(std::move(of_text)) {}

void FormulaPlace::refuse(const std::string& what) const {
  throw FormulaError(key, within.empty() ? what : core::format("{}: {}", within, what));
}

void Formulas::add(const std::string& text, const FormulaPlace& at) {
  roots_.push_back(FormulaParser(*this, text, at).parse());
}

void Formulas::add_leaf(FormulaOp op, int index) {
  FormulaNode leaf;
  leaf.op = op;
  leaf.index = index;
  roots_.push_back(place(leaf));
}

void Formulas::add_part(const Formulas& other, int node) {
  const auto reached = other.reached_from(node);
  std::vector<int> here(reached.size(), -1);
  for (std::size_t n = 0; n < reached.size(); ++n) {
    if (!reached[n]) continue;
    FormulaNode copy = other.nodes_[n];
    for (int& of : copy.of)
      if (of >= 0) of = here[std::size_t(of)];
    here[n] = place(copy);
  }
  roots_.push_back(node < 0 ? place({}) : here.back());
}

std::optional<std::pair<int, int>> Formulas::given(int node) const {
  const auto is_field = [&](int n) {
    return nodes_[std::size_t(n)].op == FormulaOp::field &&
           nodes_[std::size_t(n)].derivative.empty();
  };
  const FormulaNode& root = nodes_[std::size_t(node)];
  if (is_field(node)) return std::pair{root.index, -1};
  if (root.op != FormulaOp::subtract || !is_field(root.of[0]) ||
      has(root.of[1], {FormulaOp::field, FormulaOp::parameter, FormulaOp::column}))
    return std::nullopt;
  return std::pair{nodes_[std::size_t(root.of[0])].index, root.of[1]};
}

int Formulas::place(FormulaNode node) {
  const auto at = [&](int n) -> const FormulaNode& {
    return nodes_[std::size_t(node.of[std::size_t(n)])];
  };
  const auto is = [&](int n, double number) {
    return at(n).op == FormulaOp::number && at(n).number == number;
  };
  if (node.of[0] >= 0) {
    bool constant = true;
    std::array<double, 3> numbers{};
    for (std::size_t n = 0; n < numbers.size(); ++n) {
      if (node.of[n] < 0) continue;
      constant = constant && at(int(n)).op == FormulaOp::number;
      numbers[n] = at(int(n)).number;
    }
    if (constant) {
      node = FormulaNode{.number = value_of(node.op, numbers)};
    } else if (node.op == FormulaOp::power && is(1, 2)) {
      node = FormulaNode{.op = FormulaOp::multiply, .of = {node.of[0], node.of[0], -1}};
    } else if ((node.op == FormulaOp::power && is(1, 1)) ||
               (node.op == FormulaOp::subtract && is(1, 0)) ||
               (node.op == FormulaOp::add && is(1, 0))) {
      return node.of[0];
    } else if (node.op == FormulaOp::choose && at(0).op == FormulaOp::number) {
      return at(0).number != 0 ? node.of[1] : node.of[2];
    }
  }
  const auto [found, is_new] = places_.try_emplace(node, int(nodes_.size()));
  if (is_new) nodes_.push_back(node);
  return found->second;
}

std::vector<bool> Formulas::reached_from(int node) const {
  std::vector<bool> reached(std::size_t(node + 1));
  if (node >= 0) reached.back() = true;
  for (int n = node; n >= 0; --n)  // what a node is made of stands before it
    for (const int of : nodes_[std::size_t(n)].of)
      if (reached[std::size_t(n)] && of >= 0) reached[std::size_t(of)] = true;
  return reached;
}

bool Formulas::has(int node, const std::vector<FormulaOp>& ops) const {
  const auto reached = reached_from(node);
  for (std::size_t n = 0; n < reached.size(); ++n)
    if (reached[n] && std::ranges::find(ops, nodes_[n].op) != ops.end()) return true;
  return false;
}

const std::vector<FormulaFunction>& formula_functions() {
  using enum FormulaOp;
  static const std::vector<FormulaFunction> all{
      {"sin", sin, 1, 1},     {"cos", cos, 1, 1},     {"tan", tan, 1, 1},
      {"asin", asin, 1, 1},   {"acos", acos, 1, 1},   {"atan", atan, 1, 1},
      {"atan2", atan2, 2, 2}, {"sinh", sinh, 1, 1},   {"cosh", cosh, 1, 1},
      {"tanh", tanh, 1, 1},   {"asinh", asinh, 1, 1}, {"acosh", acosh, 1, 1},
      {"atanh", atanh, 1, 1}, {"exp", exp, 1, 1},     {"ln", log, 1, 1},
      {"log", log, 1, 1},     {"log2", log2, 1, 1},   {"log10", log10, 1, 1},
      {"sqrt", sqrt, 1, 1},   {"abs", abs, 1, 1},     {"sign", sign, 1, 1},
      {"rint", rint, 1, 1},   {"erf", erf, 1, 1},     {"min", min, 1, 0},
      {"max", max, 1, 0},     {"sum", add, 1, 0},     {"avg", add, 1, 0}};
  return all;
}

bool is_reserved(const std::string& name) {
  return name == "pi" || name == "d" ||
         std::ranges::any_of(formula_functions(),
                             [&](const FormulaFunction& f) { return f.name == name; });
}

bool is_formula_name(const std::string& name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

Derivative derivative_of(const std::string& name, const std::string& field,
                         const std::vector<std::string>& inputs) {
  if (!name.starts_with(field + "_")) return {};
  Derivative by;
  for (const char c : name.substr(field.size() + 1)) {
    const auto found = std::ranges::find(inputs, std::string(1, c));
    if (found == inputs.end()) return {};
    by.push_back(int(found - inputs.begin()));
  }
  return by;
}

}  // namespace understudy::pinn
