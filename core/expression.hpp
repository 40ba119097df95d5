// A formula of x, y, z (m) and t (s) from the deck, such as "1.5 * 4 * y * (0.41 - y) / 0.41^2", by
// muParser: one value, without assignments and lists; expression_words() says of what it may be made.
// Host only; not thread-safe (one evaluation at a time per object).
#pragma once

#include <memory>
#include <string>

namespace understudy::core {

/// What a formula may be made of, for messages and the deck reference: for people, not for parsing.
struct ExpressionWords {
  std::string variables, constants, operators, functions;
};
const ExpressionWords& expression_words();

class Expression {
 public:
  Expression() : Expression("0") {}
  /// UserError naming the text and what is wrong with it: what muParser expected, an assignment, a list, a
  /// decimal comma, or what is written otherwise here than elsewhere (x**2, pow, pi(), e).
  explicit Expression(const std::string& text);
  ~Expression();
  Expression(const Expression& other);
  Expression& operator=(const Expression& other);
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;

  double operator()(double x_m, double y_m, double z_m, double t_s) const;
  const std::string& text() const { return text_; }
  bool depends_on_time() const;

 private:
  struct Impl;
  std::string text_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::core
