#include "core/expression.hpp"

#include <muParser.h>

#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::core {

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
    try {
      parser.SetExpr(text);
      parser.Eval();
      time = parser.GetUsedVar().contains("t");
    } catch (const mu::Parser::exception_type& error) {
      throw UserError(core::format(
          "the formula '{}' cannot be read: {} (valid: numbers, x, y, z, t, pi, + - * / ^, "
          "sin cos tan exp log sqrt abs min max, comparisons and ?:)",
          text, error.GetMsg()));
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
