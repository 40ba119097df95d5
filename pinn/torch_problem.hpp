// A boundary-value or inverse problem for a network (private to pinn/: it shows tensors). One file in
// pinn/problems/ makes one; residuals read like the equations:
//
//   const int x = 0, t = 1;
//   p.inputs = {{"x", "1", -1, 1}, {"t", "1", 0, 1, true}};
//   p.fields = {{"u", "1", "speed"}};
//   Term& interior = p.add("burgers", {{"momentum", "1"}}, p.interior());
//   interior.residuals = [nu](const Fields& f) -> Residuals {
//     const auto u = f["u"];
//     return {u.d(t) + u * u.d(x) - nu * u.d(x, x)};
//   };
//
// Which derivatives are needed is found by asking the residuals once (derivatives_of).
#pragma once

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mesh/geometry/geometry.hpp"
#include "pinn/engine/torch_jets.hpp"
#include "pinn/problem_info.hpp"

namespace understudy::pinn {

/// A field in a residual: its value where a tensor is wanted, its derivatives by d(inputs...).
class FieldValue {
 public:
  /// `asked`: notes derivatives instead of giving them.
  FieldValue(const Jet& jet, std::vector<Derivative>* asked) : jet_(jet), asked_(asked) {}
  operator at::Tensor() const { return jet_.value(); }  // NOLINT: so that it reads like u
  const at::Tensor& value() const { return jet_.value(); }
  template <class... Input>
  at::Tensor d(Input... inputs) const {
    return derivative({inputs...});
  }

 private:
  at::Tensor derivative(const Derivative& inputs) const;
  Jet jet_;
  std::vector<Derivative>* asked_;
};

inline at::Tensor operator+(const FieldValue& a, const FieldValue& b) {
  return a.value() + b.value();
}
inline at::Tensor operator-(const FieldValue& a, const FieldValue& b) {
  return a.value() - b.value();
}
inline at::Tensor operator*(const FieldValue& a, const FieldValue& b) {
  return a.value() * b.value();
}
inline at::Tensor operator*(const FieldValue& a, double b) { return a.value() * b; }
inline at::Tensor operator*(double a, const FieldValue& b) { return a * b.value(); }
inline at::Tensor operator+(const FieldValue& a, double b) { return a.value() + b; }
inline at::Tensor operator-(const FieldValue& a, double b) { return a.value() - b; }
inline at::Tensor operator-(const FieldValue& a) { return -a.value(); }

/// What residuals are formed from at a set of points.
class Fields {
 public:
  struct Source {
    const Problem* problem = nullptr;
    at::Tensor points;                             ///< [point, input]
    std::vector<Jet> jets;                         ///< of the problem's fields, in its order
    std::map<std::string, at::Tensor> parameters;  ///< without axes, or the same at every [point]
    at::Tensor data;                               ///< [point, column], or undefined
    std::vector<Derivative>* asked = nullptr;
  };
  explicit Fields(Source source) : source_(std::move(source)) {}

  /// UserError naming the fields that there are.
  FieldValue operator[](const std::string& field) const;
  /// Coordinate `input`, [point].
  at::Tensor input(int input) const { return source_.points.select(1, input); }
  /// An unknown number. UserError for one that the problem does not have.
  at::Tensor parameter(const std::string& name) const;
  /// A column of the term's samples, [point]. UserError for one that they do not have.
  at::Tensor data(int column) const;
  const at::Tensor& points() const { return source_.points; }

