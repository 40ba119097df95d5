// Further functions of jets (pinn/engine/torch_jets.hpp; private to pinn/). Where a function jumps or bends
// (abs, where, minimum) its derivatives are those of the side on which a point lies.
#pragma once

#include "pinn/engine/torch_jets.hpp"

namespace understudy::pinn {

/// f(a) from its value and the jet of f' at a: the derivatives of f' times a's slope (Leibniz).
Jet from_slope(const Jet& a, const at::Tensor& value, const Jet& slope);

Jet log(const Jet& a);
Jet log2(const Jet& a);
Jet log10(const Jet& a);
Jet tan(const Jet& a);
Jet asin(const Jet& a);
Jet acos(const Jet& a);
Jet sinh(const Jet& a);
Jet cosh(const Jet& a);
Jet asinh(const Jet& a);
Jet acosh(const Jet& a);
Jet atanh(const Jet& a);
Jet abs(const Jet& a);
Jet sign(const Jet& a);
Jet round(const Jet& a);  ///< halves to the even one
Jet atan2(const Jet& y, const Jet& x);
/// a where `condition` [point] (bool) holds, else b.
Jet where(const at::Tensor& condition, const Jet& a, const Jet& b);
Jet minimum(const Jet& a, const Jet& b);
Jet maximum(const Jet& a, const Jet& b);
/// a^b, for b that varies: exp(b log a).
Jet pow(const Jet& a, const Jet& b);
/// a^n by products, at a = 0, too; n >= 1.
Jet whole_power(const Jet& a, int n);

}  // namespace understudy::pinn
