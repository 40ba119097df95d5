// The flow behind a two-dimensional grid (Kovasznay 1948), an exact solution of the steady Navier-Stokes
// equations, as Jin, Cai, Li & Karniadakis 2021 (NSFnets, section 4.1) pose it for networks: velocities
// given on the whole boundary, the pressure up to a constant.
#include <cmath>
#include <numbers>

#include "pinn/classical_methods/spectral_flow.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

constexpr double pi = std::numbers::pi;
constexpr int x = 0, y = 1;

// u = 1 - e^(k x) cos 2 pi y,  v = k / (2 pi) e^(k x) sin 2 pi y,  p = (1 - e^(2 k x)) / 2
double growth(double reynolds) {
  return reynolds / 2 - std::sqrt(reynolds * reynolds / 4 + 4 * pi * pi);
}

std::array<double, 3> kovasznay_flow(double k, double at_x, double at_y) {
  const double e = std::exp(k * at_x);
  return {1 - e * std::cos(2 * pi * at_y), k / (2 * pi) * e * std::sin(2 * pi * at_y),
          (1 - e * e) / 2};
}

template <class Flow>
Reference columns_of(Flow flow) {
  return [flow](const std::vector<std::vector<double>>& points) {
    std::vector<std::vector<double>> columns(3);
    for (const auto& point : points) {
      const auto values = flow(point[x], point[y]);
      for (std::size_t f = 0; f < 3; ++f) columns[f].push_back(values[f]);
    }
    return columns;
  };
}

void add_boundary(Problem& p, const std::string& name, const Region& side, double k) {
  p.add(name, {{"u", "1"}, {"v", "1"}}, side, Term::Kind::boundary).residuals =
      [k](const Fields& f) -> Residuals {
    const at::Tensor e = (k * f.input(x)).exp(), angle = 2 * pi * f.input(y);
    return {f["u"] - (1 - e * angle.cos()), f["v"] - k / (2 * pi) * e * angle.sin()};
  };
}

ClassicalMethod classical(double k, double nu) {
  const auto solve = [k, nu](int degree) {
    RectangleFlow flow{-0.5, 1, -0.5, 1.5, nu, [k](double at_x, double at_y) {
                         const auto exact = kovasznay_flow(k, at_x, at_y);
                         return std::array{exact[0], exact[1]};
                       }};
    const auto solved = std::make_shared<SpectralFlow>(flow, degree);
    return columns_of([solved](double at_x, double at_y) { return solved->at(at_x, at_y); });
  };
  return {"Chebyshev collocation, Newton's method", {10, 12, 14, 16, 20}, solve};
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const double reynolds = choice.constants.at("reynolds"), nu = 1 / reynolds;
  const double k = growth(reynolds);
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "kovasznay";
  p.title = "Kovasznay flow";
  p.source = "Kovasznay 1948; Jin, Cai, Li & Karniadakis 2021, section 4.1: below 1e-3";
  p.error_to_reach = 1e-3;
  p.inputs = {{"x", "1", -0.5, 1}, {"y", "1", -0.5, 1.5}};
  p.fields = {
      {"u", "1", "velocity along x"}, {"v", "1", "velocity along y"}, {"p", "1", "pressure"}};
  p.mean_free = {"p"};
  p.evaluation = {101, 101};
  p.add("interior", {{"momentum_x", "1"}, {"momentum_y", "1"}, {"continuity", "1"}}, p.interior())
      .residuals = [nu](const Fields& f) -> Residuals {
    const auto u = f["u"], v = f["v"], q = f["p"];
    return {u * u.d(x) + v * u.d(y) + q.d(x) - nu * (u.d(x, x) + u.d(y, y)),
            u * v.d(x) + v * v.d(y) + q.d(y) - nu * (v.d(x, x) + v.d(y, y)), u.d(x) + v.d(y)};
  };
  add_boundary(p, "left", p.face(x, -0.5), k);
  add_boundary(p, "right", p.face(x, 1), k);
  add_boundary(p, "bottom", p.face(y, -0.5), k);
  add_boundary(p, "top", p.face(y, 1.5), k);
  p.reference = columns_of([k](double at_x, double at_y) { return kovasznay_flow(k, at_x, at_y); });
  p.classical = classical(k, nu);
  return made;
}

}  // namespace

ProblemEntry kovasznay() {
  ProblemEntry entry{"kovasznay", "Steady flow behind a grid: Navier-Stokes with an exact solution",
                     "Kovasznay 1948; Jin, Cai, Li & Karniadakis 2021: relative L2 below 1e-3"};
  entry.constants = {{"reynolds",
                      "1",
                      "Reynolds number of the grid's spacing",
                      40,
                      {.at_least = 1, .at_most = 1000}}};
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
