// The parser of formulas (pinn/formulas/formula.hpp), by recursive descent.
#pragma once

#include <string>
#include <string_view>

#include "pinn/formulas/formula.hpp"

namespace understudy::pinn {

class FormulaParser {
 public:
  FormulaParser(Formulas& formulas, const std::string& text, const FormulaPlace& place)
      : formulas_(formulas), text_(text), place_(place) {}
  /// The node of the whole text.
  int parse();

 private:
  struct Binary {
    std::string_view sign;
    FormulaOp op;
  };

  int choice();
  int chain(std::size_t level);
  int unary();
  int power();
  int primary();
  int number();
  int name();
  int call(std::size_t start, const std::string& function);
  int derivative(std::size_t start);
  int leaf(std::size_t start, const std::string& name);
  int field(std::size_t start, int index, const Derivative& derivative);

  int node(std::size_t start, FormulaOp op, int a = -1, int b = -1, int c = -1);
  void skip();
  bool take(std::string_view sign);
  void expect(std::string_view sign, const std::string& why);
  std::string word();
  std::string letter_here() const;
  [[noreturn]] void refuse(std::size_t at, const std::string& what) const;
  [[noreturn]] void refuse_name(std::size_t at, const std::string& name) const;

  Formulas& formulas_;
  const std::string& text_;
  const FormulaPlace& place_;
  std::size_t at_ = 0;
  int nested_ = 0;
};

}  // namespace understudy::pinn
