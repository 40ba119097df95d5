#include "pinn/formulas/formula_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/nearest.hpp"

namespace understudy::pinn {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// "nu, pi" with what they are in front; nothing where there are none.
void add_names(std::string& text, const char* what, const std::vector<std::string>& names) {
  if (!names.empty())
    text += core::format("{}{} {}", text.empty() ? "" : "; ", what, core::joined(names));
}

// u_x, u_xx... of every field, to suggest.
std::vector<std::string> derivatives(const FormulaNames& names) {
  std::vector<std::string> all;
  for (const auto& field : names.fields)
    for (const auto& a : names.inputs) {
      if (a.size() != 1) continue;
      all.push_back(field + "_" + a);
      for (const auto& b : names.inputs)
        if (b.size() == 1) all.push_back(field + "_" + a + b);
    }
  return all;
}

std::vector<std::string> function_names() {
  std::vector<std::string> all;
  for (const auto& function : formula_functions()) all.emplace_back(function.name);
  return all;
}

int index_of(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? -1 : int(found - names.begin());
}

// Counts how deep the parser is inside of itself.
struct Deeper {
  explicit Deeper(int& count) : nested(count) { ++nested; }
  ~Deeper() { --nested; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;
  int& nested;
};

}  // namespace

void FormulaParser::refuse(std::size_t at, const std::string& what) const {
  place_.refuse(core::format("'{}' cannot be read at character {}: {}", text_, at + 1, what));
}

void FormulaParser::refuse_name(std::size_t at, const std::string& name) const {
  const FormulaNames& names = formulas_.names();
  std::vector<std::string> constants, candidates{"pi"};
  for (const auto& [constant, value] : names.constants) constants.push_back(constant);
  std::string there;
  add_names(there, "fields", names.fields);
  if (!names.fields.empty() && !names.inputs.empty())
    there += core::format(" and their derivatives ({}_{} or d({}, {}))", names.fields[0],
                          names.inputs[0], names.fields[0], names.inputs[0]);
  add_names(there, "networks", names.networks);
  add_names(there, "inputs", names.inputs);
  add_names(there, "parameters", names.parameters);
  add_names(there, "columns of samples", names.columns);
  constants.emplace_back("pi");
  add_names(there, "constants", constants);
  for (const auto& list : {names.fields, names.networks, names.inputs, names.parameters,
                           names.columns, constants, derivatives(names)})
    candidates.insert(candidates.end(), list.begin(), list.end());
  // Of two that are as near the one of the same length: 'nu' for 'mu', not 'u'.
  std::ranges::stable_sort(candidates, {}, [&](const std::string& c) {
    return std::max(c.size(), name.size()) - std::min(c.size(), name.size());
  });
  refuse(at, core::format("there is no '{}'; did you mean '{}'? There are {}", name,
                          core::nearest(name, candidates), there));
}

int FormulaParser::node(std::size_t start, FormulaOp op, int a, int b, int c) {
  FormulaNode made;
  made.op = op;
  made.of = {a, b, c};
  const int place = formulas_.place(made);
  const FormulaNode& result = formulas_.nodes()[std::size_t(place)];
  if (result.op == FormulaOp::number && !std::isfinite(result.number))
    refuse(start, core::format("this part is {}, not a finite number", result.number));
  return place;
}

void FormulaParser::skip() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
    ++at_;
}

bool FormulaParser::take(std::string_view sign) {
  skip();
  if (!std::string_view(text_).substr(at_).starts_with(sign)) return false;
  at_ += sign.size();
  return true;
}

void FormulaParser::expect(std::string_view sign, const std::string& why) {
  if (!take(sign)) refuse(at_, core::format("'{}' is expected{}", sign, why));
}

std::string FormulaParser::word() {
  skip();
  const std::size_t start = at_;
  if (at_ < text_.size() && is_letter(text_[at_]))
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
  return text_.substr(start, at_ - start);
}

