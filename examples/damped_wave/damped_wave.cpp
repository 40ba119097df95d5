// A string in a viscous medium, u_tt + c u_t = u_xx on [0, 1], held at both ends, at rest at first in the shape
// sin(pi x); everything without units. For c < 2 pi the lowest mode still swings:
//
//   u = exp(-c t / 2) (cos(w t) + c / (2 w) sin(w t)) sin(pi x),   w^2 = pi^2 - c^2 / 4
//
// docs/pinn.md, "Add your own equation", shows `make` and `damped_wave` word for word.
#include "examples/damped_wave/damped_wave.hpp"

#include <cmath>
#include <numbers>

#include "pinn/torch_problem.hpp"

namespace example {

using namespace understudy::pinn;
using std::numbers::pi;

namespace {

double displacement(double c, double x, double t) {
  const double w = std::sqrt(pi * pi - c * c / 4);
  return std::exp(-c * t / 2) * (std::cos(w * t) + c / (2 * w) * std::sin(w * t)) *
         std::sin(pi * x);
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const double c = choice.constants.at("damping");
  auto problem = std::make_shared<Problem>();
  Problem& p = *problem;
  p.name = "damped_wave";
  p.title = "Damped wave equation";
  p.source = "exact solution";
  p.error_to_reach = 0.05;

  const int x = 0, t = 1;
  p.inputs = {{"x", "1", 0, 1}, {"t", "1", 0, 2, true}};  // name, unit, lower, upper, is it time
  p.fields = {{"u", "1", "displacement"}};
  p.evaluation = {101, 101};  // points of errors, pictures, VTK

  p.add("interior", {{"wave", "1", pi * pi}}, p.interior()).residuals =
      [c](const Fields& f) -> Residuals {
    const auto u = f["u"];
    return {u.d(t, t) + c * u.d(t) - u.d(x, x)};
  };
  p.add("start", {{"u", "1"}, {"velocity", "1", pi}}, p.face(t, 0), Term::Kind::initial).residuals =
      [](const Fields& f) -> Residuals {
    const auto u = f["u"];
    return {u - (pi * f.input(x)).sin(), u.d(t)};
  };
  p.transform = [](const std::vector<Jet>& in, const std::vector<Jet>& net) {
    return std::vector<Jet>{4 * in[x] * (1 - in[x]) * net[0]};  // both ends hold exactly
  };
  p.reference = [c](const std::vector<std::vector<double>>& points) {
    std::vector<double> u;
    for (const auto& point : points) u.push_back(displacement(c, point[x], point[t]));
    return std::vector<std::vector<double>>{u};
  };
  return problem;
}

}  // namespace

ProblemEntry damped_wave() {
  ProblemEntry entry;
  entry.name = "damped_wave";
  entry.summary = "damped wave equation with a known solution";
  entry.source = "exact solution; relative L2 error <= 0.05";
  entry.constants = {
      {"damping", "1", "c; from 2 pi on nothing swings", 1, {.at_least = 0, .at_most = 6}}};
  entry.make = make;
  return entry;
}

}  // namespace example
