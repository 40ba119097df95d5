// Burgers' equation with a front that steepens at x = 0 (Raissi, Perdikaris & Karniadakis 2019, appendix
// A.1): u_t + u u_x = nu u_xx, u(0, x) = -sin(pi x), u(t, +-1) = 0, nu = 0.01 / pi. The reference is the
// Cole-Hopf solution (Basdevant et al. 1986) by the trapezoidal rule.
#include <cmath>
#include <numbers>

#include "pinn/classical_methods/burgers_solution.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/problems/torch_periodic.hpp"

namespace understudy::pinn {

namespace {

constexpr double pi = std::numbers::pi;
constexpr int x = 0, t = 1;

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const double nu = choice.constants.at("viscosity");
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "burgers";
  p.title = "Burgers' equation";
  p.source = "Raissi, Perdikaris & Karniadakis 2019, appendix A.1: 6.7e-4";
  p.error_to_reach = 7e-4;
  p.inputs = {{"x", "1", -1, 1}, {"t", "1", 0, 1, true}};
  p.fields = {{"u", "1", "speed"}};
  p.evaluation = {256, 101};
  p.add("interior", {{"momentum", "1"}}, p.interior()).residuals =
      [nu](const Fields& f) -> Residuals {
    const auto u = f["u"];
    return {u.d(t) + u * u.d(x) - nu * u.d(x, x)};
  };
  const bool exactly = starts_exactly(choice);
  add_start(p, {.values = [](const Jet& at) { return -sin(pi * at); },
                .exactly = exactly,
                .duration = 0.2,
                .inside = [](const Jet& at) { return 1 - at * at; }});
  if (!exactly)
    for (const double side : {-1.0, 1.0})
      p.add(side < 0 ? "left" : "right", {{"u", "1"}}, p.face(x, side), Term::Kind::boundary)
          .residuals = [](const Fields& f) -> Residuals { return {f["u"]}; };
  p.reference = [nu](const std::vector<std::vector<double>>& points) {
    std::vector<std::vector<double>> u(1);
    for (const auto& point : points) u[0].push_back(burgers_solution(nu, point[x], point[t]));
    return u;
  };
  // Odd about both ends, so that a period of Fourier modes keeps u = 0 there.
  PeriodicEquation equation{-1, 1};
  equation.linear = [nu](double k) { return -nu * k * k; };
  equation.flux = [](double u) { return 0.5 * u * u; };
  equation.initial = [](double at) { return -std::sin(pi * at); };
  p.classical = periodic_method(equation, 1, {32, 64, 128, 256, 512, 1024},
                                [](int points) { return 2 * points; });
  return made;
}

}  // namespace

ProblemEntry burgers() {
  ProblemEntry entry{"burgers", "Burgers' equation in one dimension",
                     "Raissi, Perdikaris & Karniadakis 2019: relative L2 6.7e-4"};
  entry.constants = {
      {"viscosity", "1", "kinematic viscosity", 0.01 / pi, {.at_least = 1e-3, .at_most = 10}},
      exact_start(0)};
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
