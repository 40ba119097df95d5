#include "pinn/formulas/torch_formula.hpp"

#include <ATen/ATen.h>

#include <array>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "pinn/engine/torch_jet_functions.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;
using Op = FormulaOp;

// What tensors and jets are called alike for.
const Tensor& value_of(const Tensor& a) { return a; }
const Tensor& value_of(const Jet& a) { return a.value(); }
Tensor like(const Tensor&, const Tensor& value) { return value; }
Jet like(const Jet& a, const Tensor& value) { return constant(a, value); }
Tensor number_less(double a, const Tensor& b) { return at::rsub(b, a); }
Jet number_less(double a, const Jet& b) { return a - b; }
Tensor number_over(double a, const Tensor& b) { return b.reciprocal() * a; }
Jet number_over(double a, const Jet& b) { return a / b; }
Tensor power(const Tensor& a, double b) { return at::pow(a, b); }
Jet power(const Jet& a, double b) {
  constexpr double most = 64;
  if (b == std::rint(b) && b >= 1 && b <= most) return whole_power(a, int(b));
  return pow(a, b);
}
Tensor power(double a, const Tensor& b) { return at::pow(a, b); }
Jet power(double a, const Jet& b) { return exp(b * std::log(a)); }

// A number, or what has values at points.
template <class T>
struct Value {
  std::optional<T> array;
  double number = 0;
};

// `model`: of the kind of array that is wanted.
template <class T>
T array_of(const Value<T>& a, const T& model) {
  if (a.array) return *a.array;
  return like(model, at::scalar_tensor(a.number, value_of(model).options().requires_grad(false)));
}

template <class T>
T arithmetic(Op op, const Value<T>& a, const Value<T>& b) {
  switch (op) {
    case Op::add:
      return !a.array ? *b.array + a.number : !b.array ? *a.array + b.number : *a.array + *b.array;
    case Op::subtract:
      return !a.array   ? number_less(a.number, *b.array)
             : !b.array ? *a.array - b.number
                        : *a.array - *b.array;
    case Op::multiply:
      return !a.array ? *b.array * a.number : !b.array ? *a.array * b.number : *a.array * *b.array;
    case Op::divide:
      return !a.array   ? number_over(a.number, *b.array)
             : !b.array ? *a.array / b.number
                        : *a.array / *b.array;
    default:
      return !a.array   ? power(a.number, *b.array)
             : !b.array ? power(*a.array, b.number)
                        : pow(*a.array, *b.array);
  }
}

Tensor compared(Op op, const Tensor& a, const Tensor& b) {
  switch (op) {
    case Op::less:
      return a < b;
    case Op::less_equal:
      return a <= b;
    case Op::greater:
      return a > b;
    case Op::greater_equal:
      return a >= b;
    case Op::equal:
      return a == b;
    case Op::unequal:
      return a != b;
    case Op::both:
      return at::logical_and(a, b);
    default:
      return at::logical_or(a, b);
  }
}

template <class T>
T of_one(Op op, const T& a) {
  switch (op) {
    case Op::negate:
      return -a;
    case Op::sin:
      return sin(a);
    case Op::cos:
      return cos(a);
    case Op::tan:
      return tan(a);
    case Op::asin:
      return asin(a);
    case Op::acos:
      return acos(a);
    case Op::atan:
      return atan(a);
    case Op::sinh:
      return sinh(a);
    case Op::cosh:
      return cosh(a);
    case Op::tanh:
      return tanh(a);
    case Op::asinh:
      return asinh(a);
    case Op::acosh:
      return acosh(a);
    case Op::atanh:
      return atanh(a);
    case Op::exp:
      return exp(a);
    case Op::log:
      return log(a);
    case Op::log2:
      return log2(a);
    case Op::log10:
      return log10(a);
    case Op::sqrt:
      return sqrt(a);
    case Op::abs:
      return abs(a);
    case Op::sign:
      return sign(a);
    case Op::rint:
      return round(a);
    case Op::erf:
      return erf(a);
    default:
      throw std::logic_error("no function of one value");
  }
}

// An operation of two values or three, one of them an array.
template <class T>
T of_many(Op op, const std::array<Value<T>, 3>& of) {
  const auto &a = of[0], &b = of[1];
  if (op >= Op::add && op <= Op::power) return arithmetic(op, a, b);
  const T& model = a.array ? *a.array : b.array ? *b.array : *of[2].array;
  const T x = array_of(a, model), y = array_of(b, model);
  switch (op) {
    case Op::choose:
      return where(value_of(x) != 0, y, array_of(of[2], model));
    case Op::atan2:
      return atan2(x, y);
    case Op::min:
      return minimum(x, y);
    case Op::max:
      return maximum(x, y);
    default:
      return like(model, compared(op, value_of(x), value_of(y)).to(value_of(model).scalar_type()));
  }
}

// [node]; `leaf` gives what is no number and no operation.
template <class T, class Leaf>
std::vector<Value<T>> values_of(const Formulas& formulas, const Leaf& leaf) {
  std::vector<Value<T>> values;
  values.reserve(formulas.nodes().size());
  const auto at = [&](int n) { return n < 0 ? Value<T>{} : values[std::size_t(n)]; };
  for (const FormulaNode& node : formulas.nodes()) {
    if (node.op == Op::number)
      values.push_back({{}, node.number});
    else if (node.of[0] < 0)
      values.push_back({leaf(node), 0});
    else if (node.of[1] < 0)
      values.push_back({of_one(node.op, *values[std::size_t(node.of[0])].array), 0});
    else
      values.push_back({of_many<T>(node.op, {at(node.of[0]), at(node.of[1]), at(node.of[2])}), 0});
  }
  return values;
}

// The formulas' own, [point].
std::vector<Tensor> results(const Formulas& formulas, const std::vector<Value<Tensor>>& values,
                            const Tensor& points) {
  std::vector<Tensor> all;
  for (const int root : formulas.roots()) {
    const auto& value = values[std::size_t(root)];
    Tensor result = value.array ? *value.array : at::scalar_tensor(value.number, points.options());
    all.push_back(result.dim() == 0 ? result.expand({points.size(0)}) : result);
  }
  return all;
}

}  // namespace

Residuals evaluate(const Formulas& formulas, const Fields& fields) {
  const FormulaNames& names = formulas.names();
  const auto leaf = [&](const FormulaNode& node) -> Tensor {
    const auto n = std::size_t(node.index);
    switch (node.op) {
      case Op::input:
        return fields.input(node.index);
      case Op::parameter:
        return fields.parameter(names.parameters[n]);
      case Op::column:
        return fields.data(node.index);
      default: {
        const FieldValue field = fields[names.fields[n]];
        return node.derivative.empty() ? field.value() : field.d(node.derivative);
      }
    }
  };
  return results(formulas, values_of<Tensor>(formulas, leaf), fields.points());
}

std::vector<Tensor> evaluate(const Formulas& formulas, const Tensor& points) {
  const auto leaf = [&](const FormulaNode& node) { return points.select(1, node.index); };
  return results(formulas, values_of<Tensor>(formulas, leaf), points);
}

std::vector<Jet> evaluate(const Formulas& formulas, const std::vector<Jet>& inputs,
                          const std::vector<Jet>& networks) {
  const auto leaf = [&](const FormulaNode& node) {
    return (node.op == Op::input ? inputs : networks)[std::size_t(node.index)];
  };
  const auto values = values_of<Jet>(formulas, leaf);
  std::vector<Jet> all;
  for (const int root : formulas.roots())
    all.push_back(array_of(values[std::size_t(root)], inputs[0]));
  return all;
}

}  // namespace understudy::pinn
