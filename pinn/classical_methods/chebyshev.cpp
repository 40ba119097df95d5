#include "pinn/classical_methods/chebyshev.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

#include "pinn/classical_methods/barycentric.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

std::vector<double> chebyshev_nodes(int degree) {
  std::vector<double> x;
  for (int n = 0; n <= degree; ++n)
    x.push_back(std::sin(std::numbers::pi * (degree - 2 * n) / (2.0 * degree)));
  return x;
}

// Of these nodes, exactly (Berrut & Trefethen 2004, eq. 5.4).
std::vector<double> chebyshev_weights(std::size_t count) {
  std::vector<double> w;
  for (std::size_t n = 0; n < count; ++n)
    w.push_back((n % 2 ? -1.0 : 1.0) * (n == 0 || n + 1 == count ? 0.5 : 1.0));
  return w;
}

// Second derivative at the inner nodes of a polynomial that vanishes at the ends.
Tensor second_derivative(const std::vector<double>& x) {
  const auto count = std::int64_t(x.size());
  const Tensor d = at::tensor(derivative_matrix(x, chebyshev_weights(x.size())), at::kDouble)
                       .view({count, count});
  return d.matmul(d).narrow(0, 1, count - 2).narrow(1, 1, count - 2).contiguous();
}

}  // namespace

std::vector<double> ChebyshevSolution::at(const std::vector<std::vector<double>>& points) const {
  std::vector<double> u;
  const auto weights = chebyshev_weights(nodes.size());
  for (const auto& point : points) {
    const auto wx = lagrange(nodes, weights, point[0]);
    const auto wy = axes > 1 ? lagrange(nodes, weights, point[1]) : std::vector<double>{1.0};
    double sum = 0;
    for (std::size_t j = 0; j < wy.size(); ++j)
      for (std::size_t i = 0; i < wx.size(); ++i) sum += wy[j] * wx[i] * values[i + wx.size() * j];
    u.push_back(sum);
  }
  return u;
}

ChebyshevSolution solve_helmholtz(const HelmholtzRun& run) {
  ChebyshevSolution solution;
  solution.axes = run.axes;
  solution.nodes = chebyshev_nodes(run.degree);
  const std::int64_t inner = run.degree - 1, rows = run.axes > 1 ? inner : 1;
  const Tensor d2 = second_derivative(solution.nodes);
  Tensor q = at::empty({rows, inner}, at::kDouble);  // [y, x]
  auto source = q.accessor<double, 2>();
  for (std::int64_t j = 0; j < rows; ++j)
    for (std::int64_t i = 0; i < inner; ++i)
      source[j][i] =
          run.source({solution.nodes[std::size_t(i + 1)], solution.nodes[std::size_t(j + 1)]});
  const double k2 = run.wave_number * run.wave_number;
  Tensor u;
  if (run.axes == 1) {
    const Tensor matrix = d2 + k2 * at::eye(inner, at::kDouble);
    u = at::linalg_solve(matrix, q.squeeze(0)).unsqueeze(0);
  } else {
    // D2 = V diag(lambda) V^-1, all real (Gottlieb & Lustman 1983).
    const auto [values, vectors] = at::linalg_eig(d2);
    const Tensor lambda = at::real(values), v = at::real(vectors).contiguous();
    const Tensor inverse = at::linalg_inv(v);
    Tensor modes = inverse.matmul(q).matmul(inverse.t());
    modes = modes / (lambda.unsqueeze(1) + lambda.unsqueeze(0) + k2);
    u = v.matmul(modes).matmul(v.t());
  }
  Tensor all = at::zeros({run.axes > 1 ? inner + 2 : 1, inner + 2}, at::kDouble);
  all.narrow(0, run.axes > 1 ? 1 : 0, rows).narrow(1, 1, inner).copy_(u);
  solution.values.assign(all.const_data_ptr<double>(), all.const_data_ptr<double>() + all.numel());
  return solution;
}

}  // namespace understudy::pinn