 private:
  Source source_;
};

/// One [point] for each of the term's equations.
using Residuals = std::vector<at::Tensor>;

/// Where the points of a term lie.
struct Region {
  /// [input]: lower == upper holds a coordinate fixed.
  std::vector<double> lower, upper;
  /// Left out: where the first two (three) inputs, a point in m, lie inside one of these.
  std::vector<std::shared_ptr<const mesh::Body>> without;
  /// Longitude and latitude (rad) are the inputs `sphere_axis` and the next one: even in area.
  int sphere_axis = -1;
  /// Points on the surface of without[on_body], instead of a box.
  int on_body = -1;
  /// Fixed points [point, input] in place of random ones, with their samples [point, column].
  at::Tensor points, data;
};

struct Equation {
  std::string name, unit;
  double scale = 1;  ///< residuals are divided by it, so that terms compare; finite and above 0
};

/// Residuals on a region: an equation inside, a condition on a boundary, samples.
struct Term {
  std::string name;
  std::vector<Equation> equations;
  Region region;
  std::function<Residuals(const Fields&)> residuals;
  double weight = 1;  ///< start; training may move it
  double share = 0;   ///< of the points of a step, beside the other terms; 0: by kind
  enum class Kind { interior, boundary, initial, data } kind = Kind::interior;
};

/// Fields computed by one network from some of the inputs.
struct NetworkGroup {
  std::vector<std::string> fields, inputs;
};

/// The truth, where it is known: values [field][point] at points [point][input]; NaN: not known there.
using Reference =
    std::function<std::vector<std::vector<double>>(const std::vector<std::vector<double>>& points)>;

/// A solver of the usual kind for the same problem, to compare with: as good as its kind is.
struct ClassicalMethod {
  std::string name;              ///< "Fourier spectral, fourth-order exponential time differencing"
  std::vector<int> resolutions;  ///< ascending: points along an axis
  /// Solves; the function that comes back gives the fields [field][point] at points [point][input].
  std::function<Reference(int resolution)> solve;
};

/// Bounds of the inputs [input] that networks serve: the problem's, a window of time, or a part of the box
/// with its overlap.
struct InputBox {
  std::vector<double> lower, upper;
};
/// Input `axis` from the box to [-1, 1].
Jet scaled(const std::vector<Jet>& inputs, const InputBox& box, int axis);

struct Problem {
  std::string name, title;
  std::string source;  ///< author, year, equation or table
  std::vector<InputInfo> inputs;
  std::vector<UnknownInfo> fields;
  std::vector<ParameterInfo> parameters;
  std::vector<Term> terms;
  /// Empty: one network for all fields from all inputs.
  std::vector<NetworkGroup> networks;

  /// Jets of the inputs to what the networks take; empty: each scaled to [-1, 1]. `box`: what the networks
  /// serve, to which inputs without a period are scaled. `group`: of networks.
  std::function<std::vector<Jet>(const std::vector<Jet>& inputs, const InputBox& box, int group)>
      features;
  /// Networks' outputs (one for each field) to the fields, for conditions that hold exactly.
  std::function<std::vector<Jet>(const std::vector<Jet>& inputs, const std::vector<Jet>& outputs)>
      transform;

  Reference reference;                 ///< empty: none is known
  ClassicalMethod classical;           ///< without resolutions: none
  double error_to_reach = 0;           ///< relative L2, with its source in `source`
  std::vector<int> evaluation;         ///< points along each input for errors, pictures, VTK
  std::vector<std::string> mean_free;  ///< fields compared after their means are taken off
  std::vector<std::string> judged;     ///< fields that error_to_reach speaks of; empty: all
  /// What is known to be doubtful of it with these constants (nearly singular: errors mean little); each is
  /// said in log, summary and report. What has no solution, or many, is refused where it is made.
  std::vector<std::string> cautions;
  /// What is usually done for an inverse problem: "least squares over ...". Not run here.
  std::string classical_inversion;
  /// The initial values [point] of every field at points of the first instant, for time windows (the
  /// next window starts from the last one's end). Empty: the problem has no windows.
  std::function<std::vector<at::Tensor>(const at::Tensor& points)> initial;

  /// The whole box of the inputs.
  Region interior() const;
  /// The box with input `axis` held at `value`.
  Region face(int axis, double value) const;
  Term& add(const std::string& term, std::vector<Equation> equations, Region region,
            Term::Kind kind = Term::Kind::interior);
  int field_index(const std::string& field) const;  ///< -1: none
  /// Something is found from samples: a number or a field.
  bool is_inverse() const;
};

/// The derivatives that a term's residuals ask for. UserError for a field, parameter or derivative that
/// does not exist.
std::vector<Derivative> derivatives_of(const Problem& problem, const Term& term);
/// UserError, naming the problem and the part, where inputs, fields, units, terms or networks do not fit.
void check_problem(const Problem& problem);

}  // namespace understudy::pinn
