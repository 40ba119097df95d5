#include "core/expression.hpp"

#include <muParser.h>

#include <algorithm>
#include <array>
#include <numbers>
#include <string_view>
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

struct Elsewhere {
  std::string_view word, here;
};

// What other languages call it, and what stands here in its place.
constexpr std::array elsewhere{
    Elsewhere{"pow", "a power is written x^2"},
    Elsewhere{"power", "a power is written x^2"},
    Elsewhere{"fabs", "the absolute value is abs(x)"},
    Elsewhere{"arcsin", "it is called asin here"},
    Elsewhere{"arccos", "it is called acos here"},
    Elsewhere{"arctan", "it is called atan here"},
    Elsewhere{"arctan2", "it is called atan2 here"},
    Elsewhere{"e", "Euler's number is exp(1)"},
    Elsewhere{"E", "Euler's number is exp(1)"},
    Elsewhere{"PI", "it is written pi"},
    Elsewhere{"Pi", "it is written pi"},
    Elsewhere{"M_PI", "it is written pi"},
    Elsewhere{"np", "functions have no module before them: sin(x), not np.sin(x)"},
    Elsewhere{"numpy", "functions have no module before them: sin(x), not numpy.sin(x)"},
    Elsewhere{"math", "functions have no module before them: sin(x), not math.sin(x)"},
    Elsewhere{"std", "functions have no namespace before them: sin(x), not std::sin(x)"},
    Elsewhere{
        "mod",
        "there is no remainder; a - b * rint(a / b) is what lies between a and the nearest multiple of b"},
    Elsewhere{
        "fmod",
        "there is no remainder; a - b * rint(a / b) is what lies between a and the nearest multiple of b"},
    Elsewhere{"floor", "there are no floor and ceil; rint rounds to the nearest whole number"},
    Elsewhere{"ceil", "there are no floor and ceil; rint rounds to the nearest whole number"},
    Elsewhere{"round", "it is called rint here"},
    Elsewhere{"if", "a choice is written x > 1 ? 2 : 3"},
    Elsewhere{"where", "a choice is written x > 1 ? 2 : 3"},
    Elsewhere{"and", "'and' is written &&"},
    Elsewhere{"or", "'or' is written ||"}};

std::string_view named_elsewhere(std::string_view word) {
  const auto found = std::ranges::find(elsewhere, word, &Elsewhere::word);
  return found == elsewhere.end() ? std::string_view() : found->here;
}

// Of a formula that muParser refused: what stands in it that others write so. Empty: nothing.
std::string habit_of_others(const std::string& text) {
  if (text.find("**") != std::string::npos) return "a power is written x^2, not x**2";
  if (text.find('%') != std::string::npos) return std::string(named_elsewhere("mod"));
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string_view word = std::string_view(text).substr(at, end - at);
    const std::size_t next = text.find_first_not_of(" \t", end);
    if (word == "pi" && next != std::string::npos && text[next] == '(')
      return "pi is a number: write pi, not pi(), and pi * (...) for a product";
    if (!word.empty() && !named_elsewhere(word).empty()) return std::string(named_elsewhere(word));
    at = end + 1;
  }
  return "";
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
      const std::string habit = habit_of_others(text);
      refuse(text, habit.empty() ? error.GetMsg() : habit);
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
