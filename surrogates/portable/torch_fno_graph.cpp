// torch_fno.cpp as a graph: products with matrices of cosines and sines, complex numbers as two arrays.
#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

#include "surrogates/portable/torch_network_graphs.hpp"

namespace understudy::surrogates {

namespace {

struct Complex {
  Value real, imaginary;
};

class FnoGraph {
 public:
  explicit FnoGraph(const NetworkToGraph& network)
      : network_(network),
        p_(network.params),
        dimension_(static_cast<int>(network.shape.boundaries.size()) / 2) {}

  Value whole(const Value& input) const {
    Value v = extended(pointwise("lift", with_coordinates(input)));
    for (int n = 0; n < p_.layers; ++n) {
      const std::string name = "layer" + std::to_string(n);
      v = convolved(name + ".spectral", v) + pointwise(name + ".bypass", v);
      if (n + 1 < p_.layers) v = activate(p_.activation, v);
    }
    for (int axis = 0; axis < dimension_; ++axis)
      v = slice(v, place(axis), 0, input.size(place(axis)));
    v = activate(p_.activation, pointwise("project0", v));
    return pointwise("project1", v);
  }

 private:
  bool periodic(int axis) const {
    return network_.shape.boundaries.at(2 * axis) == SideKind::periodic;
  }
  std::int64_t modes(int axis) const {
    return p_.modes.size() == 1 ? p_.modes[0] : p_.modes.at(axis);
  }
  std::size_t place(int axis) const { return static_cast<std::size_t>(1 + dimension_ - axis); }

  Value pointwise(const std::string& name, const Value& x) const {
    std::int64_t points = 1;
    for (std::size_t axis = 2; axis < x.shape().size(); ++axis) points *= x.size(axis);
    const Value flat = reshape(x, {-1, x.size(1), points});
    const at::Tensor& bias = network_.values(name + ".bias");
    const Value y = matmul(network_.weight(name + ".weight"), flat) +
                    network_.constant(name + ".bias", bias.view({-1, 1}));
    auto shape = x.shape();
    shape[1] = bias.numel();
    return reshape(y, shape);
  }

  Value with_coordinates(const Value& input) const {
    std::vector<at::Tensor> coordinates;
    for (int axis = 0; axis < dimension_; ++axis) {
      if (periodic(axis)) continue;
      const std::int64_t n = input.size(place(axis));
      std::vector<std::int64_t> along(input.shape().size(), 1), all = input.shape();
      along[place(axis)] = n;
      all[0] = all[1] = 1;
      const at::Tensor x =
          (at::arange(n, at::TensorOptions(at::kDouble)) + 0.5) * (2.0 / double(n)) - 1;
      coordinates.push_back(x.view(along).expand(all));
    }
    if (coordinates.empty()) return input;
    const Value made = network_.constant("coordinates", at::cat(coordinates, 1));
    return concat({input, repeat(input, made)}, 1);
  }

  // Continued by zeros along axes that are not periodic.
  Value extended(const Value& v) const {
    Value x = v;
    for (int axis = 0; axis < dimension_; ++axis) {
      const std::int64_t n = v.size(place(axis));
      const auto more = std::llround(std::ceil(p_.padding * static_cast<double>(n)));
      if (periodic(axis) || more == 0) continue;
      std::vector<std::int64_t> shape = x.shape();
      shape[0] = 1;
      shape[place(axis)] = more;
      const Value zeros = network_.constant("beyond_" + std::to_string(axis), at::zeros(shape));
      x = concat({x, repeat(x, zeros)}, static_cast<std::int64_t>(place(axis)));
    }
    return x;
  }

  // exp(-+ 2 pi i j k / n) as [n, wave] forth (divided by n) and [wave, n] back; x has k >= 0 only.
  Complex waves(int axis, std::int64_t n, bool forth) const {
    const std::int64_t first = axis == 0 ? 0 : 1 - modes(axis);
    const at::TensorOptions doubles(at::kDouble);
    const at::Tensor k = at::arange(first, modes(axis), doubles), j = at::arange(n, doubles);
    const at::Tensor angle =
        at::remainder(at::outer(j, k), double(n)) * (2 * std::numbers::pi / static_cast<double>(n));
    at::Tensor real = angle.cos(), imaginary = angle.sin();
    if (forth) {
      real = real / double(n);
      imaginary = -imaginary / double(n);
    } else if (axis == 0) {
      // The wave numbers -k of a real function are the conjugates of k.
      const at::Tensor both = at::where(k == 0, 1.0, 2.0);
      real = real * both;
      imaginary = imaginary * both;
    }
    const std::string name = std::string(forth ? "waves" : "back") + std::to_string(axis);
    const auto kept = [&](const char* part, const at::Tensor& t) {
      return network_.constant(name + part, forth ? t : t.t());
    };
    return {kept(".real", real), kept(".imaginary", imaginary)};
  }

  static Complex product(const Complex& a, const Complex& b) {
    return {matmul(a.real, b.real) - matmul(a.imaginary, b.imaginary),
            matmul(a.real, b.imaginary) + matmul(a.imaginary, b.real)};
  }

  template <class Map>
  static Complex each(const Complex& c, const Map& map) {
    return {map(c.real), map(c.imaginary)};
  }

  // The last axis to `to`, or the axis `to` to the end.
  static Value moved(const Value& x, std::int64_t to, bool to_end) {
    std::vector<std::int64_t> axes;
    const auto count = static_cast<std::int64_t>(x.shape().size());
    for (std::int64_t n = 0; n < count; ++n)
      if (n != (to_end ? to : count - 1)) axes.push_back(n);
    axes.insert(to_end ? axes.end() : axes.begin() + to, to_end ? to : count - 1);
    return permute(x, axes);
  }

  Value convolved(const std::string& name, const Value& v) const {
    const Complex x = waves(0, v.size(place(0)), true);
    Complex c{matmul(v, x.real), matmul(v, x.imaginary)};
    for (int axis = 1; axis < dimension_; ++axis) {
      c = each(c, [&](const Value& part) { return moved(part, 1 + axis, false); });
      c = product(c, waves(axis, v.size(place(axis)), true));
    }
    const auto kept = c.real.shape();
    std::int64_t count = 1;
    for (std::size_t n = 2; n < kept.size(); ++n) count *= kept[n];
    // [wave, batch, in] times [wave, in, out].
    const at::Tensor r = network_.values(name).flatten(0, dimension_ - 1);
    const Complex weights{network_.constant(name + ".real", r.select(3, 0)),
                          network_.constant(name + ".imaginary", r.select(3, 1))};
    c = each(c, [&](const Value& part) {
      return permute(reshape(part, {-1, p_.width, count}), {2, 0, 1});
    });
    c = product(c, weights);
    c = each(c, [&](const Value& part) { return reshape(permute(part, {1, 2, 0}), kept); });
    for (int axis = dimension_ - 1; axis >= 1; --axis) {
      c = product(c, waves(axis, v.size(place(axis)), false));
      c = each(c, [&](const Value& part) { return moved(part, 1 + axis, true); });
    }
    const Complex back = waves(0, v.size(place(0)), false);
    return matmul(c.real, back.real) - matmul(c.imaginary, back.imaginary);
  }

  const NetworkToGraph& network_;
  const NetworkParams& p_;
  int dimension_;
};

}  // namespace

Value fno_graph(const NetworkToGraph& network, const GraphInputs& inputs) {
  return FnoGraph(network).whole(channels_of(inputs));
}

}  // namespace understudy::surrogates
