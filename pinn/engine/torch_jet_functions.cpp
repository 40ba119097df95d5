#include "pinn/engine/torch_jet_functions.hpp"

#include <ATen/ATen.h>

#include <numbers>

#include "pinn/engine/jet_formulas.hpp"

namespace understudy::pinn {

using at::Tensor;

Jet from_slope(const Jet& a, const Tensor& value, const Jet& slope) {
  std::vector<Tensor> y(std::size_t(a.spec().channels()));
  y[0] = value;
  for (std::size_t d = 0; d < a.spec().directions().size(); ++d)
    for (int k = 1; k <= a.spec().directions()[d].order; ++k) {
      Tensor sum;
      for (int j = 0; j < k; ++j) {
        const Tensor& f = slope.channel(a.spec().channel(int(d), j));
        const Tensor& z = a.channel(a.spec().channel(int(d), k - j));
        if (!f.defined() || !z.defined()) continue;
        Tensor product = f * z;
        if (const double times = formulas::binomial(k - 1, j); times != 1)
          product = product * times;
        sum = sum.defined() ? sum + product : product;
      }
      y[std::size_t(a.spec().channel(int(d), k))] = sum;
    }
  return {a.shared_spec(), std::move(y)};
}

Jet log(const Jet& a) { return from_slope(a, a.value().log(), pow(a, -1)); }
Jet log2(const Jet& a) { return from_slope(a, a.value().log2(), pow(a, -1) * std::numbers::log2e); }
Jet log10(const Jet& a) {
  return from_slope(a, a.value().log10(), pow(a, -1) * std::numbers::log10e);
}
Jet tan(const Jet& a) { return from_slope(a, a.value().tan(), pow(cos(a), -2)); }
Jet asin(const Jet& a) { return from_slope(a, a.value().asin(), pow(1 - a * a, -0.5)); }
Jet acos(const Jet& a) { return from_slope(a, a.value().acos(), -pow(1 - a * a, -0.5)); }
Jet sinh(const Jet& a) { return from_slope(a, a.value().sinh(), (exp(a) + exp(-a)) * 0.5); }
Jet cosh(const Jet& a) { return from_slope(a, a.value().cosh(), (exp(a) - exp(-a)) * 0.5); }
Jet asinh(const Jet& a) { return from_slope(a, a.value().asinh(), pow(a * a + 1, -0.5)); }
Jet acosh(const Jet& a) { return from_slope(a, a.value().acosh(), pow(a * a - 1, -0.5)); }
Jet atanh(const Jet& a) { return from_slope(a, a.value().atanh(), pow(1 - a * a, -1)); }

Jet abs(const Jet& a) { return a * a.value().sign(); }
Jet sign(const Jet& a) { return constant(a, a.value().sign()); }
Jet round(const Jet& a) { return constant(a, a.value().round()); }

Jet atan2(const Jet& y, const Jet& x) {
  const Jet inverse = pow(x * x + y * y, -1);
  const Tensor value = at::atan2(y.value(), x.value());
  return from_slope(y, value, x * inverse) + from_slope(x, at::zeros_like(value), -(y * inverse));
}

Jet where(const Tensor& condition, const Jet& a, const Jet& b) {
  std::vector<Tensor> channels;
  for (int c = 0; c < a.spec().channels(); ++c) {
    const Tensor &x = a.channel(c), &y = b.channel(c);
    if (!x.defined() && !y.defined())
      channels.emplace_back();
    else
      channels.push_back(at::where(condition, x.defined() ? x : at::zeros_like(y),
                                   y.defined() ? y : at::zeros_like(x)));
  }
  return {a.shared_spec(), std::move(channels)};
}

Jet minimum(const Jet& a, const Jet& b) { return where(a.value() < b.value(), a, b); }
Jet maximum(const Jet& a, const Jet& b) { return where(a.value() > b.value(), a, b); }
Jet pow(const Jet& a, const Jet& b) { return exp(b * log(a)); }

Jet whole_power(const Jet& a, int n) {
  if (n == 1) return a;
  const Jet half = whole_power(a, n / 2), square = half * half;
  return n % 2 == 0 ? square : square * a;
}

}  // namespace understudy::pinn