int FormulaParser::parse() {
  skip();
  if (at_ == text_.size()) place_.refuse("is empty; a formula is expected");
  int root = choice();
  if (take("=")) {
    const std::size_t start = at_;
    root = node(start, FormulaOp::subtract, root, choice());
  }
  skip();
  if (at_ == text_.size()) return root;
  const char c = text_[at_];
  if (c == ',' && at_ > 0 && is_digit(text_[at_ - 1]))
    refuse(at_, "a decimal comma? Numbers have a point: 1.5, not 1,5");
  if (c == '=') refuse(at_, "an equation has one '='; to compare write ==, <= or >=");
  if (c == ')') refuse(at_, "this ')' closes nothing");
  if (is_letter(c) || is_digit(c) || c == '(')
    refuse(at_, "an operator is expected before it; a product is written with *");
  refuse(at_, core::format("'{}' is no operator; there are + - * / ^ < <= > >= == != && || ?:", c));
}

int FormulaParser::choice() {
  const Deeper deeper(nested_);
  if (nested_ > Formulas::most_nested)
    refuse(at_, core::format("more than {} parts inside one another", Formulas::most_nested));
  const std::size_t start = at_;
  const int condition = chain(0);
  if (!take("?")) return condition;
  const int yes = choice();
  expect(":", " between what holds if it is true and if not");
  const int no = choice();
  return node(start, FormulaOp::choose, condition, yes, no);
}

int FormulaParser::chain(std::size_t level) {
  static const std::vector<std::vector<Binary>> levels{
      {{"||", FormulaOp::either}},
      {{"&&", FormulaOp::both}},
      {{"<=", FormulaOp::less_equal},
       {">=", FormulaOp::greater_equal},
       {"==", FormulaOp::equal},
       {"!=", FormulaOp::unequal},
       {"<", FormulaOp::less},
       {">", FormulaOp::greater}},
      {{"+", FormulaOp::add}, {"-", FormulaOp::subtract}},
      {{"*", FormulaOp::multiply}, {"/", FormulaOp::divide}}};
  if (level == levels.size()) return unary();
  const std::size_t start = at_;
  int left = chain(level + 1);
  while (true) {
    const auto found =
        std::ranges::find_if(levels[level], [&](const Binary& one) { return take(one.sign); });
    if (found == levels[level].end()) return left;
    if (found->op == FormulaOp::multiply && at_ < text_.size() && text_[at_] == '*')
      refuse(at_ - 1, "a power is written ^: x^2");
    left = node(start, found->op, left, chain(level + 1));
  }
}

int FormulaParser::unary() {
  const Deeper deeper(nested_);
  if (nested_ > Formulas::most_nested)
    refuse(at_, core::format("more than {} parts inside one another", Formulas::most_nested));
  skip();
  const std::size_t start = at_;
  if (take("-")) return node(start, FormulaOp::negate, unary());
  if (take("+")) return unary();
  return power();
}

int FormulaParser::power() {
  const std::size_t start = at_;
  const int base = primary();
  return take("^") ? node(start, FormulaOp::power, base, unary()) : base;
}

int FormulaParser::primary() {
  skip();
  if (at_ == text_.size()) refuse(at_, "it ends where a value is expected");
  const char c = text_[at_];
  if (is_digit(c) || c == '.') return number();
  if (is_letter(c)) return name();
  if (take("(")) {
    const int inside = choice();
    expect(")", " to close what is open");
    return inside;
  }
  refuse(at_, core::format("a value is expected, not '{}'", c));
}

int FormulaParser::number() {
  FormulaNode made;
  const char* begin = text_.data() + at_;
  const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), made.number);
  if (error == std::errc::result_out_of_range) refuse(at_, "a number that is too large or small");
  if (error != std::errc()) refuse(at_, "this is no number");
  at_ += std::size_t(end - begin);
  if (at_ < text_.size() && is_letter(text_[at_]))
    refuse(at_, "an operator is expected behind a number; a product is written 2*x");
  return formulas_.place(made);
}

int FormulaParser::name() {
  const std::size_t start = at_;
  const std::string found = word();
  skip();
  const bool opens = at_ < text_.size() && text_[at_] == '(';
  if (!opens) return leaf(start, found);
  if (found == "d") return derivative(start);
  return call(start, found);
}

