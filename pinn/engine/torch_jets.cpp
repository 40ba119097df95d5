#include "pinn/engine/torch_jets.hpp"

#include <ATen/ATen.h>

#include <array>
#include <cmath>
#include <numbers>

#include "pinn/engine/jet_formulas.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

// Sums and products in which an undefined tensor is 0.
Tensor plus(const Tensor& a, const Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? a + b : a;
}
Tensor times(const Tensor& a, const Tensor& b) {
  return a.defined() && b.defined() ? a * b : Tensor();
}
Tensor times(const Tensor& a, double b) {
  if (b == 1 || !a.defined()) return a;
  return a * b;
}

// f(channel of a, channel of b) for every channel.
template <class F>
Jet each(const Jet& a, const Jet& b, const F& f) {
  std::vector<Tensor> channels;
  for (int c = 0; c < a.spec().channels(); ++c) channels.push_back(f(a.channel(c), b.channel(c)));
  return {a.shared_spec(), std::move(channels)};
}

// Every channel linear: times(b).
template <class F>
Jet each(const Jet& a, const F& f) {
  std::vector<Tensor> channels;
  for (int c = 0; c < a.spec().channels(); ++c)
    channels.push_back(a.channel(c).defined() ? f(a.channel(c)) : Tensor());
  return {a.shared_spec(), std::move(channels)};
}

Jet with_value(const Jet& a, const Tensor& value) {
  std::vector<Tensor> channels{value};
  for (int c = 1; c < a.spec().channels(); ++c) channels.push_back(a.channel(c));
  return {a.shared_spec(), std::move(channels)};
}

// s(a) from s[0 ... highest order] at a's value.
Jet compose(const Jet& a, const std::array<Tensor, most_order + 1>& s) {
  std::vector<Tensor> y(std::size_t(a.spec().channels()));
  y[0] = s[0];
  for (std::size_t d = 0; d < a.spec().directions().size(); ++d) {
    const int first = a.spec().channel(int(d), 1), order = a.spec().directions()[d].order;
    const auto z = [&](int k) { return a.channel(first + k - 1); };
    const auto out = [&](int k) -> Tensor& { return y[std::size_t(first + k - 1)]; };
    const Tensor z1 = z(1), z1z1 = order > 1 ? times(z1, z1) : Tensor();
    out(1) = times(s[1], z1);
    if (order > 1) out(2) = plus(times(s[2], z1z1), times(s[1], z(2)));
    if (order > 2)
      out(3) = plus(times(s[3], times(z1z1, z1)),
                    plus(times(s[2], times(times(z1, z(2)), 3)), times(s[1], z(3))));
    if (order > 3) {
      const Tensor pairs = plus(times(times(z1, z(3)), 4), times(times(z(2), z(2)), 3));
      out(4) = plus(plus(times(s[4], times(z1z1, z1z1)), times(s[3], times(times(z1z1, z(2)), 6))),
                    plus(times(s[2], pairs), times(s[1], z(4))));
    }
  }
  return {a.shared_spec(), std::move(y)};
}

int highest_order(const Jet& a) {
  int highest = 0;
  for (const auto& direction : a.spec().directions()) highest = std::max(highest, direction.order);
  return highest;
}

}  // namespace

at::Tensor Jet::d(const Derivative& derivative) const {
  Tensor sum;
  for (const auto& [channel, weight] : spec_->combination(derivative))
    sum = plus(sum, times(channels_[std::size_t(channel)], weight));
  if (!sum.defined()) return at::zeros_like(value());
  return sum;
}

Jet coordinate(const std::shared_ptr<const JetSpec>& spec, const Tensor& points, int axis) {
  std::vector<Tensor> channels{points.select(1, axis).contiguous()};
  for (const auto& direction : spec->directions())
    for (int order = 1; order <= direction.order; ++order) {
      const double slope = order == 1 ? direction.vector[std::size_t(axis)] : 0;
      channels.push_back(slope != 0 ? at::full({}, slope, points.options()) : Tensor());
    }
  return {spec, std::move(channels)};
}

Jet constant(const Jet& like, const Tensor& value) {
  std::vector<Tensor> channels(std::size_t(like.spec().channels()));
  channels[0] = value;
  return {like.shared_spec(), std::move(channels)};
}

Jet operator+(const Jet& a, const Jet& b) {
  return each(a, b, [](const Tensor& x, const Tensor& y) { return plus(x, y); });
}
Jet operator-(const Jet& a, const Jet& b) {
  return each(a, b, [](const Tensor& x, const Tensor& y) {
    if (!y.defined()) return x;
    return x.defined() ? x - y : -y;
  });
}
Jet operator-(const Jet& a) {
  return each(a, [](const Tensor& x) { return -x; });
}

