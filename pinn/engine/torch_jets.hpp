// Fields with their derivatives as tensors (private to pinn/), and the algebra in which the transforms of a
// problem are written: sums, products (Leibniz) and functions (Faa di Bruno) of jets are jets.
//
//   const Jet x = coordinate(spec, points, 0);
//   const Jet u = x * (1 - x) * net;              // zero at both ends, whatever the network says
//
// A channel is [point], or without axes where it is the same at every point, or undefined where it is 0.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "pinn/engine/jet_spec.hpp"

namespace understudy::pinn {

class Jet {
 public:
  Jet() = default;
  Jet(std::shared_ptr<const JetSpec> spec, std::vector<at::Tensor> channels)
      : spec_(std::move(spec)), channels_(std::move(channels)) {}

  const JetSpec& spec() const { return *spec_; }
  const std::shared_ptr<const JetSpec>& shared_spec() const { return spec_; }
  const at::Tensor& value() const { return channels_[0]; }
  /// May be undefined: 0 everywhere.
  const at::Tensor& channel(int n) const { return channels_[std::size_t(n)]; }
  /// By input indices: d({0, 0}) is u_xx. Zeros where it vanishes. UserError when it is not carried.
  at::Tensor d(const Derivative& derivative) const;

 private:
  std::shared_ptr<const JetSpec> spec_;
  std::vector<at::Tensor> channels_;
};

/// Input `axis` of points [point, input].
Jet coordinate(const std::shared_ptr<const JetSpec>& spec, const at::Tensor& points, int axis);
/// The same number, or the same [point], with no derivatives.
Jet constant(const Jet& like, const at::Tensor& value);

Jet operator+(const Jet& a, const Jet& b);
Jet operator-(const Jet& a, const Jet& b);
Jet operator*(const Jet& a, const Jet& b);
Jet operator/(const Jet& a, const Jet& b);
Jet operator-(const Jet& a);
Jet operator+(const Jet& a, double b);
Jet operator+(double a, const Jet& b);
Jet operator-(const Jet& a, double b);
Jet operator-(double a, const Jet& b);
Jet operator*(const Jet& a, double b);
Jet operator*(double a, const Jet& b);
Jet operator/(const Jet& a, double b);
Jet operator/(double a, const Jet& b);
/// Times a number that is trained, or one for each point.
Jet operator*(const Jet& a, const at::Tensor& b);
Jet operator*(const at::Tensor& a, const Jet& b);

Jet sin(const Jet& a);
Jet cos(const Jet& a);
Jet exp(const Jet& a);
Jet tanh(const Jet& a);
Jet atan(const Jet& a);
Jet erf(const Jet& a);
Jet sqrt(const Jet& a);  ///< not at 0
Jet pow(const Jet& a, double exponent);

/// [channel, point, jet], without autograd: what a network takes.
at::Tensor stack(const std::vector<Jet>& jets, const at::Tensor& points);
/// The rows of a network's result [channel, output, point].
std::vector<Jet> unstack(const std::shared_ptr<const JetSpec>& spec, const at::Tensor& result);

}  // namespace understudy::pinn