int FormulaParser::call(std::size_t start, const std::string& function) {
  const auto& all = formula_functions();
  const auto found =
      std::ranges::find_if(all, [&](const FormulaFunction& f) { return f.name == function; });
  if (found == all.end())
    refuse(start,
           core::format("there is no function '{}'; did you mean '{}'? There are {}", function,
                        core::nearest(function, function_names()), core::joined(function_names())));
  std::vector<int> values;
  take("(");
  if (!take(")")) {
    do values.push_back(choice());
    while (take(","));
    expect(")", " to close what is open");
  }
  const int count = int(values.size());
  if (count < found->least || (found->most > 0 && count > found->most))
    refuse(start, core::format("{} takes {} {}, given {}", function,
                               found->most == 0 ? "at least 1" : std::to_string(found->least),
                               found->least == 1 ? "value" : "values", count));
  if (found->most == 1) return node(start, found->op, values[0]);
  if (found->most == 2) return node(start, found->op, values[0], values[1]);
  int all_of_them = values[0];
  for (int n = 1; n < count; ++n)
    all_of_them = node(start, found->op, all_of_them, values[std::size_t(n)]);
  if (function != "avg") return all_of_them;
  FormulaNode number;
  number.number = count;
  return node(start, FormulaOp::divide, all_of_them, formulas_.place(number));
}

int FormulaParser::derivative(std::size_t start) {
  const FormulaNames& names = formulas_.names();
  take("(");
  skip();
  const std::size_t at_field = at_;
  const std::string of = word();
  const int index = index_of(names.fields, of);
  if (index < 0)
    refuse(at_field, core::format("d() takes a field and the inputs by which it is derived, "
                                  "d(u, x, x), not '{}'; fields here: {}",
                                  of, core::joined(names.fields, "none")));
  Derivative by;
  while (take(",")) {
    skip();
    const std::size_t at_input = at_;
    const std::string input = word();
    by.push_back(index_of(names.inputs, input));
    if (by.back() < 0)
      refuse(at_input,
             core::format("'{}' is no input; there are {}", input, core::joined(names.inputs)));
  }
  expect(")", " to close what is open");
  if (by.empty()) refuse(start, "d() takes a field and one input or more: d(u, x)");
  return field(start, index, by);
}

int FormulaParser::leaf(std::size_t start, const std::string& found) {
  const FormulaNames& names = formulas_.names();
  FormulaNode made;
  const auto constant = names.constants.find(found);
  if (constant != names.constants.end() || found == "pi") {
    made.number = found == "pi" ? std::numbers::pi : constant->second;
    return formulas_.place(made);
  }
  for (const auto& [list, op] : {std::pair{&names.inputs, FormulaOp::input},
                                 std::pair{&names.parameters, FormulaOp::parameter},
                                 std::pair{&names.columns, FormulaOp::column},
                                 std::pair{&names.networks, FormulaOp::network},
                                 std::pair{&names.fields, FormulaOp::field}}) {
    made.op = op;
    made.index = index_of(*list, found);
    if (made.index >= 0) return formulas_.place(made);
  }
  for (std::size_t n = 0; n < names.fields.size(); ++n)
    if (const auto by = derivative_of(found, names.fields[n], names.inputs); !by.empty())
      return field(start, int(n), by);
  refuse_name(start, found);
}

int FormulaParser::field(std::size_t start, int index, const Derivative& by) {
  const FormulaNames& names = formulas_.names();
  try {
    JetSpec(int(names.inputs.size()), {by});
  } catch (const core::UserError&) {
    const std::string said = text_.substr(start, at_ - start);
    refuse(start,
           core::format("the derivative '{}' cannot be formed: pure ones go up to order {} "
                        "(u_xxxx), mixed ones are of two inputs and of the forms u_xy, u_xxy "
                        "and u_xxyy",
                        said.substr(0, said.find_last_not_of(" \t") + 1), most_order));
  }
  FormulaNode made;
  made.op = FormulaOp::field;
  made.index = index;
  made.derivative = by;
  std::ranges::sort(made.derivative);
  return formulas_.place(made);
}

}  // namespace understudy::pinn
