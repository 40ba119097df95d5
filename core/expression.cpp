#include "core/expression.hpp"

#include <muParser.h>

#include <numbers>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::core {

const ExpressionWords& expression_words() {
  static const ExpressionWords words{
      "x, y, z, t", "pi", "+ - * / ^ < <= > >= == != && || ?:",
      "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp ln log log2 log10 sqrt abs "
      "sign rint min max sum avg"};
  return words;
}

namespace {

std::string valid() {
  const ExpressionWords& w = expression_words();
  return core::format("valid: numbers, {} (x, y, z in m, t in s), {}, {}, {}", w.variables,
                      w.constants, w.operators, w.functions);
}

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw UserError(core::format("the formula '{}' cannot be read: {} ({})", text, why, valid()));
}

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// muParser takes '=' for an assignment and a comma for a list, whose last value it gives back: both would
// pass and mean something else than was meant.
void require_one_value(const std::string& text) {
  std::vector<bool> of_function;  // each open parenthesis
  for (std::size_t n = 0; n < text.size(); ++n) {
    const char c = text[n], next = n + 1 < text.size() ? text[n + 1] : ' ';
    if (c == '(') {
      std::size_t before = n;
      while (before > 0 && is_space(text[before - 1])) --before;
      of_function.push_back(before > 0 && is_word(text[before - 1]));
    } else if (c == ')') {
      if (!of_function.empty()) of_function.pop_back();
    } else if (c == ';') {
      refuse(text, "';' separates nothing here: one formula has one value");
    } else if (c == ',' && (of_function.empty() || !of_function.back())) {
      const bool decimal = n > 0 && is_digit(text[n - 1]) && is_digit(next);
      refuse(text, decimal ? "a decimal comma? Numbers have a point: 1.5, not 1,5"
                           : "a comma outside a function's parentheses makes a list, and a formula "
                             "has one value");
    } else if (c == '=' && next == '=') {
      ++n;
    } else if (c == '=') {
      const char previous = n > 0 ? text[n - 1] : ' ';
      if (previous != '<' && previous != '>' && previous != '!')
        refuse(text, "'=' would assign a value; to compare write ==, <= or >=");
    }
  }
}

}  // namespace

struct Expression::Impl {
  mu::Parser parser;
  double x = 0, y = 0, z = 0, t = 0;
  bool time = false;

  explicit Impl(const std::string& text) {
    parser.DefineVar("x", &x);
    parser.DefineVar("y", &y);
    parser.DefineVar("z", &z);
    parser.DefineVar("t", &t);
    parser.DefineConst("pi", std::numbers::pi);
    require_one_value(text);
    try {
      parser.SetExpr(text);
      int values = 0;
      parser.Eval(values);
      if (values != 1) refuse(text, core::format("it has {} values", values));
      time = parser.GetUsedVar().contains("t");
    } catch (const mu::Parser::exception_type& error) {
      refuse(text, error.GetMsg());
    }
  }
};

Expression::Expression(const std::string& text)
    : text_(text), impl_(std::make_unique<Impl>(text)) {}
Expression::~Expression() = default;
Expression::Expression(const Expression& other) : Expression(other.text_) {}
Expression& Expression::operator=(const Expression& other) {
  return *this = Expression(other.text_);
}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;

double Expression::operator()(double x_m, double y_m, double z_m, double t_s) const {
  impl_->x = x_m;
  impl_->y = y_m;
  impl_->z = z_m;
  impl_->t = t_s;
  return impl_->parser.Eval();
}

bool Expression::depends_on_time() const { return impl_->time; }

}  // namespace understudy::core
