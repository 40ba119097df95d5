#include "pinn/classical_methods/spectral_flow.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <tuple>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"
#include "pinn/classical_methods/barycentric.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

std::vector<double> lobatto_points(int degree, double lower, double upper) {
  std::vector<double> x;
  for (int n = 0; n <= degree; ++n)
    x.push_back((lower + upper) / 2 -
                (upper - lower) / 2 * std::cos(std::numbers::pi * n / degree));
  return x;
}

std::vector<double> inner(const std::vector<double>& x) { return {x.begin() + 1, x.end() - 1}; }

// [point, point]
Tensor derivative(const std::vector<double>& x) {
  const auto n = std::int64_t(x.size());
  return at::tensor(derivative_matrix(x, barycentric_weights(x)), at::kDouble).view({n, n});
}

std::vector<double> to_vector(const Tensor& tensor) {
  const Tensor flat = tensor.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

// The known part's values at a point; not finite where it has none.
std::array<double, 3> known_at(const RectangleFlow& flow, double x, double y) {
  if (!flow.known.values) return {0, 0, 0};
  return flow.known.values(x, y, flow.viscosity);
}

bool is_known(const std::array<double, 3>& part) { return std::isfinite(part[0] + part[1]); }

// What is known at the inner points [x, y].
struct KnownFields {
  Tensor u, v, u_x, u_y, v_x, v_y, u_laplacian, v_laplacian, p_x, p_y;

  KnownFields(const RectangleFlow& flow, const std::vector<double>& x,
              const std::vector<double>& y) {
    std::vector<std::array<double, 2>> points;
    for (const double at_x : inner(x))
      for (const double at_y : inner(y)) points.push_back({at_x, at_y});
    std::vector<KnownFlow::Derivatives> all(points.size());
    if (flow.known.derivatives) all = flow.known.derivatives(points, flow.viscosity);
    const auto n = std::int64_t(x.size()) - 2;
    using D = KnownFlow::Derivatives;
    const auto field = [&](double D::* of) {
      Tensor values = at::empty({n, n}, at::kDouble);
      for (std::size_t k = 0; k < all.size(); ++k) values.data_ptr<double>()[k] = all[k].*of;
      return values;
    };
    u = field(&D::u);
    v = field(&D::v);
    u_x = field(&D::u_x);
    u_y = field(&D::u_y);
    v_x = field(&D::v_x);
    v_y = field(&D::v_y);
    u_laplacian = field(&D::u_laplacian);
    v_laplacian = field(&D::v_laplacian);
    p_x = field(&D::p_x);
    p_y = field(&D::p_y);
  }
};

}  // namespace

// The collocated equations. Matrices of fields are [x, y]; the inner values of u, v, p one after the
// other, then a number s: without it, boundary values whose flux is not 0 to the last digit would leave
// the equations u_x + v_y = s without a solution.
struct SpectralFlow::System {
  System(const RectangleFlow& flow, const std::vector<double>& x, const std::vector<double>& y)
      : nu(flow.viscosity),
        n(std::int64_t(x.size()) - 2),
        dx(derivative(x)),
        dy(derivative(y)),
        dxx(dx.mm(dx)),
        dyy(dy.mm(dy)),
        px(derivative(inner(x))),
        py(derivative(inner(y))),
        known(flow, x, y),
        u(at::zeros({n + 2, n + 2}, at::kDouble)),
        v(at::zeros_like(u)),
        p(at::zeros({n, n}, at::kDouble)) {
    const auto on_wall = [&](std::int64_t i, std::int64_t j) {
      const double at_x = x[std::size_t(i)], at_y = y[std::size_t(j)];
      const auto whole = flow.boundary(at_x, at_y);
      const auto part = known_at(flow, at_x, at_y);
      // A corner where it has no value: what it leaves is smooth and vanishes there.
      if (is_known(part))
        set(i, j, {whole[0] - part[0], whole[1] - part[1]});
      else
        set(i, j, {0, 0});
    };
    for (std::int64_t k = 1; k <= n; ++k) {
      on_wall(0, k);
      on_wall(n + 1, k);
      on_wall(k, 0);
      on_wall(k, n + 1);
    }
    // No part of the equations, but of the polynomials.
    for (const std::int64_t i : {std::int64_t(0), n + 1})
      for (const std::int64_t j : {std::int64_t(0), n + 1}) on_wall(i, j);
  }