Jet operator*(const Jet& a, const Jet& b) {
  std::vector<Tensor> y(std::size_t(a.spec().channels()));
  y[0] = times(a.value(), b.value());
  for (std::size_t d = 0; d < a.spec().directions().size(); ++d)
    for (int k = 1; k <= a.spec().directions()[d].order; ++k) {
      Tensor sum;
      for (int j = 0; j <= k; ++j)
        sum = plus(sum, times(times(a.channel(a.spec().channel(int(d), j)),
                                    b.channel(b.spec().channel(int(d), k - j))),
                              formulas::binomial(k, j)));
      y[std::size_t(a.spec().channel(int(d), k))] = sum;
    }
  return {a.shared_spec(), std::move(y)};
}
Jet operator/(const Jet& a, const Jet& b) { return a * pow(b, -1); }

Jet operator+(const Jet& a, double b) { return with_value(a, a.value() + b); }
Jet operator+(double a, const Jet& b) { return b + a; }
Jet operator-(const Jet& a, double b) { return a + (-b); }
Jet operator-(double a, const Jet& b) { return -b + a; }
Jet operator*(const Jet& a, double b) {
  return each(a, [b](const Tensor& x) { return x * b; });
}
Jet operator*(double a, const Jet& b) { return b * a; }
Jet operator/(const Jet& a, double b) { return a * (1 / b); }
Jet operator/(double a, const Jet& b) { return a * pow(b, -1); }
Jet operator*(const Jet& a, const Tensor& b) {
  return each(a, [&b](const Tensor& x) { return x * b; });
}
Jet operator*(const Tensor& a, const Jet& b) { return b * a; }

Jet sin(const Jet& a) {
  const Tensor s = a.value().sin(), c = highest_order(a) > 0 ? a.value().cos() : Tensor();
  const int order = highest_order(a);
  return compose(a, {s, c, order > 1 ? -s : s, order > 2 ? -c : c, s});
}

Jet cos(const Jet& a) {
  const Tensor c = a.value().cos(), s = highest_order(a) > 0 ? a.value().sin() : Tensor();
  const int order = highest_order(a);
  return compose(a, {c, order > 0 ? -s : s, order > 1 ? -c : c, s, c});
}

Jet exp(const Jet& a) {
  const Tensor e = a.value().exp();
  return compose(a, {e, e, e, e, e});
}

Jet tanh(const Jet& a) {
  const int order = highest_order(a);
  std::array<Tensor, most_order + 1> s;
  const Tensor f = s[0] = a.value().tanh();
  if (order > 0) s[1] = 1 - f * f;
  if (order > 1) s[2] = -2 * f * s[1];
  if (order > 2) s[3] = s[1] * (6 * f * f - 2);
  if (order > 3) s[4] = s[1] * f * (16 - 24 * f * f);
  return compose(a, s);
}

Jet atan(const Jet& a) {
  const int order = highest_order(a);
  std::array<Tensor, most_order + 1> s;
  const Tensor& z = a.value();
  s[0] = z.atan();
  if (order > 0) s[1] = 1 / (1 + z * z);
  if (order > 1) s[2] = -2 * z * s[1] * s[1];
  if (order > 2) s[3] = (6 * z * z - 2) * s[1] * s[1] * s[1];
  if (order > 3) s[4] = 24 * z * (1 - z * z) * at::pow(s[1], 4);
  return compose(a, s);
}

Jet erf(const Jet& a) {
  const int order = highest_order(a);
  std::array<Tensor, most_order + 1> s;
  const Tensor& z = a.value();
  s[0] = z.erf();
  if (order > 0) s[1] = 2 * std::numbers::inv_sqrtpi * (-z * z).exp();
  if (order > 1) s[2] = -2 * z * s[1];
  if (order > 2) s[3] = (4 * z * z - 2) * s[1];
  if (order > 3) s[4] = z * (12 - 8 * z * z) * s[1];
  return compose(a, s);
}

Jet pow(const Jet& a, double exponent) {
  std::array<Tensor, most_order + 1> s;
  double factor = 1;
  for (int k = 0; k <= highest_order(a); ++k) {
    s[std::size_t(k)] = factor * at::pow(a.value(), exponent - k);
    factor *= exponent - k;
  }
  return compose(a, s);
}

Jet sqrt(const Jet& a) { return pow(a, 0.5); }

Tensor stack(const std::vector<Jet>& jets, const Tensor& points) {
  const int channels = jets.front().spec().channels();
  const auto count = std::int64_t(jets.size());
  Tensor result = at::zeros({channels, points.size(0), count}, points.options());
  for (std::int64_t n = 0; n < count; ++n)
    for (int c = 0; c < channels; ++c)
      if (const Tensor& values = jets[std::size_t(n)].channel(c); values.defined())
        result.select(2, n).select(0, c).copy_(values.detach());
  return result;
}

std::vector<Jet> unstack(const std::shared_ptr<const JetSpec>& spec, const Tensor& result) {
  const std::int64_t channels = result.size(0), outputs = result.size(1);
  const auto rows = result.reshape({channels * outputs, result.size(2)}).unbind(0);
  std::vector<Jet> jets;
  for (std::int64_t o = 0; o < outputs; ++o) {
    std::vector<Tensor> mine;
    for (std::int64_t c = 0; c < channels; ++c) mine.push_back(rows[std::size_t(c * outputs + o)]);
    jets.emplace_back(spec, std::move(mine));
  }
  return jets;
}

}  // namespace understudy::pinn