  void set(std::int64_t i, std::int64_t j, const std::array<double, 2>& velocity) {
    u[i][j] = velocity[0];
    v[i][j] = velocity[1];
  }
  Tensor in(const Tensor& field) const { return field.narrow(0, 1, n).narrow(1, 1, n); }
  Tensor in_x(const Tensor& f) const { return in(dx.mm(f)); }
  Tensor in_y(const Tensor& f) const { return in(f.mm(dy.t())); }
  Tensor laplacian(const Tensor& f) const { return in(dxx.mm(f) + f.mm(dyy.t())); }

  Tensor residual() const {
    const Tensor ui = in(u) + known.u, vi = in(v) + known.v;
    const Tensor momentum_x = ui * (in_x(u) + known.u_x) + vi * (in_y(u) + known.u_y) + px.mm(p) +
                              known.p_x - nu * (laplacian(u) + known.u_laplacian);
    const Tensor momentum_y = ui * (in_x(v) + known.v_x) + vi * (in_y(v) + known.v_y) +
                              p.mm(py.t()) + known.p_y - nu * (laplacian(v) + known.v_laplacian);
    const Tensor mass = in_x(u) + known.u_x + in_y(v) + known.v_y - s;
    return at::cat(
        {momentum_x.flatten(), momentum_y.flatten(), mass.flatten(), p.mean().view({1})});
  }

  Tensor jacobian() const {
    const Tensor one = at::eye(n, at::kDouble);
    const Tensor ddx = at::kron(in(dx).contiguous(), one), ddy = at::kron(one, in(dy).contiguous());
    const Tensor viscous =
        -nu * (at::kron(in(dxx).contiguous(), one) + at::kron(one, in(dyy).contiguous()));
    const auto rows = [](const Tensor& field) { return field.reshape({-1, 1}); };
    const Tensor common = rows(in(u) + known.u) * ddx + rows(in(v) + known.v) * ddy + viscous;
    const std::int64_t m = n * n;
    Tensor j = at::zeros({3 * m + 1, 3 * m + 1}, at::kDouble);
    const auto block = [&](int row, int column) {
      return j.narrow(0, row * m, m).narrow(1, column * m, m);
    };
    block(0, 0).copy_(common).diagonal().add_((in_x(u) + known.u_x).reshape({-1}));
    block(0, 1).diagonal().copy_((in_y(u) + known.u_y).reshape({-1}));
    block(0, 2).copy_(at::kron(px, one));
    block(1, 0).diagonal().copy_((in_x(v) + known.v_x).reshape({-1}));
    block(1, 1).copy_(common).diagonal().add_((in_y(v) + known.v_y).reshape({-1}));
    block(1, 2).copy_(at::kron(one, py));
    block(2, 0).copy_(ddx);
    block(2, 1).copy_(ddy);
    j.narrow(0, 2 * m, m).select(1, 3 * m).fill_(-1);
    j.select(0, 3 * m).narrow(0, 2 * m, m).fill_(1.0 / double(m));
    return j;
  }

  void step(const Tensor& change) {
    const std::int64_t m = n * n;
    in(u).add_(change.narrow(0, 0, m).view({n, n}));
    in(v).add_(change.narrow(0, m, m).view({n, n}));
    p.add_(change.narrow(0, 2 * m, m).view({n, n}));
    s += change[3 * m].item<double>();
  }

  // Factors are kept as long as they serve: most of the time goes into them.
  void solve() {
    Tensor factors, pivots, r = residual();
    const double start = r.abs().max().item<double>();
    double now = start;
    bool fresh = true;  // factors of this step
    for (int steps = 0; steps < 60 && now > 1e-13 * start; ++steps) {
      if (!factors.defined()) std::tie(factors, pivots) = at::linalg_lu_factor(jacobian());
      step(-at::linalg_lu_solve(factors, pivots, r.unsqueeze(1)).squeeze(1));
      r = residual();
      const double last = std::exchange(now, r.abs().max().item<double>());
      if (!std::isfinite(now)) break;
      if (now > 0.2 * last && now < (fresh ? 1e-7 : 1e-10) * start) return;  // at rounding
      if (now > 0.2 * last || now > 1e-2 * start) factors = Tensor();
      fresh = !factors.defined();
    }
    if (!(now <= 1e-7 * start))
      throw core::RunError(core::format(
          "the spectral flow of degree {} at viscosity {} did not converge: residual {} of {}",
          n + 1, nu, now, start));
  }

  double nu;
  std::int64_t n;
  Tensor dx, dy, dxx, dyy, px, py;
  KnownFields known;
  Tensor u, v, p;
  double s = 0;
};

SpectralFlow::Axis::Axis(std::vector<double> at)
    : points(std::move(at)), weights(barycentric_weights(points)) {}

SpectralFlow::SpectralFlow(const RectangleFlow& flow, int degree, const SpectralFlow* start)
    : flow_(flow),
      degree_(degree),
      x_(lobatto_points(degree, flow.left, flow.right)),
      y_(lobatto_points(degree, flow.bottom, flow.top)),
      inner_x_(inner(x_.points)),
      inner_y_(inner(y_.points)) {
  const at::NoGradGuard no_autograd;
  System system(flow, x_.points, y_.points);
  if (start)
    for (std::int64_t i = 1; i <= system.n; ++i)
      for (std::int64_t j = 1; j <= system.n; ++j) {
        const double at_x = x_.points[std::size_t(i)], at_y = y_.points[std::size_t(j)];
        const auto [u, v, p] = start->at(at_x, at_y);
        const auto part = known_at(flow, at_x, at_y);
        system.set(i, j, {u - part[0], v - part[1]});
        system.p[i - 1][j - 1] = p - part[2];
      }
  system.solve();
  u_ = to_vector(system.u);
  v_ = to_vector(system.v);
  p_ = to_vector(system.p);
}

std::array<double, 3> SpectralFlow::at(double x, double y) const {
  const auto sum = [](const std::vector<double>& f, const std::vector<double>& lx,
                      const std::vector<double>& ly) {
    double all = 0;
    for (std::size_t i = 0; i < lx.size(); ++i) {
      double line = 0;
      for (std::size_t j = 0; j < ly.size(); ++j) line += ly[j] * f[i * ly.size() + j];
      all += lx[i] * line;
    }
    return all;
  };
  const auto along = [](const Axis& axis, double z) {
    return lagrange(axis.points, axis.weights, z);
  };
  const auto lx = along(x_, x), ly = along(y_, y);
  const auto part = known_at(flow_, x, y);
  if (!is_known(part)) {
    const auto wall = flow_.boundary(x, y);
    return {wall[0], wall[1], std::numeric_limits<double>::quiet_NaN()};
  }
  return {sum(u_, lx, ly) + part[0], sum(v_, lx, ly) + part[1],
          sum(p_, along(inner_x_, x), along(inner_y_, y)) + part[2]};
}

std::shared_ptr<const SpectralFlow> solve_in_stages(RectangleFlow flow, int degree,
                                                    const std::vector<double>& viscosities) {
  const double wanted = flow.viscosity;
  std::shared_ptr<const SpectralFlow> last;
  const int coarse = std::min(degree, 28);
  for (const double viscosity : viscosities) {
    if (viscosity <= wanted) break;
    flow.viscosity = viscosity;
    last = std::make_shared<SpectralFlow>(flow, coarse, last.get());
  }
  flow.viscosity = wanted;
  if (degree > coarse) last = std::make_shared<SpectralFlow>(flow, coarse, last.get());
  return std::make_shared<SpectralFlow>(flow, degree, last.get());
}

}  // namespace understudy::pinn
